// Owns the name of the server store: whoever needs PostgreSQL imports this file, its parts import each other.

export { originOf, targetOf } from './postgres/end.ts'
export { openPostgresStore } from './postgres/store.ts'
