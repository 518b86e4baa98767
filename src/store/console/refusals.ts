// Owns what a person is told whose statement was refused, whatever the database.

import { TidemarkError } from '../../model/errors.ts'

export function refused(why: string): TidemarkError {
  return new TidemarkError('sql_refused', `The statement was refused: ${why}.`)
}

/** A table of another project does not exist for this one. */
export function noSuchTable(name: string): TidemarkError {
  return new TidemarkError('sql_failed', `No such table: ${name}.`, {
    hint: 'Name tables without a schema before them.',
  })
}
