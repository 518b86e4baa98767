// Owns writing ZIP archives as a stream, as services do that pack an export while they send it: the size of an entry is
// not known when its header is written, so it stands behind the entry (a data descriptor) and in the directory at the end.

import { Readable } from 'node:stream'
import { constants, crc32, createDeflateRaw } from 'node:zlib'

export interface ZipEntry {
  /** With forward slashes. */
  readonly name: string
  readonly bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  /** Compressed, or as it is. @default true */
  readonly deflate?: boolean
}

interface Written {
  readonly name: Buffer
  readonly method: number
  readonly offset: number
  readonly crc: number
  readonly packed: number
  readonly size: number
}

const DEFLATED = 8
const STORED = 0
/** Sizes stand behind the entry (bit 3), and names are UTF-8 (bit 11). */
const FLAGS = 0x0808
/** 1 January 1980, the first moment that a ZIP knows: the same world gives the same bytes. */
const DATE = 0x0021

/** Packs the entries one by one. Each is below 4 GiB. */
export async function* zipped(entries: Iterable<ZipEntry>): AsyncGenerator<Buffer> {
  const written: Written[] = []
  let offset = 0
  for (const { name: text, bytes, deflate = true } of entries) {
    const name = Buffer.from(text)
    const method = deflate ? DEFLATED : STORED
    const start = offset
    const header = record(
      0x04034b50,
      [16, 20],
      [16, FLAGS],
      [16, method],
      [16, 0],
      [16, DATE],
      [32, 0],
      [32, 0],
      [32, 0],
    )
    const head = Buffer.concat([header, fields([16, name.length], [16, 0]), name])
    yield head
    const count = { crc: 0, size: 0, packed: 0 }
    for await (const piece of deflate ? deflated(counted(bytes, count)) : counted(bytes, count)) {
      count.packed += piece.length
      yield Buffer.from(piece.buffer, piece.byteOffset, piece.length)
    }
    const { crc, size, packed } = count
    const descriptor = record(0x08074b50, [32, crc], [32, packed], [32, size])
    yield descriptor
    offset += head.length + packed + descriptor.length
    written.push({ name, method, offset: start, crc, packed, size })
  }
  yield directory(written, offset)
}

async function* counted(bytes: ZipEntry['bytes'], count: { crc: number; size: number }): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    count.crc = crc32(piece, count.crc)
    count.size += piece.length
    yield piece
  }
}

async function* deflated(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* Readable.from(bytes).pipe(createDeflateRaw({ level: constants.Z_BEST_SPEED })) as AsyncIterable<Uint8Array>
}

function directory(written: readonly Written[], start: number): Buffer {
  const entries = written.map(({ name, method, offset, crc, packed, size }) => {
    const head = record(0x02014b50, [16, 20], [16, 20], [16, FLAGS], [16, method], [16, 0], [16, DATE])
    const sizes = fields([32, crc], [32, packed], [32, size], [16, name.length])
    const rest = fields([16, 0], [16, 0], [16, 0], [16, 0], [32, 0], [32, offset])
    return Buffer.concat([head, sizes, rest, name])
  })
  const body = Buffer.concat(entries)
  const count = written.length
  const end = record(0x06054b50, [16, 0], [16, 0], [16, count], [16, count], [32, body.length], [32, start], [16, 0])
  return Buffer.concat([body, end])
}

type Field = readonly [bits: 16 | 32, value: number]

function record(signature: number, ...values: readonly Field[]): Buffer {
  return fields([32, signature], ...values)
}

function fields(...values: readonly Field[]): Buffer {
  const bytes = Buffer.alloc(values.reduce((sum, [bits]) => sum + bits / 8, 0))
  let at = 0
  for (const [bits, value] of values) at = bits === 16 ? bytes.writeUInt16LE(value, at) : bytes.writeUInt32LE(value, at)
  return bytes
}
