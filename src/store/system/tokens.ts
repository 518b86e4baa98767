// Owns the rows of tokens.

import { count, countOrNull, text } from '../cells.ts'
import { all, alone, get, type Row, run, value, type Works, writing } from '../statements.ts'
import type { TokenRow, TokenStore } from '../store.ts'
import { unknownProject } from './projects.ts'
import { dropBrowsers } from './webhooks.ts'

export const IN_FORCE = `SELECT t.*, p.id AS project FROM tm_tokens t JOIN tm_projects p ON p.no = t.project_no
  WHERE t.revoked_at IS NULL`

export const tokens: Works<TokenStore> = {
  add: alone(function* ({ id, project, scopes, note, hash, createdAt, expiresAt }) {
    const no = yield* value('SELECT no FROM tm_projects WHERE id = $1', [project])
    if (no === undefined) throw unknownProject(project)
    yield* run(
      `INSERT INTO tm_tokens (id, project_no, hash, scopes, note, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [id, count(no), hash, scopes.join(','), note, createdAt, expiresAt],
    )
  }),

  list: alone(function* (project) {
    return (yield* all(`${IN_FORCE} AND p.id = $1 ORDER BY t.created_at, t.id`, [project])).map(tokenRow)
  }),

  find: alone(function* (hash) {
    const row = yield* get(`${IN_FORCE} AND t.hash = $1`, [hash])
    return row && tokenRow(row)
  }),

  revoke: writing(function* (project, id, at) {
    const mine = `id = $2 AND revoked_at IS NULL AND project_no = (SELECT no FROM tm_projects WHERE id = $3)`
    if ((yield* run(`UPDATE tm_tokens SET revoked_at = $1 WHERE ${mine}`, [at, id, project])) === 0) return false
    yield* dropBrowsers('token_id = $1', [id])
    return true
  }),

  count: alone(function* () {
    return count(yield* value('SELECT count(*) FROM tm_tokens WHERE revoked_at IS NULL'))
  }),
}

export function tokenRow(row: Row): TokenRow {
  return {
    id: text(row['id']),
    project: text(row['project']),
    scopes: text(row['scopes']).split(','),
    note: text(row['note']),
    createdAt: count(row['created_at']),
    expiresAt: countOrNull(row['expires_at']),
  }
}
