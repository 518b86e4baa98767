// Owns what a person is told whose statement was refused, whatever the database.

import { TidemarkError } from '../../model/errors.ts'

export function refused(why: string): TidemarkError {
  return new TidemarkError('sql_refused', `The statement was refused: ${why}.`, {
    hint: 'One SELECT over the tables of your project: each stream is one, and so are runs, gaps, changes and streams.',
  })
}

/** A table of another project does not exist for this one. */
export function noSuchTable(name: string): TidemarkError {
  return new TidemarkError('sql_failed', `no such table: ${name}`, {
    hint: 'Name tables without a schema before them.',
  })
}
