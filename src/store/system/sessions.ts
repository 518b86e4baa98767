// Owns the rows of sessions.

import { count } from '../cells.ts'
import { alone, get, run, type Works, writing } from '../statements.ts'
import type { SessionStore } from '../store.ts'
import { IN_FORCE, tokenRow } from './tokens.ts'

export const sessions: Works<SessionStore> = {
  begin: writing(function* ({ hash, token, createdAt, expiresAt }) {
    yield* run('DELETE FROM tm_sessions WHERE expires_at <= $1', [createdAt])
    yield* run('INSERT INTO tm_sessions (hash, token_id, created_at, expires_at) VALUES ($1, $2, $3, $4)', [
      hash,
      token,
      createdAt,
      expiresAt,
    ])
  }),

  find: alone(function* (hash) {
    const session = yield* get('SELECT token_id, expires_at FROM tm_sessions WHERE hash = $1', [hash])
    const row = session && (yield* get(`${IN_FORCE} AND t.id = $1`, [session['token_id'] as string]))
    return row && { token: tokenRow(row), expiresAt: count(session['expires_at']) }
  }),

  end: alone(function* (hash) {
    return (yield* run('DELETE FROM tm_sessions WHERE hash = $1', [hash])) > 0
  }),
}
