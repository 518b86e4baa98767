// Owns what is said of a target that can't be one, and of a mirror that is not whole yet.

import { TidemarkError } from '../../model/errors.ts'

export function notEmpty(name: string, table: string): TidemarkError {
  return new TidemarkError('database_not_empty', `The database ${name} is not empty: ${table} has rows.`)
}

export function otherOrigin(name: string): TidemarkError {
  return new TidemarkError('database_not_empty', `The database ${name} holds a part of another mirror.`, {
    hint: 'Finish that migration with the same two databases, or name an empty one.',
  })
}

/** Of whoever opens a target before it is whole. */
export function unfinished(name: string): TidemarkError {
  return new TidemarkError(
    'migration_unfinished',
    `The database ${name} is the target of a migration that is not finished.`,
  )
}
