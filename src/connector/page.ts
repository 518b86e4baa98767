// Owns what a connector sees while it reads: the HTTP client it is given, the request for one page, and the page it
// answers with. The engine turns the pages; a connector never loops, sleeps, retries or remembers.

import { TidemarkError } from '../model/errors.ts'
import type { Json } from '../model/json.ts'
import type { Key } from '../model/record.ts'

/** What a request carries besides its path. */
export interface HttpInit {
  /** Query parameters, encoded for you; undefined and null are left out. @default none */
  readonly query?: Readonly<Record<string, string | number | boolean | null | undefined>>
  /** Headers besides those of the connection. @default none */
  readonly headers?: Readonly<Record<string, string>>
  /** A body to send as JSON. @default none */
  readonly json?: unknown
  /** A body to send as application/x-www-form-urlencoded. @default none */
  readonly form?: Readonly<Record<string, string>>
  /**
   * Statuses that are an answer to this request and no error, besides 200 and 203 (for a POST 200 to 205): 404 on a
   * by-key read, say, or 204. A 206 needs no mention where a Range header asked for it.
   */
  readonly accept?: readonly number[]
  /**
   * Never sent again when it is unknown what became of it (no answer, half an answer, a 202, a 5xx): the error goes to
   * the caller at once. For requests that cost money or change something. What can't have been done is tried again: no
   * connection came about, or the source answered 429 or refused the login. In `read` of a paid pass, false declares that
   * a request costs nothing. @default false; true in `read` of a paid pass, and for a POST of `renew`
   */
  readonly once?: boolean
}

/** A trusted answer: the status was expected, the body complete, and JSON where JSON was due. */
export interface HttpAnswer {
  /** The HTTP status: 200, or one that was asked for by `accept`. */
  readonly status: number
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** The parsed body; integers beyond 2^53 are strings with the source's own digits. Undefined for an empty body. */
  readonly body: unknown
  /** The address that answered, after redirects. */
  readonly url: string
}

/**
 * The one way out. Base URL, credentials, limits, retries and trust checks are already in it: what it returns can be
 * used, everything else is thrown. Paths are relative to the connection's base URL; an absolute URL (a `Link` header's
 * next page) must stay on its origin or on the service's allowed hosts.
 */
export interface Http {
  /**
   * Asks with GET, which is tried again where that helps unless `once` is set.
   *
   * @throws TidemarkError with the verdict of the failure: let it pass, the engine acts on it
   */
  get(path: string, init?: HttpInit): Promise<HttpAnswer>
  /**
   * Asks with POST, which is tried again like GET unless `once` is set.
   *
   * @throws TidemarkError with the verdict of the failure: let it pass, the engine acts on it
   */
  post(path: string, init?: HttpInit): Promise<HttpAnswer>
  /** Now by the source's clock (learned from its Date headers), in milliseconds since 1970. */
  now(): number
}

/** A filter of `--where field=value`: each field with the one value to ask for. The engine asks once per value. */
export type Where = Readonly<Record<string, string>>

/** A record's position in its source's order: a time or number as number, or text that sorts like the source does. */
export type Order = number | string

/** What `read` of a listing is given: fetch ONE page and return it. `O` are the connector's options. */
export interface PageRequest<O> {
  /** The way to the service. */
  readonly http: Http
  /** The connection's options, checked and typed, secrets included. */
  readonly options: O
  /** What the previous page gave as `next`; undefined asks for the first page. */
  readonly page: Json | undefined
  /** What to filter by at the source; empty for all records. */
  readonly where: Where
  /** For a paid pass: what this page may cost at most, in the vendor's currency. Undefined: as much as it takes. */
  readonly costLeft?: number | undefined
}

/** A page of a `byCursor` pass: everything whose order lies in [since, until), ascending. */
export interface WindowRequest<O> extends PageRequest<O> {
  /** The lower bound in the unit of `order`, inclusive; undefined reads from the beginning. */
  readonly since: number | undefined
  /** The upper bound in the unit of `order`, exclusive; fixed for the whole pass. */
  readonly until: number
}

/** What a reader by key, or a witness, is given. */
export interface KeysRequest<O> {
  /** The way to the service. */
  readonly http: Http
  /** The connection's options, checked and typed, secrets included. */
  readonly options: O
  /** The keys to ask for; at most as many as the batch that was declared. */
  readonly keys: readonly Key[]
  /** The stored record of each key (its columns by name), where there is one. */
  readonly stored: ReadonlyMap<Key, Readonly<Record<string, unknown>>>
}

