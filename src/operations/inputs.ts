// Owns the inputs that several operations share, so that each is described and checked alike everywhere.

import { count, type FieldMore, hook, listener, optional, text } from './fields.ts'

export const connectionInput = text('the id of a connection', { sign: 'connection' })
export const streamInput = text('the name of a stream', { sign: 'stream' })
export const keyInput = text('the key of a record', { sign: 'key' })
export const runInput = text('the id of a run, from the list of runs', { sign: 'run' })

/** Only what belongs to one connection. */
export const ofConnection = optional(text('only those of this connection', { sign: 'connection' }))

export function limit(more: FieldMore & { readonly most?: number } = {}) {
  return optional(count('how many, at most', more))
}

/** Of a list by the numbers that the store gives to its rows, the greatest first: for whoever reads it a page at a time. */
export interface ByNumber {
  readonly behind?: number | undefined
  readonly onPlace?: ((no: number) => void) | undefined
}

export const byNumber = {
  behind: hook('is the number of a row', 'only what comes behind the row of this number', Number.isSafeInteger),
  onPlace: listener('gets the number of each row, before the rows'),
}
