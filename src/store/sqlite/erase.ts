// Owns erasing: what is deleted leaves no bytes of it in the file or its log.

import { run, writing } from '../statements.ts'
import type { ConnectionStore, SecretStore } from '../store.ts'
import { secrets } from '../system/secrets.ts'
import type { Connection } from './connection.ts'
import { sqliteDrive } from './dialect.ts'

/** Deletes secrets, and overwrites where they stood. */
export function erasing(durable: Connection): SecretStore['drop'] {
  const drive = sqliteDrive(durable)
  const drop = writing(function* (...order: Parameters<SecretStore['drop']>) {
    const gone = yield* secrets.drop.ask(...order)
    if (gone > 0) for (const sql of WRITE_ANEW) yield* run(sql)
    return gone
  })
  return async (...order) => {
    const gone = await drive(drop, order)
    // The log still has them as they were.
    if (gone > 0) durable.all('PRAGMA wal_checkpoint(TRUNCATE)')
    return gone
  }
}

/**
 * What is deleted is overwritten where it stands, not where it has stood: a page that was split keeps a copy of what has
 * moved to another one. Therefore all pages are given up, which overwrites them, and what stays is written anew.
 */
const WRITE_ANEW = [
  'CREATE TEMP TABLE staying AS SELECT * FROM tm_secrets',
  'DELETE FROM tm_secrets',
  'INSERT INTO tm_secrets SELECT * FROM staying ORDER BY connection_no, name',
  'DROP TABLE staying',
]

/** Deletes so that the bytes of what is deleted are overwritten, also on pages that become free. */
export function overwriting(db: Connection, purge: ConnectionStore['purge']): ConnectionStore['purge'] {
  return async (order) => {
    db.exec('PRAGMA secure_delete = ON')
    try {
      const gone = await purge(order)
      // The end: the write-ahead log still has the pages as they were. Readers that hold it back let it be; it is emptied
      // when the last process closes the file.
      if (gone > 0 && gone < order.limit) db.all('PRAGMA wal_checkpoint(TRUNCATE)')
      return gone
    } finally {
      db.exec('PRAGMA secure_delete = OFF')
    }
  }
}
