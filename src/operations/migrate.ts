// Owns moving a mirror into another database: from a file to a server, and back.

import { callback, text } from './fields.ts'
import { later } from './later.ts'
import { type MigrateInput, type MigrateWatching, type Migration, migrationDocument } from './migrate/documents.ts'
import type { Database } from './mirror.ts'
import { type Fields, operation } from './operation.ts'

export type { MigrateInput, MigrateWatching, Migration }

const moving = later(() => import('./migrate/between.ts'))

const WATCHING: Fields<MigrateWatching> = {
  onPortion: callback('is called after each portion: {doing, table, rows}'),
}

export const migrate = operation<MigrateInput, Promise<Migration>, MigrateWatching, Database>({
  name: 'migrate',
  does: 'Move the mirror into another database: from a file to PostgreSQL, or back.',
  details:
    'Everything goes along: records with their history, state, secrets, runs, schedules, budgets, catalogs, tokens, webhooks and the change feed, whose readers go on where they are. The other database must be empty, and nothing may use this one meanwhile; it stays as it is. What was interrupted goes on when it is run again. At the end both are read and compared, table by table; until then nothing opens the new one.',
  scope: 'admin',
  isSecretive: true,
  input: { to: text('a file, or a postgres:// URL', { sign: 'database' }) },
  positional: ['to'],
  hooks: WATCHING,
  output: migrationDocument,
  examples: [
    { to: 'postgres://tidemark@db.example.com/tidemark' },
    { to: 'postgres://db.example.com/shared?schema=tidemark' },
    { to: 'tidemark.db' },
  ],
  run: async (database, input, hooks) => (await moving()).migrateBetween(database, input, hooks),
})
