// Owns projects, connections, the reasons why a connection stands still, and sealed secrets.

import { TidemarkError } from '../../model/errors.ts'
import type { Json } from '../../model/json.ts'
import { count, json, text } from '../cells.ts'
import type { ConnectionRow, NewConnection, ProjectRow, Store, WrappedKey } from '../store.ts'
import { sealedSecret } from '../system-rows.ts'
import type { Connection, Queries } from './connection.ts'
import type { Row } from './values.ts'

type Part = Pick<Store, 'ensureProject' | 'projects' | 'saveConnection' | 'connections' | 'connection' | 'setPaused'>

export function connections(db: Connection): Part {
  return {
    async ensureProject({ id, timezone, at }) {
      const find = () => db.get('SELECT * FROM tm_projects WHERE id = $1', [id])
      const known = await find()
      if (known) return projectRow(known)
      await db.run(
        `INSERT INTO tm_projects (id, timezone, created_at, epoch) VALUES ($1, $2, $3, ${NEW_EPOCH}) ON CONFLICT (id) DO NOTHING`,
        [id, timezone, at],
      )
      return projectRow((await find()) as Row)
    },

    async projects() {
      return (await db.all('SELECT * FROM tm_projects ORDER BY no')).map(projectRow)
    },

    async saveConnection({ project, id, connector, connectorVersion, options, webhookSecret, at }: NewConnection) {
      return db.transaction(async (tx) => {
        // Two that make the same connection at once make it one after the other.
        const found = await tx.value('SELECT no FROM tm_projects WHERE id = $1 FOR NO KEY UPDATE', [project])
        if (found === undefined) throw unknownProject(project)
        const before = await one(tx, project, id)
        if (before && before.connector !== connector) {
          throw new TidemarkError(
            'connection_exists',
            `Connection "${id}" is one of ${before.connector}, not ${connector}.`,
            { hint: 'Give the new connection another id; what is stored under this one stays what it is.' },
          )
        }
        if (before) {
          await tx.run(
            'UPDATE tm_connections SET connector_version = $1, options = $2, updated_at = $3 WHERE no = $4',
            [connectorVersion, JSON.stringify(options), at, before.no],
          )
        } else {
          await tx.run(
            `INSERT INTO tm_connections
               (project_no, id, connector, connector_version, options, webhook_secret, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7)`,
            [count(found), id, connector, connectorVersion, JSON.stringify(options), webhookSecret, at],
          )
        }
        return (await one(tx, project, id)) as ConnectionRow
      })
    },

    async connections(project) {
      return (await db.all(`${CONNECTIONS} WHERE p.id = $1 ORDER BY c.no`, [project])).map(connectionRow)
    },

    async connection(project, id) {
      return one(db, project, id)
    },

    async setPaused(connectionNo, reason, paused) {
      const sql = paused
        ? 'INSERT INTO tm_pauses (connection_no, reason) VALUES ($1, $2) ON CONFLICT DO NOTHING'
        : 'DELETE FROM tm_pauses WHERE connection_no = $1 AND reason = $2'
      return db.transaction(async (tx) => {
        await tx.run(sql, [connectionNo, reason])
        const rows = await tx.all('SELECT reason FROM tm_pauses WHERE connection_no = $1 ORDER BY reason', [
          connectionNo,
        ])
        return rows.map((row) => text(row['reason']))
      })
    },
  }
}

/** Every commit of a server is on its disk before it is answered, so that secrets need nothing of their own. */
export function secrets(
  db: Connection,
): Pick<
  Store,
  'saveSecrets' | 'secrets' | 'dropSecrets' | 'dataKeys' | 'addDataKey' | 'rewrapDataKey' | 'dropDataKey'
> {
  return {
    async saveSecrets(connectionNo, sealed, expect) {
      return db.transaction(
        async (tx) => {
          // The connection's row is the lock: a secret that is not there yet has none.
          await tx.run('SELECT 1 FROM tm_connections WHERE no = $1 FOR NO KEY UPDATE', [connectionNo])
          const rows = await tx.all('SELECT name, version FROM tm_secrets WHERE connection_no = $1', [connectionNo])
          const versions = new Map(rows.map((row) => [text(row['name']), count(row['version'])]))
          for (const [name, version] of expect ?? []) if ((versions.get(name) ?? 0) !== version) return false
          for (const { name, version, sealed: bytes, expiresAt = null } of sealed) {
            await tx.run(
              `INSERT INTO tm_secrets (connection_no, name, version, sealed, expires_at) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (connection_no, name) DO UPDATE SET version = $3, sealed = $4, expires_at = $5`,
              [connectionNo, name, version, bytes, expiresAt],
            )
          }
          return true
        },
        (saved) => saved,
      )
    },

    async secrets(connectionNo) {
      const rows = await db.all('SELECT * FROM tm_secrets WHERE connection_no = $1 ORDER BY name', [connectionNo])
      return rows.map(sealedSecret)
    },

    async dataKeys() {
      return (await db.all('SELECT * FROM tm_data_keys ORDER BY no')).map(
        (row): WrappedKey => ({ id: text(row['id']), wrapped: row['wrapped'] as Uint8Array, at: count(row['at']) }),
      )
    },

    async addDataKey({ id, wrapped, at }: WrappedKey) {
      await db.run('INSERT INTO tm_data_keys (id, wrapped, at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING', [
        id,
        wrapped,
        at,
      ])
    },

    async rewrapDataKey(id, { expect, wrapped }) {
      const sql = 'UPDATE tm_data_keys SET wrapped = $1 WHERE id = $2 AND wrapped = $3'
      return (await db.run(sql, [wrapped, id, expect])) === 1
    },

    async dropDataKey(id) {
      return (await db.run('DELETE FROM tm_data_keys WHERE id = $1', [id])) === 1
    },

    async dropSecrets(connectionNo) {
      return db.run('DELETE FROM tm_secrets WHERE connection_no = $1', [connectionNo])
    },
  }
}

/**
 * The epoch of a feed, by chance: readers of one feed must never go on in another, such as that of a database that is
 * made anew under the same name.
 */
export const NEW_EPOCH = `substr(md5(gen_random_uuid()::text), 1, 12)`

export function unknownProject(id: string): TidemarkError {
  return new TidemarkError('unknown_project', `There is no project "${id}".`, {
    hint: 'Make it with `tidemark projects create`, or by connecting something into it.',
  })
}

async function one(db: Queries, project: string, id: string): Promise<ConnectionRow | undefined> {
  const row = await db.get(`${CONNECTIONS} WHERE p.id = $1 AND c.id = $2`, [project, id])
  return row && connectionRow(row)
}

const CONNECTIONS = `SELECT c.*, p.id AS project,
    (SELECT coalesce(json_agg(reason ORDER BY reason), '[]')::text FROM tm_pauses WHERE connection_no = c.no) AS pauses
  FROM tm_connections c JOIN tm_projects p ON p.no = c.project_no`

function projectRow(row: Row): ProjectRow {
  return { id: text(row['id']), timezone: text(row['timezone']), createdAt: count(row['created_at']) }
}

function connectionRow(row: Row): ConnectionRow {
  return {
    no: count(row['no']),
    project: text(row['project']),
    id: text(row['id']),
    connector: text(row['connector']),
    connectorVersion: text(row['connector_version']),
    options: json(row['options']) as Json,
    webhookSecret: text(row['webhook_secret']),
    paused: json(row['pauses']) as string[],
    createdAt: count(row['created_at']),
    updatedAt: count(row['updated_at']),
  }
}
