// Owns the contract's names in SQL: the views that people and tools read instead of the tm_ tables. They have the names,
// columns and values of those in SQLite, so that a query means the same on both.
//
// Stream and run are joined from the left by their keys: the planner leaves out a join that a query doesn't ask for.

import type { Column } from '../../model/record.ts'
import { text } from '../cells.ts'
import { COVERAGE, COVERAGE_NOTE, countSql } from '../coverage.ts'
import { COUNTS, opSql, quote, type TableShape, tableNames } from '../names.ts'
import { stored } from './column-names.ts'
import type { Queries } from './connection.ts'

/** A column of a view: its name, and the expression that gives it. */
export type Shown = readonly [name: string, expression: string]

export interface View {
  readonly name: string
  /** One SELECT each, all together the view; their columns have the same names in the same order. */
  readonly parts: readonly { readonly columns: readonly Shown[]; readonly from: string }[]
}

/** The SELECT of a view, its columns in the order of `names` as far as it has them, the others after these. */
export function viewSql({ parts }: View, names: readonly string[] = []): string {
  const place = new Map(names.map((name, i) => [name, i]))
  const at = ([name]: Shown) => place.get(name) ?? names.length
  return parts
    .map(({ columns, from }) => {
      const list = columns.toSorted((a, b) => at(a) - at(b)).map(([name, sql]) => `${sql} AS ${quote(name)}`)
      return `SELECT ${list.join(', ')} FROM ${from}`
    })
    .join(' UNION ALL ')
}

/**
 * Makes a view, or gives it the columns that it lacks. Views of other people may stand on it, so that it is never
 * dropped: new columns come last.
 */
export async function makeView(tx: Queries, view: View): Promise<void> {
  const rows = await tx.all(
    'SELECT attname FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum',
    [quote(view.name)],
  )
  const names = rows.map((row) => text(row['attname']))
  await tx.run(`CREATE OR REPLACE VIEW ${quote(view.name)} AS ${viewSql(view, names)}`)
}

