// Owns the change feed: its rows, where its readers stand, and what is no longer kept of it, of the ledger and of versions.

import { count, text, textOrNull } from '../cells.ts'
import { opName, tableNames } from '../names.ts'
import type { ConsumerRow, Store } from '../store.ts'
import type { Connection } from './connection.ts'
import { NEW_EPOCH, unknownProject } from './connections.ts'

type Part = Pick<Store, 'changes' | 'feed' | 'renewEpochs' | 'consumers' | 'saveConsumer' | 'dropConsumer' | 'prune'>

const PROJECT_NO = '(SELECT no FROM tm_projects WHERE id = ?)'

export function feed(db: Connection): Part {
  return {
    async changes({ project, after, limit }) {
      const sql = `SELECT c.seq, s.connection, s.stream, c.key, c.op, c.at, c.ordinal,
          (SELECT id FROM tm_runs WHERE no = c.run_no) AS run
        FROM tm_changes c JOIN tm_streams s ON s.no = c.stream_no
        WHERE c.project_no = ${PROJECT_NO} AND c.seq > ? ORDER BY c.seq LIMIT ?`
      return db.all(sql, [project, after, limit]).map((row) => ({
        seq: count(row['seq']),
        connection: text(row['connection']),
        stream: text(row['stream']),
        key: text(row['key']),
        op: opName(row['op']),
        at: count(row['at']),
        run: textOrNull(row['run']),
        ordinal: count(row['ordinal']),
      }))
    },

    async feed(project) {
      const row = db.get('SELECT epoch, seq, pruned_to FROM tm_projects WHERE id = ?', [project])
      if (!row) throw unknownProject(project)
      return { epoch: text(row['epoch']), seq: count(row['seq']), prunedTo: count(row['pruned_to']) }
    },

    async renewEpochs() {
      db.run(`UPDATE tm_projects SET epoch = ${NEW_EPOCH}`)
    },

    async consumers(project) {
      return db.all(`SELECT * FROM tm_consumers WHERE project_no = ${PROJECT_NO} ORDER BY name`, [project]).map(
        (row): ConsumerRow => ({
          name: text(row['name']),
          epoch: text(row['epoch']),
          seq: count(row['seq']),
          at: count(row['at']),
        }),
      )
    },

    async saveConsumer(project, { name, epoch, seq, at }) {
      const saved = db.run(
        `INSERT INTO tm_consumers (project_no, name, epoch, seq, at) SELECT no, ?2, ?3, ?4, ?5 FROM tm_projects WHERE id = ?1
         ON CONFLICT (project_no, name) DO UPDATE SET epoch = ?3, seq = ?4, at = ?5`,
        [project, name, epoch, seq, at],
      )
      if (saved === 0) throw unknownProject(project)
    },

    async dropConsumer(project, name) {
      return db.run(`DELETE FROM tm_consumers WHERE project_no = ${PROJECT_NO} AND name = ?`, [project, name]) === 1
    },

    async prune({ project, what, before, limit }) {
      return db.transaction(() => {
        if (what === 'changes') return pruneChanges(db, project, before, limit)
        if (what === 'requests') return pruneRequests(db, project, before, limit)
        return pruneVersions(db, project, before, limit)
      })
    },
  }
}

/** From the beginning on, without a hole: a change that is older than an earlier one (the clock was set) waits for it. */
function pruneChanges(db: Connection, project: string, before: number, limit: number): number {
  const oldest = db.value(`SELECT at FROM tm_changes WHERE project_no = ${PROJECT_NO} ORDER BY seq LIMIT 1`, [project])
  if (oldest === undefined || count(oldest) >= before) return 0
  const first = db.all(`SELECT seq, at FROM tm_changes WHERE project_no = ${PROJECT_NO} ORDER BY seq LIMIT ?`, [
    project,
    limit,
  ])
  const keep = first.findIndex((row) => count(row['at']) >= before)
  const going = keep < 0 ? first : first.slice(0, keep)
  const last = going.at(-1)
  if (!last) return 0
  db.run('UPDATE tm_projects SET pruned_to = ? WHERE id = ?', [count(last['seq']), project])
  return db.run(`DELETE FROM tm_changes WHERE project_no = ${PROJECT_NO} AND seq <= ?`, [project, count(last['seq'])])
}

function pruneRequests(db: Connection, project: string, before: number, limit: number): number {
  return db.run(
    `DELETE FROM tm_requests WHERE (run_no, no) IN (
       SELECT q.run_no, q.no FROM tm_requests q JOIN tm_runs r ON r.no = q.run_no
       WHERE q.at < ? AND r.project_no = ${PROJECT_NO} ORDER BY q.at LIMIT ?)`,
    [before, project, limit],
  )
}

/**
 * The first content of a record tells what it began with; it stays, as the current one does. So does what was still so
 * at `before`, however old it is: what a record was at a later moment can then be told.
 */
function pruneVersions(db: Connection, project: string, before: number, limit: number): number {
  let pruned = 0
  for (const row of db.all('SELECT DISTINCT base FROM tm_streams WHERE project = ?', [project])) {
    const { records, tombstones, versions } = tableNames(text(row['base']))
    const same = '_stream = v._stream AND _key = v._key'
    pruned += db.run(
      `DELETE FROM ${versions} WHERE rowid IN (
         SELECT rowid FROM ${versions} v WHERE _stream IN (SELECT no FROM tm_streams WHERE project = ?1)
           AND _at < ?2 AND _ordinal > 1 AND coalesce(
             (SELECT _at FROM ${versions} WHERE ${same} AND _ordinal > v._ordinal ORDER BY _ordinal LIMIT 1),
             (SELECT _updated_at FROM ${records} WHERE ${same}),
             (SELECT _removed_at FROM ${tombstones} WHERE ${same})) < ?2
         ORDER BY _at LIMIT ?3)`,
      [project, before, limit - pruned],
    )
    if (pruned >= limit) break
  }
  return pruned
}
