// Owns the types of a stream's columns as readers get them. They say what engine/passes/rows/shape.ts does with a schema, and
// no more: a column that is declared by metadata is typed by its schema all the same.

import type { z } from 'zod'

/** The schemas of a connector's streams, by name. */
export type Schemas = Readonly<Record<string, z.ZodType>>

/**
 * The columns of a stream. Text is text, whatever a transformation made of it; an integer of a `z.bigint()` is a number
 * as far as a number is exact; what is absent is null; anything else is what its JSON reads as.
 */
export type ColumnsOf<S extends z.ZodType> = S extends { readonly shape: infer Shape }
  ? { readonly [Name in keyof Shape]: ColumnOf<Shape[Name]> }
  : Readonly<Record<string, unknown>>

/**
 * What each column, and `_key`, may be compared with. JSON is compared as the text that is stored; columns that nobody
 * knows take any.
 */
export type WhereOf<S extends z.ZodType> = S extends { readonly shape: infer Shape }
  ? { readonly [Name in keyof Shape]?: Compared<KindOf<Shape[Name]>> } & { readonly _key?: string } & {
      readonly [Name in `${(keyof Shape & string) | '_key'}${'!' | '>' | '<' | '~'}`]?: string | number | boolean
    }
  : Readonly<Record<string, string | number | boolean>>

/** Everything that a record has, by name: its columns, and what every record carries. */
export type NameOf<S extends z.ZodType> = (keyof ColumnsOf<S> & string) | keyof RecordMarks

/** A record of which only some columns were read. */
export type RecordOnly<S extends z.ZodType, Only extends string> = [NameOf<S>] extends [Only]
  ? RecordWith<S>
  : Pick<RecordWith<S>, Only & keyof RecordWith<S>>

/** A column to order by, with or without its direction. */
export type OrderOf<S extends z.ZodType> = NameOf<S> | `${NameOf<S>}:${'asc' | 'desc'}`

type Compared<K extends Kind> = [K] extends [never]
  ? never
  : { text: string; number: number; bigint: number | string; boolean: boolean; json: string }[K]

/** What a record carries besides its columns. Times are ISO 8601, in UTC. */
export interface RecordMarks {
  /** The project that its connection belongs to. */
  readonly _project: string
  /** The id of its connection. */
  readonly _connection: string
  /** What identifies it in its stream. */
  readonly _key: string
  /** When a run first read it. */
  readonly _first_seen_at: string
  /** When a run stored its present content. */
  readonly _updated_at: string
  /** When it was marked as removed; null while it is live. */
  readonly _removed_at: string | null
  /** Why, such as `not_listed`; null while it is live. */
  readonly _removed_reason: string | null
  /** Since when the source, asked for it by key, no longer returns it; null: it does, or was not asked. */
  readonly _unavailable_since: string | null
  /** The source's own JSON text of it, every digit as it came. */
  readonly _raw: string
}

/** A record with columns of this schema, as `records` gives it. */
export type RecordWith<S extends z.ZodType> = ColumnsOf<S> & RecordMarks

type ColumnOf<F> = F extends z.ZodType
  ? unknown extends z.output<F>
    ? unknown
    : Value<KindOf<F>, NonNullable<z.output<F>>> | Absent<z.output<F>>
  : never

type Absent<O> = Extract<O, null | undefined> extends never ? never : null

type Kind = 'text' | 'number' | 'bigint' | 'boolean' | 'json'

interface Values<O> {
  readonly text: O extends string ? O : string
  readonly number: number
  readonly bigint: number | bigint | string
  readonly boolean: boolean
  readonly json: Parsed<O>
}

type Value<K extends Kind, O> = [K] extends [never] ? null : Values<O>[K]

/** What is read back of a value that was written as JSON. */
type Parsed<O> = O extends Date ? string : O extends object ? { readonly [Name in keyof O]: Parsed<O[Name]> } : O

/** The kind of a field's column, as `columnType` finds it. Never: nothing but null. */
type KindOf<F> = F extends { readonly _zod: { readonly def: infer Def } } ? KindOfDef<Def> : 'json'

type KindOfDef<Def> = Def extends { type: 'string' | 'enum' | 'literal' | 'template_literal' }
  ? 'text'
  : Def extends { type: 'number' }
    ? 'number'
    : Def extends { type: 'bigint' | 'boolean' }
      ? Def['type']
      : Def extends { type: 'null' | 'undefined' }
        ? never
        : Def extends { type: 'union'; options: readonly (infer Option)[] }
          ? Mixed<KindOf<Option>>
          : Def extends { type: 'pipe'; in: infer In; out: infer Out }
            ? KindOf<Out extends { readonly _zod: { readonly def: { type: 'transform' } } } ? In : Out>
            : Def extends { innerType: infer Inner }
              ? KindOf<Inner>
              : 'json'

/** A union is what all of its options are; JSON, if one of them is; else text. */
type Mixed<K extends Kind> = 'json' extends K ? 'json' : [K] extends ['number'] | ['bigint'] | ['boolean'] ? K : 'text'
