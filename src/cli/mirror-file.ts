// Owns which file is meant by commands that work with the database as a file, and the names of files beside it.

import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { TidemarkError } from '../model/errors.ts'
import { isPostgresUrl } from '../store/postgres/url.ts'

/** @throws TidemarkError file_unsupported for a server, or a database in memory */
export function mirrorFile(database: string, command: string): string {
  if (isPostgresUrl(database)) {
    throw new TidemarkError('file_unsupported', `tidemark ${command} works on a file, and this database is a server`, {
      hint: 'Use the tools of the server: pg_dump and pg_restore. The key of the secrets has to be kept apart in any case.',
    })
  }
  if (database === ':memory:') {
    throw new TidemarkError('file_unsupported', `tidemark ${command} works on a file, and this database has none`)
  }
  return resolve(database)
}

/** A name beside a file that nobody else has. */
export function besides(file: string, what: string): string {
  return `${file}.${what}-${randomBytes(4).toString('hex')}`
}

/** Whether two names stand for one file, also through links of folders and of files. */
export function isSameFile(one: string, other: string): boolean {
  if (resolve(one) === resolve(other)) return true
  const [a, b] = [one, other].map((name) => statSync(name, { bigint: true, throwIfNoEntry: false }))
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino
}
