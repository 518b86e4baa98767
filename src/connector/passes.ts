// Owns the passes as data: the ways of reading a stream that a connector can declare. What each one decides is the
// engine's business (engine/passes/listing/stop-rule.ts, engine/passes/window/step.ts, engine/passes/removals/guard.ts).

import type { Duration } from '../model/duration.ts'
import type { Json } from '../model/json.ts'
import type { AskKeys, AskNewest, Job } from './job.ts'
import type { Order, PageRequest, ReadKnown, ReadPage, ReadWindow, Witness } from './page.ts'
import type { ReadUpload } from './uploaded.ts'

/** How much a listing shows of what there is; only what it is proved to show can prove an absence. */
export type Listing =
  /** Everything, down to the end that the source itself declares. */
  | 'complete'
  /** The newest so many; what lies beyond is unknown, not gone. */
  | { readonly cap: number }

/** How many records the listing shows at most. */
export function capOf(listing: Listing | undefined): number {
  return typeof listing === 'object' ? listing.cap : Number.POSITIVE_INFINITY
}

/** How pages follow each other. */
export type Paging =
  /** Each token continues exactly behind the last record, whatever is inserted or removed meanwhile. */
  | 'keyset'
  /** Tokens count from the top (page numbers, offsets), so that a change above shifts what follows. */
  | 'offset'

interface Paid {
  /** Its pages cost money: they are asked for one at a time, under a cap, and tell what was billed. @default false */
  readonly paid?: boolean
}

interface ListingRead<O> extends Paid {
  /** Fetches one page: the first where `page` is undefined, else the one that the page before named as `next`. */
  readonly read: ReadPage<O>
  /** Records per page, as `read` asks for them, from 1 up; the plan counts requests with it. */
  readonly pageSize: number
  /** How much of the source the listing shows: all of it, or the newest `cap` records. @default 'complete' */
  readonly listing?: Listing
  /** Whether page tokens count from the top or continue behind the last record. @default 'offset' (the careful one) */
  readonly paging?: Paging
  /**
   * How many records the listing has now, where the source tells so outside of its pages. One request; undefined: it does
   * not say. @default the `total` of the pages
   */
  readonly total?: (request: PageRequest<O>) => Promise<number | undefined>
  /**
   * The token of the page behind the one that a token asks for, where that can be told without reading it: with page
   * numbers and offsets. Then a page that keeps failing does not hide what is listed below it. Undefined: can't be told.
   */
  readonly skip?: (token: Json) => Json | undefined
  /**
   * A name of the listing, where other streams of the connector read the same one (`belongs` tells whose a row is): then a
   * page that one stream has read serves the others of that name in the same run, too, and `read` must give all of them the
   * same page. What it shows of one whose walk had ended above is stored as well, and anchors nothing. Undefined: this connection has a listing of its own for the stream. @default no other stream reads it
   */
  readonly sharedAs?: (request: Pick<PageRequest<O>, 'http' | 'options'>) => Promise<string | undefined>
}

/** What is the same for every byCursor pass, whatever its order is. */
interface WindowRead<O, R> extends Paid {
  /** Set by `byCursor`. */
  readonly kind: 'byCursor'
  /** Fetches one page of the window from `since` (inclusive) to `until` (exclusive), in ascending order. */
  readonly read: ReadWindow<O>
  /**
   * False: the source shows a window in no order that it documents. Its pages are turned by `next` to the end of the window,
   * and the cursor moves there; a run that breaks off begins the window again. `read` then leaves `until` out:
   * what changes while pages are turned stays in the window, and nothing moves up to a page that was read. @default true
   */
  readonly sorted?: boolean
  /**
   * The record's position: a time or a growing number, in the source's own unit; the field that the source filters by. A
   * record for which it gives no finite number is set aside; where it gives none for all of them, the run fails with
   * `connector_invalid`.
   */
  readonly order: (record: R) => number
  /** Records per page, as `read` asks for them, from 1 up; the plan counts requests with it. */
  readonly pageSize: number
}

/** The order is a time. */
interface OrderByTime {
  /** Milliseconds in one unit of `order`: 1000 for unix seconds. */
  readonly unitMs: number
  /** How far before the cursor to ask again, for records that become visible late. */
  readonly overlap: Duration
  /** How far before the run's start the window ends, for records still being written. At most 90 s. @default '0s' */
  readonly lag?: Duration
}

