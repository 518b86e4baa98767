// Owns which tables of a database move, with their columns and keys, as its catalogue and its streams tell; and the work on
// them that both databases ask for alike.

import type { Column } from '../../model/record.ts'
import { text } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { quote } from '../names.ts'
import { type Asking, all, run, value } from '../statements.ts'
import { makeTables, tableShape } from '../system/streams.ts'
import { isMoved, MARK, MARK_ORIGIN, type MovedColumn, type MovedTable, type Place, type StreamTables } from './ends.ts'

/** A column as a catalogue tells it. */
export interface CatalogueColumn {
  readonly table: string
  readonly name: string
  /** Its place in the key; null: it has none. */
  readonly key: number | null
}

/** Those that others refer to; all others come behind them. */
const FIRST = [
  'tm_projects',
  'tm_connections',
  'tm_tables',
  'tm_streams',
  'tm_runs',
  'tm_tokens',
  'tm_webhooks',
  'tm_batches',
]

export function movedTables(
  catalogue: readonly CatalogueColumn[],
  streams: readonly StreamTables[],
  { stored }: Dialect,
): readonly MovedTable[] {
  const declared = new Map<string, readonly Column[]>(
    streams.flatMap(({ base, columns, metrics }) => [
      ...['r', 't', 'v'].map((part) => [`tm_${part}_${base}`, columns] as const),
      [`tm_s_${base}`, metrics] as const,
    ]),
  )
  const names = [...new Set(catalogue.map(({ table }) => table))].filter(isMoved)
  const rank = (name: string) => (FIRST.indexOf(name) + FIRST.length + 1) % (FIRST.length + 1)
  return names
    .map((name) => {
      const columns = catalogue.filter(({ table }) => table === name)
      const own = new Map((declared.get(name) ?? []).map((column) => [stored(column.name), column]))
      const moved = columns.map((column): MovedColumn => {
        const known = own.get(quote(column.name))
        return known ? { name: known.name, kind: known.type } : { name: column.name, kind: 'own' }
      })
      const key = columns.filter((column) => column.key !== null)
      return {
        name,
        columns: moved,
        key: key.sort((a, b) => Number(a.key) - Number(b.key)).map((column) => column.name),
      }
    })
    .sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1))
}

export function columnSql({ stored }: Dialect, { name, kind }: MovedColumn): string {
  return kind === 'own' ? quote(name) : stored(name)
}

export function* streamTables(): Asking<readonly StreamTables[]> {
  return (yield* all('SELECT * FROM tm_tables ORDER BY base')).map((row) => ({
    ...tableShape(row),
    connector: text(row['connector']),
    stream: text(row['stream']),
  }))
}

/** Tells this mirror from others: the feed of its first project. */
export function* identity(): Asking<string> {
  return text((yield* value('SELECT epoch FROM tm_projects ORDER BY no LIMIT 1')) ?? '')
}

/** Makes the tables of streams that are not there yet. */
export function* makeMissing(dialect: Dialect, streams: readonly StreamTables[]): Asking<void> {
  const there = new Set((yield* all(dialect.relations)).map((row) => text(row['name'])))
  for (const one of streams) if (!there.has(`tm_r_${one.base}`)) yield* makeTables(dialect, one, one)
}

/** The first table that has a row; a project in which nothing has happened is none. */
export function* firstFilled(tables: readonly MovedTable[]): Asking<string | undefined> {
  for (const { name } of tables) {
    const nothing = name === 'tm_projects' ? ' WHERE seq > 0' : ''
    if ((yield* value(`SELECT 1 AS found FROM ${quote(name)}${nothing} LIMIT 1`)) !== undefined) return name
  }
  return undefined
}

/** Marks the target; whatever stands in it is the project that every new mirror has. */
export function* mark({ types }: Dialect, origin: string): Asking<void> {
  yield* run(`CREATE TABLE ${MARK} (item ${types.key} PRIMARY KEY, value ${types.text} NOT NULL)`)
  yield* run('DELETE FROM tm_projects')
  yield* run(`INSERT INTO ${MARK} (item, value) VALUES ($1, $2)`, [MARK_ORIGIN, origin])
}

export function* markedOrigin(): Asking<string | undefined> {
  const origin = yield* value(`SELECT value FROM ${MARK} WHERE item = $1`, [MARK_ORIGIN])
  return origin === undefined ? undefined : text(origin)
}

export function* places(): Asking<readonly Place[]> {
  const rows = yield* all(`SELECT value FROM ${MARK} WHERE item <> $1`, [MARK_ORIGIN])
  return rows.map((row) => JSON.parse(text(row['value'])) as Place)
}

export function* savePlace(place: Place): Asking<void> {
  const sql = `INSERT INTO ${MARK} (item, value) VALUES ($1, $2) ON CONFLICT (item) DO UPDATE SET value = excluded.value`
  yield* run(sql, [place.table, JSON.stringify(place)])
}

/** Rows as arrays, from rows by name. */
export function rowsOf<Carried>(
  { columns }: MovedTable,
  rows: readonly Readonly<Record<string, unknown>>[],
  carried: (value: unknown, column: MovedColumn) => Carried,
): readonly (readonly Carried[])[] {
  return rows.map((row) => columns.map((column, i) => carried(row[`c${i}`] ?? null, column)))
}

/** Each column as c0, c1, …: declared ones may have any name. */
export function selected(dialect: Dialect, { columns }: MovedTable): string {
  return columns.map((column, i) => `${columnSql(dialect, column)} AS c${i}`).join(', ')
}

/** The rows behind a key, in its order. */
export function behind({ key }: MovedTable, isFirst: boolean): string {
  const names = key.map(quote).join(', ')
  const after = isFirst ? '' : ` WHERE (${names}) > (${key.map((_, i) => `$${i + 1}`).join(', ')})`
  return `${after} ORDER BY ${names}`
}
