// Owns the refusal to write a result over what Tidemark itself lives on: the database with what SQLite keeps beside it, the
// key of the secrets with those that follow and preceded it, and what a command was configured by.

import { TidemarkError } from '../model/errors.ts'
import { keyFiles } from '../secrets/key-file.ts'
import type { KeySource } from '../secrets/keys.ts'
import { isPostgresUrl } from '../store/postgres/url.ts'
import { isSameFile, placeOf } from '../store/same-file.ts'
import { refuseMirror } from '../store/sqlite.ts'

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
  if (!isPostgresUrl(database) && database !== ':memory:') refuseMirror(database, path)
  const keys = key.file === undefined ? [] : await keyFiles(placeOf(key.file))
  if (keys.some((one) => isSameFile(path, one))) throw refused(path, 'holds the key of the secrets')
  if (settings.some((one) => isSameFile(path, one))) throw refused(path, 'is what this command is configured by')
}

function refused(path: string, what: string): TidemarkError {
  return new TidemarkError('argument_invalid', `The file ${path} ${what}.`, {
    hint: 'Nothing was written. Name another file.',
  })
}
