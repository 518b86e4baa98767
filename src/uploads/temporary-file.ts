// Owns a temporary file that nobody else can read, and that is gone with its process however that ends: its name is taken
// away as soon as it is open.

import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asError, TidemarkError } from '../model/errors.ts'

/** @throws TidemarkError output_failed, disk_full */
export async function openTemporaryFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `tidemark-upload-${randomUUID()}`)
  const handle = await open(path, 'wx+', 0o600).catch(refuse)
  await rm(path, { force: true }).catch(() => {})
  return handle
}

/**
 * All of `bytes`, at the place `at` of the file.
 *
 * @throws TidemarkError output_failed, disk_full
 */
export async function writeWhole(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done, at + done).catch(refuse)).bytesWritten
  }
}

function refuse(thrown: unknown): never {
  const cause: NodeJS.ErrnoException = asError(thrown)
  const what = cause.code === 'ENOSPC' || cause.code === 'EDQUOT' ? 'disk_full' : 'output_failed'
  throw new TidemarkError(what, `The temporary folder ${tmpdir()} can't be written (${cause.code}).`, {
    hint: 'An upload is kept there while it is read. Free some space, or name another folder with TMPDIR. Nothing was changed.',
    cause,
  })
}
