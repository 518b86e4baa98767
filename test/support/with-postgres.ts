// Owns how tests say that they need PostgreSQL: where it can't run they are skipped, under a name that says why.

import { describe } from 'vitest'
import { NO_POSTGRES } from './postgres.ts'

const WHY = NO_POSTGRES === undefined ? '' : ` (no PostgreSQL here: ${NO_POSTGRES})`

/** Tests that need the server. */
export function withPostgres(name: string, tests: () => void): void {
  describe.skipIf(NO_POSTGRES !== undefined)(`${name}${WHY}`, () => {
    tests()
  })
}
