// Owns the rows of a stream between reading a file and writing them: kept until the file has come to its end, in memory as
// long as they are few, else in a temporary file.

import type { FileHandle } from 'node:fs/promises'
import { checkLimit, UPLOAD_LIMITS, type UploadLimits } from './limits.ts'
import { openTemporaryFile, writeWhole } from './temporary-file.ts'

/** Characters of rows that are kept in memory. */
export const ROWS_IN_MEMORY_CHARS = 4 << 20

/** Each row in the file stands behind its length, so many bytes long. */
const LENGTH_BYTES = 4

/** JSON texts, kept in their order. Written once, then read as often as needed. */
export class KeptRows {
  readonly #limits: UploadLimits
  #texts: string[] = []
  #chars = 0
  #file: FileHandle | undefined
  #bytes = 0
  #allChars = 0
  #count = 0

  constructor(limits: UploadLimits = UPLOAD_LIMITS) {
    this.#limits = limits
  }

  get count(): number {
    return this.#count
  }

  /**
   * Undefined: the row is kept in memory, and there is nothing to wait for.
   *
   * @throws TidemarkError upload_too_large
   */
  add(text: string): Promise<void> | undefined {
    checkLimit('one row, in characters,', text.length, this.#limits.rowChars)
    this.#allChars += text.length
    checkLimit('all rows together, in characters,', this.#allChars, this.#limits.allRowsChars)
    this.#count++
    this.#texts.push(text)
    this.#chars += text.length
    return this.#chars > ROWS_IN_MEMORY_CHARS ? this.#toFile() : undefined
  }

  /** At most `most` texts at a time, from the first to the last. */
  async *chunks(most: number, mostChars = ROWS_IN_MEMORY_CHARS): AsyncGenerator<readonly string[]> {
    let chunk: string[] = []
    let chars = 0
    for await (const text of this.#all()) {
      chunk.push(text)
      chars += text.length
      if (chunk.length < most && chars < mostChars) continue
      yield chunk
      chunk = []
      chars = 0
    }
    if (chunk.length > 0) yield chunk
  }

  async close(): Promise<void> {
    this.#texts = []
    await this.#file?.close()
  }

  async #toFile(): Promise<void> {
    this.#file ??= await openTemporaryFile()
    const frames = this.#texts.flatMap((text) => {
      const bytes = Buffer.from(text)
      const length = Buffer.allocUnsafe(LENGTH_BYTES)
      length.writeUInt32LE(bytes.length)
      return [length, bytes]
    })
    const all = Buffer.concat(frames)
    await writeWhole(this.#file, all, this.#bytes)
    this.#bytes += all.length
    this.#texts = []
    this.#chars = 0
  }

  async *#all(): AsyncGenerator<string> {
    if (this.#file) yield* textsOf(this.#file, this.#bytes)
    yield* this.#texts
  }
}

/** Bytes that are read at a time; a longer row is read whole. */
const READ_BYTES = 1 << 20

async function* textsOf(file: FileHandle, end: number): AsyncGenerator<string> {
  for (let at = 0; at < end; ) {
    const part = await readAt(file, at, Math.min(READ_BYTES, end - at))
    let from = 0
    while (from + LENGTH_BYTES <= part.length) {
      const length = part.readUInt32LE(from)
      const next = from + LENGTH_BYTES + length
      if (next > part.length) break
      yield part.toString('utf8', from + LENGTH_BYTES, next)
      from = next
    }
    if (from === 0) {
      const length = part.readUInt32LE(0)
      yield (await readAt(file, at + LENGTH_BYTES, length)).toString()
      from = LENGTH_BYTES + length
    }
    at += from
  }
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, at + done)
    if (bytesRead === 0) throw new Error('A temporary file has become shorter.')
    done += bytesRead
  }
  return buffer
}
