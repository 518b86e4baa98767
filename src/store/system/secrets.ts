// Owns the rows of sealed secrets and of the wrapped keys that seal them. What this writes has to be on the disk before
// it is answered: a rotated token that is lost locks a person out.

import { count, text } from '../cells.ts'
import { type Asking, all, alone, run, value, type Works, writing } from '../statements.ts'
import type { SealedSecret, SecretStore, WrappedKey } from '../store.ts'
import { sealedSecret } from '../system-rows.ts'

export const secrets: Works<SecretStore> = {
  save: writing(
    function* (connectionNo, sealed, expect) {
      // The connection's row is the lock: a secret that is not there yet has none.
      const sql = 'SELECT login_version FROM tm_connections WHERE no = $1 FOR NO KEY UPDATE'
      const login = count((yield* value(sql, [connectionNo])) ?? 0)
      const rows = yield* all('SELECT name, version FROM tm_secrets WHERE connection_no = $1', [connectionNo])
      const versions = new Map(rows.map((row) => [text(row['name']), count(row['version'])]))
      for (const [name, version] of expect ?? []) if ((versions.get(name) ?? 0) !== version) return false
      // A version that was another content's once would be taken for that content.
      if (sealed.some(({ name, version }) => version <= login && version !== versions.get(name))) return false
      yield* writeSecrets(connectionNo, sealed)
      const newest = Math.max(login, ...sealed.map(({ version }) => version))
      yield* run('UPDATE tm_connections SET login_version = $1 WHERE no = $2', [newest, connectionNo])
      return true
    },
    (saved) => saved,
  ),

  list: alone(function* (connectionNo) {
    const sql = 'SELECT * FROM tm_secrets WHERE connection_no = $1 ORDER BY name'
    return (yield* all(sql, [connectionNo])).map(sealedSecret)
  }),

  drop: writing(function* (connectionNo, only) {
    if (!only) return yield* run('DELETE FROM tm_secrets WHERE connection_no = $1', [connectionNo])
    let dropped = 0
    for (const { name, version } of only) {
      const sql = 'DELETE FROM tm_secrets WHERE connection_no = $1 AND name = $2 AND version = $3'
      dropped += yield* run(sql, [connectionNo, name, version])
    }
    return dropped
  }),

  dataKeys: alone(function* () {
    return (yield* all('SELECT * FROM tm_data_keys ORDER BY no')).map(
      (row): WrappedKey => ({ id: text(row['id']), wrapped: row['wrapped'] as Uint8Array, at: count(row['at']) }),
    )
  }),

  addDataKey: writing(function* ({ id, wrapped, at }) {
    const sql = 'INSERT INTO tm_data_keys (id, wrapped, at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING'
    yield* run(sql, [id, wrapped, at])
  }),

  rewrapDataKey: writing(function* (id, { expect, wrapped }) {
    const sql = 'UPDATE tm_data_keys SET wrapped = $1 WHERE id = $2 AND wrapped = $3'
    return (yield* run(sql, [wrapped, id, expect])) === 1
  }),

  dropDataKey: writing(function* (id) {
    return (yield* run('DELETE FROM tm_data_keys WHERE id = $1', [id])) === 1
  }),
}

export function* writeSecrets(connectionNo: number, sealed: readonly SealedSecret[]): Asking<void> {
  for (const { name, version, sealed: bytes, expiresAt = null } of sealed) {
    yield* run(
      `INSERT INTO tm_secrets (connection_no, name, version, sealed, expires_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (connection_no, name) DO UPDATE SET version = $3, sealed = $4, expires_at = $5`,
      [connectionNo, name, version, bytes, expiresAt],
    )
  }
}
