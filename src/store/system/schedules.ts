// Owns the rows of schedules: when which connection is due. What a schedule means is the engine's business.

import { all, alone, type Param, run, type Works } from '../statements.ts'
import type { SchedulePosition, ScheduleStore } from '../store.ts'
import { scheduleRow } from '../system-rows.ts'

const BEFORE_ALL: SchedulePosition = { nextAt: 0, connectionNo: 0, stream: '' }

const SCHEDULES = `SELECT h.*, c.id AS connection, p.id AS project FROM tm_schedules h
  JOIN tm_connections c ON c.no = h.connection_no JOIN tm_projects p ON p.no = c.project_no`

export const schedules: Works<ScheduleStore> = {
  save: alone(function* ({ connectionNo, stream, spec, timezone, quietHours, nextAt, lastAt }) {
    yield* run(
      `INSERT INTO tm_schedules AS h (connection_no, stream, spec, timezone, quiet_hours, next_at, last_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (connection_no, stream) DO UPDATE SET
         spec = $3, timezone = $4, quiet_hours = $5, next_at = $6, last_at = coalesce($7, h.last_at)`,
      [connectionNo, stream, spec, timezone, quietHours, nextAt, lastAt],
    )
  }),

  drop: alone(function* ({ connectionNo, stream }) {
    const sql = 'DELETE FROM tm_schedules WHERE connection_no = $1 AND stream = $2'
    return (yield* run(sql, [connectionNo, stream])) === 1
  }),

  list: alone(function* (project, connectionNo) {
    const values: Param[] = []
    const conditions = ['true']
    if (project !== undefined) conditions.push(`p.id = $${values.push(project)}`)
    if (connectionNo !== undefined) conditions.push(`h.connection_no = $${values.push(connectionNo)}`)
    const sql = `${SCHEDULES} WHERE ${conditions.join(' AND ')} ORDER BY h.connection_no, h.stream`
    return (yield* all(sql, values)).map(scheduleRow)
  }),

  due: alone(function* (now, limit, after = BEFORE_ALL) {
    const sql = `${SCHEDULES} WHERE h.next_at <= $1 AND (h.next_at, h.connection_no, h.stream) > ($2, $3, $4)
      ORDER BY h.next_at, h.connection_no, h.stream LIMIT $5`
    return (yield* all(sql, [now, after.nextAt, after.connectionNo, after.stream, limit])).map(scheduleRow)
  }),

  advance: alone(function* ({ connectionNo, stream }, { expect, nextAt, lastAt }) {
    const sql = `UPDATE tm_schedules SET next_at = $1, last_at = coalesce($2, last_at)
      WHERE connection_no = $3 AND stream = $4 AND next_at = $5`
    return (yield* run(sql, [nextAt, lastAt, connectionNo, stream, expect])) === 1
  }),
}
