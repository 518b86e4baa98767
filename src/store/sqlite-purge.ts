// Owns the deletion of a connection with everything that is stored of it: in small transactions, so that nobody waits,
// from its records outward to its row, so that one that was interrupted goes on where it stopped.

import type { Connection, Value } from './sqlite-connection.ts'
import { NEW_EPOCH } from './sqlite-connections.ts'
import { fence } from './sqlite-leases.ts'
import { quote, tableNames } from './sqlite-names.ts'
import type { Streams } from './sqlite-streams.ts'
import { text } from './sqlite-values.ts'
import type { Store } from './store.ts'

/** Tables whose rows stand for the connection itself; they go last, in this order. */
const LAST = ['tm_runs', 'tm_streams', 'tm_connections']

export function purge(db: Connection, streams: Streams): Pick<Store, 'purge'> {
  /** How far the feed was looked through for a connection: it has no index by stream, and is long. */
  const looked = new Map<number, number>()
  return {
    async purge({ lease, leaseUntil, connectionNo, limit }) {
      const gone = db.transaction(() => {
        fence(db, lease, leaseUntil)
        let left = limit
        for (const remove of steps(db, connectionNo, looked)) {
          left -= remove(left)
          if (left <= 0) break
        }
        return limit - left
      })
      streams.forget(connectionNo)
      return gone
    },
  }
}

/** What deletes at most so many rows of the connection, in the order in which it may be done. */
function* steps(
  db: Connection,
  connectionNo: number,
  looked: Map<number, number>,
): Generator<(most: number) => number> {
  const ofStreams = '(SELECT no FROM tm_streams WHERE connection_no = ?)'
  const some = (table: string, condition: string, values: readonly Value[] = [connectionNo]) => {
    const keys = keyColumns(db, table)
    const sql = `DELETE FROM ${quote(table)} WHERE (${keys}) IN (SELECT ${keys} FROM ${quote(table)} WHERE ${condition} LIMIT ?)`
    return (most: number) => db.run(sql, [...values, most])
  }
  for (const row of db.all('SELECT DISTINCT base FROM tm_streams WHERE connection_no = ?', [connectionNo])) {
    const tables = tableNames(text(row['base']))
    const bare = (name: string) => name.slice(1, -1)
    for (const records of [tables.records, tables.tombstones]) {
      yield some(bare(tables.snapshots), `_record IN (SELECT _id FROM ${records} WHERE _stream IN ${ofStreams})`)
    }
    for (const table of [tables.versions, tables.tombstones, tables.records]) {
      yield some(bare(table), `_stream IN ${ofStreams}`)
    }
  }
  yield (most) => forgetChanges(db, connectionNo, most, looked)
  const ofRuns = '(SELECT no FROM tm_runs WHERE connection_no = ?)'
  const conditions = [
    ['stream_no', `stream_no IN ${ofStreams}`],
    ['run_no', `run_no IN ${ofRuns}`],
    ['connection_no', 'connection_no = ?'],
  ] as const
  for (const [column, condition] of conditions) {
    for (const table of tablesWith(db, column)) yield some(table, condition)
  }
  yield some(
    'tm_budgets',
    `scope = 'connection' AND (project_no, name) = (SELECT project_no, id FROM tm_connections WHERE no = ?)`,
  )
  yield some('tm_runs', 'connection_no = ?')
  yield some('tm_streams', 'connection_no = ?')
  yield () => {
    const renew = `UPDATE tm_projects SET epoch = ${NEW_EPOCH} WHERE no = (SELECT project_no FROM tm_connections WHERE no = ?)`
    db.run(renew, [connectionNo])
    looked.delete(connectionNo)
    return db.run('DELETE FROM tm_connections WHERE no = ?', [connectionNo])
  }
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

/** Our own tables that have a column of this name, so that one that is added later is not forgotten. */
function tablesWith(db: Connection, column: string): readonly string[] {
  const sql = `SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name LIKE 'tm\\_%' ESCAPE '\\' AND c.name = ? ORDER BY t.name`
  return db
    .all(sql, [column])
    .map((row) => text(row['name']))
    .filter((name) => name !== 'tm_changes' && !LAST.includes(name))
}

function keyColumns(db: Connection, table: string): string {
  const rows = db.all('SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk', [table])
  return rows.length > 0 ? rows.map((row) => quote(text(row['name']))).join(', ') : 'rowid'
}
