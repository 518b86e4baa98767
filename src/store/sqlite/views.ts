// Owns the contract's names in SQL: the views that people and tools read instead of the tm_ tables.
//
// Project, connection and run are looked up by scalar subqueries, not by joins: SQLite then leaves out what a query
// doesn't ask for, counts a view as fast as its table, and never gets the order of a join wrong.

import type { Column } from '../../model/record.ts'
import { COVERAGE, COVERAGE_NOTE, countSql } from '../coverage.ts'
import { COUNTS, opSql, quote, type TableShape, tableNames } from '../names.ts'
import { iso } from './values.ts'

export interface View {
  readonly name: string
  readonly sql: string
}

const PROJECT = '(SELECT project FROM tm_streams WHERE no = _stream)'
const CONNECTION = '(SELECT connection FROM tm_streams WHERE no = _stream)'
const OWNER = `${PROJECT} AS _project, ${CONNECTION} AS _connection`
const RUN = '(SELECT id FROM tm_runs WHERE no = _run) AS _run'
const RUN_OF_N = '(SELECT id FROM tm_runs WHERE no = n._run) AS _run'

function list(columns: readonly Column[]): string {
  return columns.map(({ name }) => `${quote(name)}, `).join('')
}

/** A column of a view: its name, and the expression that gives it. */
export type Shown = readonly [name: string, expression: string]

/** What a view of records shows, in its order: for a table of live records, or of tombstones. */
export function recordColumns(columns: readonly Column[], of: 'records' | 'tombstones'): readonly Shown[] {
  const isLive = of === 'records'
  return [
    ['_project', PROJECT],
    ['_connection', CONNECTION],
    ['_key', '_key'],
    ...columns.map(({ name }): Shown => [name, quote(name)]),
    ['_first_seen_at', iso('_first_seen_at')],
    ['_updated_at', iso('_updated_at')],
    ['_removed_at', isLive ? 'NULL' : iso('_removed_at')],
    ['_removed_reason', isLive ? 'NULL' : '_removed_reason'],
    ['_unavailable_since', iso('_unavailable_since')],
    ['_raw', '_raw'],
  ]
}

/** The columns of a SELECT. */
export function selected(columns: readonly Shown[]): string {
  return columns.map(([name, sql]) => `${sql} AS ${quote(name)}`).join(', ')
}

/**
 * The views of one stream's tables. `streams` narrows them to some streams (another project's rows stand in the same
 * tables).
 */
export function streamViews({ base, columns, metrics }: TableShape, streams?: readonly number[]): readonly View[] {
  const tables = tableNames(base)
  const where = streams ? ` WHERE _stream IN (${streams.join(', ')})` : ''
  const live = `SELECT ${selected(recordColumns(columns, 'records'))} FROM ${tables.records}${where}`
  const removed = `SELECT ${selected(recordColumns(columns, 'tombstones'))} FROM ${tables.tombstones}${where}`
  const version = (table: string, at: string, reason: string) =>
    `SELECT ${OWNER}, _key, _ordinal, ${opSql('_op')} AS _op, ${iso(at)} AS _at, ${reason} AS _reason, ${RUN}, nullif(_page, 0) AS _page,
      ${list(columns)}_raw FROM ${table}${where}`
  const versions = [
    version(tables.versions, '_at', '_reason'),
    version(tables.records, '_updated_at', 'NULL'),
    version(tables.tombstones, '_removed_at', '_removed_reason'),
  ]
  const values = metrics.map(({ name }) => `, n.${quote(name)}`).join('')
  const ofRecords = (sql: (from: string) => string) =>
    [tables.records, tables.tombstones].map((table) =>
      sql(`${table} JOIN ${tables.snapshots} n ON _record = _id${where}`),
    )
  const snapshots = ofRecords(
    (from) => `SELECT ${OWNER}, _key, ${RUN_OF_N}, ${iso('_at')} AS _at, _day${values} FROM ${from}`,
  )
  // A day's value is that of its last run.
  const last = `n._run = (SELECT max(_run) FROM ${tables.snapshots} m WHERE m._record = n._record AND m._day = n._day)`
  const daily = ofRecords(
    (from) =>
      `SELECT ${OWNER}, _key, _day, ${iso('_at')} AS _at, ${RUN_OF_N}${values} FROM ${from} ${streams ? 'AND' : 'WHERE'} ${last}`,
  )
  return [
    { name: base, sql: live },
    { name: `${base}_all`, sql: `${live} UNION ALL ${removed}` },
    { name: `${base}_versions`, sql: versions.join(' UNION ALL ') },
    { name: `${base}_snapshots`, sql: snapshots.join(' UNION ALL ') },
    { name: `${base}_daily`, sql: daily.join(' UNION ALL ') },
  ]
}

export const SYSTEM_VIEWS = [
  'runs',
  'gaps',
  'quarantine',
  'held_removals',
  'kept_records',
  'unconfirmed_removals',
  'requests',
  'changes',
  'streams',
  'schedules',
  'source_fields',
] as const

/** A stream's own schedule stands above that of its connection. */
const NEXT_RUN = `(SELECT h.next_at FROM tm_schedules h
  WHERE h.connection_no = s.connection_no AND h.stream IN ('', s.stream) ORDER BY h.stream DESC LIMIT 1)`

/** What `streams` counts beside its records. */
const COUNTED = ['held', 'quarantined', 'unconfirmed'] as const

