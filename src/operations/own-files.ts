// Owns the refusal to write a result over what Tidemark itself lives on: the database with what SQLite keeps beside it, the
// key of the secrets with those that follow and preceded it, and what a command was configured by.

import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { TidemarkError } from '../model/errors.ts'
import { keyFiles } from '../secrets/key-file.ts'
import type { KeySource } from '../secrets/keys.ts'
import { isPostgresUrl } from '../store/postgres/url.ts'
import { mirrorFiles } from '../store/sqlite.ts'
import { isSameFile } from './backup/files.ts'

export interface OwnFiles {
  /** A file, `:memory:` or a postgres:// URL. */
  readonly database: string
  readonly key: Pick<KeySource, 'file'>
  /** A configuration, and the `.env` beside it. */
  readonly settings?: readonly string[]
}

/**
 * Files are compared by what they are and by where they would be, through links of files and of folders.
 *
 * @throws TidemarkError argument_invalid
 */
export async function refuseOwnFile(path: string, { database, key, settings = [] }: OwnFiles): Promise<void> {
  const isFile = !isPostgresUrl(database) && database !== ':memory:'
  const [own, ...beside] = isFile ? mirrorFiles(placeOf(database)) : []
  const keys = key.file === undefined ? [] : await keyFiles(placeOf(key.file))
  if (own !== undefined && stands(path, own)) throw refused(path, 'is the database itself')
  if (beside.some((one) => stands(path, one))) throw refused(path, 'is a part of the database')
  if (keys.some((one) => stands(path, one))) throw refused(path, 'holds the key of the secrets')
  if (settings.some((one) => stands(path, one))) throw refused(path, 'is what this command is configured by')
}

function stands(path: string, own: string): boolean {
  return isSameFile(path, own) || placeOf(path) === placeOf(own)
}

/** Where a file is, or would be, without links. */
function placeOf(path: string): string {
  for (const find of [() => realpathSync(path), () => join(realpathSync(dirname(resolve(path))), basename(path))]) {
    try {
      return find()
    } catch {
      // Nothing is there yet.
    }
  }
  return resolve(path)
}

function refused(path: string, what: string): TidemarkError {
  return new TidemarkError('argument_invalid', `The file ${path} ${what}.`, {
    hint: 'Nothing was written. Name another file.',
  })
}
