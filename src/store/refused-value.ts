// Owns the error by which a store says that it can't hold a value of a batch, whatever the value is: nothing of the batch
// is written, and the same batch without that value would be.

import { TidemarkError } from '../model/errors.ts'

export const VALUE_REFUSED = 'database_limit'

export function isRefusedValue(error: unknown): boolean {
  return error instanceof TidemarkError && error.code === VALUE_REFUSED
}
