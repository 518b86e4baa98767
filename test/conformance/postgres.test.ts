// Runs the store's suite against a real PostgreSQL.

import { describe, it } from 'vitest'
import { NO_POSTGRES } from '../support/postgres.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { storeSuite } from './store-suite.ts'

const open = Object.assign(() => PostgresDatabase.open(), { examples: 12 })

if (NO_POSTGRES === undefined) storeSuite('PostgreSQL', open)
else describe('PostgreSQL', () => it.skip(`is not tried: ${NO_POSTGRES}`, () => {}))
