// Owns a PostgreSQL mirror as either end of a move: one state of it, which nobody writes meanwhile, or the tables that are
// filled until they are whole.

import { TidemarkError } from '../../model/errors.ts'
import type { Clock } from '../../model/ports.ts'
import { count, countOrNull, text } from '../cells.ts'
import {
  type Carried,
  type End,
  MARK,
  type MovedColumn,
  type MovedRow,
  type MovedTable,
  type Origin,
  PORTION_BYTES,
  PORTION_ROWS,
  type StreamTables,
  type Target,
} from '../moving/ends.ts'
import { notEmpty, otherOrigin } from '../moving/refusals.ts'
import * as shared from '../moving/tables.ts'
import { quote } from '../names.ts'
import type { Param } from '../statements.ts'
import { Connection, type Queries } from './connection.ts'
import { driven, POSTGRES } from './dialect.ts'
import { migrate } from './schema.ts'
import { openPostgresStore } from './store.ts'
import { addressOf } from './url.ts'
import { toSql } from './values.ts'

/** A move takes as long as it takes: nothing ends the session that keeps others out meanwhile. */
const UNTIMED = 'SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0'

/**
 * Keeps every writer waiting, and then refused as busy, while `body` reads one state of the mirror.
 *
 * @throws TidemarkError database_missing, database_in_use, database_busy, and what opening may throw
 */
export async function originOf<T>(url: string, clock: Clock, body: (origin: Origin) => Promise<T>): Promise<T> {
  const store = await openPostgresStore({ url, clock, create: false })
  const now = await store.now()
  await store.close()
  const db = new Connection(addressOf(url), clock)
  try {
    return await db.alone(async (session) => {
      await session.begin(' ISOLATION LEVEL REPEATABLE READ')
      await session.run(UNTIMED)
      await alone(session, db.name)
      const { tables } = await catalogueOf(session)
      await session.run(`LOCK TABLE ${tables.map(({ name }) => quote(name)).join(', ')} IN SHARE MODE`)
      await refuseActive(session, db.name, now)
      const end = endOf(session, db.name)
      const result = await body({
        ...end,
        identity: await driven(session, shared.identity()),
        streams: await driven(session, shared.streamTables()),
        counters: await countersOf(session),
      })
      await session.run('ROLLBACK')
      return result
    })
  } finally {
    await db.close()
  }
}

/**
 * A mirror that is made, or goes on being made, by `body`.
 *
 * @throws TidemarkError database_not_empty, database_in_use, and what opening may throw
 */
export async function targetOf<T>(url: string, clock: Clock, body: (target: Target) => Promise<T>): Promise<T> {
  const address = addressOf(url)
  const db = new Connection(address, clock)
  try {
    await migrate(db, address.schema, true)
    return await db.alone(async (session) => {
      await session.begin()
      await session.run(UNTIMED)
      await alone(session, db.name)
      const result = await body(target(db))
      await session.run('ROLLBACK')
      return result
    })
  } finally {
    await db.close()
  }
}

/** Held to the end of the move, by its transaction: no second one from or into the same tables. */
async function alone(session: Queries, name: string): Promise<void> {
  const lock = `SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema() || ' move', 0))`
  if ((await session.value(lock)) !== true) throw inUse(name, 'another migration')
}

interface Catalogue {
  readonly tables: readonly MovedTable[]
  /** Of each table and column, by the names of the database. */
  readonly types: ReadonlyMap<string, string>
}

async function catalogueOf(db: Queries, streams: readonly StreamTables[] = []): Promise<Catalogue> {
  // Where a table has no primary key, its first unique index is one.
  const rows = await db.all(
    `SELECT c.relname AS tbl, a.attname AS name, format_type(a.atttypid, NULL) AS type,
       (SELECT k.place FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS k(att, place) WHERE k.att = a.attnum) AS key
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN LATERAL (SELECT indkey FROM pg_index WHERE indrelid = c.oid AND indisunique
       ORDER BY indisprimary DESC, indexrelid LIMIT 1) i ON true
     WHERE c.relnamespace = to_regnamespace(current_schema()) AND c.relkind = 'r' AND c.relname LIKE 'tm\\_%'
     ORDER BY c.relname, a.attnum`,
  )
  const columns = rows.map((row) => ({
    table: text(row['tbl']),
    name: text(row['name']),
    key: countOrNull(row['key']),
  }))
  return {
    tables: shared.movedTables(columns, streams, POSTGRES),
    types: new Map(rows.map((row) => [`${text(row['tbl'])}.${quote(text(row['name']))}`, text(row['type'])])),
  }
}

function endOf(db: Queries, name: string): End {
  let known: Promise<Catalogue> | undefined
  const catalogue = () => (known ??= catalogueOf(db))
  return {
    name,
    tables: async (streams) => (await catalogueOf(db, streams)).tables,
    portion: async (table, after) => portion(db, table, (await catalogue()).types, after),
  }
}

/** How long rows are is told by their lengths, which reads no content that is not given. */
async function portion(
  db: Queries,
  table: MovedTable,
  types: ReadonlyMap<string, string>,
  after: MovedRow | null,
): Promise<readonly MovedRow[]> {
  const typeOf = (column: MovedColumn) => types.get(`${table.name}.${shared.columnSql(POSTGRES, column)}`) ?? 'text'
  const long = table.columns.filter((column) => ['text', 'bytea'].includes(typeOf(column)))
  const lengths = long.map((column) => ` + coalesce(octet_length(${shared.columnSql(POSTGRES, column)}), 0)`).join('')
  const order = table.key.map(quote).join(', ')
  const sql = `SELECT ${shared.selected(POSTGRES, table)} FROM (
      SELECT t.*, sum("_long") OVER (ORDER BY ${order} ROWS UNBOUNDED PRECEDING) - "_long" AS "_before" FROM (
        SELECT *, (8${lengths})::bigint AS "_long" FROM ${quote(table.name)}${shared.behind(table, after === null)} LIMIT ${PORTION_ROWS}
      ) t) u WHERE "_before" < ${PORTION_BYTES} ORDER BY ${order}`
  return shared.rowsOf(table, await db.all(sql, (after ?? []) as Param[]), (value) =>
    typeof value === 'boolean' ? Number(value) : (value as Carried),
  )
}

