// Owns the deletion of a connection with everything that is stored of it: in small transactions, so that nobody waits,
// from its positions and records outward to its row, so that one that was interrupted goes on where it stopped.

import { count, text } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { tableNames } from '../names.ts'
import { type Asking, all, type Drive, run, value, writing } from '../statements.ts'
import { type ConnectionStore, PURGING } from '../store.ts'
import { fence } from './leases.ts'
import type { Streams } from './streams.ts'

const STREAMS = '(SELECT no FROM tm_streams WHERE connection_no = $1)'
const OF_STREAM = `stream_no IN ${STREAMS}`
const OF_RUN = 'run_no IN (SELECT no FROM tm_runs WHERE connection_no = $1)'
const OF_CONNECTION = 'connection_no = $1'

type Own = readonly [table: string, key: string, condition: string]

/** What says how far a stream was read: without it, whatever is left of its records is read again. */
export const POSITIONS: readonly Own[] = [
  ['tm_states', 'stream_no', OF_STREAM],
  ['tm_walks', 'stream_no, walk', OF_STREAM],
]

/** The other tables of our own whose rows belong to a connection; what others refer to comes last. */
export const OWN: readonly Own[] = [
  ['tm_seen', 'stream_no, walk, key', OF_STREAM],
  ['tm_quarantine', 'stream_no, identity', OF_STREAM],
  ['tm_held', 'stream_no, key', OF_STREAM],
  ['tm_kept', 'stream_no, key', OF_STREAM],
  ['tm_missed', 'stream_no, key', OF_STREAM],
  ['tm_manual', 'stream_no, key, field', OF_STREAM],
  ['tm_fields', 'stream_no, field', OF_STREAM],
  ['tm_texts', 'no', OF_STREAM],
  ['tm_text_streams', 'stream_no', OF_STREAM],
  ['tm_vectors', 'stream_no, key', OF_STREAM],
  ['tm_vector_streams', 'no', OF_STREAM],
  ['tm_intents', 'id', OF_STREAM],
  ['tm_outbox', 'webhook_no, id', OF_RUN],
  ['tm_run_passes', 'run_no, stream_no, ordinal', OF_RUN],
  ['tm_requests', 'run_no, no', OF_RUN],
  ['tm_catalog_parts', 'connection_no, n, part', OF_CONNECTION],
  ['tm_catalogs', 'connection_no, n', OF_CONNECTION],
  ['tm_inbox', 'connection_no, id', OF_CONNECTION],
  ['tm_pauses', 'connection_no, reason', `${OF_CONNECTION} AND reason <> '${PURGING}'`],
  ['tm_secrets', 'connection_no, name', OF_CONNECTION],
  ['tm_schedules', 'connection_no, stream', OF_CONNECTION],
  ['tm_orders', 'no', OF_CONNECTION],
  [
    'tm_budgets',
    'project_no, scope, name',
    `scope = 'connection' AND (project_no, name) = (SELECT project_no, id FROM tm_connections WHERE no = $1)`,
  ],
  ['tm_runs', 'no', OF_CONNECTION],
  ['tm_streams', 'no', OF_CONNECTION],
  ['tm_connections', 'no', 'no = $1'],
]

/** Deletes at most so many rows, and returns how many. */
type Step = (most: number) => Asking<number>