/** The order is a number that grows, such as a sequence number; up to 2^53, beyond which a number is not exact. */
interface OrderByNumber {
  /** Left out: a number has no milliseconds. */
  readonly unitMs?: undefined
  /** How far before the cursor to ask again, in the order's own unit. A duration but for zero needs `unitMs`. */
  readonly overlap: number | `0${'ms' | 's' | 'm' | 'h' | 'd'}`
  /** Left out: the window ends at no time. */
  readonly lag?: undefined
}

/**
 * Reads what changed since the cursor, in the source's order of change, ascending. The source must filter by the same
 * field that `order` returns, inclusive below.
 */
export type ByCursor<O, R> = WindowRead<O, R> & (OrderByTime | OrderByNumber)

/** What is the same for every newestFirst pass, however its records are fetched. */
interface FromTheTop<R> {
  /** Set by `newestFirst`. */
  readonly kind: 'newestFirst'
  /**
   * The listing's own order key, descending: a time or number, or text that sorts as the source sorts. Leave it out where
   * the source shows none: then only positions count. A walk stops where records stand beside the neighbours that they had,
   * and a record whose content has changed, but for metrics, does not count among those.
   */
  readonly order?: (record: R) => Order
  /** How many consecutive anchored records end a walk; 3 or more. @default 3 */
  readonly stopAfter?: number
  /**
   * For how long after its time a record may still come into the listing, where `order` is a time: a text that names its
   * zone, or a number of `unitMs`. A group of equal times that is older can't get new members, so that a walk may stop
   * inside it. Without it such a group is read whole by every run: a new record may stand anywhere among its equals.
   */
  readonly settles?: Duration
  /** Milliseconds in one unit of `order`, where that is a time as a number: 1000 for unix seconds. Only for `settles`. */
  readonly unitMs?: number
}

/** Walks a listing from its newest record down, and stops at ground that earlier walks have closed. */
export interface NewestFirst<O, R> extends FromTheTop<R>, ListingRead<O> {
  /** Records that stand above newer ones; they neither stop a walk nor break the order. @default none is pinned */
  readonly pinned?: (record: R) => boolean
}

/**
 * Reads what is new through upstream runs that cost money and can't be paged: each delivers the newest so many records. How
 * many are asked for is chosen by how many new ones are to be expected; too few, and a larger run follows.
 */
export interface NewestByJob<O, R> extends FromTheTop<R> {
  /** The upstream run that reads so many of the newest records. */
  readonly job: Job<O, AskNewest>
  /** When a record was made, as the vendor sorts by it, descending: what is new is told from what was read by it. */
  readonly order: (record: R) => Order
  /**
   * Records that stand above newer ones; they neither stop a walk nor break the order. `place` counts from 0 at the top of
   * what one upstream run has delivered, for vendors that show pinned records first and do not say which they are.
   * @default none is pinned
   */
  readonly pinned?: (record: R, place: number) => boolean
  /** How much of the source a run can show: all of it, or the newest `cap` records. @default 'complete' */
  readonly listing?: Listing
  /** Set by `newestFirst`: upstream runs cost money. */
  readonly paid: true
}

/** Reads everything; what a proved listing lacks is a candidate for removal. */
export interface FullPass<O, R> extends ListingRead<O> {
  /** Set by `fullPass`. */
  readonly kind: 'fullPass'
  /** The listing's own order key, descending. Leave it out where the source shows none. */
  readonly order?: (record: R) => Order
  /** Records that stand above newer ones, and do not break the order. @default none is pinned */
  readonly pinned?: (record: R) => boolean
  /**
   * Due after this many successful runs, the full one included; from 1 up. @default without `every`: 10 beside other passes,
   * 1 where it is the only one
   */
  readonly everyRuns?: number
  /**
   * Due when the last one is older than this, whatever the runs. Until there was one, the last successful run counts in its
   * place, where `everyRuns` is declared, too. @default not by time
   */
  readonly every?: Duration
  /** The first run is one, too, so that the source's total proves what it has read. @default the other passes read the first run */
  readonly first?: boolean
  /** A second witness, asked by key for what the listing lacked. @default a second full pass is the witness */
  readonly witness?: Witness<O>
  /**
   * Keys that the witness is asked about at a time; 1 where it makes a request for each. A batch that fails by the fault
   * of a key is asked again in halves. @default 100
   */
  readonly witnessBatch?: number
}

