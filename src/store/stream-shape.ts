// Owns which shapes of streams can be stored, whatever the store: names that are usable, columns that keep their type.

import { TidemarkError } from '../model/errors.ts'
import { type Column, ORDER, type StreamShape } from '../model/record.ts'
import { baseOf } from './names.ts'
import type { StreamRow } from './store.ts'

/** The longest name, in bytes: PostgreSQL cuts what is longer. The same in SQLite, so that a mirror fits into both. */
const NAME_BYTES_MAX = 63
/** The longest name of a stream's table, in bytes: its views add to it. */
export const TABLE_BYTES_MAX = NAME_BYTES_MAX - '_snapshots'.length

/**
 * Refuses what one of the databases can't store, whichever is in use.
 *
 * @throws TidemarkError shape_conflict
 */
export function checkShape(shape: StreamShape): void {
  const base = baseOf(shape)
  if (!/^[a-z][a-z0-9_]*$/.test(base) || /^(tm|sqlite|pg)_/.test(base)) {
    throw refused(
      shape,
      `has the table name "${base}"`,
      'Use lower-case letters, digits and dashes, and a letter first.',
    )
  }
  if (Buffer.byteLength(base) > TABLE_BYTES_MAX) throw tooLong(shape, `has the table name "${base}"`)
  const names = new Set<string>()
  for (const { name } of shape.columns) {
    if (!/^[^_\0][^\0]*$/.test(name) || !name.isWellFormed()) {
      throw refused(
        shape,
        `has a column "${name}"`,
        'Names of columns are well-formed text, are not empty and do not start with an underscore.',
      )
    }
    if (Buffer.byteLength(name) > NAME_BYTES_MAX) throw tooLong(shape, `has a column "${name}"`)
    if (names.has(name.toLowerCase())) {
      throw refused(shape, `has two columns "${name}"`, 'Names of columns differ in more than upper and lower case.')
    }
    names.add(name.toLowerCase())
  }
  for (const metric of shape.metrics) {
    if (!shape.columns.some(({ name }) => name === metric)) {
      throw refused(
        shape,
        `names the metric "${metric}", which is no column`,
        'A metric is the name of one of the columns.',
      )
    }
  }
}

/**
 * The columns that a table lacks. A column that it has with another type is refused: its values could not be kept.
 *
 * @throws TidemarkError shape_conflict
 */
export function missingColumns(
  shape: StreamShape,
  has: readonly Column[],
  wants: readonly Column[],
): readonly Column[] {
  return wants.filter((column) => {
    const known = has.find(({ name }) => name.toLowerCase() === column.name.toLowerCase())
    if (!known) return true
    if (known.type === column.type && known.name === column.name) return false
    throw refused(
      shape,
      `has a column "${column.name}" of type ${column.type}, but its table has "${known.name}" of type ${known.type}`,
      'Give the column a new name, or the stream; what is stored keeps its type.',
    )
  })
}

/** What the shape has and contents that were stored under the one before lack, with what they lacked or could not be read for. */
export function unfilledColumns(
  { shape: before, unfilled, unreadable }: StreamRow,
  shape: StreamShape,
): readonly string[] {
  const had = new Set(before.columns.map(({ name }) => name))
  if ((before.order ?? 'asked') === (shape.order ?? 'asked')) had.add(ORDER.name)
  const names = [ORDER, ...shape.columns].map(({ name }) => name)
  return names.filter((name) => !had.has(name) || unfilled.includes(name) || unreadable.includes(name))
}

function tooLong(shape: StreamShape, what: string): TidemarkError {
  const limits = `PostgreSQL takes names of ${NAME_BYTES_MAX} bytes, and a stream's table ${TABLE_BYTES_MAX}`
  return refused(
    shape,
    what,
    `${limits}: choose a shorter one. SQLite has the same limits here, so that a mirror can move.`,
  )
}

function refused({ connector, stream }: StreamShape, what: string, hint: string): TidemarkError {
  return new TidemarkError('shape_conflict', `Stream "${stream}" of connector "${connector}" ${what}.`, { hint })
}

export function nameTaken(
  { connector, stream }: Pick<StreamShape, 'connector' | 'stream'>,
  name: string,
  owner: string,
): TidemarkError {
  const what =
    `Stream "${stream}" of connector "${connector}" needs the table name "${name}", which ${owner} has.` as const
  return new TidemarkError('name_taken', what, { hint: 'Rename the connector or the stream.' })
}
