// Owns looking through a SQLite file for damage, without changing it.

import { existsSync, statSync } from 'node:fs'
import { text } from '../cells.ts'
import { Connection } from './connection.ts'

/** Faults that are told, at most. */
const FAULTS_MAX = 10
const CACHE_KIB = 8_192

export interface Examination {
  readonly bytes: number
  /** Of the write-ahead log beside it. */
  readonly logBytes: number
  readonly faults: readonly string[]
}

/**
 * Reads the whole file once; `deep` also compares every index with its table, which takes several times as long.
 *
 * @throws TidemarkError database_missing, database_unreadable, database_damaged when it can't even be read
 */
export function examineMirror(file: string, { deep }: { deep: boolean }): Examination {
  const db = new Connection({ path: file, readOnly: true, synchronous: 'NORMAL', cacheKib: CACHE_KIB })
  try {
    const log = `${file}-wal`
    return {
      bytes: statSync(file).size,
      logBytes: existsSync(log) ? statSync(log).size : 0,
      faults: faults(db, deep),
    }
  } finally {
    db.close()
  }
}

export function faults(db: Connection, deep: boolean): readonly string[] {
  const check = `PRAGMA ${deep ? 'integrity_check' : 'quick_check'}(${FAULTS_MAX})`
  const found = db
    .all(check)
    .flatMap((row) => text(Object.values(row)[0]).split('\n'))
    .filter((line) => line !== 'ok' && !line.startsWith('*** in database'))
  const orphans = db
    .all('PRAGMA foreign_key_check')
    .map((row) => `a row of ${String(row['table'])} refers to a row of ${String(row['parent'])} that is not there`)
  return [...found, ...new Set(orphans)].slice(0, FAULTS_MAX)
}