/** What `read` of a refresh is given: read these records again. */
export interface RefreshRequest<O> extends KeysRequest<O> {
  /** For a paid pass: what this request may cost at most, in the vendor's currency. Undefined: as much as it takes. */
  readonly costLeft?: number | undefined
}

/** What a refresh answered for the keys that it was asked for. */
export interface KeysPage {
  /** The rows as the source gave them, in any order. A key that was asked for and has no row was not returned. */
  readonly records: readonly unknown[]
  /**
   * The answer was cut short (the vendor's cap was reached, a run of it failed): of the keys that it lacks nothing is known.
   * They stay as they are, and the run is incomplete. @default false
   */
  readonly partial?: boolean | undefined
  /** For a paid pass: how many rows the vendor billed, and what it charged, by its own account. */
  readonly billed?: Page['billed']
}

/**
 * The most columns that a page may tell of, and that a connection may have found in all: what databases bear in one table has
 * to do for many connections.
 */
export const FOUND_COLUMNS_MAX = 200

/** A column that a page tells of. */
export interface FoundColumn {
  /** In snake_case; a record of the page has its text under this name. */
  readonly name: string
  /** Whether the number that its text writes is kept over time, as a metric. @default false */
  readonly metric?: boolean
}

/** What one request showed. */
export interface Page {
  /** The rows as the source gave them, in its order. Don't copy them: the engine looks up their exact source text. */
  readonly records: readonly unknown[]
  /** Where the next page starts; anything that survives JSON. Undefined or null: the source itself said that this is the end. */
  readonly next?: Json | undefined
  /** How many records the source says the whole listing (or window) has. */
  readonly total?: number | undefined
  /**
   * About how many records the source has, where it does not count exactly this listing (a profile counts private posts,
   * too). It chooses how much a `job` asks for, and proves nothing.
   */
  readonly estimate?: number | undefined
  /**
   * For a `job`: rows of this page stand in place of others, or were left out, and asking again would show no more. The
   * run of the vendor counts as one that has failed: what it lacks is not known. @default false
   */
  readonly partial?: boolean | undefined
  /** For a paid pass: how many rows the vendor billed for this page, and what it charged, by its own account. */
  readonly billed?: { readonly items: number; readonly cost: number } | undefined
  /** For a stream that is `open`: the columns that its rows have, besides those of the schema. */
  readonly columns?: readonly FoundColumn[] | undefined
}

/** Fetches one page of a listing. */
export type ReadPage<O> = (request: PageRequest<O>) => Promise<Page>
/** Fetches one page of a window of changes. */
export type ReadWindow<O> = (request: WindowRequest<O>) => Promise<Page>
/** Reads records by key, in one request; what the source doesn't return is simply not in the answer. */
export type ReadKeys<O> = (request: KeysRequest<O>) => Promise<readonly unknown[]>

/** Reads known records again, by key, in one request. A plain list is a page of which nothing was billed. */
export type ReadKnown<O> = (request: RefreshRequest<O>) => Promise<readonly unknown[] | KeysPage>

/**
 * What a second witness says of a key that a complete listing lacked. `unknown`: nothing, so that another full pass that
 * lacks it is the witness. `unanswered`: the source gave no answer for the part of the listing in which the record stood, so
 * that its absence is no evidence, however often it is absent: it stays, and the run is incomplete.
 */
export type Testimony = 'gone' | 'present' | 'unknown' | 'unanswered'
/** Asks the source for keys, and says of each what it found; a key that is not in the answer is `unknown`. */
export type Witness<O> = (request: KeysRequest<O>) => Promise<ReadonlyMap<Key, Testimony>>

/**
 * The address in a `Link` header with the given relation (RFC 8288), absolute: a relative one is relative to the address
 * that answered, not to the base URL. Undefined when there is none.
 */
export function linkHeader(answer: HttpAnswer, rel: string): string | undefined {
  for (const part of (answer.headers['link'] ?? '').split(/,\s*(?=<)/)) {
    const match = /^\s*<([^>]*)>(.*)$/s.exec(part)
    if (!match) continue
    const relation = /(?:^|;)\s*rel\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(match[2] ?? '')
    if (!(relation?.[1] ?? relation?.[2] ?? '').split(/\s+/).includes(rel)) continue
    // One that is no address goes on as it is, to be refused: leaving it out would look like the end of the listing.
    return URL.parse(match[1] ?? '', answer.url)?.href ?? match[1]
  }
  return undefined
}

/**
 * The rows of an answer. A missing list is not an empty one: it means that the answer is not what we take it for.
 *
 * @throws TidemarkError unexpected_shape (retry)
 */
export function rows(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new TidemarkError('unexpected_shape', `The answer has no list of ${what}.`, { scope: 'page' })
}
