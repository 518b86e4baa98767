// Owns the name of the embedded store: whoever needs SQLite imports this file, its parts import each other.

export { copyMirror, proveMirror, refuseMirror, replaceMirror, seizeMirror } from './sqlite/backup.ts'
export { originOf, targetOf } from './sqlite/end.ts'
export { examineMirror } from './sqlite/examine.ts'
export { readingApart } from './sqlite/reading-threads.ts'
export { openSqliteStore, type SqliteOptions } from './sqlite/store.ts'
