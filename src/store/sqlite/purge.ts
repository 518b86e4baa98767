// Owns the deletion of a connection with everything that is stored of it: in small transactions, so that nobody waits,
// from its records outward to its row, so that one that was interrupted goes on where it stopped.

import { text } from '../cells.ts'
import { quote, tableNames } from '../names.ts'
import type { ConnectionStore } from '../store.ts'
import { fence } from '../system/leases.ts'
import type { Connection, Value } from './connection.ts'
import { driven, ROW_ID, SQLITE } from './dialect.ts'
import type { Streams } from './streams.ts'

/** Tables whose rows stand for the connection itself; they go last, in this order. */
const LAST = ['tm_runs', 'tm_streams', 'tm_connections']

export function purge(db: Connection, streams: Streams): Pick<ConnectionStore, 'purge'> {
  /** How far the feed was looked through for a connection: it has no index by stream, and is long. */
  const looked = new Map<number, number>()
  return {
    async purge({ lease, leaseUntil, connectionNo, limit }) {
      const gone = overwriting(db, () =>
        db.transaction(() => {
          driven(db, fence(lease, leaseUntil))
          // With every part: who reads the feed in between must not take it for the whole past either.
          db.run(RENEW, [connectionNo])
          let left = limit
          for (const remove of steps(db, connectionNo, looked)) {
            left -= remove(left)
            if (left <= 0) break
          }
          return limit - left
        }),
      )
      streams.forget(connectionNo)
      // The end: the write-ahead log still has the pages as they were. Readers that hold it back let it be; it is emptied
      // when the last process closes the file.
      if (gone > 0 && gone < limit) db.all('PRAGMA wal_checkpoint(TRUNCATE)')
      return gone
    },
  }
}

/** Runs what deletes so that the bytes of what is deleted are overwritten, also on pages that become free. */
function overwriting<T>(db: Connection, act: () => T): T {
  db.exec('PRAGMA secure_delete = ON')
  try {
    return act()
  } finally {
    db.exec('PRAGMA secure_delete = OFF')
  }
}

const RENEW = `UPDATE tm_projects SET epoch = ${SQLITE.newEpoch} WHERE no = (SELECT project_no FROM tm_connections WHERE no = ?)`

/** What deletes at most so many rows of the connection, in the order in which it may be done. */
function* steps(
  db: Connection,
  connectionNo: number,
  looked: Map<number, number>,
): Generator<(most: number) => number> {
  for (const row of db.all('SELECT DISTINCT base FROM tm_streams WHERE connection_no = ?', [connectionNo])) {
    const { records, tombstones, versions, snapshots } = tableNames(text(row['base']))
    for (const table of [records, tombstones]) {
      yield (most) => forgetRecords(db, { table, snapshots, connectionNo, most })
    }
    yield (most) => forgetSome(db, versions.slice(1, -1), `_stream IN ${STREAMS}`, connectionNo, most)
  }
  yield (most) => forgetChanges(db, connectionNo, most, looked)
  for (const [table, condition] of sideTables(db)) {
    yield (most) => forgetSome(db, table, condition, connectionNo, most)
  }
  const budgets =
    "scope = 'connection' AND (project_no, name) = (SELECT project_no, id FROM tm_connections WHERE no = ?)"
  yield (most) => forgetSome(db, 'tm_budgets', budgets, connectionNo, most)
  for (const table of ['tm_runs', 'tm_streams']) {
    yield (most) => forgetSome(db, table, 'connection_no = ?', connectionNo, most)
  }
  yield () => {
    looked.delete(connectionNo)
    return db.run('DELETE FROM tm_connections WHERE no = ?', [connectionNo])
  }
}

const STREAMS = '(SELECT no FROM tm_streams WHERE connection_no = ?)'
const RUNS = '(SELECT no FROM tm_runs WHERE connection_no = ?)'

