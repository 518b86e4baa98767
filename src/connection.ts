// Owns one connection as people and programs see it: run it, plan it, schedule it, and read what it has stored.

import type { Connector } from './connector/connector.ts'
import { DISCONNECTED } from './engine/care/disconnect.ts'
import { type Explanation, explain } from './engine/history/explain.ts'
import { type MetricsQuery, type MetricsReport, readMetrics } from './engine/history/metrics.ts'
import { type RecordsAsked, readRecords } from './engine/history/read-records.ts'
import { attachOrStart } from './engine/runs/attach.ts'
import { openConnection } from './engine/runs/connection.ts'
import { checkOrder, type RunOrder, streamNames } from './engine/runs/order.ts'
import { type PlanReport, planReport } from './engine/runs/plan-report.ts'
import {
  asItIs,
  type ConnectionStatus,
  connectionStatus,
  runReport,
  type ScheduleStatus,
  scheduleStatus,
} from './engine/runs/report.ts'
import { type RunPorts, runConnection } from './engine/runs/run.ts'
import { type ScheduleWish, setSchedule } from './engine/schedules/set-schedule.ts'
import { TidemarkError } from './model/errors.ts'
import type { RunMode, RunReport } from './model/run.ts'
import type { ConnectionRow, RecordRow, StreamRow, VersionRow } from './store/store.ts'

export interface ConnectionPorts extends RunPorts {
  readonly everyMinMs: number
}

/** One account of one service. */
export class Connection {
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
   * @throws TidemarkError connection_paused, run_active, stream_unknown, where_unknown, options_invalid, key_wrong
   */
  async sync(order: Partial<RunOrder> = {}): Promise<RunReport> {
    const row = (await this.#ports.store.connection(this.row.project, this.id)) ?? this.row
    if (row.paused.length > 0) throw paused(row)
    const opened = await openConnection(this.#ports, this.connector, row)
    checkOrder(order)
    const whole = { mode: 'auto', streams: [], ...order, all: Object.keys(this.connector.streams) } as const
    const start = () => runConnection(this.#ports, opened, whole)
    return runReport(await (order.whenActive === 'refuse' ? start() : attachOrStart(this.#ports, row, whole, start)))
  }

  /**
   * Lets the connection stand still until `resume`: nothing runs it, while a run under way goes on. Returns every reason
   * why it stands still now.
   */
  async pause(): Promise<readonly string[]> {
    return this.#ports.store.setPaused(this.row.no, 'user', true)
  }

  /** Takes the pause away. Returns the reasons that remain: a login that ran out needs a new one, not a resume. */
  async resume(): Promise<readonly string[]> {
    return this.#ports.store.setPaused(this.row.no, 'user', false)
  }

  /**
   * What `sync` would do now. Reads only what is stored; asks the source nothing.
   *
   * @throws TidemarkError connection_paused, stream_unknown, refresh_unsupported, as `sync` does
   */
  async plan(order: { mode?: RunMode; streams?: readonly string[] } = {}): Promise<PlanReport> {
    const { mode = 'auto', streams: asked = [] } = order
    const row = (await this.#ports.store.connection(this.row.project, this.id)) ?? this.row
    if (row.paused.length > 0) throw paused(row)
    const names = streamNames(this.connector, { mode, streams: asked })
    const rows: StreamRow[] = []
    for (const name of names) rows.push(await this.stream(name))
    return planReport(this.#ports, { connection: this.row, connector: this.connector }, rows, mode)
  }

  /**
   * Sets the schedule of the connection or of one of its streams, or takes it away (`off`); without a wish, only tells
   * what there is. Someone has to keep it: `tidemark serve`, or `Tidemark.start`.
   *
   * @throws TidemarkError stream_unknown, schedule_invalid, timezone_invalid, quiet_hours_invalid
   */
  async schedule(wish?: ScheduleWish): Promise<readonly ScheduleStatus[]> {
    // What is no longer there may have a schedule still, which can be taken away.
    if (wish?.stream !== undefined && wish.spec.trim() !== 'off') await this.stream(wish.stream)
    if (wish) await setSchedule(this.#ports, this.row, wish, this.#ports.everyMinMs)
    return (await this.#ports.store.schedules(this.row.project, this.row.no)).map(scheduleStatus)
  }

  async status(): Promise<ConnectionStatus> {
    const row = (await this.#ports.store.connection(this.row.project, this.id)) ?? this.row
    return statusOf(this.#ports, row)
  }

  /** @throws TidemarkError stream_unknown */
  async stream(name: string): Promise<StreamRow> {
    const rows = await this.#ports.store.streams(this.row.no)
    const row = rows.find(({ stream }) => stream === name)
    if (!row) {
      throw new TidemarkError('stream_unknown', `connection "${this.id}" has no stream "${name}"`, {
        hint: `Its streams: ${rows.map(({ stream }) => stream).join(', ')}`,
      })
    }
    return row
  }

  /** Live records (or tombstones) in order of key, as they are or as they were. */
  async *records(stream: string, query: RecordsAsked = {}): AsyncGenerator<RecordRow> {
    const { no } = await this.stream(stream)
    yield* readRecords(this.#ports.store, no, query)
  }

  /** The contents that a record has had, oldest first. Empty: no record with this key was ever seen. */
  async history(stream: string, key: string): Promise<readonly VersionRow[]> {
    const { no } = await this.stream(stream)
    return this.#ports.store.history(no, key)
  }

  /**
   * Why a record, or one field of it, is as it is: run, page, requests and rule of everything that made it so.
   *
   * @throws TidemarkError stream_unknown, record_unknown, column_unknown
   */
  async explain(stream: string, key: string, field?: string): Promise<Explanation> {
    return explain(this.#ports.store, { connection: this.row, stream: await this.stream(stream) }, key, field)
  }

  /**
   * A metric over time, of a record or of the whole stream.
   *
   * @throws TidemarkError stream_unknown, metric_unknown, record_unknown, timezone_invalid
   */
  async metrics(stream: string, query: MetricsQuery): Promise<MetricsReport> {
    return readMetrics(this.#ports.store, this.row.project, await this.stream(stream), query)
  }
}

export async function statusOf(
  { store, isDead }: Pick<ConnectionPorts, 'store' | 'isDead'>,
  row: ConnectionRow,
): Promise<ConnectionStatus> {
  const runs = await store.runs({ project: row.project, connectionNo: row.no, limit: 2 })
  const seen = runs.map((run) => asItIs(run, isDead))
  return connectionStatus(row, await store.streams(row.no), seen, await store.schedules(row.project, row.no))
}

function paused(row: ConnectionRow): TidemarkError {
  const login = row.paused.includes('login') || row.paused.includes(DISCONNECTED)
  return new TidemarkError('connection_paused', `connection "${row.id}" is paused (${row.paused.join(', ')})`, {
    hint: login
      ? `Renew its login and run: tidemark connect ${row.connector} --id ${row.id}`
      : `Resume it with: tidemark resume ${row.id}`,
    verdict: 'pause',
  })
}
