// Runs the store's suite against SQLite in a file.

import { SqliteFile } from '../store/sqlite-file.ts'
import { storeSuite } from './store-suite.ts'

storeSuite('SQLite', async () => new SqliteFile())
