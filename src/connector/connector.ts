// Owns the definition of a service: what an author writes and what the engine, the faces and the docs read.
//
//   export default defineConnector(
//     { name: 'shop', options: z.object({ token: secret('API token') }), http: ({ token }) => ({ … }) },
//     { orders: stream({ schema, key: (order) => order.id, passes: [byCursor({ … })] }) },
//   )

import type { z } from 'zod'
import type { Duration } from '../model/duration.ts'
import type { Scope, SourceVerdict } from '../model/errors.ts'
import type { Key } from '../model/record.ts'
import { checkNames, checkOptionsSchema } from './check-names.ts'
import type { RecordWith, Schemas } from './columns.ts'
import { type CommonOptions, commonOptions } from './options.ts'
import type { Http, ReadKeys } from './page.ts'
import type { Pass } from './passes.ts'
import type { Webhook } from './webhook.ts'

/** A limit of the provider, and whose it is: connections with the same key share it, in every process. */
export interface Limit {
  /**
   * Names the owner of the quota, such as `github:anonymous` or `shop:app:4711`. It is stored and shown: a secret option that
   * stands in it is replaced by its fingerprint.
   */
  readonly key: string
  /** How many requests the provider allows within `per`; a whole number from 1 up. */
  readonly requests: number
  /** The span that `requests` is counted in, such as `'1h'`. */
  readonly per: Duration
}

/** An answer as the classifier sees it: any status, the body parsed if it was JSON, else its text. */
export interface RawAnswer {
  /** The HTTP status, from 200 to 599. */
  readonly status: number
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** The parsed JSON, or the text as it came; undefined for an empty body. */
  readonly body: unknown
}

/** What a classifier says of an answer that is not a success. `Code` narrows which codes it may give. */
export interface Failure<Code extends string = string> {
  /**
   * Who acts next. `retry`: the engine, with growing pauses. `wait`: the engine, when the limit allows. `refresh`: the
   * engine renews the credentials (see `renew`) and asks once more. `pause`: a person logs in again. `stop`: a person changes
   * the configuration.
   */
  readonly verdict: SourceVerdict | 'refresh'
  /**
   * How much the failure concerns. Only `login` pauses the connection: a `pause` of any other scope stops instead.
   * @default 'login' for `pause` and `refresh`, 'run' for `wait`, else 'page'
   */
  readonly scope?: Scope
  /**
   * A stable name for programs: one of docs/errors.md where it fits, else your own, in lower-case words joined by
   * underscores, such as `shop_closed`. Of your own, nothing is known but what this failure says.
   */
  readonly code: Code
  /** What happened, with the values; never a secret. One that is missing at run time is made of the code and the answer. */
  readonly message: string
  /** What the person who reads it can do. */
  readonly hint?: string
  /** For `wait`: milliseconds from now. Absent: the headers decide, else backoff. */
  readonly waitMs?: number
}

/** What is about to be sent, for services that sign their requests. The body is the exact text that will be sent. */
export interface Outgoing {
  /** `GET` or `POST`. */
  readonly method: string
  /** As the API sees it: what a proxy has in front of it is not part of it. */
  readonly path: string
  /** As they will be sent, decoded. */
  readonly query: Readonly<Record<string, string>>
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** The exact text; undefined where there is none. */
  readonly body: string | undefined
  /** Now by the source's clock, in milliseconds since 1970. */
  readonly now: number
}

