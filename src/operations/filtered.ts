// Owns what a condition on stored records means in a column that a stream is filtered by at its source: the same as when it is
// synced. `status=A,B` is one of several values, and `status=open` what the stream calls open.

import { meantBy } from '../connector/filter-words.ts'
import type { RecordsAsked } from '../engine/history/read-records.ts'
import { conditionOf } from '../model/condition.ts'
import type { StreamShape } from '../model/record.ts'
import type { Mirror } from './mirror.ts'

type Where = RecordsAsked['where']

/** Conditions with the values that their words stand for. A connector that is not here has no such words. */
export async function filtered({ connectors }: Mirror, shape: StreamShape, where: Where): Promise<Where> {
  const columns = shape.columns.map(({ name }) => name)
  const worded = Object.entries(where ?? {}).flatMap(([name, value]) => {
    const { column, by } = conditionOf(name, columns)
    const isWord = typeof value === 'string' && (value === 'open' || value.includes(','))
    return isWord && (by === '=' || by === '!') ? [{ name, column, value }] : []
  })
  if (worded.length === 0) return where
  const filters = (await connectors.find(shape.connector))?.streams[shape.stream]?.filters ?? {}
  const meant = worded.flatMap(({ name, column, value }) => {
    const filter = Object.hasOwn(filters, column) ? filters[column] : undefined
    if (!filter) return []
    const values = value.split(',').map((one) => one.trim())
    return [
      [
        name,
        meantBy(
          filter,
          values.filter((one) => one !== ''),
        ),
      ] as const,
    ]
  })
  return { ...where, ...Object.fromEntries(meant) }
}
