// Owns one connection as a program sees it, with the streams and columns of its connector as types. Every method is an
// operation that the command line and the server do alike.

import type { z } from 'zod'
import type { ColumnsOf, NameOf, OrderOf, RecordOnly, Schemas, WhereOf } from './connector/columns.ts'
import type { Connector, SchemasOf } from './connector/connector.ts'
import type { Catalog, CatalogDiff, CatalogInfo } from './engine/history/catalogs.ts'
import type { Explanation } from './engine/history/explain.ts'
import type { MetricsReport } from './engine/history/metrics.ts'
import type { Outline } from './engine/history/outline.ts'
import type { CheckReport, ConnectionStatus, PlanReport, ScheduleStatus } from './engine/runs/documents.ts'
import type { ScheduleWish } from './engine/schedules/set-schedule.ts'
import type { Picture } from './http/picture.ts'
import type { RunReport } from './model/run.ts'
import { performNamed } from './operations/all.ts'
import type { ConnectionDocument } from './operations/documents/connection.ts'
import type { VersionOf } from './operations/history.ts'
import type { ImageInput } from './operations/image.ts'
import { streamInput } from './operations/inputs.ts'
import { later } from './operations/later.ts'
import type { MetricsInput } from './operations/metrics.ts'
import { connectionRow, connectorAway, type Mirror, streamRow } from './operations/mirror.ts'
import type { MoversInput, MoversReport } from './operations/movers.ts'
import type { Ordered, OrderInput } from './operations/order-run.ts'
import { check } from './operations/perform.ts'
import type { OutlineInput, RecordsInput } from './operations/records.ts'
import { statusOf } from './operations/reports.ts'
import type { PlanInput, SyncHooks, SyncInput } from './operations/sync.ts'
import type { UploadHooks, UploadInput, UploadReport } from './operations/upload.ts'
import type { ConnectionRow, StreamRow } from './store/store.ts'
import type { UploadSource } from './uploads/open.ts'

const describing = later(() => import('./operations/documents/connection.ts'))

type Streams<S extends Schemas> = {
  /** Names of streams; none: all. */
  readonly streams?: readonly (keyof S & string)[] | undefined
}

/** What `sync` may be asked; `S` are the schemas of the connector's streams. */
export type SyncOrder<S extends Schemas = Schemas> = Omit<SyncInput, 'connection' | 'streams'> & SyncHooks & Streams<S>

/** What `plan` may be asked. */
export type PlanOrder<S extends Schemas = Schemas> = Omit<PlanInput, 'connection' | 'streams'> &
  Pick<SyncHooks, 'allowance'> &
  Streams<S>

/** Which records, and what of them; `R` is the schema of the stream, `Only` the names of the columns that are read. */
export type RecordsQuery<R extends z.ZodType = z.ZodType, Only extends string = string> = Omit<
  RecordsInput,
  'connection' | 'stream' | 'where' | 'columns' | 'order'
> & {
  /** Equality by column (or `_key`). */
  readonly where?: WhereOf<R> | undefined
  /** Only these columns are read and given, in this order. @default all */
  readonly columns?: readonly Only[] | undefined
  /** A column, ascending, or with its direction: `stars:desc`. @default '_key', where whole numbers are ordered as numbers */
  readonly order?: OrderOf<R> | undefined
}

/** One past content of a record; `R` is the schema of the stream. */
export type Version<R extends z.ZodType = z.ZodType> = VersionOf<ColumnsOf<R>>

/** Which metric, and how its points are taken; `R` is the schema of the stream. */
export type MetricsQuery<R extends z.ZodType = z.ZodType> = Omit<MetricsInput, 'connection' | 'stream' | 'metric'> & {
  readonly metric: keyof ColumnsOf<R> & string
}

/** Which metric, since when, and what counts as much. */
export type MoversQuery<R extends z.ZodType = z.ZodType> = Omit<MoversInput, 'connection' | 'stream' | 'metric'> & {
  readonly metric: keyof ColumnsOf<R> & string
}

/**
 * One account of one service. One that was connected with a connector knows the streams of that one and their columns
 * (`S`); one that was opened by name takes and gives any.
 */
export class Connection<S extends Schemas = Schemas> {
  readonly #mirror: Mirror
  readonly #row: ConnectionRow
  readonly #connector: Connector | undefined

  constructor(mirror: Mirror, connector: Connector | undefined, row: ConnectionRow) {
    this.#mirror = mirror
    this.#connector = connector
    this.#row = row
  }

