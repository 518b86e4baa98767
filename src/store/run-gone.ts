// Owns the error of a run whose own row has gone from the database while it writes: somebody else has deleted it.

import { TidemarkError } from '../model/errors.ts'

export function runGone(): TidemarkError {
  return new TidemarkError('database_damaged', 'The database has lost the row of the run that is writing.', {
    scope: 'run',
    hint: 'Another program has deleted rows of its tables. Restore the last backup, or sync again with --mode full, and let nothing else write to them.',
  })
}