function forgetSome(db: Connection, table: string, condition: string, connectionNo: number, most: number): number {
  const name = quote(table)
  const keys = keyColumns(db, table)
    .map((key) => (key === ROW_ID ? key : quote(key)))
    .join(', ')
  const sql = `DELETE FROM ${name} WHERE (${keys}) IN (SELECT ${keys} FROM ${name} WHERE ${condition} LIMIT ?)`
  return db.run(sql, [connectionNo, most])
}

/** Records whose snapshots are looked for at once. */
const TOGETHER = 200

/** Records with their snapshots, which hang on them and are found by nothing else. */
function forgetRecords(
  db: Connection,
  order: { table: string; snapshots: string; connectionNo: number; most: number },
): number {
  const { table, snapshots, connectionNo, most } = order
  let left = most
  while (left > 0) {
    const rows = db.all(`SELECT _id FROM ${table} WHERE _stream IN ${STREAMS} LIMIT ?`, [connectionNo, TOGETHER])
    if (rows.length === 0) break
    const ids = rows.map((row) => row['_id'])
    const these = `(_record, _day, _run) IN (SELECT _record, _day, _run FROM ${snapshots}
      WHERE _record IN (SELECT value FROM json_each(?)) LIMIT ?)`
    left -= db.run(`DELETE FROM ${snapshots} WHERE ${these}`, [JSON.stringify(ids), left])
    // With room left, none of theirs is left.
    const bare = JSON.stringify(ids.slice(0, left))
    if (left > 0) left -= db.run(`DELETE FROM ${table} WHERE _id IN (SELECT value FROM json_each(?))`, [bare])
  }
  return most - left
}

/** Changes, from the beginning of the feed on; what was looked through and is another connection's is not looked at again. */
function forgetChanges(db: Connection, connectionNo: number, most: number, looked: Map<number, number>): number {
  const found = db.all(
    `SELECT c.project_no, c.seq FROM tm_changes c
     WHERE c.project_no = (SELECT project_no FROM tm_connections WHERE no = ?1) AND c.seq > ?2
       AND c.stream_no IN (SELECT no FROM tm_streams WHERE connection_no = ?1) ORDER BY c.seq LIMIT ?3`,
    [connectionNo, looked.get(connectionNo) ?? 0, most],
  )
  for (const { project_no, seq } of found) {
    db.run('DELETE FROM tm_changes WHERE project_no = ? AND seq = ?', [project_no as Value, seq as Value])
  }
  const last = found.at(-1)
  if (last) looked.set(connectionNo, Number(last['seq']))
  return found.length
}

/**
 * Our own tables whose rows belong to a stream, a run or a connection, so that one that is added later is not forgotten;
 * each with the condition by which its key finds them.
 */
function sideTables(db: Connection): readonly (readonly [table: string, condition: string])[] {
  const conditions = new Map([
    ['stream_no', `stream_no IN ${STREAMS}`],
    ['run_no', `run_no IN ${RUNS}`],
    ['connection_no', 'connection_no = ?'],
  ])
  const sql = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'tm\\_%' ESCAPE '\\' ORDER BY name`
  return db.all(sql).flatMap((row) => {
    const table = text(row['name'])
    if (table === 'tm_changes' || LAST.includes(table)) return []
    const columns = new Set(
      db.all('SELECT name FROM pragma_table_info(?)', [table]).map((column) => text(column['name'])),
    )
    const [first = ''] = keyColumns(db, table)
    const column = [first, ...conditions.keys()].find((name) => conditions.has(name) && columns.has(name))
    const condition = conditions.get(column ?? '')
    return condition === undefined ? [] : [[table, condition] as const]
  })
}

/** The primary key of a table, or its row numbers. */
function keyColumns(db: Connection, table: string): readonly string[] {
  const rows = db.all('SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk', [table])
  return rows.length > 0 ? rows.map((row) => text(row['name'])) : [ROW_ID]
}
