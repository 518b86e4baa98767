// Owns the entries of an uploaded ZIP: which of them may be read, and reading one as a stream, with its size, its checksum
// and how much it unpacks to watched. A ZIP is unpacked in memory bounds, never to files of the names that it gives.

import { read } from 'node:fs'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import type { UploadedFile } from '../connector/uploaded.ts'
import { asError, sentence, TidemarkError } from '../model/errors.ts'
import { checkLimit, type UploadLimits } from './limits.ts'

/** Where a ZIP is read from: an open file, or its bytes. */
export type ZipSource = { readonly fd: number } | { readonly buffer: Buffer }

/** The upper half of the attributes of an entry that Unix has written: its type and its mode. */
const MODE_SHIFT = 16
const TYPE_MASK = 0o170000
const SYMLINK = 0o120000

/** How an entry begins in the list of a ZIP. */
const ENTRY = Buffer.from('PK\x01\x02')
const readAt = promisify(read)

/** Whether a file begins as a ZIP does, an empty one included. */
export function isZip(head: Uint8Array): boolean {
  const [p, k, a, b] = head
  return p === 0x50 && k === 0x4b && ((a === 3 && b === 4) || (a === 5 && b === 6))
}

/** @throws TidemarkError upload_unreadable, upload_too_large */
export async function openZip(source: ZipSource, limits: UploadLimits): Promise<readonly UploadedFile[]> {
  const options = { lazyEntries: true, autoClose: false, strictFileNames: false }
  return damaged(async () => {
    const zip = await ('fd' in source
      ? yauzl.fromFdPromise(source.fd, options)
      : yauzl.fromBufferPromise(source.buffer, options))
    checkLimit('the number of entries of the ZIP', zip.entryCount, limits.entries)
    const files = new Map<string, UploadedFile>()
    const reader = new EntryReader(zip, limits)
    let directory = 0
    for await (const entry of zip.eachEntry()) {
      const { fileName: name } = entry
      directory += entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength
      checkLimit('the list of entries of the ZIP in bytes', directory, limits.directoryBytes)
      if (name.endsWith('/') || isLink(entry) || isOfMacOs(name)) continue
      if (files.has(name)) throw unreadable(`The ZIP has two entries "${name}".`)
      files.set(name, { name, size: entry.uncompressedSize, bytes: () => reader.read(entry) })
    }
    if (await isEntryAt(source, zip.readEntryCursor)) {
      throw unreadable(`The ZIP is damaged: it has more entries than the ${zip.entryCount} that it tells of.`)
    }
    return [...files.values()]
  })
}

/** Whether the list of entries goes on: a part of a ZIP must not be taken for all of it. */
async function isEntryAt(source: ZipSource, position: number): Promise<boolean> {
  const found = Buffer.alloc(ENTRY.length)
  if ('buffer' in source) source.buffer.copy(found, 0, position)
  else await readAt(source.fd, found, 0, found.length, position)
  return found.equals(ENTRY)
}

function isLink({ externalFileAttributes }: Entry): boolean {
  return ((externalFileAttributes >>> MODE_SHIFT) & TYPE_MASK) === SYMLINK
}

/** What macOS adds to a ZIP: attributes of its files, under their names. */
function isOfMacOs(name: string): boolean {
  return /(?:^|\/)(?:__MACOSX\/|\._[^/]*$)/.test(name)
}

class EntryReader {
  readonly #zip: ZipFile
  readonly #limits: UploadLimits
  /** Bytes that came out of all entries. */
  #unpacked = 0

  constructor(zip: ZipFile, limits: UploadLimits) {
    this.#zip = zip
    this.#limits = limits
  }

  async *read(entry: Entry): AsyncGenerator<Uint8Array> {
    const { fileName: name, compressedSize, uncompressedSize } = entry
    if (entry.isEncrypted()) throw unreadable(`The entry "${name}" of the ZIP is encrypted.`)
    if (!entry.canDecodeFileData()) throw unreadable(`The entry "${name}" of the ZIP is packed in an unknown way.`)
    if (uncompressedSize > this.#limits.ratioFromBytes) {
      const ratio = Math.ceil(uncompressedSize / Math.max(1, compressedSize))
      checkLimit(`what a byte of the entry "${name}" unpacks to`, ratio, this.#limits.ratio)
    }
    checkLimit('what the ZIP unpacks to', this.#unpacked + uncompressedSize, this.#limits.unpackedBytes)
    const stream = await damaged(() => this.#zip.openReadStreamPromise(entry))
    let sum = 0
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        this.#unpacked += chunk.length
        sum = crc32(chunk, sum)
        yield chunk
      }
    } catch (error) {
      throw damageOf(error)
    } finally {
      stream.destroy()
    }
    if (sum !== entry.crc32) throw unreadable(`The entry "${name}" of the ZIP is damaged: its checksum is another one.`)
  }
}

async function damaged<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw damageOf(error)
  }
}

function damageOf(thrown: unknown): Error {
  if (thrown instanceof TidemarkError) return thrown
  return unreadable(`The ZIP can't be read: ${sentence(asError(thrown).message)}`, thrown)
}

function unreadable(message: string, cause?: unknown): TidemarkError {
  return new TidemarkError('upload_unreadable', sentence(message), cause === undefined ? {} : { cause })
}
