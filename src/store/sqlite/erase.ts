// Owns erasing: what is deleted leaves no bytes of it in the file or its log.

import { run, type Work, writing } from '../statements.ts'
import type { ConnectionStore, SecretStore } from '../store.ts'
import { connections } from '../system/connections.ts'
import { secrets } from '../system/secrets.ts'
import type { Streams } from '../system/streams.ts'
import type { Connection } from './connection.ts'
import { sqliteDrive } from './dialect.ts'

/** What deletes secrets, done so that it also overwrites where they stood. */
export function erasing(
  durable: Connection,
  streams: Streams,
): Pick<SecretStore, 'drop'> & Pick<ConnectionStore, 'save' | 'disconnect'> {
  const drive = sqliteDrive(durable)
  const erased = <A extends readonly unknown[], T>(work: Work<A, T>, isErasing: (gone: T, args: A) => boolean) => {
    const anew = writing(function* (...args: A) {
      const gone = yield* work.ask(...args)
      if (isErasing(gone, args)) for (const sql of WRITE_ANEW) yield* run(sql)
      return gone
    })
    return async (...args: A) => {
      const gone = await drive(anew, args)
      // The log still has them as they were.
      if (isErasing(gone, args)) durable.all('PRAGMA wal_checkpoint(TRUNCATE)')
      return gone
    }
  }
  const { save, disconnect } = connections(streams)
  return {
    drop: erased(secrets.drop, (gone) => gone > 0),
    save: erased(save, (_, [{ forget = [] }]) => forget.length > 0),
    disconnect: erased(disconnect, (gone) => gone > 0),
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
