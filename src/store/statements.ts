// Owns statements as values, for the parts of the store that both databases answer alike. A part yields statements and
// gets their rows back; SQLite drives it without a pause, so that nothing comes between two statements of a transaction,
// and PostgreSQL waits for each answer.
//
// The SQL is PostgreSQL's. SQLite's connection translates the few things that it writes otherwise (sqlite/dialect.ts).

/** A value by position. A list is bound as one value, for `= ANY($1::bigint[])`. */
export type Param =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | null
  | readonly (string | number | bigint | null)[]

export type Row = Readonly<Record<string, unknown>>

export interface Statement {
  readonly sql: string
  readonly values: readonly Param[]
  /** Its rows, or how many rows it changed. */
  readonly want: 'rows' | 'changed'
}

/** Work that asks a database statement by statement and comes to a result. */
export type Asking<T> = Generator<Statement, T, unknown>

/** How many rows it changed. */
export function* run(sql: string, values: readonly Param[] = []): Asking<number> {
  return (yield { sql, values, want: 'changed' }) as number
}

export function* all(sql: string, values: readonly Param[] = []): Asking<readonly Row[]> {
  return (yield { sql, values, want: 'rows' }) as readonly Row[]
}

export function* get(sql: string, values: readonly Param[] = []): Asking<Row | undefined> {
  return (yield* all(sql, values))[0]
}

/** The one column of the first row. */
export function* value(sql: string, values: readonly Param[] = []): Asking<unknown> {
  const row = yield* get(sql, values)
  return row && Object.values(row)[0]
}

/**
 * How a piece of work meets the database: its statements one by one, all of them on one state (`reading`), or as one
 * transaction (`writing`), which is rolled back when `keep` says that its result is none to keep.
 */
export interface Work<A extends readonly unknown[], T> {
  readonly how: 'alone' | 'reading' | 'writing'
  readonly ask: (...args: A) => Asking<T>
  keep?(result: T): boolean
}

export function alone<A extends readonly unknown[], T>(ask: (...args: A) => Asking<T>): Work<A, T> {
  return { how: 'alone', ask }
}

export function reading<A extends readonly unknown[], T>(ask: (...args: A) => Asking<T>): Work<A, T> {
  return { how: 'reading', ask }
}

export function writing<A extends readonly unknown[], T>(
  ask: (...args: A) => Asking<T>,
  keep?: (result: T) => boolean,
): Work<A, T> {
  return { how: 'writing', ask, ...(keep ? { keep } : {}) }
}

/** A part of the store as work; `bind` makes the methods of it. */
export type Works<Part> = {
  readonly [Method in keyof Part]: Part[Method] extends (...args: infer A) => Promise<infer T> ? Work<A, T> : never
}

/** Does a piece of work on one database. */
export type Drive = <A extends readonly unknown[], T>(work: Work<A, T>, args: A) => Promise<T>

/** The methods of a part, done by `drive`. */
export function bind<Part>(works: Works<Part>, drive: Drive): Part {
  const methods = Object.entries<Work<unknown[], unknown>>(works).map(([name, work]) => {
    return [name, (...args: unknown[]) => drive(work, args)] as const
  })
  return Object.fromEntries(methods) as Part
}
