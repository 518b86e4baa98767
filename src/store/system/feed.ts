// Owns the rows of the change feed, and where its readers stand.

import type { ChangeOp } from '../../model/record.ts'
import { count, text, textOrNull } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { OPS, opName } from '../names.ts'
import { all, alone, get, type Param, type Row, run, type Works } from '../statements.ts'
import type { ChangeRow, ConsumerRow, FeedStore } from '../store.ts'
import { unknownProject } from './projects.ts'

const PROJECT_NO = '(SELECT no FROM tm_projects WHERE id = $1)'

/** The changes of the project $1. */
const CHANGES = `SELECT c.seq, s.connection, s.stream, c.key, c.op, c.at, c.ordinal,
    (SELECT id FROM tm_runs WHERE no = c.run_no) AS run
  FROM tm_changes c JOIN tm_streams s ON s.no = c.stream_no
  WHERE c.project_no = ${PROJECT_NO}`

function changeRow(row: Row): ChangeRow {
  return {
    seq: count(row['seq']),
    connection: text(row['connection']),
    stream: text(row['stream']),
    key: text(row['key']),
    op: opName(row['op']) as ChangeOp,
    at: count(row['at']),
    run: textOrNull(row['run']),
    ordinal: count(row['ordinal']),
  }
}

export function feed({ newEpoch }: Dialect): Works<FeedStore> {
  return {
    changes: alone(function* ({ project, after, limit }) {
      const sql = `${CHANGES} AND c.seq > $2 ORDER BY c.seq LIMIT $3`
      return (yield* all(sql, [project, after, limit])).map(changeRow)
    }),

    newest: alone(function* ({ project, limit, before, connection, stream, op }) {
      const values: Param[] = [project, limit]
      const conditions = [CHANGES]
      if (before !== undefined) conditions.push(`c.seq < $${values.push(before)}`)
      if (connection !== undefined) conditions.push(`s.connection = $${values.push(connection)}`)
      if (stream !== undefined) conditions.push(`s.stream = $${values.push(stream)}`)
      if (op !== undefined) conditions.push(`c.op = $${values.push(OPS[op])}`)
      const sql = `${conditions.join(' AND ')} ORDER BY c.seq DESC LIMIT $2`
      return (yield* all(sql, values)).map(changeRow)
    }),

    bounds: alone(function* (project) {
      const row = yield* get('SELECT epoch, seq, pruned_to FROM tm_projects WHERE id = $1', [project])
      if (!row) throw unknownProject(project)
      return { epoch: text(row['epoch']), seq: count(row['seq']), prunedTo: count(row['pruned_to']) }
    }),

    renewEpochs: alone(function* () {
      yield* run(`UPDATE tm_projects SET epoch = ${newEpoch}`)
    }),

    consumers: alone(function* (project) {
      const sql = `SELECT * FROM tm_consumers WHERE project_no = ${PROJECT_NO} ORDER BY name`
      return (yield* all(sql, [project])).map(
        (row): ConsumerRow => ({
          name: text(row['name']),
          epoch: text(row['epoch']),
          seq: count(row['seq']),
          at: count(row['at']),
        }),
      )
    }),

    saveConsumer: alone(function* (project, { name, epoch, seq, at }) {
      const saved = yield* run(
        `INSERT INTO tm_consumers (project_no, name, epoch, seq, at)
         SELECT no, $2::text, $3::text, $4::bigint, $5::bigint FROM tm_projects WHERE id = $1
         ON CONFLICT (project_no, name) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, at = excluded.at`,
        [project, name, epoch, seq, at],
      )
      if (saved === 0) throw unknownProject(project)
    }),

    dropConsumer: alone(function* (project, name) {
      const sql = `DELETE FROM tm_consumers WHERE project_no = ${PROJECT_NO} AND name = $2`
      return (yield* run(sql, [project, name])) === 1
    }),
  }
}