export function purging({ newEpoch }: Dialect, streams: Streams, drive: Drive): Pick<ConnectionStore, 'purge'> {
  /** How far the feed was looked through for a connection: it has no index by stream, and is long. */
  const looked = new Map<number, number>()
  const part = writing(function* ({ lease, leaseUntil, connectionNo, limit }: Order) {
    yield* fence(lease, leaseUntil)
    const project = yield* value('SELECT project_no FROM tm_connections WHERE no = $1', [connectionNo])
    yield* run(
      `UPDATE tm_streams SET coverage = 'unread', coverage_note = '' WHERE connection_no = $1 AND coverage <> 'unread'`,
      [connectionNo],
    )
    const seen = { to: looked.get(connectionNo) ?? 0 }
    let left = limit
    for (const step of yield* steps(connectionNo, seen)) {
      left -= yield* step(left)
      if (left <= 0) break
    }
    // With every part: who reads the feed in between must not take it for the whole past either. Last, because the
    // checkpoints of the project's other connections wait for this row.
    if (project !== undefined) {
      yield* run(`UPDATE tm_projects SET epoch = ${newEpoch} WHERE no = $1`, [count(project)])
    }
    return { gone: limit - left, seen: seen.to }
  })
  return {
    async purge(order) {
      const { gone, seen } = await drive(part, [order])
      looked.set(order.connectionNo, seen)
      streams.forget(order.connectionNo)
      return gone
    },
  }
}

type Order = Parameters<ConnectionStore['purge']>[0]

/** In the order in which it may be done. */
function* steps(connectionNo: number, seen: { to: number }): Asking<readonly Step[]> {
  const bases = yield* all('SELECT DISTINCT base FROM tm_streams WHERE connection_no = $1 ORDER BY base', [
    connectionNo,
  ])
  const some =
    (table: string, key: string, condition: string): Step =>
    (most) =>
      run(`DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${condition} LIMIT $2)`, [
        connectionNo,
        most,
      ])
  return [
    ...POSITIONS.map((own) => some(...own)),
    ...bases.flatMap((row) => {
      const { records, tombstones, versions, snapshots } = tableNames(text(row['base']))
      return [
        ...[records, tombstones].map(
          (table): Step =>
            (most) =>
              forgetRecords({ table, snapshots, connectionNo, most }),
        ),
        some(versions, '_id', `_stream IN ${STREAMS}`),
      ]
    }),
    (most) => forgetChanges(connectionNo, most, seen),
    ...OWN.map((own) => some(...own)),
  ]
}

/** Records whose snapshots are looked for at once. */
const TOGETHER = 200

/** Records with their snapshots, which hang on them and are found by nothing else. */
function* forgetRecords(order: {
  table: string
  snapshots: string
  connectionNo: number
  most: number
}): Asking<number> {
  const { table, snapshots, connectionNo, most } = order
  let left = most
  while (left > 0) {
    const sql = `SELECT _id FROM ${table} WHERE _stream IN ${STREAMS} LIMIT $2`
    const ids = (yield* all(sql, [connectionNo, TOGETHER])).map((row) => count(row['_id']))
    if (ids.length === 0) break
    left -= yield* run(
      `DELETE FROM ${snapshots} WHERE (_record, _day, _run) IN (
         SELECT _record, _day, _run FROM ${snapshots} WHERE _record = ANY($1::bigint[]) LIMIT $2)`,
      [ids, left],
    )
    // With room left, none of theirs is left.
    if (left > 0) left -= yield* run(`DELETE FROM ${table} WHERE _id = ANY($1::bigint[])`, [ids.slice(0, left)])
  }
  return most - left
}

/** Changes, from the beginning of the feed on; what was looked through and is another connection's is not looked at again. */
function* forgetChanges(connectionNo: number, most: number, seen: { to: number }): Asking<number> {
  const project = '(SELECT project_no FROM tm_connections WHERE no = $1)'
  const found = yield* all(
    `SELECT seq FROM tm_changes WHERE project_no = ${project} AND seq > $2 AND stream_no IN ${STREAMS}
     ORDER BY seq LIMIT $3`,
    [connectionNo, seen.to, most],
  )
  const numbers = found.map((row) => count(row['seq']))
  const last = numbers.at(-1)
  if (last === undefined) return 0
  seen.to = last
  return yield* run(`DELETE FROM tm_changes WHERE project_no = ${project} AND seq = ANY($2::bigint[])`, [
    connectionNo,
    numbers,
  ])
}
