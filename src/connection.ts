// Owns one connection as people and programs see it: run it, plan it, schedule it, and read what it has stored.

import type { z } from 'zod'
import { checkOptionsOf, checkText } from './arguments.ts'
import type { ColumnsOf, NameOf, OrderOf, RecordOnly, Schemas, WhereOf } from './connector/columns.ts'
import type { Connector, SchemasOf } from './connector/connector.ts'
import { type Explanation, explain } from './engine/history/explain.ts'
import { type MetricsQuery, type MetricsReport, readMetrics } from './engine/history/metrics.ts'
import { type RecordsAsked, readRecords } from './engine/history/read-records.ts'
import { typedColumns } from './engine/history/version-changes.ts'
import type { Range } from './engine/passes/read-part.ts'
import { attachOrStart } from './engine/runs/attach.ts'
import { type CheckReport, checkConnection } from './engine/runs/check.ts'
import { openConnection } from './engine/runs/connection.ts'
import { type RunOrder, streamNames } from './engine/runs/order.ts'
import { type PlanOrder, type PlanReport, pausedPlan, planReport } from './engine/runs/plan-report.ts'
import { progressOf } from './engine/runs/progress.ts'
import {
  asItIs,
  type ConnectionStatus,
  connectionStatus,
  instant,
  runReport,
  type ScheduleStatus,
  scheduleStatus,
} from './engine/runs/report.ts'
import { type RunPorts, runConnection } from './engine/runs/run.ts'
import { LOGIN_NEEDED, loginSecrets, PAUSED_BY_USER, standingOf } from './engine/runs/standing.ts'
import { type ScheduleWish, setSchedule } from './engine/schedules/set-schedule.ts'
import { errorReport, TidemarkError } from './model/errors.ts'
import { knownNames } from './model/near-miss.ts'
import type { RunReport } from './model/run.ts'
import type { ConnectionRow, RunRow, StreamRow, VersionRow } from './store/store.ts'

export interface ConnectionPorts extends RunPorts {
  readonly everyMinMs: number
}

/** What `sync` may be asked; `S` are the schemas of the connector's streams. */
export type SyncOrder<S extends Schemas = Schemas> = Partial<Omit<RunOrder, 'streams' | 'range'>> & {
  /** Names of streams; none: all. */
  readonly streams?: readonly (keyof S & string)[]
  /** Read a past range again, state untouched; a number is milliseconds since 1970. */
  readonly range?: { readonly [End in keyof Range]?: Date | number | undefined } | undefined
}

/** Which records, and what of them; `R` is the schema of the stream, `Only` the names of the columns that are read. */
export type RecordsQuery<R extends z.ZodType = z.ZodType, Only extends string = string> = Omit<
  RecordsAsked,
  'where' | 'columns' | 'order'
> & {
  /** Equality by column (or `_key`). */
  readonly where?: WhereOf<R> | undefined
  /** Only these columns are read and given, in this order. @default all */
  readonly columns?: readonly Only[] | undefined
  /** A column, ascending, or with its direction: `stars:desc`. @default '_key', where whole numbers are ordered as numbers */
  readonly order?: OrderOf<R> | undefined
}

/** One past content of a record; `R` is the schema of the stream. */
export type Version<R extends z.ZodType = z.ZodType> = Omit<VersionRow, 'at' | 'columns'> & {
  /** ISO 8601, in UTC. */
  readonly at: string
  readonly columns: ColumnsOf<R>
}

/**
 * One account of one service. One that was connected with a connector knows the streams of that one and their columns
 * (`S`); one that was opened by name takes and gives any.
 */
export class Connection<S extends Schemas = Schemas> {
  readonly #ports: ConnectionPorts
  readonly connector: Connector
  readonly row: ConnectionRow

  constructor(ports: ConnectionPorts, connector: Connector, row: ConnectionRow) {
    this.#ports = ports
    this.connector = connector
    this.row = row
  }

  get id(): string {
    return this.row.id
  }

