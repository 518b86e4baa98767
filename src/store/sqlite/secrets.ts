// Owns the erasing of secrets: what is deleted leaves no bytes of it in the file or its log.

import type { Connection } from './connection.ts'

/** Deletes the secrets of a connection and overwrites where they stood; returns how many there were. */
export function eraseSecrets(durable: Connection, connectionNo: number): number {
  const dropped = durable.transaction(() => {
    const gone = durable.run('DELETE FROM tm_secrets WHERE connection_no = ?', [connectionNo])
    if (gone > 0) writeAnew(durable)
    return gone
  })
  // The log still has them as they were; see purge.ts.
  if (dropped > 0) durable.all('PRAGMA wal_checkpoint(TRUNCATE)')
  return dropped
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
