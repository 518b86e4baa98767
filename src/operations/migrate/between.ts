// Owns which two databases a move is between, and refuses what can be neither end.

import { systemClock } from '../../engine/system.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { Origin, Target } from '../../store/moving/ends.ts'
import { move } from '../../store/moving/move.ts'
import { addressOf, isPostgresUrl } from '../../store/postgres/url.ts'
import { isSameFile } from '../../store/same-file.ts'
import type { Database } from '../mirror.ts'
import { refuseOwnFile } from '../own-files.ts'
import type { MigrateInput, MigrateWatching, Migration } from './documents.ts'

/** @throws TidemarkError argument_invalid, file_unsupported, database_not_empty, database_in_use, migration_differs, and what opening may throw */
export async function migrateBetween(
  { database, key }: Database,
  { to }: MigrateInput,
  watching: Partial<MigrateWatching>,
): Promise<Migration> {
  for (const one of [database, to]) refuseMemory(one)
  if (isSame(database, to)) {
    throw new TidemarkError('argument_invalid', 'A database can’t be moved into itself.', {
      hint: 'Name another one with --to.',
    })
  }
  if (!isPostgresUrl(to)) await refuseOwnFile(to, { database, key })
  return originOf(database, (origin) =>
    targetOf(to, async (target) => {
      const { tables, resumed } = await move(origin, target, watching)
      const listed = tables.map(({ table, rows, digest }) => ({ table, rows, digest }))
      const rows = listed.reduce((sum, table) => sum + table.rows, 0)
      return { from: origin.name, to: target.name, rows, tables: listed, resumed }
    }),
  )
}

async function originOf<T>(database: string, body: (origin: Origin) => Promise<T>): Promise<T> {
  const { originOf: open } = isPostgresUrl(database)
    ? await import('../../store/postgres.ts')
    : await import('../../store/sqlite.ts')
  return open(database, systemClock, body)
}

async function targetOf<T>(database: string, body: (target: Target) => Promise<T>): Promise<T> {
  const { targetOf: open } = isPostgresUrl(database)
    ? await import('../../store/postgres.ts')
    : await import('../../store/sqlite.ts')
  return open(database, systemClock, body)
}

function refuseMemory(database: string): void {
  if (database !== ':memory:') return
  throw new TidemarkError('file_unsupported', 'A database in memory can’t be moved: it is gone with its process.')
}

function isSame(one: string, other: string): boolean {
  if (isPostgresUrl(one) !== isPostgresUrl(other)) return false
  return isPostgresUrl(one) ? addressOf(one).name === addressOf(other).name : isSameFile(one, other)
}
