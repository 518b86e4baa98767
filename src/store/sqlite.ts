// Owns the name of the embedded store: whoever needs SQLite imports this file, its parts import each other.

export { openSqliteStore, type SqliteOptions } from './sqlite-store.ts'
