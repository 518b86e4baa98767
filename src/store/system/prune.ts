// Owns the deletion of what is no longer kept: changes, requests, versions and the audit log.

import { count, text } from '../cells.ts'
import { tableNames } from '../names.ts'
import { type Asking, all, run, value, type Works, writing } from '../statements.ts'
import type { HistoryStore } from '../store.ts'

const PROJECT_NO = '(SELECT no FROM tm_projects WHERE id = $1)'

export const pruning: Works<Pick<HistoryStore, 'prune'>> = {
  prune: writing(function* ({ project, what, before, limit }) {
    if (what === 'changes') return yield* pruneChanges(project, before, limit)
    if (what === 'audit') return yield* pruneDeeds(project, before, limit)
    if (what === 'requests') return yield* pruneRequests(project, before, limit)
    const pruned = yield* pruneVersions(project, before, limit)
    return pruned + (yield* pruneSuperseded(project, before, limit - pruned))
  }),
}

/** From the beginning on, without a hole: a change that is older than an earlier one (the clock was set) waits for it. */
function* pruneChanges(project: string, before: number, limit: number): Asking<number> {
  const oldest = yield* value(`SELECT at FROM tm_changes WHERE project_no = ${PROJECT_NO} ORDER BY seq LIMIT 1`, [
    project,
  ])
  if (oldest === undefined || count(oldest) >= before) return 0
  const first = yield* all(`SELECT seq, at FROM tm_changes WHERE project_no = ${PROJECT_NO} ORDER BY seq LIMIT $2`, [
    project,
    limit,
  ])
  const keep = first.findIndex((row) => count(row['at']) >= before)
  const last = (keep < 0 ? first : first.slice(0, keep)).at(-1)
  if (!last) return 0
  const to = count(last['seq'])
  yield* run('UPDATE tm_projects SET pruned_to = $2 WHERE id = $1', [project, to])
  return yield* run(`DELETE FROM tm_changes WHERE project_no = ${PROJECT_NO} AND seq <= $2`, [project, to])
}

/** With what is known of upstream runs, but for those that are under way. */
function* pruneRequests(project: string, before: number, limit: number): Asking<number> {
  const pruned = yield* run(
    `DELETE FROM tm_intents WHERE id IN (
       SELECT i.id FROM tm_intents i JOIN tm_streams s ON s.no = i.stream_no
       WHERE i.at < $2 AND i.state <> 'open' AND s.project = $1 ORDER BY i.at LIMIT $3)`,
    [project, before, limit],
  )
  if (pruned >= limit) return pruned
  return (
    pruned +
    (yield* run(
      `DELETE FROM tm_requests WHERE (run_no, no) IN (
       SELECT q.run_no, q.no FROM tm_requests q JOIN tm_runs r ON r.no = q.run_no
       WHERE q.at < $2 AND r.project_no = ${PROJECT_NO} ORDER BY q.at LIMIT $3)`,
      [project, before, limit - pruned],
    ))
  )
}

function* pruneDeeds(project: string, before: number, limit: number): Asking<number> {
  return yield* run(
    `DELETE FROM tm_deeds WHERE no IN (
       SELECT no FROM tm_deeds WHERE project_no = ${PROJECT_NO} AND at < $2 ORDER BY no LIMIT $3)`,
    [project, before, limit],
  )
}

/** Texts in quarantine of which a newer content came are past contents, too. */
function* pruneSuperseded(project: string, before: number, limit: number): Asking<number> {
  if (limit <= 0) return 0
  return yield* run(
    `DELETE FROM tm_quarantine WHERE (stream_no, identity) IN (
       SELECT q.stream_no, q.identity FROM tm_quarantine q JOIN tm_streams s ON s.no = q.stream_no
       WHERE s.project = $1 AND q.superseded_at < $2 ORDER BY q.superseded_at LIMIT $3)`,
    [project, before, limit],
  )
}

/**
 * The first content of a record tells what it began with; it stays, as the current one does. So does what was still so
 * at `before`, however old it is: what a record was at a later moment can then be told. Of the superseded contents the newest
 * stays: it is recognised when the source shows it again, and no number is given twice.
 */
function* pruneVersions(project: string, before: number, limit: number): Asking<number> {
  let pruned = 0
  for (const row of yield* all('SELECT DISTINCT base FROM tm_streams WHERE project = $1 ORDER BY base', [project])) {
    const { records, tombstones, versions } = tableNames(text(row['base']))
    const same = (table: string) => `${table}._stream = v._stream AND ${table}._key = v._key`
    pruned += yield* run(
      `DELETE FROM ${versions} WHERE _id IN (
         SELECT _id FROM ${versions} v WHERE _stream IN (SELECT no FROM tm_streams WHERE project = $1)
           AND _at < $2 AND (
             _ordinal < 0 AND _ordinal > (SELECT min(n._ordinal) FROM ${versions} n WHERE ${same('n')})
             OR _ordinal > 1 AND coalesce(
             (SELECT n._at FROM ${versions} n WHERE ${same('n')} AND n._ordinal > v._ordinal ORDER BY n._ordinal LIMIT 1),
             (SELECT r._updated_at FROM ${records} r WHERE ${same('r')}),
             (SELECT t._removed_at FROM ${tombstones} t WHERE ${same('t')})) < $2)
         ORDER BY _at LIMIT $3)`,
      [project, before, limit - pruned],
    )
    if (pruned >= limit) break
  }
  return pruned
}