/** What is the same for every refresh. */
interface RefreshOf {
  /** Set by `refresh`. */
  readonly kind: 'refresh'
  /** Keys in one request, from 1 up. A batch that fails by the fault of a key is asked again in halves, unless it is paid. */
  readonly batch: number
  /**
   * What becomes of a record that was asked for and not returned. `unavailable`: it stays, and `_unavailable_since` says
   * since when. `removed`: the source returns every record that it has, so that the record is removed once a second request
   * has not returned it either; too many at once wait for a person. @default 'unavailable'
   */
  readonly absent?: 'unavailable' | 'removed'
}

/** Reads known records again, by key, in batches; or, with `needs`, once each, for what only this request tells of them. */
export interface Refresh<O, R = unknown> extends Paid, RefreshOf {
  /**
   * Reads the records of these keys, at most `batch` of them. What it does not return is not available any more; where
   * its answer was cut short, it says so (`partial`).
   */
  readonly read: ReadKnown<O>
  /**
   * Which records still lack what only this request tells. Only those are read, also when the run has shown them, and those
   * that were not returned only when a person asks for it (`--mode refresh`). What is returned is the whole record. For streams that are fed by uploads: the rows
   * of a listing would take away again what they lack. @default all are read in every run
   */
  readonly needs?: (record: R) => boolean
  /** Whether a connection with these options has the pass at all. @default it has */
  readonly enabled?: (options: O) => boolean
}

/** Reads known records again through upstream runs that cost money, one for each batch. */
export interface RefreshByJob<O> extends RefreshOf {
  /** A run that delivers the records of the keys that it is asked for. What one that failed lacks stays as it is. */
  readonly job: Job<O, AskKeys>
  /** Set by `refresh`: upstream runs cost money. */
  readonly paid: true
  /** Left out: every known record is read again. */
  readonly needs?: undefined
  /** Left out, too. */
  readonly enabled?: undefined
}

/** Makes the records of a blend of other streams of the project. The engine's own: no connector declares it. */
export interface Blend {
  /** Set by the engine. */
  readonly kind: 'blend'
  /** The table in SQL, in place of connector and stream. */
  readonly table: string
  /** Left out: it asks for nothing. */
  readonly paid?: undefined
}

/** What `make` of a summary is given. */
export interface SummaryRequest<O> {
  /** The connection's options, checked and typed, secrets included. */
  readonly options: O
  /** The last rows of the other stream that this run has read, as the source gave them; none where it listed nothing. */
  readonly rows: readonly unknown[]
  /** By the columns that `sums` names: the sum over its live records. Null: a part of them was not read yet, or none has it. */
  readonly totals: Readonly<Record<string, number | null>>
  /** How many live records it has; null: a part of them was not read yet. */
  readonly count: number | null
}

/** Makes one record of another stream of the connection; asks the source for nothing. */
export interface Summary<O> {
  /** Set by `summary`. */
  readonly kind: 'summary'
  /** The name of the other stream. A run that reads this one reads that one before. */
  readonly of: string
  /** Columns of the other stream to add up, numbers. @default none */
  readonly sums: readonly string[]
  /** Left out: it asks for nothing. */
  readonly paid?: undefined
  /** Makes the row of the one record, which `record` and the schema read like a row of the source. */
  readonly make: (request: SummaryRequest<O>) => unknown
}

/** Reads a file that a person uploads: an export of the service. */
export interface Upload<O, R> {
  /** Set by `upload`. */
  readonly kind: 'upload'
  /** Which files it reads, for people: `user_data_tiktok.json, or the ZIP that it came in`. */
  readonly accepts: string
  /** Left out: a file costs nothing. */
  readonly paid?: undefined
  /**
   * Yields the rows of the stream, as the file gives them. A file that has nothing to say of the stream is no empty one:
   * throw `new TidemarkError('section_missing', …)`. Nothing is written before it has come to its end.
   */
  readonly read: ReadUpload<O>
  /**
   * When a record came into the list that the file is an export of: a number, or text that sorts by time. The greatest one
   * of a file tells how old the file is. A newer file than the last is the whole list, and what it lacks is removed; an
   * older one changes nothing. Leave it out where the file tells no times: then it only adds records that are not known.
   */
  readonly order?: (record: R) => Order | undefined
  /**
   * Milliseconds in one unit of `order`, where that is a time as a number: 1000 for unix seconds. With it, as with text, a
   * date that has not come yet does not count for the age of the file.
   */
  readonly unitMs?: number
}

/** A pass that turns pages. */
export type PagedPass<O, R> = ByCursor<O, R> | NewestFirst<O, R> | FullPass<O, R>

/** A pass that turns the pages of a listing. */
export type ListingPass<O = unknown, R = unknown> = NewestFirst<O, R> | FullPass<O, R>