/** How to speak HTTP with a service. Computed from the options once for each run. */
export interface HttpSettings {
  /** The address of the API, used unless the connection names its own. */
  readonly baseUrl: string
  /** Sent with every request, such as `authorization`. Their values are hidden in logs and recordings. @default none */
  readonly headers?: Readonly<Record<string, string>>
  /** What the provider allows. All of them hold at once, over all processes. @default only what answers say */
  readonly limits?: readonly Limit[]
  /** Hosts besides the base URL's that answers may point to, such as `files.example.com`. @default none */
  readonly allowedHosts?: readonly string[]
  /** Adds to query and headers just before every try, so that a retry is signed anew. It answers at once: a promise is refused. @default adds nothing */
  readonly sign?: (outgoing: Outgoing) => {
    /** Query parameters to add or replace. */
    readonly query?: Readonly<Record<string, string>>
    /** Headers to add or replace. */
    readonly headers?: Readonly<Record<string, string>>
  }
  /**
   * Looks at every answer, also one with status 200, and says what is wrong with it. Undefined leaves it to the
   * general rules: 200 is good (for a POST also 201 to 205); 401 pauses; 429, 5xx with Retry-After, and a 403 that speaks
   * of a limit wait; 408, 425, other 5xx, and success that was not asked for (202, 206, …) are retried; any other status
   * stops. Pure: for a failure it is called a second time with the answer without secrets, of which the message is made.
   */
  readonly classify?: (answer: RawAnswer) => Failure | undefined
  /**
   * Finds the JSON in a body that is none as it stands, such as `callback({…})` or one with notices of the server before it.
   * Undefined: there is none. Asked only of a body that can't be parsed; what it finds is parsed and judged like any other.
   */
  readonly unwrap?: (text: string) => string | undefined
  /**
   * Requests under way at once, at most, where the service bears more than one: a run begins with one and asks for more
   * while answers come as fast as before; for fewer when they slow down or fail (http/pace.ts). For full passes whose pages
   * can be told beforehand (`skip`). From 1 to 16. @default 1
   */
  readonly atOnce?: number
}

/** New values for some of the connection's secret options. They are durable before they are used. */
export interface Renewal<O> {
  /** By the names of the options; those that are left out stay. */
  readonly secrets: Partial<Record<keyof O & string, string>>
  /**
   * When they end, in milliseconds since 1970: all of them, or each by its name. For people only: `doctor` tells of a
   * login that is about to end. Access is renewed when the source refuses it, not by this time.
   */
  readonly expiresAt?: number | Partial<Record<keyof O & string, number>>
}

/** What of a connection is published as one document after each complete run. */
export interface CatalogOf {
  /** The streams whose records it lists, each with the column that names a record's category; null: it has none. */
  readonly streams: Readonly<Record<string, string | null>>
  /** The stream that lists the categories. @default there are none */
  readonly categories?: string
}

/** How a service makes vectors of texts. `O` are the connector's options. */
export interface Embeds<O> {
  /** Texts of one request, at most; a whole number from 1 up. */
  readonly batch: number
  /** Makes one request: a vector for each text, in their order, all of them of one length. */
  readonly embed: (request: {
    /** The way to the service. */
    readonly http: Http
    /** The connection's options, secrets included. */
    readonly options: O
    /** At least one, at most `batch`. */
    readonly texts: readonly string[]
  }) => Promise<readonly (readonly number[])[]>
}