/** Connection and key stand here under both spellings: plainly, and as in the views of streams, for joins with them. */
export function systemViews(): readonly View[] {
  const counts = COUNTS.map(
    (name) => `(SELECT coalesce(sum(${name}), 0) FROM tm_run_passes WHERE run_no = r.no) AS ${name}`,
  )
  const stream = 's.project AS _project, s.connection AS _connection, s.connection, s.stream'
  const run = (no: string) => `(SELECT id FROM tm_runs WHERE no = ${no}) AS run`
  return [
    {
      name: 'runs',
      sql: `SELECT p.id AS _project, c.id AS _connection, c.id AS connection, r.id, r.mode, r.status,
        ${iso('r.started_at')} AS started_at, ${iso('r.finished_at')} AS finished_at, ${counts.join(', ')},
        r.requests, r.billed_items, r.cost, r.error ->> '$.code' AS error_code, r.error ->> '$.message' AS error_message,
        r.error ->> '$.hint' AS error_hint, r.notes
        FROM tm_runs r JOIN tm_connections c ON c.no = r.connection_no JOIN tm_projects p ON p.no = c.project_no`,
    },
    {
      // What is known to be missing: walks that are not closed, also while a run is at it, and streams whose last run
      // says so for another reason (fewer records than the source has, say).
      name: 'gaps',
      sql: `SELECT ${stream}, w.partition, w.pass, w.walk, ${iso('w.opened_at')} AS opened_at, w.ended, w.pages, w.records,
        ${run('w.run_no')}, w.note, w.position
        FROM tm_walks w JOIN tm_streams s ON s.no = w.stream_no
        WHERE w.closed_at IS NULL
        UNION ALL
        SELECT ${stream}, '', NULL, NULL, ${iso('s.last_run_at')}, NULL, NULL, NULL, NULL, s.coverage_note, NULL
        FROM tm_streams s
        WHERE s.coverage = 'gap'
          AND NOT EXISTS (SELECT 1 FROM tm_walks w WHERE w.stream_no = s.no AND w.closed_at IS NULL)`,
    },
    {
      name: 'quarantine',
      sql: `SELECT ${stream}, q.identity AS id, q.key AS _key, q.key, q.code, q.message, ${run('q.run_no')}, q.page,
        q.position, ${iso('q.first_at')} AS first_at, ${iso('q.at')} AS at, q.times,
        ${iso('q.superseded_at')} AS superseded_at, q.raw AS _raw
        FROM tm_quarantine q JOIN tm_streams s ON s.no = q.stream_no`,
    },
    {
      name: 'held_removals',
      sql: `SELECT ${stream}, h.key AS _key, h.key, ${run('h.run_no')}, h.reason, ${iso('h.at')} AS held_at
        FROM tm_held h JOIN tm_streams s ON s.no = h.stream_no`,
    },
    {
      // What stays by a person's decision, although the source no longer lists it.
      name: 'kept_records',
      sql: `SELECT ${stream}, k.key AS _key, k.key, ${run('k.run_no')}, ${iso('k.at')} AS kept_at
        FROM tm_kept k JOIN tm_streams s ON s.no = k.stream_no`,
    },
    {
      // What a full pass did not list any more, until a second witness is heard.
      name: 'unconfirmed_removals',
      sql: `SELECT ${stream}, m.key AS _key, m.key, ${run('m.run_no')}, ${iso('m.at')} AS missed_at
        FROM tm_missed m JOIN tm_streams s ON s.no = m.stream_no`,
    },
    {
      name: 'requests',
      sql: `SELECT p.id AS _project, c.id AS _connection, c.id AS connection,
        (SELECT stream FROM tm_streams WHERE no = q.stream_no) AS stream, r.id AS run, ${iso('q.at')} AS at, q.method, q.url,
        q.status, q.bytes, q.ms, q.attempt, q.outcome, q.billed_items, q.page
        FROM tm_requests q JOIN tm_runs r ON r.no = q.run_no
        JOIN tm_connections c ON c.no = r.connection_no JOIN tm_projects p ON p.no = c.project_no`,
    },
    {
      name: 'changes',
      sql: `SELECT ${stream}, c.seq, c.key AS _key, c.key, ${opSql('c.op')} AS op, ${iso('c.at')} AS at, ${run('c.run_no')}, c.ordinal
        FROM tm_changes c JOIN tm_streams s ON s.no = c.stream_no`,
    },
    {
      name: 'schedules',
      sql: `SELECT p.id AS _project, c.id AS _connection, c.id AS connection, h.stream, h.spec, h.timezone, h.quiet_hours,
        ${iso('h.next_at')} AS next_run_at, ${iso('h.last_at')} AS last_run_at
        FROM tm_schedules h JOIN tm_connections c ON c.no = h.connection_no JOIN tm_projects p ON p.no = c.project_no`,
    },
    {
      // Which fields the source's rows have shown, with values of which kind, and since when.
      name: 'source_fields',
      sql: `SELECT ${stream}, substr(f.field, 1, instr(f.field, ':') - 1) AS field,
        substr(f.field, instr(f.field, ':') + 1) AS kind, ${run('f.run_no')}, ${iso('f.at')} AS first_seen_at
        FROM tm_fields f JOIN tm_streams s ON s.no = f.stream_no`,
    },
    {
      name: 'streams',
      sql: `SELECT ${stream}, (SELECT connector FROM tm_tables WHERE base = s.base) AS connector,
        ${iso('s.last_run_at')} AS last_run_at, ${iso('s.last_success_at')} AS last_success_at,
        ${iso('s.last_full_at')} AS last_full_at, s.runs_since_full, ${iso('s.last_record_at')} AS last_record_at,
        s.last_mode, s.last_records, s.total_records, ${iso(NEXT_RUN)} AS next_run_at,
        ${COVERAGE} AS coverage, ${COVERAGE_NOTE} AS coverage_note,
        ${COUNTED.map((fact) => `${countSql(fact)} AS ${fact}`).join(', ')}
        FROM tm_streams s`,
    },
  ]
}
