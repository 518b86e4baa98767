// Owns which passes turn pages: those that read a listing, and those that read a window of changes.

import type { Stream } from '../../connector/connector.ts'
import { type ByCursor, isPaged, type PagedPass } from '../../connector/passes.ts'

export type ReadingPass = PagedPass<unknown, unknown>

/** Passes with the same way of reading are one to those who look at pages. */
export function readingPasses(stream: Stream): readonly ReadingPass[] {
  const passes: ReadingPass[] = []
  for (const pass of stream.passes) {
    if (!isPaged(pass)) continue
    if (!passes.some((other) => other.read === pass.read && isWindow(other) === isWindow(pass))) passes.push(pass)
  }
  return passes
}

export function isWindow(pass: ReadingPass): pass is ByCursor<unknown, unknown> {
  return pass.kind === 'byCursor'
}