/** What all streams of a connector share: its name, its options, and how to speak HTTP with the service. */
export interface Service<S extends z.ZodObject = z.ZodObject> {
  /** Lower-case words joined by dashes; the CLI, table names and docs use it. */
  readonly name: string
  /** One sentence for a list of connectors. */
  readonly title: string
  /** Grows when columns or keys change. @default '1' */
  readonly version?: string
  /** What a person gives to connect, as a zod object; `secret()` marks what is sealed. `baseUrl` and `allowPrivateNetwork` are added. */
  readonly options: S
  /** Base URL, headers, limits and rules for the given options. */
  readonly http: (options: z.output<S> & CommonOptions) => HttpSettings
  /**
   * How many requests the connector makes once for each run, before its first page: to look up what an option would have
   * told, say. Only `--plan` goes by it. @default none
   */
  readonly opening?: (options: z.output<S> & CommonOptions) => number
  /**
   * One cheap request that shows whether the login is good, for `connect`: it returns when the service takes it, and
   * throws what `http` throws when not. `account` is whose login it is, such as `user ada`. @default the first page of the
   * first stream that costs nothing
   */
  readonly check?: (request: {
    /** The way to the service. */
    readonly http: Http
    /** The connection's options, secrets included. */
    readonly options: z.output<S> & CommonOptions
  }) => Promise<{ readonly account?: string | undefined }>
  /**
   * The options that a person gives anew when the service refuses the login, in the command that is suggested; a function
   * where that depends on the options that are no secrets. An empty list: there is no login, and a refusal pauses nothing.
   * @default all secret options
   */
  readonly login?:
    | readonly (keyof z.output<S> & string)[]
    | ((options: Readonly<Record<string, unknown>>) => readonly (keyof z.output<S> & string)[])
  /** The webhooks that the service can send, see `Webhook`. @default it takes none */
  readonly webhook?: Webhook<z.output<S> & CommonOptions>
  /** In which its vendor bills what costs money, as ISO 4217 names it, such as `USD`. @default nobody knows: amounts stand alone */
  readonly currency?: string
  /** Publishes the whole content as one compressed document after each complete run; the last five are kept. @default none */
  readonly catalog?: CatalogOf
  /**
   * Makes vectors of texts. Search by meaning then uses a connection of this connector, in its project, in place of the embedder
   * that is built in; other options than `baseUrl` and `allowPrivateNetwork` say what the vectors are. @default none
   */
  readonly embeds?: Embeds<z.output<S> & CommonOptions>
  /**
   * Renews credentials that ran out (verdict `refresh`). Called by one process at a time for a connection. Its POSTs are sent
   * once, since they may use up what they renew with; `once: false` says that one does not.
   */
  readonly renew?: (request: {
    /** The way to the service, with the credentials that ran out. */
    readonly http: Http
    /** The connection's options, secrets included. */
    readonly options: z.output<S> & CommonOptions
  }) => Promise<Renewal<z.output<S>>>
}

/**
 * A named collection of records: what a record is, and the passes that read it. `O` are the connector's options, `R` is a
 * record as the schema reads it.
 */
export interface Stream<O = unknown, R = unknown, S extends z.ZodType = z.ZodType<R>> {
  /** What the stream holds, in a sentence. */
  readonly title?: string
  /** The fields of a record; each becomes a typed column. Unknown fields stay in `_raw` only. */
  readonly schema: S
  /**
   * Whether its pages tell columns of which the schema knows nothing (`columns` of a page), such as those of a spreadsheet.
   * They hold text; a record has them under their names. What a page once told stays a column. @default false
   */
  readonly open?: boolean
  /** Turns a row of the source into what the schema reads. @default the row itself */
  readonly record?: (row: never) => unknown
  /**
   * Whether a row of the stream's listings is one of its records, where a source lists several kinds together. One that is
   * not counts for what a listing is (its total, its order, its pages), and nothing of it is stored. `read` returns all rows
   * as they are listed: filtered by it, they would leave holes that no total shows. Not with `byCursor`. @default all are
   */
  readonly belongs?: (row: never) => boolean
  /**
   * What identifies a record in its stream: text, or a whole number within 2^53. A row whose key is anything else (an object,
   * a fraction, nothing, more than 2,600 bytes) is set aside in quarantine, and the page goes on.
   */
  readonly key: (record: R) => Key | number
  /**
   * A number that grows with every version of a record at the source, such as its time of update. An older version never
   * overwrites a newer one. @default when the page was asked for
   */
  readonly version?: (record: R) => number
  /** Columns whose values are kept as a snapshot, one per record and run; numbers, or decimal numbers as text. @default none */
  readonly metrics?: readonly (keyof R & string)[]
  /**
   * Columns that `search` reads: the title, which counts most, and the body. Records are found by the words of both.
   * @default the stream is not searched
   */
  readonly text?: { readonly title: keyof R & string; readonly body?: readonly (keyof R & string)[] }
  /** Dotted paths in the source's row that change without meaning anything, such as signed image addresses. @default none */
  readonly volatile?: readonly string[]
  /** Reads records by key, at most `batch` in one request: for `--where`, what the filter no longer returns. @default none */
  readonly byKey?: { readonly read: ReadKeys<O>; readonly batch: number }
  /**
   * Columns that `--where` may filter by at the source, their values, and which of them the word `open` stands for.
   * @default none
   */
  readonly filters?: Readonly<Record<string, { readonly values: readonly string[]; readonly open?: readonly string[] }>>
  /**
   * The version of what this stream keeps between runs: its cursor and page tokens. Raise it when they change their
   * meaning. `migrate` carries a cursor over from an older version; without it (or when it gives nothing), everything is
   * read once more. @default version 1
   */
  readonly state?: {
    /** A whole number from 1 up. */
    readonly version: number
    /**
     * The cursor as this version understands it, from a `cursor` of version `from`; undefined: read everything once more.
     * Asked for both ends of each unread part, too. It keeps the order of positions, and does not round up.
     */
    readonly migrate?: (cursor: number, from: number) => number | undefined
  }
  /** At least one, in the order in which a run does them: `byCursor`, `newestFirst`, `fullPass`; `refresh` comes last. */
  readonly passes: readonly Pass<O, R>[]
}

