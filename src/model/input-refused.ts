// Owns what is said of input that an operation refuses, so that each face can say it in its own words.

import { type ErrorCode, type Sentence, TidemarkError } from './errors.ts'

/** What is wrong with the input of a call. Its message is for programs; a face where it is written otherwise retells it. */
export class InputRefused extends TidemarkError {
  readonly refusal: Refusal

  constructor(code: ErrorCode, message: Sentence, hint: string, refusal: Refusal) {
    super(code, message, { hint })
    this.refusal = refusal
  }
}

export interface Refusal {
  /** The name of the operation. */
  readonly call: string
  /** The input, or the one that does not exist. */
  readonly input: string
  /** What is wrong within it, such as `.likes`; '' for itself. */
  readonly within: string
  readonly kind: 'unknown' | 'missing' | 'wrong'
  /** What it should be: `is a list of texts`. */
  readonly expected: string
  /** What was given, for a message. */
  readonly value: string
  /** Of a text that is near to one that is taken: a sentence, else ''. */
  readonly meant: string
}
