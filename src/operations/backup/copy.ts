// Owns making a backup and putting one in place: what is checked before anything is written, and what is left when
// something fails on the way.

import { existsSync, realpathSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { systemClock } from '../../engine/system.ts'
import { TidemarkError } from '../../model/errors.ts'
import { isSameFile } from '../../store/same-file.ts'
import { copyMirror, openSqliteStore, proveMirror, replaceMirror } from '../../store/sqlite.ts'
import { keyNames } from '../keys.ts'
import type { Database } from '../mirror.ts'
import { refuseOwnFile } from '../own-files.ts'
import type { Backup, Restored } from './documents.ts'
import { drill } from './drill.ts'
import { besides, checkBackup, checkPlace, mirrorFile, ofBackup, sweepLeft } from './files.ts'

export interface BackupInput {
  readonly file?: string | undefined
  readonly force?: boolean | undefined
  readonly drill?: boolean | undefined
}

/** @throws TidemarkError argument_missing, argument_invalid, file_unsupported, output_failed, and what copying may throw */
export async function backUp(
  { database, key }: Database,
  { file, force = false, drill: isDrilled = false }: BackupInput,
): Promise<Backup> {
  if (file === undefined && !isDrilled) {
    throw new TidemarkError('argument_missing', 'No file was named for the copy.', {
      hint: 'For example: tidemark backup mirror.bak, or tidemark backup --drill to try one without keeping it.',
    })
  }
  const from = mirrorFile(database, 'backup')
  const to = file === undefined ? besides(from, 'drill') : resolve(file)
  if (file !== undefined) await refuseOwnFile(file, { database, key })
  checkPlace(to, 'the copy')
  sweepLeft(to)
  try {
    const copy = await copyMirror({ from, to, draft: besides(to, 'partial'), force })
    const keys = await keysOf(to)
    return { file: file === undefined ? null : to, ...copy, keys, drill: isDrilled ? await drill(to, key) : null }
  } finally {
    if (file === undefined) rmSync(to, { force: true })
  }
}

export interface RestoreInput extends BackupInput {
  readonly file: string
}

/**
 * @throws TidemarkError argument_invalid, database_missing, database_exists, database_unreadable, database_damaged,
 *   file_unsupported, output_failed, and what copying may throw
 */
export async function restore(
  { database, key, clock }: Database,
  { file, force = false, drill: isDrill = false }: RestoreInput,
): Promise<Restored> {
  const named = isDrill ? undefined : mirrorFile(database, 'restore')
  // A link stays one: what it leads to is replaced.
  const target = named !== undefined && existsSync(named) ? realpathSync(named) : named
  checkBackup(file)
  const ofThis = (error: unknown) => {
    throw ofBackup(error, file)
  }
  if (target === undefined) {
    const proved = await drill(file, key).catch(ofThis)
    return { file: resolve(file), drill: proved }
  }
  if (isSameFile(file, target)) {
    throw new TidemarkError('argument_invalid', `The file ${file} is the database itself.`, {
      hint: 'Name the backup, and with --database where it should go.',
    })
  }
  checkPlace(target, 'the database')
  // Opens it: what is no backup should be refused as that before anything else.
  const keys = await keysOf(file).catch(ofThis)
  if (existsSync(target) && !force) {
    throw new TidemarkError('database_exists', `The database ${target} is there already.`, {
      hint: 'Name another with --database, or replace it with --force (it is kept aside), or only try: --drill.',
    })
  }
  try {
    proveMirror(file)
  } catch (error) {
    ofThis(error)
  }
  const fresh = besides(target, 'restored')
  const copy = await copyMirror({ from: file, to: fresh, draft: besides(target, 'partial'), force: false })
  const aside = putInPlace(target, fresh, clock.now())
  return { database: target, ...copy, keys, aside }
}

/** Exchanges the files; returns where the old database is now. */
function putInPlace(target: string, fresh: string, now: number): string | null {
  const named = `${target}.before-${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`
  const aside = existsSync(named) ? besides(named, 'again') : named
  try {
    const isThere = existsSync(target)
    replaceMirror({ file: target, by: fresh, aside })
    return isThere ? aside : null
  } finally {
    rmSync(fresh, { force: true })
  }
}

/** Names of the keys under which all data keys of a file lie; it needs none of them. */
async function keysOf(file: string): Promise<readonly string[]> {
  const store = await openSqliteStore({ path: file, clock: systemClock, readOnly: true })
  try {
    return await keyNames(store)
  } finally {
    await store.close()
  }
}