/**
 * A service and its streams. `O` is what its code sees of the options, `S` the schemas of its streams, `P` its options as
 * they are declared.
 */
export interface Connector<O = unknown, S extends Schemas = Schemas, P extends z.ZodObject = z.ZodObject> {
  /** The service, with the two options that every connector has. */
  readonly service: Service & { readonly options: P }
  /** By name. */
  readonly streams: { readonly [Name in keyof S]: Stream<O> & { readonly schema: S[Name] } }
}

/** What a connector's code sees of its options. A service may have none of its own. */
export type OptionsOf<P extends z.ZodObject> = (string extends keyof z.output<P> ? unknown : z.output<P>) &
  CommonOptions

/**
 * What whoever connects gives: what is required is named. Undefined is not given: it stays as it is stored, if it is.
 */
export type GivenOptions<P extends z.ZodObject> = {
  readonly [Name in keyof z.input<P>]: z.input<P>[Name] | undefined
}

/** The schemas of a connector's streams: `SchemasOf<typeof github>`. */
export type SchemasOf<C extends Connector<never>> = {
  readonly [Name in keyof C['streams']]: C['streams'][Name]['schema']
}

/** A record of a connector's stream, as `records` gives it: `RecordOf<typeof github, 'stars'>`. */
export type RecordOf<C extends Connector<never>, Name extends keyof C['streams']> = RecordWith<SchemasOf<C>[Name]>

/** The options of a service with those that every connector has. */
export type WithCommon<P extends z.ZodObject> = z.ZodObject<P['shape'] & typeof commonOptions.shape>

/** Declares a stream of a connector. */
export function stream<O, R, S extends z.ZodType = z.ZodType<R>>(
  definition: Stream<O, R, S> & { readonly schema: z.ZodType<R> },
): Stream<O, R, S> {
  return definition
}

/**
 * Declares a connector. Names are checked here, because tables are named by them.
 *
 * @throws TidemarkError connector_invalid (stop) when a name is not lower-case words, or the options are no zod object;
 *   what its streams declare is checked when it is opened or connected
 */
export function defineConnector<P extends z.ZodObject, S extends Schemas>(
  service: Service<P>,
  // Each stream has a record type of its own, which only `any` can hold without losing what was inferred inside.
  // oxlint-disable-next-line typescript/no-explicit-any
  streams: { readonly [Name in keyof S]: Stream<OptionsOf<P>, any, S[Name]> },
): Connector<OptionsOf<P>, S, WithCommon<P>> {
  checkNames(service.name, Object.keys(streams))
  checkOptionsSchema(service.name, service.options)
  const options = service.options.safeExtend(commonOptions.shape)
  return { service: { ...service, options }, streams } as unknown as Connector<OptionsOf<P>, S, WithCommon<P>>
}
