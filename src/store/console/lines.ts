// Owns what passes from the process of a statement to the one that started it: lines of JSON, and behind a line of rows
// the texts that are too large for JSON, as they are.

import type { Readable } from 'node:stream'

/** The columns, then rows until the end, or what went wrong. */
export type ConsoleLine =
  | { readonly columns: readonly string[] }
  | {
      readonly rows: unknown[][]
      /** Which cells follow the line. */
      readonly large?: readonly LargeText[]
      readonly end?: 'complete' | 'truncated'
    }
  | { readonly code: string; readonly message: string; readonly hint?: string }

/** Where a text belongs, and how many bytes of UTF-8 it has. */
export type LargeText = readonly [row: number, column: number, bytes: number]

export const LINE_FEED = 10

/**
 * Lines end with a line feed and nothing else: text in JSON may hold whatever other programs take for an end. `waited`
 * stands around every wait for the process.
 */
export async function* linesOf(
  stream: Readable,
  waited: <T>(wait: Promise<T>) => Promise<T>,
): AsyncGenerator<ConsoleLine> {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>
  let rest: Buffer = Buffer.alloc(0)
  const more = async () => {
    const { value } = await waited(chunks.next())
    rest = value ?? Buffer.alloc(0)
    return value !== undefined
  }
  const line = async () => {
    const parts: Buffer[] = []
    for (;;) {
      const end = rest.indexOf(LINE_FEED)
      parts.push(end < 0 ? rest : rest.subarray(0, end))
      rest = end < 0 ? Buffer.alloc(0) : rest.subarray(end + 1)
      if (end >= 0) return JSON.parse(Buffer.concat(parts).toString()) as ConsoleLine
      // A process that was ended may have left half a line.
      if (!(await more())) return undefined
    }
  }
  const text = async (bytes: number) => {
    const whole = Buffer.allocUnsafe(bytes)
    for (let at = 0; at < bytes; ) {
      if (rest.length === 0 && !(await more())) return undefined
      const part = rest.subarray(0, bytes - at)
      at += part.copy(whole, at)
      rest = rest.subarray(part.length)
    }
    return whole.toString()
  }
  for (let next = await line(); next; next = await line()) {
    if ('rows' in next) {
      for (const [row, column, bytes] of next.large ?? []) {
        const value = await text(bytes)
        if (value === undefined) return
        next.rows[row]![column] = value
      }
    }
    yield next
  }
}
