// Runs the store's suite against a real PostgreSQL.

import { describe } from 'vitest'
import { NO_POSTGRES } from '../support/postgres.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { storeSuite } from './store-suite.ts'

const open = Object.assign(() => PostgresDatabase.open(), { examples: 12 })

describe.skipIf(NO_POSTGRES !== undefined)(`a server${NO_POSTGRES === undefined ? '' : `: ${NO_POSTGRES}`}`, () => {
  storeSuite('PostgreSQL', open)
})
