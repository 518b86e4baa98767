// Owns the rows of the audit log.

import { count, text, textOrNull } from '../cells.ts'
import { all, alone, type Param, run, type Works } from '../statements.ts'
import type { AuditStore } from '../store.ts'

export const audit: Works<AuditStore> = {
  add: alone(function* ({ project, at, who, operation, connection, given, outcome }) {
    yield* run(
      `INSERT INTO tm_deeds (project_no, at, who, operation, connection, given, outcome)
       SELECT no, $2, $3, $4, $5, $6, $7 FROM tm_projects WHERE id = $1`,
      [project, at, who, operation, connection, given, outcome],
    )
  }),

  list: alone(function* (project, { limit, connection, since, before }) {
    const values: Param[] = [project, limit]
    const conditions = ['p.id = $1']
    if (connection !== undefined) conditions.push(`d.connection = $${values.push(connection)}`)
    if (since !== undefined) conditions.push(`d.at >= $${values.push(since)}`)
    if (before !== undefined) conditions.push(`d.no < $${values.push(before)}`)
    const rows = yield* all(
      `SELECT d.* FROM tm_deeds d JOIN tm_projects p ON p.no = d.project_no
       WHERE ${conditions.join(' AND ')} ORDER BY d.no DESC LIMIT $2`,
      values,
    )
    return rows.map((row) => ({
      no: count(row['no']),
      project,
      at: count(row['at']),
      who: text(row['who']),
      operation: text(row['operation']),
      connection: textOrNull(row['connection']),
      given: text(row['given']),
      outcome: text(row['outcome']),
    }))
  }),
}
