// Owns the deletion of a connection with everything that is stored of it: in small transactions, so that nobody waits,
// from its records outward to its row, so that one that was interrupted goes on where it stopped.

import { count, text } from '../cells.ts'
import { quote, tableNames } from '../names.ts'
import type { ConnectionStore } from '../store.ts'
import { fence } from '../system/leases.ts'
import type { Connection, Queries } from './connection.ts'
import { driven, POSTGRES } from './dialect.ts'
import type { Streams } from './streams.ts'

/** Tables whose rows stand for the connection itself; they go last, in this order. */
const LAST = ['tm_runs', 'tm_streams', 'tm_connections']

type Step = (tx: Queries, most: number) => Promise<number>

export function purge(db: Connection, streams: Streams): Pick<ConnectionStore, 'purge'> {
  return {
    async purge({ lease, leaseUntil, connectionNo, limit }) {
      const gone = await db.transaction(async (tx) => {
        await driven(tx, fence(lease, leaseUntil))
        const of = await tx.get('SELECT project_no FROM tm_connections WHERE no = $1', [connectionNo])
        let left = limit
        for (const step of await steps(tx, connectionNo)) {
          left -= await step(tx, left)
          if (left <= 0) break
        }
        // With every part: who reads the feed in between must not take it for the whole past either. Last, because the
        // checkpoints of the project's other connections wait for this row.
        if (of)
          await tx.run(`UPDATE tm_projects SET epoch = ${POSTGRES.newEpoch} WHERE no = $1`, [count(of['project_no'])])
        return limit - left
      })
      streams.forget(connectionNo)
      return gone
    },
  }
}

/** What deletes at most so many rows of the connection, in the order in which it may be done. */
async function steps(tx: Queries, connectionNo: number): Promise<readonly Step[]> {
  const ofStreams = '(SELECT no FROM tm_streams WHERE connection_no = $1)'
  /** Rows by their place in the table, which every table has. */
  const some =
    (table: string, condition: string): Step =>
    (with_, most) =>
      with_.run(
        `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE ${condition} LIMIT $2 FOR UPDATE))`,
        [connectionNo, most],
      )
  const all: Step[] = []
  const bases = await tx.all('SELECT DISTINCT base FROM tm_streams WHERE connection_no = $1 ORDER BY base', [
    connectionNo,
  ])
  for (const row of bases) {
    const { records, tombstones, versions, snapshots } = tableNames(text(row['base']))
    for (const table of [records, tombstones]) {
      all.push((with_, most) => forgetRecords(with_, { table, snapshots, connectionNo, most }))
    }
    all.push(some(versions, `_stream IN ${ofStreams}`))
  }
  all.push(
    some(
      'tm_changes',
      `project_no = (SELECT project_no FROM tm_connections WHERE no = $1) AND stream_no IN ${ofStreams}`,
    ),
  )
  const conditions = [
    ['stream_no', `stream_no IN ${ofStreams}`],
    ['run_no', 'run_no IN (SELECT no FROM tm_runs WHERE connection_no = $1)'],
    ['connection_no', 'connection_no = $1'],
  ] as const
  for (const [column, condition] of conditions) {
    for (const table of await tablesWith(tx, column)) all.push(some(quote(table), condition))
  }
  all.push(
    some(
      'tm_budgets',
      `scope = 'connection' AND (project_no, name) = (SELECT project_no, id FROM tm_connections WHERE no = $1)`,
    ),
    some('tm_runs', 'connection_no = $1'),
    some('tm_streams', 'connection_no = $1'),
    (with_) => with_.run('DELETE FROM tm_connections WHERE no = $1', [connectionNo]),
  )
  return all
}

/** Records whose snapshots are looked for at once. */
const TOGETHER = 200

/** Records with their snapshots, which hang on them and are found by nothing else. */
async function forgetRecords(
  tx: Queries,
  order: { table: string; snapshots: string; connectionNo: number; most: number },
): Promise<number> {
  const { table, snapshots, connectionNo, most } = order
  let left = most
  while (left > 0) {
    const rows = await tx.all(
      `SELECT _id FROM ${table} WHERE _stream IN (SELECT no FROM tm_streams WHERE connection_no = $1) LIMIT $2`,
      [connectionNo, TOGETHER],
    )
    if (rows.length === 0) break
    const ids = rows.map((row) => count(row['_id']))
    left -= await tx.run(
      `DELETE FROM ${snapshots} WHERE (_record, _day, _run) IN (
         SELECT _record, _day, _run FROM ${snapshots} WHERE _record = ANY($1::bigint[]) LIMIT $2)`,
      [ids, left],
    )
    // With room left, none of theirs is left.
    if (left > 0) left -= await tx.run(`DELETE FROM ${table} WHERE _id = ANY($1::bigint[])`, [ids.slice(0, left)])
  }
  return most - left
}

/** Our own tables that have a column of this name, so that one that is added later is not forgotten. */
async function tablesWith(tx: Queries, column: string): Promise<readonly string[]> {
  const rows = await tx.all(
    `SELECT table_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND table_name LIKE 'tm\\_%' AND column_name = $1
     ORDER BY table_name`,
    [column],
  )
  return rows.map((row) => text(row['table_name'])).filter((name) => name !== 'tm_changes' && !LAST.includes(name))
}
