// Owns what an emulator's handler is asked and what it answers.

import type { IncomingHttpHeaders } from 'node:http'

export interface Call {
  readonly method: string
  /** As it was sent, still percent-encoded. */
  readonly path: string
  /** As it was sent, without the question mark. */
  readonly search: string
  /** Decoded. */
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** The body's text; `''` when there is none. */
  readonly body: string
  readonly ip: string
  /** The emulator's own address, without a trailing slash. */
  readonly base: string
  /** By the emulator's clock, in milliseconds since 1970. */
  readonly now: number
  /** How many requests were under way when it came, itself included. */
  readonly together: number
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** `Content-Type` is `application/json; charset=utf-8` unless the headers say otherwise. */
  readonly body?: string | Buffer
  /** True for a page of a listing: the page hooks and the statistics count these. */
  readonly page?: boolean
}

/** The handler of a provider: pure HTTP semantics over its world. Synchronous, so that every answer is one moment. */
export type Handler = (call: Call) => Answer

export function jsonAnswer(status: number, body: unknown, headers?: Readonly<Record<string, string>>): Answer {
  return { status, body: JSON.stringify(body), ...(headers && { headers }) }
}

/** The decoded segments of a path: `/repos/a%20b/c` is `['repos', 'a b', 'c']`; undefined if it can't be decoded. */
export function segments(path: string): readonly string[] | undefined {
  try {
    return path.split('/').slice(1).map(decodeURIComponent)
  } catch {
    return undefined
  }
}

const COMMA = Buffer.from(',')

/** Puts rows whose JSON text is already known between a head and a tail, separated by commas. */
export function joinRows(head: string, rows: readonly Buffer[], tail: string): Buffer {
  const start = Buffer.from(head)
  const end = Buffer.from(tail)
  let size = start.length + end.length + Math.max(0, rows.length - 1)
  for (const row of rows) size += row.length
  const whole = Buffer.allocUnsafe(size)
  let at = start.copy(whole, 0)
  for (let i = 0; i < rows.length; i++) {
    if (i > 0) at += COMMA.copy(whole, at)
    at += (rows[i] as Buffer).copy(whole, at)
  }
  end.copy(whole, at)
  return whole
}