/** A pass that reads a listing, whether or not it has pages. */
export type ListedPass<O = unknown, R = unknown> = ListingPass<O, R> | NewestByJob<O, R>

/** One way of reading a stream. */
export type Pass<O, R> =
  | PagedPass<O, R>
  | NewestByJob<O, R>
  | Refresh<O, R>
  | RefreshByJob<O>
  | Summary<O>
  | Blend
  | Upload<O, R>

/** Whether a pass finds records, and does not only read known ones again. */
export function findsRecords({ kind }: Pick<Pass<never, never>, 'kind'>): boolean {
  return kind !== 'refresh'
}

/** Whether a sync asks the source by it for records that it does not know; files come with orders of their own. */
export function findsAtSource({ kind }: Pick<Pass<never, never>, 'kind'>): boolean {
  return kind === 'byCursor' || kind === 'newestFirst' || kind === 'fullPass'
}

/** Whether a pass turns pages. */
export function isPaged<O, R>(pass: Pass<O, R>): pass is PagedPass<O, R> {
  return 'pageSize' in pass
}

/**
 * Reads what changed since the last run, from a source that filters by time of update (or by a number that grows with every
 * update) and sorts by it, ascending. A source that filters by time of creation misses later changes. It does not notice
 * removals: add a `fullPass` where everything can be listed, too.
 */
export function byCursor<O, R>(pass: Omit<WindowRead<O, R>, 'kind'> & (OrderByTime | OrderByNumber)): ByCursor<O, R> {
  return { kind: 'byCursor', ...pass }
}

/**
 * Reads what is new, from the top of a listing that is sorted newest first down to what is known. The first walk reads
 * everything; one that breaks off is a gap, which the next run closes. It does not notice removals: add a `fullPass`. With
 * a `job` in place of `read`, each request for records is an upstream run that is paid for.
 */
export function newestFirst<O, R>(pass: Omit<NewestFirst<O, R>, 'kind'>): NewestFirst<O, R>
/** The same, through upstream runs that are paid for. */
export function newestFirst<O, R>(pass: Omit<NewestByJob<O, R>, 'kind' | 'paid'>): NewestByJob<O, R>
/** Either of the two. */
export function newestFirst<O, R>(
  pass: Omit<NewestFirst<O, R>, 'kind'> | Omit<NewestByJob<O, R>, 'kind' | 'paid'>,
): NewestFirst<O, R> | NewestByJob<O, R> {
  return 'job' in pass ? { kind: 'newestFirst', paid: true, ...pass } : { kind: 'newestFirst', ...pass }
}

/**
 * Reads a whole listing. A record that it lacks is removed when the listing is proved to be complete and a second witness
 * confirms it; too many at once wait for a person.
 */
export function fullPass<O, R>(pass: Omit<FullPass<O, R>, 'kind'>): FullPass<O, R> {
  return { kind: 'fullPass', ...pass }
}

/**
 * Reads known records again, by key: their metrics change while no listing shows them. It runs behind the passes that
 * read listings and asks for every live record that they have not shown. Where requests or money do not suffice for all
 * of them, those come first that are expected to have grown most since they were last read; the rest is reported as stale.
 */
export function refresh<O, R = unknown>(pass: Omit<Refresh<O, R>, 'kind'>): Refresh<O, R>
/** The same through upstream runs that cost money, one for each batch. */
export function refresh<O>(pass: Omit<RefreshByJob<O>, 'kind' | 'paid'>): RefreshByJob<O>
/** Either of them. */
export function refresh<O, R>(
  pass: Omit<Refresh<O, R>, 'kind'> | Omit<RefreshByJob<O>, 'kind' | 'paid'>,
): Refresh<O, R> | RefreshByJob<O> {
  return 'job' in pass ? { kind: 'refresh', paid: true, ...pass } : { kind: 'refresh', ...pass }
}

/**
 * Makes one record of another stream: what its rows tell of whatever they belong to, such as the profile that posts stand
 * in, and sums over its records.
 */
export function summary<O>(pass: Omit<Summary<O>, 'kind'>): Summary<O> {
  return { kind: 'summary', ...pass }
}

/**
 * Reads a file that a person uploads, such as the export of an account. No sync runs it: `tidemark upload` does. A file is
 * read to its end before anything is written; one that is newer than the last is the whole list, and removes what it lacks.
 */
export function upload<O, R>(pass: Omit<Upload<O, R>, 'kind'>): Upload<O, R> {
  return { kind: 'upload', ...pass }
}
