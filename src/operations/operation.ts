// Owns what an operation is: one verb of the product, described once. The library, the command line and HTTP derive from
// it what they take, what they refuse, what they say about it, and what they give.

import type { z } from 'zod'
import type { Field } from './fields.ts'
import type { Mirror } from './mirror.ts'

/** What a caller must be allowed to do: look, start runs, decide and change, or manage keys, secrets and the database. */
export type Scope = 'read' | 'sync' | 'write' | 'admin'

/** The input of an operation that takes none. */
export type Nothing = { readonly [Name in never]: never }

/** A field for every option, so that one that is added without its check does not compile. */
export type Fields<Given> = { readonly [Name in keyof Required<Given>]: Field }

/** Everything that is said of an operation; faces, help and documents are made from it. */
export interface Described {
  /** The name of the method in the library, which HTTP and the docs use too. */
  readonly name: string
  /** One sentence, in the imperative, with its full stop. */
  readonly does: string
  /** More sentences, for those who want to know exactly. */
  readonly details?: string
  readonly scope: Scope
  /** It changes nothing, though not everybody may look: no entry of the audit log tells of it. */
  readonly isLook?: boolean
  readonly input: Readonly<Record<string, Field>>
  /** What a caller in this process may pass beside the input, such as a signal: no document has it. */
  readonly hooks?: object | undefined
  /** Inputs that are arguments rather than options, in their order. */
  readonly positional?: readonly string[]
  /** Texts that are given to it may be secrets: no message repeats them. */
  readonly isSecretive?: boolean
  /** Set where the result is a list (or reads as one): its name in a document, `{runs: […]}`. `output` is one item then. */
  readonly list?: string
  /**
   * Where the list is given a page at a time: the fields of an item that it is ordered by then, a dash before those that fall.
   * Together they tell one item from another, and none of them ever changes.
   */
  readonly listedBy?: readonly string[]
  readonly output: z.ZodType
  /** The first one stands in error messages. */
  readonly examples: readonly object[]
}

/** `On` is what it works on. */
export interface Operation<Given extends object, Result, Watching extends object = object, On = Mirror>
  extends Described {
  readonly input: Fields<Given>
  readonly hooks?: Fields<Watching> | undefined
  readonly positional?: readonly (keyof Given & string)[]
  readonly examples: readonly Given[]
  /** Checked input in, document out. What it needs of the engine it loads itself, so that a face starts quickly. */
  readonly run: (on: On, input: Given, hooks: Partial<Watching>) => Result
}

/** Declares an operation, with its types. */
export function operation<Given extends object, Result, Watching extends object = object, On = Mirror>(
  declared: Operation<Given, Result, Watching, On>,
): Operation<Given, Result, Watching, On> {
  return declared
}
