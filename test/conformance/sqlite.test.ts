// Runs the store's suite against SQLite in a file.

import { SqliteFile } from '../store/sqlite-file.ts'
import { DEEP } from '../support/depth.ts'
import { storeSuite } from './store-suite.ts'

storeSuite(
  'SQLite',
  Object.assign(async () => new SqliteFile(), DEEP ? {} : { examples: 24 }),
)
