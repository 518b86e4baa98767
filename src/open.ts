// Owns opening a mirror in a program:
//
//   await using tidemark = await openTidemark({ database: 'tidemark.db' })
//   const me = await tidemark.connect(github, { id: 'me', options: { user: 'ada' } })
//   const report = await me.sync()

import { z } from 'zod'
import { assemble, keyOf, type OpenOptions } from './assemble.ts'
import { systemClock, withTurns } from './engine/system.ts'
import { harmlessLogger } from './model/told.ts'
import { type Restored, type RestoreInput, restore } from './operations/backup.ts'
import { type Field, object, optional, text, timezone, yesOrNo } from './operations/fields.ts'
import { type MigrateWatching, type Migration, migrate } from './operations/migrate.ts'
import { check, isConnector, perform } from './operations/perform.ts'
import { KEY_BYTES } from './secrets/key-file.ts'
import type { Tidemark } from './tidemark.ts'

export type { OpenOptions }

/**
 * Opens a mirror, making the database and the project if they don't exist.
 *
 * @throws TidemarkError option_unknown, option_invalid, timezone_invalid, retention_invalid, connector_invalid, name_taken,
 *   and what the database says
 */
export async function openTidemark(options: OpenOptions = {}): Promise<Tidemark> {
  check(OPEN, {}, options)
  const { clock, logger } = options
  return assemble({
    ...options,
    who: 'library',
    ...(clock ? { clock: withTurns(clock) } : {}),
    ...(logger ? { logger: harmlessLogger(logger) } : {}),
  })
}

export type RestoreOptions = Omit<RestoreInput, 'file'> & Pick<OpenOptions, 'database' | 'key' | 'clock'>

/**
 * Verifies a backup and makes it the database, which no program may have open; one that is there is replaced only with
 * `force`, and kept beside it. With `drill` it is only tried, in another place.
 *
 * @throws TidemarkError database_missing, database_exists, database_in_use, database_unreadable, database_damaged,
 *   file_unsupported (a server), argument_invalid, output_failed
 */
export async function restoreBackup(file: string, options: RestoreOptions = {}): Promise<Restored> {
  const { database = 'tidemark.db', key, clock = systemClock, ...how } = options
  check(RESTORE, {}, { database, key, clock })
  return perform(restore, { database, key: keyOf(key), clock }, { file }, how)
}

export type MigrateOptions = Partial<MigrateWatching> & Pick<OpenOptions, 'database' | 'key'>

/**
 * Moves a mirror, which no program may have open, into an empty database: from a file to PostgreSQL, or back. Called again
 * after an interruption, it goes on where it stopped.
 *
 * @throws TidemarkError database_missing, database_in_use, database_not_empty, migration_differs, argument_invalid,
 *   file_unsupported (a database in memory)
 */
export async function migrateDatabase(to: string, options: MigrateOptions = {}): Promise<Migration> {
  const { database = 'tidemark.db', key, ...watching } = options
  check(MIGRATE, {}, { database, key })
  return perform(migrate, { database, key: keyOf(key), clock: systemClock }, { to }, watching)
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Something with these methods, such as a port. */
function having(expected: string, ...methods: readonly string[]): Field {
  const has = (value: unknown) => isObject(value) && methods.every((method) => typeof value[method] === 'function')
  return optional(object(z.custom(has, `is ${expected}`), expected))
}

const named = 'is text that is not empty'
const name = (about: string): Field => {
  return optional({ ...text(about), schema: z.string(named).regex(/\S/, named) })
}

const isConnectors = (value: unknown) => Array.isArray(value) && value.every((one) => isConnector(one))

const isKey = (value: unknown) =>
  value instanceof Uint8Array ? value.length === KEY_BYTES : isObject(value) && typeof value['find'] === 'function'

const time = z.string('is text').optional()

const FIELDS: { readonly [Name in keyof Required<OpenOptions>]: Field } = {
  database: name('a file, :memory:, or a postgres:// URL'),
  project: name('the project'),
  timezone: optional(timezone('the time zone of a new project')),
  connectors: optional(
    object(z.custom(isConnectors, 'is a list of connectors (values of defineConnector)'), 'connectors of one’s own'),
  ),
  logger: having('a logger: { event(level, name, values) { … } }', 'event'),
  key: optional(
    object(z.custom(isKey, 'is 32 bytes, or a source of them'), 'the key of the secrets', { code: 'key_invalid' }),
  ),
  retention: optional(
    object(
      z.strictObject({ changes: time, requests: time, versions: time, audit: time }, 'is an object'),
      'how long it is kept',
      {
        code: 'retention_invalid',
      },
    ),
  ),
  push: optional(
    object(
      z.strictObject(
        { contact: z.string('is text').optional(), allowPrivateNetwork: z.boolean('is true or false').optional() },
        'is an object',
      ),
      'how push services are talked to',
    ),
  ),
  create: optional(yesOrNo('whether what does not exist is made')),
  clock: having('a clock: { now(), mono(), sleep(ms, signal), tick? }', 'now', 'mono', 'sleep'),
  transport: having('a transport: { send(request), close() }', 'send', 'close'),
}

const OPEN = {
  name: 'openTidemark',
  fields: FIELDS,
  example: "openTidemark({ database: 'tidemark.db' })",
  isSecretive: true,
}

const RESTORE = {
  ...OPEN,
  name: 'restoreBackup',
  fields: { database: FIELDS.database, key: FIELDS.key, clock: having('a clock: { now() }', 'now') },
  example: "restoreBackup('mirror.bak', { database: 'tidemark.db' })",
}

const MIGRATE = {
  ...OPEN,
  name: 'migrateDatabase',
  fields: { database: FIELDS.database, key: FIELDS.key },
  example: "migrateDatabase('postgres://db.example.com/tidemark', { database: 'tidemark.db' })",
}