  /**
   * Runs once. What goes wrong at the source is in the report, not thrown.
   *
   * @throws TidemarkError connection_paused, run_active, stream_unknown, where_unknown, options_invalid, key_wrong,
   *   option_unknown, option_invalid
   */
  async sync(order: SyncOrder<S> = {}): Promise<RunReport> {
    checkOptionsOf('sync', order)
    const row = (await this.#ports.store.connection(this.row.project, this.id)) ?? this.row
    if (row.paused.length > 0) throw paused(row, this.connector)
    // A run under way keeps what it began with, whatever is closed meanwhile.
    const ports = { ...this.#ports }
    const opened = await openConnection(ports, this.connector, row)
    const { range, ...rest } = order
    const whole = {
      ...rest,
      mode: rest.mode ?? 'auto',
      streams: rest.streams ?? [],
      ...(range ? { range: inMilliseconds(range) } : {}),
      all: Object.keys(this.connector.streams),
    } as const
    const start = () => runConnection(ports, opened, whole)
    return runReport(await (order.whenActive === 'refuse' ? start() : attachOrStart(ports, row, whole, start)))
  }

  /**
   * Lets the connection stand still until `resume`: nothing runs it, while a run under way goes on. Returns every reason
   * why it stands still now.
   */
  async pause(): Promise<readonly string[]> {
    return this.#ports.store.setPaused(this.row.no, PAUSED_BY_USER, true)
  }

  /** Takes the pause away. Returns the reasons that remain: a login that ran out needs a new one, not a resume. */
  async resume(): Promise<readonly string[]> {
    return this.#ports.store.setPaused(this.row.no, PAUSED_BY_USER, false)
  }

  /**
   * Asks the service once, with the login as it is stored: whether it takes it, and whose it is. A login that it refuses
   * pauses the connection; one that it takes lets it run again, unless a person has paused it. What goes wrong is in the
   * report, not thrown. Costs one request of the limits and budgets, and is in no run.
   *
   * @throws TidemarkError options_invalid, key_wrong, secret_unreadable
   */
  async check(): Promise<CheckReport> {
    const row = (await this.#ports.store.connection(this.row.project, this.id)) ?? this.row
    const report = await checkConnection(this.#ports, await openConnection(this.#ports, this.connector, row))
    const { outcome } = report
    if (outcome === 'ok' || outcome === 'refused') {
      await this.#ports.store.setPaused(row.no, LOGIN_NEEDED, outcome === 'refused')
    }
    return report
  }

  /**
   * What `sync` would do now. Reads only what is stored; asks the source nothing. A connection that is paused has a plan
   * that says so.
   *
   * @throws TidemarkError stream_unknown, refresh_unsupported, options_invalid, key_wrong, as `sync` does
   */
  async plan(order: Pick<SyncOrder<S>, 'mode' | 'streams'> & PlanOrder = {}): Promise<PlanReport> {
    checkOptionsOf('plan', order)
    const { mode = 'auto', streams: asked = [] } = order
    const row = (await this.#ports.store.connection(this.row.project, this.id)) ?? this.row
    if (row.paused.length > 0) return pausedPlan(row, mode, errorReport(paused(row, this.connector)))
    const names = streamNames(this.connector, { mode, streams: asked })
    const opened = await openConnection(this.#ports, this.connector, row)
    const rows: StreamRow[] = []
    for (const name of names) rows.push(await this.stream(name))
    return planReport(this.#ports, opened, rows, order)
  }

  /**
   * Sets the schedule of the connection or of one of its streams, or takes it away (`off`); without a wish, only tells
   * what there is. Someone has to keep it: `tidemark serve`, or `Tidemark.start`.
   *
   * @throws TidemarkError stream_unknown, schedule_invalid, timezone_invalid, quiet_hours_invalid
   */
  async schedule(wish?: ScheduleWish): Promise<readonly ScheduleStatus[]> {
    if (wish !== undefined) checkOptionsOf('schedule', wish)
    const { store, everyMinMs } = this.#ports
    const rows = await store.schedules(this.row.project, this.row.no)
    // A stream that is no longer there may have a schedule still, which can be taken away.
    const isLeft = wish?.spec.trim() === 'off' && rows.some(({ stream }) => stream === wish.stream)
    if (wish?.stream !== undefined && !isLeft) await this.stream(wish.stream)
    if (!wish) return rows.map(scheduleStatus)
    await setSchedule(this.#ports, this.row, wish, everyMinMs)
    return (await store.schedules(this.row.project, this.row.no)).map(scheduleStatus)
  }

  async status(): Promise<ConnectionStatus> {
    const row = (await this.#ports.store.connection(this.row.project, this.id)) ?? this.row
    return statusOf(this.#ports, row, this.connector)
  }

  /** @throws TidemarkError stream_unknown */
  async stream(name: string): Promise<StreamRow> {
    checkText("stream('stars')", 'the name', name)
    const rows = await this.#ports.store.streams(this.row.no)
    const row = rows.find(({ stream }) => stream === name)
    if (!row) {
      throw new TidemarkError('stream_unknown', `connection "${this.id}" has no stream "${name}"`, {
        hint: knownNames(
          name,
          rows.map(({ stream }) => stream),
          'Its streams',
        ),
      })
    }
    return row
  }

  /**
   * Live records (or tombstones), as they are or as they were, by key or in the order of a column.
   *
   * Read page by page: without an order, any number of records takes the same memory; with one, their keys are held.
   *
   * @throws TidemarkError stream_unknown, column_unknown, argument_invalid, moment_invalid, option_unknown, option_invalid,
   *   closed
   */
  async *records<Name extends keyof S & string, Only extends NameOf<S[Name]> = NameOf<S[Name]>>(
    stream: Name,
    query: RecordsQuery<S[Name], Only> = {},
  ): AsyncGenerator<RecordOnly<S[Name], Only>> {
    checkOptionsOf('records', query)
    const row = await this.stream(stream)
    yield* readRecords(this.#ports.store, row, query) as AsyncGenerator<never>
  }

  /**
   * The contents that a record has had, oldest first. Empty: no record with this key was ever seen.
   *
   * @throws TidemarkError stream_unknown
   */
  async history<Name extends keyof S & string>(stream: Name, key: string): Promise<readonly Version<S[Name]>[]> {
    checkText("history('stars', '42')", 'the key', key)
    const { no, shape } = await this.stream(stream)
    const versions = await this.#ports.store.history(no, key)
    return versions.map((version) => ({
      ...version,
      at: instant(version.at),
      columns: typedColumns(shape, version.columns) as ColumnsOf<S[Name]>,
    }))
  }

  /**
   * Why a record, or one field of it, is as it is: run, page, requests and rule of everything that made it so.
   *
   * @throws TidemarkError stream_unknown, record_unknown, column_unknown
   */
  async explain<Name extends keyof S & string>(
    stream: Name,
    key: string,
    field?: keyof ColumnsOf<S[Name]> & string,
  ): Promise<Explanation> {
    checkText("explain('stars', '42', 'name')", 'the key', key)
    if (field !== undefined) checkText("explain('stars', '42', 'name')", 'the field', field)
    return explain(this.#ports.store, { connection: this.row, stream: await this.stream(stream) }, key, field)
  }

  /**
   * A metric over time, of a record or of the whole stream.
   *
   * @throws TidemarkError stream_unknown, metric_unknown, record_unknown, timezone_invalid
   */
  async metrics<Name extends keyof S & string>(
    stream: Name,
    query: Omit<MetricsQuery, 'metric'> & { readonly metric: keyof ColumnsOf<S[Name]> & string },
  ): Promise<MetricsReport> {
    checkOptionsOf('metrics', query)
    return readMetrics(this.#ports.store, this.row.project, await this.stream(stream), query)
  }
}

function inMilliseconds({ since, until }: NonNullable<SyncOrder['range']>): Range {
  return {
    since: since === undefined ? undefined : Number(since),
    until: until === undefined ? undefined : Number(until),
  }
}

/** The connections that `connect` makes of a connector: `ConnectionOf<typeof github>`. */
export type ConnectionOf<C extends Connector<never>> = Connection<SchemasOf<C>>

type Looking = Pick<ConnectionPorts, 'store' | 'isDead' | 'clock'>

/** `connector` is undefined when it isn't there: then nobody knows what its login consists of. */
export async function statusOf(
  { store, isDead, clock }: Looking,
  row: ConnectionRow,
  connector: Connector | undefined,
): Promise<ConnectionStatus> {
  const streams = await store.streams(row.no)
  const found = await store.runs({ project: row.project, connectionNo: row.no, limit: 2 })
  const runs = found.map((run) => asItIs(run, isDead))
  return connectionStatus(row, {
    streams,
    runs,
    schedules: await store.schedules(row.project, row.no),
    standing: standingOf(row, loginSecrets(connector, row.paused)),
    now: clock.now(),
  })
}

/** A run that was found, as it is now; one under way with how far it has come. */
export async function reportOf({ store, isDead, clock }: Looking, found: RunRow): Promise<RunReport> {
  if (asItIs(found, isDead).status !== 'running') return runReport(asItIs(found, isDead))
  const streams = await store.streams(found.connectionNo)
  const row = asItIs((await store.run(found.project, found.id)) ?? found, isDead)
  return runReport(row, row.status === 'running' ? progressOf(row, clock.now(), streams) : null)
}

function paused(row: ConnectionRow, connector: Connector): TidemarkError {
  const { state, why, mend } = standingOf(row, loginSecrets(connector, row.paused))
  const how = { 'login needed': 'Give it a new one', disconnected: 'Connect it again', paused: 'Resume it', on: '' }
  return new TidemarkError('connection_paused', `connection "${row.id}" ${why}`, {
    hint: `${how[state]} with: ${mend}`,
    verdict: 'pause',
  })
}
