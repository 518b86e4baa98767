// Runs the store's suite against a real PostgreSQL.

import { DEEP } from '../support/depth.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'
import { storeSuite } from './store-suite.ts'

const open = Object.assign(() => PostgresDatabase.open(), { examples: DEEP ? 12 : 8 })

withPostgres('a server', () => {
  storeSuite('PostgreSQL', open)
})
