// Owns how a document is described: once, as a schema, from which its type is inferred.

import { z } from 'zod'

/** The same as `z.object`, whose own type drops the comments of the fields from the declarations of the package. */
export function document<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> {
  return z.object(shape)
}

/** What a schema describes, as a value that nobody changes. */
export type DocumentOf<Schema extends z.ZodType> = ReadOnly<z.infer<Schema>>

type ReadOnly<T> = T extends readonly (infer Item)[]
  ? readonly ReadOnly<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: ReadOnly<T[Name]> }
    : T
