// Owns the contract's names in SQL: the views that people and tools read instead of the tm_ tables.

import type { Column } from '../../model/record.ts'
import { COVERAGE, COVERAGE_NOTE, countSql } from '../coverage.ts'
import type { Dialect } from '../dialect.ts'
import { COUNTS, opSql, quote, type TableShape, tableNames } from '../names.ts'

/** A column of a view: its name, and the expression that gives it. */
export type Shown = readonly [name: string, expression: string]

export interface View {
  readonly name: string
  /** One SELECT each, all together the view; their columns have the same names in the same order. */
  readonly parts: readonly { readonly columns: readonly Shown[]; readonly from: string }[]
}

/** The SELECT of a view, its columns in the order of `names` as far as it has them, the others after these. */
export function viewSql(dialect: Dialect, { parts }: View, names: readonly string[] = []): string {
  const place = new Map(names.map((name, i) => [name, i]))
  const at = ([name]: Shown) => place.get(name) ?? names.length
  const inPlace = (columns: readonly Shown[]) => columns.toSorted((a, b) => at(a) - at(b))
  return parts
    .map(({ columns, from }) => `SELECT ${selected(dialect, inPlace(columns))} FROM ${from}`)
    .join(' UNION ALL ')
}

/** The columns of a SELECT. */
export function selected({ shown }: Dialect, columns: readonly Shown[]): string {
  return columns.map(([name, sql]) => `${sql} AS ${shown(name)}`).join(', ')
}

function own({ stored }: Dialect, columns: readonly Column[], alias: string): readonly Shown[] {
  return columns.map(({ name }) => [name, `${alias}.${stored(name)}`] as const)
}

function ownerOf({ owners: { project, connection } }: Dialect): readonly Shown[] {
  return [
    ['_project', project],
    ['_connection', connection],
  ]
}

/** What a view of records shows, in its order: for a table of live records, or of tombstones, under the alias `r`. */
export function recordColumns(
  dialect: Dialect,
  columns: readonly Column[],
  of: 'records' | 'tombstones',
): readonly Shown[] {
  const isLive = of === 'records'
  const { iso } = dialect
  return [
    ...ownerOf(dialect),
    ['_key', 'r._key'],
    ...own(dialect, columns, 'r'),
    ['_first_seen_at', iso('r._first_seen_at')],
    ['_updated_at', iso('r._updated_at')],
    ['_removed_at', isLive ? 'NULL::text' : iso('r._removed_at')],
    ['_removed_reason', isLive ? 'NULL::text' : 'r._removed_reason'],
    ['_unavailable_since', iso('r._unavailable_since')],
    ['_raw', 'r._raw'],
  ]
}

/**
 * The views of one stream's tables. `streams` narrows them to some streams (another project's rows stand in the same
 * tables).
 */
export function streamViews(
  dialect: Dialect,
  { base, columns, metrics }: TableShape,
  streams?: readonly number[],
): readonly View[] {
  const { iso, owners } = dialect
  const { records, tombstones, versions, snapshots } = tableNames(base)
  const where = streams ? ` WHERE r._stream IN (${streams.join(', ')})` : ''
  const shown = (of: 'records' | 'tombstones') => ({
    columns: recordColumns(dialect, columns, of),
    from: owners.from(of === 'records' ? records : tombstones) + where,
  })
  const key: readonly Shown[] = [...ownerOf(dialect), ['_key', 'r._key']]
  const runOfRow = owners.run('r')
  const version = (table: string, at: string, reason: string) => ({
    columns: [
      ...key,
      ['_ordinal', 'r._ordinal'],
      ['_op', opSql('r._op')],
      ['_at', iso(at)],
      ['_reason', reason],
      ['_run', runOfRow.id],
      ['_page', 'nullif(r._page, 0)'],
      ...own(dialect, columns, 'r'),
      ['_raw', 'r._raw'],
    ] satisfies Shown[],
    from: owners.from(table) + runOfRow.join + where,
  })
  const { id, join } = owners.run('n')
  const at: Shown = ['_at', iso('n._at')]
  const day: Shown = ['_day', 'n._day']
  const run: Shown = ['_run', id]
  const ofRecords = (list: readonly Shown[], condition?: string) =>
    [records, tombstones].map((table) => ({
      columns: [...key, ...list, ...own(dialect, metrics, 'n')],
      from: `${owners.from(table)} JOIN ${snapshots} n ON n._record = r._id${join}${where}${
        condition ? `${where ? ' AND' : ' WHERE'} ${condition}` : ''
      }`,
    }))
  // A day's value is that of its last run.
  const last = `NOT EXISTS (SELECT 1 FROM ${snapshots} m
    WHERE m._record = n._record AND m._day = n._day AND m._run > n._run)`
  return [
    { name: base, parts: [shown('records')] },
    { name: `${base}_all`, parts: [shown('records'), shown('tombstones')] },
    {
      name: `${base}_versions`,
      parts: [
        version(versions, 'r._at', 'r._reason'),
        version(records, 'r._updated_at', 'NULL::text'),
        version(tombstones, 'r._removed_at', 'r._removed_reason'),
      ],
    },
    { name: `${base}_snapshots`, parts: ofRecords([run, at, day]) },
    { name: `${base}_daily`, parts: ofRecords([day, at, run], last) },
  ]
}

/** A stream's own schedule stands above that of its connection. */
const NEXT_RUN = `(SELECT h.next_at FROM tm_schedules h
  WHERE h.connection_no = s.connection_no AND h.stream IN ('', s.stream) ORDER BY h.stream DESC LIMIT 1)`

/** Connection and key stand here under both spellings: plainly, and as in the views of streams, for joins with them. */
export function systemViews({ iso }: Dialect): readonly View[] {
  const stream: readonly Shown[] = [
    ['_project', 's.project'],
    ['_connection', 's.connection'],
    ['connection', 's.connection'],
    ['stream', 's.stream'],
  ]
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
  const counted = (name: string) => `(SELECT coalesce(sum(${name}), 0)::bigint FROM tm_run_passes WHERE run_no = r.no)`
  const one = (name: string, columns: readonly Shown[], from: string): View => ({ name, parts: [{ columns, from }] })
  return [
    one(
      'runs',
      [
        ...connection,
        ...plain('r', 'id', 'mode', 'status'),
        ...time('r', 'started_at', 'finished_at'),
        ...COUNTS.map((name): Shown => [name, counted(name)]),
        ...plain(
          'r',
          'requests',
          'billed_items',
          'cost',
          'currency',
          'error_code',
          'error_message',
          'error_hint',
          'notes',
        ),
      ],
      `tm_runs r ${owners}`,
    ),
    {
      // What is known to be missing: walks that nobody is walking on, and streams whose last run says so for another
      // reason (fewer records than the source has, say).
      name: 'gaps',
      parts: [
        {
          columns: [
            ...stream,
            ...plain('w', 'pass', 'walk'),
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
    one(
      'audit_log',
      [
        ['_project', 'p.id'],
        ['_connection', 'd.connection'],
        ['at', iso('d.at')],
        ...plain('d', 'who', 'operation', 'connection', 'given', 'outcome'),
      ],
      'tm_deeds d JOIN tm_projects p ON p.no = d.project_no',
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
