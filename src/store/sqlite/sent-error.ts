// Owns an error on its way from a thread to the one that has asked: values that can be copied, and the error that they were.

import { asError, LeaseLost, retold, type Sentence, TidemarkError, type ToldError } from '../../model/errors.ts'

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
  if (sent.kind === 'lease') return new LeaseLost(sent.message as Sentence)
  return sent.kind === 'own' ? retold(sent.told, {}) : sent.error
}
