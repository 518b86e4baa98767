// Owns how tests say that they need PostgreSQL: where it can't run they are skipped, under a name that says why.

import { describe } from 'vitest'
import { NO_POSTGRES } from './postgres.ts'

const WHY = NO_POSTGRES === undefined ? '' : ` (no PostgreSQL here: ${NO_POSTGRES})`

/** Tests that need the server; `inOrder` where each goes on from what the one before has left. */
export function withPostgres(name: string, tests: () => void, { inOrder = false } = {}): void {
  const options = inOrder ? { shuffle: false } : {}
  describe.skipIf(NO_POSTGRES !== undefined)(`${name}${WHY}`, options, () => {
    tests()
  })
}
