// Owns the inputs that several operations share, so that each is described and checked alike everywhere.

import { count, type FieldMore, optional, text } from './fields.ts'

export const connectionInput = text('the id of a connection', { sign: 'connection' })
export const streamInput = text('the name of a stream', { sign: 'stream' })
export const keyInput = text('the key of a record', { sign: 'key' })
export const runInput = text('the id of a run, from the list of runs', { sign: 'run' })

/** Only what belongs to one connection. */
export const ofConnection = optional(text('only those of this connection', { sign: 'connection' }))

export function limit(more: FieldMore & { readonly most?: number } = {}) {
  return optional(count('how many, at most', more))
}