  /** The id it was connected with, unique in its project. */
  get id(): string {
    return this.#row.id
  }

  /**
   * The connector that reads its service.
   *
   * @throws TidemarkError connector_unknown where its code is not here; what is stored can be read all the same
   */
  get connector(): Connector {
    if (this.#connector) return this.#connector
    throw connectorAway(this.id, this.#row.connector)
  }

  /** Its row in the database, as it was stored when this object was made. */
  get row(): ConnectionRow {
    return this.#row
  }

  /** Nothing of its row: the address of its webhook is a secret. */
  toJSON(): { readonly id: string; readonly connector: string; readonly project: string } {
    return { id: this.id, connector: this.#row.connector, project: this.#row.project }
  }

  /**
   * Runs once. What goes wrong at the source is in the report, not thrown.
   *
   * @throws TidemarkError connection_paused, run_active, stream_unknown, where_unknown, options_invalid, key_wrong,
   *   option_unknown, option_invalid
   */
  async sync(order: SyncOrder<S> = {}): Promise<RunReport> {
    return performNamed('sync', this.#mirror, { connection: this.id }, order)
  }

  /**
   * Orders a run that goes on without the caller: it is written down when the promise resolves, and if this process ends,
   * the next one that serves the database (`start`) carries it out. Resolves when the run has begun, or after two seconds.
   *
   * @throws TidemarkError connection_paused, orders_full (wait), stream_unknown, where_unknown, options_invalid, key_wrong
   */
  async order(asked: Omit<OrderInput, 'connection'> & Streams<S> = {}): Promise<Ordered> {
    return performNamed('order', this.#mirror, { connection: this.id }, asked)
  }

  /**
   * What `sync` would do now. Reads only what is stored, and makes no request. A connection that is paused has a plan that
   * says so.
   *
   * @throws TidemarkError stream_unknown, options_invalid, key_wrong, as `sync` does
   */
  async plan(order: PlanOrder<S> = {}): Promise<PlanReport> {
    return performNamed('plan', this.#mirror, { connection: this.id }, order)
  }

  /**
   * Reads a file that the service has exported into a stream: its path, bytes, or a stream of them. With `dryRun` the report
   * tells what would change (`diff`), and nothing does. What is wrong with its contents is in the report, not thrown.
   *
   * @throws TidemarkError stream_unknown, upload_unsupported, file_missing, upload_unreadable (a damaged ZIP),
   *   upload_too_large, connection_paused, options_invalid, key_wrong
   */
  async upload(
    stream: keyof S & string,
    file: UploadSource,
    options: Pick<UploadInput, 'name' | 'dryRun'> & Partial<UploadHooks> = {},
  ): Promise<UploadReport> {
    return performNamed('upload', this.#mirror, { connection: this.id, stream, file }, options)
  }

  /** Pauses until `resume`: nothing runs it, while a run under way goes on. Gives every reason why it is paused now. */
  async pause(): Promise<readonly string[]> {
    return (await performNamed('pause', this.#mirror, { connection: this.id })).paused
  }

  /** Takes the pause away. Gives the reasons that remain: a login that ran out needs a new one, not a resume. */
  async resume(): Promise<readonly string[]> {
    return (await performNamed('resume', this.#mirror, { connection: this.id })).paused
  }

  /**
   * Asks the service once, with the login as it is stored: whether it takes it, and whose it is. What goes wrong is in the
   * report, not thrown.
   *
   * @throws TidemarkError options_invalid, key_wrong, secret_unreadable
   */
  async check(): Promise<CheckReport> {
    return performNamed('check', this.#mirror, { connection: this.id })
  }

  /**
   * Sets the schedule of the connection or of one of its streams, or takes it away (`off`); without a wish, only tells
   * what there is. Someone has to keep it: `tidemark serve`, or `Tidemark.start`.
   *
   * @throws TidemarkError stream_unknown, schedule_invalid, timezone_invalid, quiet_hours_invalid
   */
  async schedule(wish?: ScheduleWish): Promise<readonly ScheduleStatus[]> {
    if (wish === undefined) return performNamed('schedules', this.#mirror, { connection: this.id })
    return performNamed('schedule', this.#mirror, { connection: this.id }, wish)
  }

  /** As a document: options without secrets, its streams, and `webhookUrl`, the path at which the server takes its webhooks. */
  async document(): Promise<ConnectionDocument> {
    const { describeConnection } = await describing()
    return describeConnection(this.#mirror, await connectionRow(this.#mirror, this.id))
  }

  /** How fresh and how complete its streams are, its runs and schedules, and what a person has to do. */
  async status(): Promise<ConnectionStatus> {
    const { store } = this.#mirror
    return statusOf(this.#mirror, (await store.connections.find(this.#row.project, this.id)) ?? this.#row)
  }

  /** @throws TidemarkError stream_unknown */
  async stream(name: string): Promise<StreamRow> {
    check(STREAM, { stream: name }, {})
    return streamRow(this.#mirror, this.#row, name)
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
    yield* (await performNamed(
      'records',
      this.#mirror,
      { connection: this.id, stream },
      query as never,
    )) as AsyncGenerator<never>
  }

  /**
   * The contents that a record has had, oldest first.
   *
   * @throws TidemarkError stream_unknown, record_unknown: no record with this key was ever seen
   */
  async history<Name extends keyof S & string>(stream: Name, key: string): Promise<readonly Version<S[Name]>[]> {
    const versions = await performNamed('history', this.#mirror, { connection: this.id, stream, key })
    return versions as readonly Version<S[Name]>[]
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
    const only = field === undefined ? {} : { field }
    return performNamed('explain', this.#mirror, { connection: this.id, stream, key, ...only })
  }

  /** Its published catalogs, newest first: the whole content after each complete run, where the connector declares it. */
  async catalogs(): Promise<readonly CatalogInfo[]> {
    return performNamed('catalogs', this.#mirror, { connection: this.id })
  }

  /**
   * The newest catalog, or the one with this number; its document is read piece by piece.
   *
   * @throws TidemarkError catalog_unknown
   */
  async catalog(n?: number): Promise<Catalog> {
    return performNamed('catalog', this.#mirror, { connection: this.id, ...(n === undefined ? {} : { n }) })
  }

  /** What the second catalog has otherwise than the first. @throws TidemarkError catalog_unknown */
  async diffCatalogs(from: number, to: number): Promise<CatalogDiff> {
    return performNamed('diffCatalogs', this.#mirror, { connection: this.id, from, to })
  }

  /**
   * How many records match, what columns they have, and the place of the last one of every so many in their order: `records`
   * reads behind a place.
   *
   * @throws TidemarkError stream_unknown, column_unknown, argument_invalid, moment_invalid
   */
  async outline<Name extends keyof S & string>(
    stream: Name,
    query: Pick<RecordsQuery<S[Name]>, 'where' | 'order' | 'removed' | 'asOf'> & Pick<OutlineInput, 'every'> = {},
  ): Promise<Outline> {
    return performNamed('outline', this.#mirror, { connection: this.id, stream }, query as Partial<OutlineInput>)
  }

  /**
   * The picture of a record, fetched from the address that it holds, of whatever column is named, or the first such as
   * `poster_url`.
   *
   * @throws TidemarkError stream_unknown, record_unknown, image_unknown, image_refused, address_refused, network_failed
   */
  async image(
    stream: keyof S & string,
    key: string,
    options: Pick<ImageInput, 'column'> & { readonly signal?: AbortSignal } = {},
  ): Promise<Picture> {
    return performNamed('image', this.#mirror, { connection: this.id, stream, key }, options)
  }

  /**
   * A metric over time, of a record or of the whole stream.
   *
   * @throws TidemarkError stream_unknown, metric_unknown, record_unknown, timezone_invalid
   */
  async metrics<Name extends keyof S & string>(stream: Name, query: MetricsQuery<S[Name]>): Promise<MetricsReport> {
    return performNamed('metrics', this.#mirror, { connection: this.id, stream }, query)
  }

  /**
   * The records of a stream whose metric has moved the most.
   *
   * @throws TidemarkError stream_unknown, metric_unknown, moment_invalid
   */
  async movers<Name extends keyof S & string>(stream: Name, query: MoversQuery<S[Name]>): Promise<MoversReport> {
    return performNamed('movers', this.#mirror, { connection: this.id, stream }, query)
  }
}

/** The connections that `connect` makes of a connector: `ConnectionOf<typeof github>`. */
export type ConnectionOf<C extends Connector<never>> = Connection<SchemasOf<C>>

const STREAM = { name: 'stream', fields: { stream: streamInput }, example: "stream('stars')" }
