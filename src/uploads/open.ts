// Owns opening what a person uploads, whatever it is given as: a path, bytes, or a stream of them. A stream is kept in a
// temporary file first, for a ZIP is read from its end.

import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { UploadedFile } from '../connector/uploaded.ts'
import { asError, TidemarkError } from '../model/errors.ts'
import { checkLimit, UPLOAD_LIMITS, type UploadLimits } from './limits.ts'
import { openTemporaryFile, writeWhole } from './temporary-file.ts'
import { isZip, openZip } from './zip.ts'

/** A file to upload: its path, its `file:` address, its bytes, or a stream of them. */
export type UploadSource = string | URL | Uint8Array | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

export interface UploadOptions {
  /** What the file is called, where that can't be told from its path. Some services tell by the name what it holds. */
  readonly name?: string | undefined
  readonly limits?: UploadLimits | undefined
}

export interface OpenedUpload {
  readonly name: string
  /** The file, or the entries of the ZIP. */
  readonly files: readonly UploadedFile[]
  /** Lets go of the file; one that was there before stays. */
  close(): Promise<void>
}

/** What a file without a name is called. */
const NAMELESS = 'upload'

/** @throws TidemarkError file_missing, upload_unreadable, upload_too_large */
export async function openUpload(
  source: UploadSource,
  { name, limits = UPLOAD_LIMITS }: UploadOptions = {},
): Promise<OpenedUpload> {
  if (source instanceof Uint8Array) return openBytes(source, name ?? NAMELESS, limits)
  const path = source instanceof URL ? fileURLToPath(source) : source
  const handle = typeof path === 'string' ? await openPath(path) : await keepStream(path, limits)
  try {
    return await openFile(handle, name ?? (typeof path === 'string' ? basename(path) : nameOf(source)), limits)
  } catch (error) {
    await handle.close()
    throw error
  }
}

function nameOf(source: unknown): string {
  const name = (source as { readonly name?: unknown }).name
  return typeof name === 'string' && name !== '' ? basename(name) : NAMELESS
}

async function openBytes(given: Uint8Array, name: string, limits: UploadLimits): Promise<OpenedUpload> {
  checkLimit('the size of the file in bytes', given.length, limits.fileBytes)
  const buffer = Buffer.from(given.buffer, given.byteOffset, given.length)
  const whole: UploadedFile = { name, size: buffer.length, bytes: () => portions(buffer) }
  const files = isZip(buffer) ? await openZip({ buffer }, limits) : [whole]
  return { name, files, close: async () => {} }
}

async function* portions(buffer: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < buffer.length; at += READ_BYTES) yield buffer.subarray(at, at + READ_BYTES)
}

async function openPath(path: string): Promise<FileHandle> {
  try {
    // A pipe that is opened to be waited for would wait where no signal reaches.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    if ((await handle.stat()).isFile()) return handle
    await handle.close()
  } catch (error) {
    throw noFile(path, asError(error))
  }
  throw noFile(path)
}

function noFile(path: string, cause?: Error & { readonly code?: unknown }): TidemarkError {
  const why = cause === undefined ? 'it is no file' : cause.code === 'ENOENT' ? 'there is none' : cause.message
  return new TidemarkError('file_missing', `The file ${path} can't be read: ${why}.`, cause ? { cause } : {})
}

async function openFile(handle: FileHandle, name: string, limits: UploadLimits): Promise<OpenedUpload> {
  const { size } = await handle.stat()
  checkLimit('the size of the file in bytes', size, limits.fileBytes)
  const head = new Uint8Array(4)
  await handle.read(head, 0, head.length, 0)
  const whole: UploadedFile = { name, size, bytes: () => bytesOf(handle) }
  const files = isZip(head) ? await openZip({ fd: handle.fd }, limits) : [whole]
  return { name, files, close: () => handle.close() }
}

/** Bytes that are read of a file at a time. */
const READ_BYTES = 1 << 18

async function* bytesOf(handle: FileHandle): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

async function keepStream(
  source: Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
  { fileBytes }: UploadLimits,
): Promise<FileHandle> {
  const handle = await openTemporaryFile()
  const stream = source instanceof Blob ? source.stream() : source
  let size = 0
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      checkLimit('the size of the file in bytes', size + chunk.length, fileBytes)
      await writeWhole(handle, chunk, size)
      size += chunk.length
    }
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}
