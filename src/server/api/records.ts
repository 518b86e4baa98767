// Owns how records are read over HTTP: a page of them, or one.

import { TidemarkError } from '../../model/errors.ts'
import { whereFor } from '../../operations/records.ts'
import { type Answerer, type Call, doFor, given, json } from './call.ts'
import { pairOf } from './input.ts'
import { nextCursor, pageBehind, pageOf } from './paging.ts'

export const records: Answerer = async (call) => {
  const page = pageOf(call.query)
  const { place, options } = await askedOf(call)
  const { columns } = options
  const asked = {
    ...options,
    // A record has its key, whatever else is asked of it.
    ...(Array.isArray(columns) && !columns.includes('_key') ? { columns: ['_key', ...columns] } : {}),
    limit: page.limit + 1,
  }
  const read = (more: object) => doFor(call, 'records', place, { ...asked, ...more })
  const { rows, next } = await pageBehind(call.operation, page, read)
  return json({ records: rows, nextCursor: nextCursor(next) })
}

/** The outline, with a cursor in place of each place; the first part begins without one. */
export const outline: Answerer = async (call) => {
  const { place, options } = await askedOf(call)
  const { places, ...told } = await doFor(call, 'outline', place, options)
  return json({ ...told, cursors: places.map((one) => nextCursor(one)) })
}

/** Which records a call asks for, with the values of `where` in the types of their columns. */
export async function askedOf(call: Call) {
  const where = call.query.getAll('where')
  call.query.delete('where')
  const place = placeOf(call)
  const { options } = given(call)
  return { place, options: where.length > 0 ? { ...options, where: await typed(call, place, where) } : options }
}

/** Each value in the type of its column. What does not exist, the operation says. */
async function typed({ tidemark, caller }: Call, { connection, stream }: Place, texts: readonly string[]) {
  const pairs = texts.map((text) => pairOf('where', text))
  const row = await tidemark.store.connections.find(caller.project, connection)
  const streams = row ? await tidemark.store.streams.list(row.no) : []
  const found = streams.find((one) => one.stream === stream)
  return found ? whereFor(found.shape, pairs) : Object.fromEntries(pairs)
}

/** One record; a tombstone where it was removed. */
export const record: Answerer = async (call) => {
  const place = placeOf(call)
  const { key = '' } = call.params
  const options = Object.fromEntries(Object.entries(given(call).options))
  const removed = options['removed'] === undefined ? [false, true] : [options['removed']]
  for (const one of removed) {
    const asked = { ...options, removed: one, where: { _key: key }, limit: 1 }
    for await (const row of await doFor(call, 'records', place, asked as never)) return json(row)
  }
  throw new TidemarkError('record_unknown', `Stream "${place.stream}" has no record "${key}".`)
}

interface Place {
  readonly connection: string
  readonly stream: string
}

function placeOf({ params }: Call): Place {
  return { connection: params['id'] ?? '', stream: params['stream'] ?? '' }
}
