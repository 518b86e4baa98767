// Owns erasing: what is deleted leaves no bytes of it in the file or its log.

import type { ConnectionStore, SealedSecret } from '../store.ts'
import type { Connection } from './connection.ts'

/** Deletes secrets of a connection and overwrites where they stood; returns how many it deleted. */
export function eraseSecrets(
  durable: Connection,
  connectionNo: number,
  only?: readonly Pick<SealedSecret, 'name' | 'version'>[],
): number {
  const dropped = durable.transaction(() => {
    const gone = deleteSecrets(durable, connectionNo, only)
    if (gone > 0) writeAnew(durable)
    return gone
  })
  // The log still has them as they were.
  if (dropped > 0) durable.all('PRAGMA wal_checkpoint(TRUNCATE)')
  return dropped
}

function deleteSecrets(
  durable: Connection,
  connectionNo: number,
  only?: readonly Pick<SealedSecret, 'name' | 'version'>[],
): number {
  const sql = 'DELETE FROM tm_secrets WHERE connection_no = ?'
  if (!only) return durable.run(sql, [connectionNo])
  return only.reduce(
    (gone, { name, version }) =>
      gone + durable.run(`${sql} AND name = ? AND version = ?`, [connectionNo, name, version]),
    0,
  )
}

/**
 * What is deleted is overwritten where it stands, not where it has stood: a page that was split keeps a copy of what has
 * moved to another one. Therefore all pages are given up, which overwrites them, and what stays is written anew.
 */
function writeAnew(durable: Connection): void {
  durable.exec(`CREATE TEMP TABLE staying AS SELECT * FROM tm_secrets;
    DELETE FROM tm_secrets;
    INSERT INTO tm_secrets SELECT * FROM staying ORDER BY connection_no, name;
    DROP TABLE staying`)
}

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
