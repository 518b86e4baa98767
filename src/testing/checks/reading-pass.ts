// Owns which passes turn pages: those that read a listing, and those that read a window of changes.

import type { Stream } from '../../connector/connector.ts'
import type { ByCursor, FullPass, NewestFirst } from '../../connector/passes.ts'

export type ReadingPass = NewestFirst<unknown, unknown> | FullPass<unknown, unknown> | ByCursor<unknown, unknown>
export type ListingPass = NewestFirst<unknown, unknown> | FullPass<unknown, unknown>

/** Passes with the same way of reading are one to those who look at pages. */
export function readingPasses(stream: Stream): readonly ReadingPass[] {
  const passes: ReadingPass[] = []
  for (const pass of stream.passes) {
    if (pass.kind !== 'byCursor' && pass.kind !== 'newestFirst' && pass.kind !== 'fullPass') continue
    if (!passes.some((other) => other.read === pass.read && isWindow(other) === isWindow(pass))) passes.push(pass)
  }
  return passes
}

export function isWindow(pass: ReadingPass): pass is ByCursor<unknown, unknown> {
  return pass.kind === 'byCursor'
}
