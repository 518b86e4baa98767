// Owns what the thread that writes pages is told, and what it answers: values that can be copied from thread to thread.

import { asError, LeaseLost, retold, TidemarkError, type ToldError } from '../../model/errors.ts'
import type { Batch } from '../store.ts'
import type { OpenStream } from '../system/streams.ts'

/** A page to write, and its stream as whoever asks knows it: the cells come in the order of that shape. */
export interface Order {
  readonly no: number
  readonly batch: Batch
  readonly stream: Pick<OpenStream, 'no' | 'projectNo' | 'base' | 'shapeText'>
}

/** Without `of`: the file is open. */
export type Answer =
  | { readonly of?: undefined }
  | { readonly of: number; readonly result: 'written' | 'stale' }
  | { readonly of: number; readonly error: SentError }

/** An error without its class, which no copy keeps. */
export type SentError =
  | { readonly kind: 'lease'; readonly message: string }
  | { readonly kind: 'own'; readonly told: ToldError }
  | { readonly kind: 'foreign'; readonly error: Error }

export function sentError(thrown: unknown): SentError {
  if (thrown instanceof LeaseLost) return { kind: 'lease', message: thrown.message }
  if (!(thrown instanceof TidemarkError)) return { kind: 'foreign', error: asError(thrown) }
  const { code, message, hint, verdict, scope, retryAt, tried, cause } = thrown
  const why = cause === undefined ? {} : { cause: asError(cause) }
  return { kind: 'own', told: { code, message, hint, verdict, scope, retryAt, tried, ...why } }
}

/** The error that the thread threw. */
export function errorOf(sent: SentError): Error {
  if (sent.kind === 'lease') return new LeaseLost(sent.message as ConstructorParameters<typeof LeaseLost>[0])
  return sent.kind === 'own' ? retold(sent.told, {}) : sent.error
}
