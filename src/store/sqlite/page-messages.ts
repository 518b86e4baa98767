// Owns what the thread that writes pages is told, and what it answers: values that can be copied from thread to thread.

import type { Batch } from '../store.ts'
import type { OpenStream } from '../system/streams.ts'
import type { SentError } from './sent-error.ts'

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