/** What holds a lease is at work. One whose process was killed lets go of it within half a minute. */
async function refuseActive(db: Queries, name: string, now: number): Promise<void> {
  const active = await db.value(`SELECT resource FROM tm_leases WHERE holder IS NOT NULL AND expires_at > $1 LIMIT 1`, [
    now,
  ])
  if (active !== undefined) throw inUse(name, 'a sync, or what follows one')
}

function inUse(name: string, by: string): TidemarkError {
  return new TidemarkError('database_in_use', `The database ${name} is in use by ${by}.`, {
    hint: 'End tidemark serve, workers and syncs, then try again. What a killed process held is free after 30 seconds.',
  })
}

/** Tables whose rows are counted, and the column that has the number. */
async function counted(db: Queries): Promise<readonly { table: string; column: string; sequence: string }[]> {
  const rows = await db.all(
    `SELECT c.relname AS tbl, a.attname AS name, pg_get_serial_sequence(quote_ident(c.relname), a.attname) AS sequence
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> ''
     WHERE c.relnamespace = to_regnamespace(current_schema()) AND c.relkind = 'r' AND c.relname LIKE 'tm\\_%'`,
  )
  return rows.map((row) => ({ table: text(row['tbl']), column: text(row['name']), sequence: text(row['sequence']) }))
}

async function countersOf(db: Queries): Promise<ReadonlyMap<string, number>> {
  const counters = new Map<string, number>()
  for (const { table, sequence } of await counted(db)) {
    counters.set(
      table,
      count((await db.value('SELECT coalesce(pg_sequence_last_value($1::regclass), 0)', [sequence])) ?? 0),
    )
  }
  return counters
}

function target(db: Connection): Target {
  const end = endOf(db, db.name)
  let known: Promise<Catalogue> | undefined
  const catalogue = () => (known ??= catalogueOf(db))
  return {
    ...end,
    begin: async (identity) => {
      if ((await db.value(`SELECT to_regclass('${MARK}') IS NULL`)) === true) {
        const filled = await driven(db, shared.firstFilled((await catalogueOf(db)).tables))
        if (filled !== undefined) throw notEmpty(db.name, filled)
        await db.transaction((tx) => driven(tx, shared.mark(POSTGRES, identity)))
      }
      if ((await driven(db, shared.markedOrigin())) !== identity) throw otherOrigin(db.name)
      return driven(db, shared.places())
    },
    make: (streams) => db.transaction((tx) => driven(tx, shared.makeMissing(POSTGRES, streams))),
    put: async (table, rows, place) => {
      const { types } = await catalogue()
      await db.transaction(async (tx) => {
        if (rows.length > 0) await insert(tx, table, types, rows)
        await driven(tx, shared.savePlace(place))
      })
    },
    clear: async () => {
      const names = (await catalogueOf(db)).tables.map(({ name }) => quote(name))
      await db.transaction(async (tx) => {
        await tx.run(`TRUNCATE ${names.join(', ')}`)
        await tx.run(`DELETE FROM ${MARK} WHERE item <> 'origin'`)
      })
    },
    finish: async (counters) => {
      const { tables } = await catalogue()
      for (const { name } of tables) await db.run(`ANALYZE ${quote(name)}`)
      await db.transaction(async (tx) => {
        for (const one of await counted(tx)) await countOn(tx, one, counters.get(one.table) ?? 0)
        await tx.run(`DROP TABLE ${MARK}`)
      })
    },
  }
}

async function insert(
  tx: Queries,
  { name, columns }: MovedTable,
  types: ReadonlyMap<string, string>,
  rows: readonly MovedRow[],
): Promise<void> {
  const names = columns.map((column) => shared.columnSql(POSTGRES, column))
  const typesOf = names.map((column) => types.get(`${name}.${column}`) ?? 'text')
  const arrays = columns.map(({ kind }, i) => {
    const isFlag = typesOf[i] === 'boolean'
    return rows.map((row) => carried(kind, row[i] ?? null, isFlag))
  })
  const casts = typesOf.map((type, i) => `$${i + 1}::${type}[]`).join(', ')
  await tx.run(
    `INSERT INTO ${quote(name)} (${names.join(', ')}) OVERRIDING SYSTEM VALUE SELECT * FROM unnest(${casts})`,
    arrays as never,
  )
}

function carried(kind: MovedColumn['kind'], value: Carried, isFlag: boolean): unknown {
  if (value === null) return null
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (isFlag) return Boolean(value)
  return kind === 'own' ? value : toSql(kind, value)
}

/** A number that was given once is not given again, also where its row is gone. */
async function countOn(
  tx: Queries,
  { table, column, sequence }: { readonly table: string; readonly column: string; readonly sequence: string },
  last: number,
): Promise<void> {
  const given = `greatest($2::bigint, (SELECT max(${quote(column)}) FROM ${quote(table)}))`
  await tx.all(`SELECT setval($1::regclass, greatest(${given}, 1), coalesce(${given}, 0) > 0)`, [sequence, last])
}
