// Owns which table a stream stands in. All connections of a connector share one, of all projects. A stream whose table has a
// name of its own, such as a blend, shares it with nobody: its columns follow from what a person has defined, and what one
// project defines neither shows nor gets in the way in another one.

import type { Column, StreamShape } from '../../model/record.ts'
import { json, text } from '../cells.ts'
import { baseOf } from '../names.ts'
import { type Asking, get, value } from '../statements.ts'
import { TABLE_BYTES_MAX } from '../stream-shape.ts'

/** The connection of a stream, also before there is a row for it. */
export interface Owner {
  readonly project: string
  readonly connection: string
}

export function* ownerOf(connectionNo: number): Asking<Owner> {
  const row = yield* get(
    'SELECT p.id AS project, c.id AS connection FROM tm_connections c JOIN tm_projects p ON p.no = c.project_no WHERE c.no = $1',
    [connectionNo],
  )
  return { project: text(row?.['project'] ?? ''), connection: text(row?.['connection'] ?? '') }
}

/** The one that it has, else the first that is free and takes its columns: `blend_team`, then `blend_team__2`. */
export function* tableFor(shape: StreamShape, { project, connection }: Owner): Asking<string> {
  const name = baseOf(shape)
  if (shape.table === undefined) return name
  const own = yield* value('SELECT base FROM tm_streams WHERE project = $1 AND connection = $2 AND stream = $3', [
    project,
    connection,
    shape.stream,
  ])
  if (own !== undefined) return text(own)
  for (let n = 1; ; n++) {
    const base = numbered(name, n)
    if (yield* value('SELECT 1 FROM tm_streams WHERE base = $1 LIMIT 1', [base])) continue
    // One that somebody has left is taken as it is, where the types of its columns are right.
    const left = yield* get('SELECT * FROM tm_tables WHERE base = $1', [base])
    if (left === undefined || isFitting(shape, left)) return base
  }
}

function numbered(name: string, n: number): string {
  if (n === 1) return name
  const suffix = `__${n}`
  return name.slice(0, TABLE_BYTES_MAX - suffix.length) + suffix
}

function isFitting(
  { connector, stream, columns, metrics }: StreamShape,
  row: Readonly<Record<string, unknown>>,
): boolean {
  if (row['connector'] !== connector || row['stream'] !== stream) return false
  const known = new Map((json(row['columns']) as Column[]).map((column) => [column.name.toLowerCase(), column]))
  const kept = new Map((json(row['metrics']) as Column[]).map((column) => [column.name, column]))
  return columns.every((column) => {
    const had = known.get(column.name.toLowerCase())
    const metric = metrics.includes(column.name) ? kept.get(column.name) : undefined
    return (
      (had === undefined || (had.name === column.name && had.type === column.type)) &&
      (metric?.type ?? column.type) === column.type
    )
  })
}
