// Owns the reading of a SQLite file that can't be written: by whom it can be read, and from where. A database with a
// write-ahead log needs a second file, which SQLite makes beside it; where it can't, there are three ways:
//
//   no log                 the file is complete and opened as immutable
//   a log with its index   another process may be writing: SQLite reads both, locks included
//   a log without index    file and log are copied into a private folder, where SQLite can make the index

import { accessSync, constants, copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TidemarkError } from '../../model/errors.ts'
import { folderNamed } from './errors.ts'

/** What to open in the place of a file, and what to do when that is closed. */
export interface ReadingPlace {
  readonly location: string | URL
  /** Deletes a copy, where one was made. What has it open and has read from it can go on reading. */
  readonly dispose: () => void
}

/** Whether the file (or its folder, which SQLite needs as much) refuses this process to write. False: it is not there. */
export function isWriteProtected(path: string): boolean {
  return (
    sizeOf(path) !== undefined &&
    !(mayAccess(path, constants.W_OK) && mayAccess(dirname(resolve(path)), constants.W_OK))
  )
}

/**
 * From where a file can be read without writing anything beside it.
 *
 * @throws TidemarkError database_forbidden: this user may not read it, or there is no room for the copy
 */
export function readingPlace(path: string): ReadingPlace {
  const asItIs = { location: path, dispose: () => {} }
  checkAccess(path)
  if (mayAccess(dirname(resolve(path)), constants.W_OK)) return asItIs
  const log = `${path}-wal`
  if ((sizeOf(log) ?? 0) === 0) {
    const location = pathToFileURL(resolve(path))
    location.searchParams.set('immutable', '1')
    return { location, dispose: () => {} }
  }
  return sizeOf(`${path}-shm`) === undefined ? copied(path, log) : asItIs
}

/** @throws TidemarkError database_forbidden; database_unwritable: it is a folder */
export function checkAccess(path: string): void {
  for (const file of [path, `${path}-wal`]) {
    const problem = accessProblem(file, constants.R_OK)
    if (problem === undefined || problem === 'ENOENT' || problem === 'ENOTDIR') continue
    throw forbidden(path, file === path ? problem : `${problem} for its log ${basename(file)}`)
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw folderNamed(path)
}

function copied(path: string, log: string): ReadingPlace {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-read-'))
  const dispose = () => {
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch {
      // Windows deletes nothing that is open; the folder of temporary files is emptied by the system.
    }
  }
  const location = join(folder, 'copy.db')
  try {
    copyFileSync(path, location, constants.COPYFILE_FICLONE)
    copyFileSync(log, `${location}-wal`, constants.COPYFILE_FICLONE)
  } catch (error) {
    dispose()
    throw forbidden(path, `it has a log that must be copied to be read, which failed: ${(error as Error).message}`)
  }
  return { location, dispose }
}

function forbidden(path: string, why: string): TidemarkError {
  return new TidemarkError('database_forbidden', `The database ${path} can't be read (${why}).`, { scope: 'run' })
}

function mayAccess(path: string, mode: number): boolean {
  return accessProblem(path, mode) === undefined
}

/** The code of the system's refusal, such as EACCES or EROFS. */
function accessProblem(path: string, mode: number): string | undefined {
  try {
    accessSync(path, mode)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}

/** Undefined: there is no such file, or none that can be looked at. */
function sizeOf(path: string): number | undefined {
  try {
    return statSync(path).size
  } catch {
    return undefined
  }
}
