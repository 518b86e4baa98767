// Owns the rows of the audit log.

import { count, text, textOrNull } from '../cells.ts'
import { all, alone, run, type Works } from '../statements.ts'
import type { AuditStore } from '../store.ts'

export const audit: Works<AuditStore> = {
  add: alone(function* ({ project, at, who, operation, connection, given, outcome }) {
    yield* run(
      `INSERT INTO tm_deeds (project_no, at, who, operation, connection, given, outcome)
       SELECT no, $2, $3, $4, $5, $6, $7 FROM tm_projects WHERE id = $1`,
      [project, at, who, operation, connection, given, outcome],
    )
  }),

  list: alone(function* (project, { limit, connection, since }) {
    const asked = [...(connection === undefined ? [] : [connection]), ...(since === undefined ? [] : [since])]
    const conditions = [
      ...(connection === undefined ? [] : ['d.connection = $3']),
      ...(since === undefined ? [] : [`d.at >= $${asked.length + 2}`]),
    ]
    const rows = yield* all(
      `SELECT d.* FROM tm_deeds d JOIN tm_projects p ON p.no = d.project_no
       WHERE p.id = $1${conditions.map((condition) => ` AND ${condition}`).join('')}
       ORDER BY d.no DESC LIMIT $2`,
      [project, limit, ...asked],
    )
    return rows.map((row) => ({
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