/** Milliseconds since 1970 as ISO 8601 text in UTC, the same as `Date.toISOString`. */
export function iso(expression: string): string {
  return `to_char(to_timestamp(${expression} / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}

const OWNER: readonly Shown[] = [
  ['_project', 's.project'],
  ['_connection', 's.connection'],
]

function own(columns: readonly Column[], alias: string): readonly Shown[] {
  return columns.map(({ name }) => [name, `${alias}.${stored(name)}`] as const)
}

/** What a view of records shows, in its order: for a table of live records, or of tombstones, under the alias `r`. */
export function recordColumns(columns: readonly Column[], of: 'records' | 'tombstones'): readonly Shown[] {
  const isLive = of === 'records'
  return [
    ...OWNER,
    ['_key', 'r._key'],
    ...own(columns, 'r'),
    ['_first_seen_at', iso('r._first_seen_at')],
    ['_updated_at', iso('r._updated_at')],
    ['_removed_at', isLive ? 'NULL::text' : iso('r._removed_at')],
    ['_removed_reason', isLive ? 'NULL::text' : 'r._removed_reason'],
    ['_unavailable_since', iso('r._unavailable_since')],
    ['_raw', 'r._raw'],
  ]
}

/** The rows of a stream's table with the stream that each belongs to. */
export function withStream(table: string): string {
  return `${table} r LEFT JOIN tm_streams s ON s.no = r._stream`
}

/**
 * The views of one stream's tables. `streams` narrows them to some streams (another project's rows stand in the same
 * tables).
 */
export function streamViews({ base, columns, metrics }: TableShape, streams?: readonly number[]): readonly View[] {
  const tables = tableNames(base)
  const where = streams ? ` WHERE r._stream IN (${streams.join(', ')})` : ''
  const live = { columns: recordColumns(columns, 'records'), from: withStream(tables.records) + where }
  const removed = { columns: recordColumns(columns, 'tombstones'), from: withStream(tables.tombstones) + where }
  const version = (table: string, at: string, reason: string) => ({
    columns: [
      ...OWNER,
      ['_key', 'r._key'],
      ['_ordinal', 'r._ordinal'],
      ['_op', opSql('r._op')],
      ['_at', iso(at)],
      ['_reason', reason],
      ['_run', 'u.id'],
      ['_page', 'nullif(r._page, 0)'],
      ...own(columns, 'r'),
      ['_raw', 'r._raw'],
    ] satisfies Shown[],
    from: `${withStream(table)} LEFT JOIN tm_runs u ON u.no = r._run${where}`,
  })
  const versions = [
    version(tables.versions, 'r._at', 'r._reason'),
    version(tables.records, 'r._updated_at', 'NULL::text'),
    version(tables.tombstones, 'r._removed_at', 'r._removed_reason'),
  ]
  const ofRecords = (columnsOf: readonly Shown[], and: string) =>
    [tables.records, tables.tombstones].map((table) => ({
      columns: [...columnsOf, ...own(metrics, 'n')],
      from: `${tables.snapshots} n JOIN ${withStream(table)} ON r._id = n._record LEFT JOIN tm_runs u ON u.no = n._run${
        where || (and && ' WHERE true')
      }${and}`,
    }))
  const identity: readonly Shown[] = [...OWNER, ['_key', 'r._key']]
  const at: Shown = ['_at', iso('n._at')]
  const day: Shown = ['_day', 'n._day']
  const run: Shown = ['_run', 'u.id']
  // A day's value is that of its last run.
  const last = ` AND NOT EXISTS (SELECT 1 FROM ${tables.snapshots} m
    WHERE m._record = n._record AND m._day = n._day AND m._run > n._run)`
  return [
    { name: base, parts: [live] },
    { name: `${base}_all`, parts: [live, removed] },
    { name: `${base}_versions`, parts: versions },
    { name: `${base}_snapshots`, parts: ofRecords([...identity, run, at, day], '') },
    { name: `${base}_daily`, parts: ofRecords([...identity, day, at, run], last) },
  ]
}

/** A stream's own schedule stands above that of its connection. */
const NEXT_RUN = `(SELECT h.next_at FROM tm_schedules h
  WHERE h.connection_no = s.connection_no AND h.stream IN ('', s.stream) ORDER BY h.stream DESC LIMIT 1)`

/** Connection and key stand here under both spellings: plainly, and as in the views of streams, for joins with them. */
export function systemViews(): readonly View[] {
  const stream: readonly Shown[] = [...OWNER, ['connection', 's.connection'], ['stream', 's.stream']]
  const connection: readonly Shown[] = [
    ['_project', 'p.id'],
    ['_connection', 'c.id'],
    ['connection', 'c.id'],
  ]
  const run = (no: string): Shown => ['run', `(SELECT id FROM tm_runs WHERE no = ${no})`]
  const plain = (alias: string, ...names: readonly string[]) =>
    names.map((name): Shown => [name, `${alias}.${quote(name)}`])
  const time = (alias: string, ...names: readonly string[]) =>
    names.map((name): Shown => [name, iso(`${alias}.${quote(name)}`)])
  const owners = 'JOIN tm_connections c ON c.no = r.connection_no JOIN tm_projects p ON p.no = c.project_no'
  const one = (name: string, columns: readonly Shown[], from: string): View => ({ name, parts: [{ columns, from }] })
  return [
    one(
      'runs',
      [
        ...connection,
        ...plain('r', 'id', 'mode', 'status'),
        ...time('r', 'started_at', 'finished_at'),
        ...COUNTS.map((name): Shown => [name, `coalesce(a.${name}, 0)`]),
        ...plain('r', 'requests', 'billed_items', 'cost', 'error_code', 'error_message', 'error_hint', 'notes'),
      ],
      `tm_runs r ${owners} LEFT JOIN LATERAL (
         SELECT ${COUNTS.map((name) => `sum(${name})::bigint AS ${name}`).join(', ')} FROM tm_run_passes WHERE run_no = r.no) a
         ON true`,
    ),
    {
      // What is known to be missing: walks that nobody is walking on, and streams whose last run says so for another
      // reason (fewer records than the source has, say).
      name: 'gaps',
      parts: [
        {
          columns: [
            ...stream,
            ...plain('w', 'partition', 'pass', 'walk'),
            ...time('w', 'opened_at'),
            ...plain('w', 'ended', 'pages', 'records'),
            run('w.run_no'),
            ...plain('w', 'note', 'position'),
          ],
          from: `tm_walks w JOIN tm_streams s ON s.no = w.stream_no WHERE w.closed_at IS NULL`,
        },
        {
          columns: [
            ...stream,
            ['partition', `''`],
            ['pass', 'NULL'],
            ['walk', 'NULL'],
            ['opened_at', iso('s.last_run_at')],
            ['ended', 'NULL'],
            ['pages', 'NULL'],
            ['records', 'NULL'],
            ['run', 'NULL'],
            ['note', 's.coverage_note'],
            ['position', 'NULL'],
          ],
          from: `tm_streams s WHERE s.coverage = 'gap'
            AND NOT EXISTS (SELECT 1 FROM tm_walks w WHERE w.stream_no = s.no AND w.closed_at IS NULL)`,
        },
      ],
    },
    one(
      'quarantine',
      [
        ...stream,
        ['id', 'q.identity'],
        ['_key', 'q.key'],
        ...plain('q', 'key', 'code', 'message'),
        run('q.run_no'),
        ...plain('q', 'page', 'position'),
        ...time('q', 'first_at', 'at'),
        ['times', 'q.times'],
        ...time('q', 'superseded_at'),
        ['_raw', 'q.raw'],
      ],
      'tm_quarantine q JOIN tm_streams s ON s.no = q.stream_no',
    ),
    one(
      'held_removals',
      [
        ...stream,
        ['_key', 'h.key'],
        ['key', 'h.key'],
        run('h.run_no'),
        ['reason', 'h.reason'],
        ['held_at', iso('h.at')],
      ],
      'tm_held h JOIN tm_streams s ON s.no = h.stream_no',
    ),
    // What stays by a person's decision, although the source no longer lists it.
    one(
      'kept_records',
      [...stream, ['_key', 'k.key'], ['key', 'k.key'], run('k.run_no'), ['kept_at', iso('k.at')]],
      'tm_kept k JOIN tm_streams s ON s.no = k.stream_no',
    ),
    // What a full pass did not list any more, until a second witness is heard.
    one(
      'unconfirmed_removals',
      [...stream, ['_key', 'm.key'], ['key', 'm.key'], run('m.run_no'), ['missed_at', iso('m.at')]],
      'tm_missed m JOIN tm_streams s ON s.no = m.stream_no',
    ),
    one(
      'requests',
      [
        ...connection,
        ['stream', '(SELECT stream FROM tm_streams WHERE no = q.stream_no)'],
        ['run', 'r.id'],
        ['at', iso('q.at')],
        ...plain('q', 'method', 'url', 'status', 'bytes', 'ms', 'attempt', 'outcome', 'billed_items', 'page'),
      ],
      `tm_requests q JOIN tm_runs r ON r.no = q.run_no ${owners}`,
    ),
    one(
      'changes',
      [
        ...stream,
        ['seq', 'c.seq'],
        ['_key', 'c.key'],
        ['key', 'c.key'],
        ['op', opSql('c.op')],
        ['at', iso('c.at')],
        run('c.run_no'),
        ['ordinal', 'c.ordinal'],
      ],
      'tm_changes c JOIN tm_streams s ON s.no = c.stream_no',
    ),
    one(
      'streams',
      [
        ...stream,
        ['connector', '(SELECT connector FROM tm_tables WHERE base = s.base)'],
        ...time('s', 'last_run_at', 'last_success_at', 'last_full_at'),
        ['runs_since_full', 's.runs_since_full'],
        ...time('s', 'last_record_at'),
        ...plain('s', 'last_mode', 'last_records', 'total_records'),
        ['next_run_at', iso(NEXT_RUN)],
        ['coverage', COVERAGE],
        ['coverage_note', COVERAGE_NOTE],
        ...(['held', 'quarantined', 'unconfirmed'] as const).map((fact): Shown => [fact, countSql(fact)]),
      ],
      'tm_streams s',
    ),
    one(
      'schedules',
      [
        ...connection,
        ...plain('r', 'stream', 'spec', 'timezone', 'quiet_hours'),
        ['next_run_at', iso('r.next_at')],
        ['last_run_at', iso('r.last_at')],
      ],
      `tm_schedules r ${owners}`,
    ),
    // Which fields the source's rows have shown, with values of which kind, and since when.
    one(
      'source_fields',
      [
        ...stream,
        ['field', `substr(f.field, 1, strpos(f.field, ':') - 1)`],
        ['kind', `substr(f.field, strpos(f.field, ':') + 1)`],
        run('f.run_no'),
        ['first_seen_at', iso('f.at')],
      ],
      'tm_fields f JOIN tm_streams s ON s.no = f.stream_no',
    ),
  ]
}
