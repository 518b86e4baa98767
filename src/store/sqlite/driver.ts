// Owns where SQLite comes from: Node itself. It is asked for when this file runs, and not by an import: a Node that has
// no SQLite would fail to link the library before it could say which Node is needed.

import type { DatabaseSync as Database } from 'node:sqlite'

const sqlite = process.getBuiltinModule('node:sqlite')

export const { backup, constants, DatabaseSync } = sqlite
export type DatabaseSync = Database
