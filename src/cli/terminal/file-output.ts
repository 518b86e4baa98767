// Owns writing a result into a file: beside it first, and over it only when it is whole and on the disk, so that what
// breaks off never takes the place of what was good.

import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { TidemarkError } from '../../model/errors.ts'
import type { Sink } from './output.ts'

/** A file takes bytes, too. */
interface FileSink extends Sink {
  write(data: string | Uint8Array): Promise<void>
}

/**
 * Hands `write` a sink, and puts what it wrote in the place of `path`. A pipe or a device is written to directly.
 *
 * @throws TidemarkError output_failed; whatever `write` throws. The file is then as it was.
 */
export async function writeFileWhole<T>(path: string, write: (sink: FileSink) => Promise<T>): Promise<T> {
  const target = await realpath(path).catch(() => path)
  const known = await stat(target).catch(() => undefined)
  if (known?.isDirectory()) {
    const message = `A folder can't be written as a file: ${path}.` as const
    throw new TidemarkError('output_failed', message, {
      hint: `Name a file in it, such as ${join(path, 'records.csv')}`,
    })
  }
  const isDirect = known !== undefined && !known.isFile()
  // By chance, not by pid: containers that share a folder have the same ones.
  const draft = isDirect ? target : `${target}.${randomUUID().slice(0, 8)}.part`
  let handle: FileHandle | undefined
  try {
    handle = isDirect ? await openDirect(target) : await open(draft, 'wx', known?.mode)
    const file = handle
    const result = await write({
      isTerminal: false,
      isClosed: false,
      width: Number.POSITIVE_INFINITY,
      paint: (_, text) => text,
      write: (data) => file.writeFile(data),
    })
    if (!isDirect) await file.sync()
    await file.close()
    if (!isDirect) await rename(draft, target)
    return result
  } catch (error) {
    await handle?.close().catch(() => {})
    if (handle && !isDirect) await rm(draft, { force: true }).catch(() => {})
    throw isSystemError(error) ? unwritable(path, error.code ?? error.message) : error
  }
}

/** A pipe opens when somebody reads it, and until then waits where no signal reaches: one that nobody reads is refused. */
async function openDirect(target: string): Promise<FileHandle> {
  const reader = await open(target, constants.O_WRONLY | constants.O_NONBLOCK)
  try {
    return await open(target, 'w')
  } finally {
    await reader.close()
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}

/** The error of a file that can't be written; `why`: what the system says. */
export function unwritable(path: string, why: string): TidemarkError {
  const folder = dirname(resolve(path))
  if (why === 'ENOENT') {
    return new TidemarkError('output_failed', `There is no folder ${folder} for ${basename(path)}.`, {
      hint: `Make it first: mkdir -p ${folder}`,
    })
  }
  if (why === 'ENXIO') {
    return new TidemarkError('output_failed', `Nobody reads the pipe ${path}.`, { hint: 'Start the reader first.' })
  }
  return new TidemarkError('output_failed', `The file ${path} can't be written (${why}).`, {
    hint: `Nothing was replaced. Check that you may write to ${folder}, and that it has room.`,
  })
}
