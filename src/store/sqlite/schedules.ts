// Owns the rows of schedules: when which connection is due. What a schedule means is the engine's business.

import type { SchedulePosition, Store } from '../store.ts'
import { scheduleRow } from '../system-rows.ts'
import type { Connection } from './connection.ts'

type Part = Pick<Store, 'saveSchedule' | 'dropSchedule' | 'schedules' | 'dueSchedules' | 'advanceSchedule'>

const BEFORE_ALL: SchedulePosition = { nextAt: 0, connectionNo: 0, stream: '' }

const SCHEDULES = `SELECT h.*, c.id AS connection, p.id AS project FROM tm_schedules h
  JOIN tm_connections c ON c.no = h.connection_no JOIN tm_projects p ON p.no = c.project_no`

export function schedules(db: Connection): Part {
  return {
    async saveSchedule({ connectionNo, stream, spec, timezone, quietHours, nextAt, lastAt }) {
      db.run(
        `INSERT INTO tm_schedules (connection_no, stream, spec, timezone, quiet_hours, next_at, last_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (connection_no, stream) DO UPDATE SET
           spec = ?3, timezone = ?4, quiet_hours = ?5, next_at = ?6, last_at = coalesce(?7, last_at)`,
        [connectionNo, stream, spec, timezone, quietHours, nextAt, lastAt],
      )
    },

    async dropSchedule({ connectionNo, stream }) {
      return db.run('DELETE FROM tm_schedules WHERE connection_no = ? AND stream = ?', [connectionNo, stream]) === 1
    },

    async schedules(project, connectionNo) {
      const conditions = ['true']
      if (project !== undefined) conditions.push('p.id = ?')
      if (connectionNo !== undefined) conditions.push('h.connection_no = ?')
      const sql = `${SCHEDULES} WHERE ${conditions.join(' AND ')} ORDER BY h.connection_no, h.stream`
      const values = [project, connectionNo].filter((value) => value !== undefined)
      return db.all(sql, values).map(scheduleRow)
    },

    async dueSchedules(now, limit, after = BEFORE_ALL) {
      const sql = `${SCHEDULES} WHERE h.next_at <= ? AND (h.next_at, h.connection_no, h.stream) > (?, ?, ?)
        ORDER BY h.next_at, h.connection_no, h.stream LIMIT ?`
      return db.all(sql, [now, after.nextAt, after.connectionNo, after.stream, limit]).map(scheduleRow)
    },

    async advanceSchedule({ connectionNo, stream }, { expect, nextAt, lastAt }) {
      const sql = `UPDATE tm_schedules SET next_at = ?, last_at = coalesce(?, last_at)
        WHERE connection_no = ? AND stream = ? AND next_at = ?`
      return db.run(sql, [nextAt, lastAt, connectionNo, stream, expect]) === 1
    },
  }
}
