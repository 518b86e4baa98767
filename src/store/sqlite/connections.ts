// Owns projects, connections, the reasons why a connection stands still, and sealed secrets. Secrets go through a
// connection of their own, whose commits are on the disk before they are answered.

import { TidemarkError } from '../../model/errors.ts'
import type { Json } from '../../model/json.ts'
import { count, json, text } from '../cells.ts'
import type { ConnectionRow, NewConnection, ProjectRow, Store, WrappedKey } from '../store.ts'
import { sealedSecret } from '../system-rows.ts'
import type { Connection, Row } from './connection.ts'

type Part = Pick<Store, 'ensureProject' | 'projects' | 'saveConnection' | 'connections' | 'connection' | 'setPaused'>

export function connections(db: Connection): Part {
  const one = (project: string, id: string): ConnectionRow | undefined => {
    const row = db.get(`${CONNECTIONS} WHERE p.id = ? AND c.id = ?`, [project, id])
    return row && connectionRow(db, row)
  }
  return {
    async ensureProject({ id, timezone, at }) {
      db.run(
        `INSERT INTO tm_projects (id, timezone, created_at, epoch) VALUES (?, ?, ?, ${NEW_EPOCH}) ON CONFLICT (id) DO NOTHING`,
        [id, timezone, at],
      )
      return projectRow(db.get('SELECT * FROM tm_projects WHERE id = ?', [id]) as Row)
    },

    async projects() {
      return db.all('SELECT * FROM tm_projects ORDER BY no').map(projectRow)
    },

    async saveConnection({ project, id, connector, connectorVersion, options, webhookSecret, at }: NewConnection) {
      return db.transaction(() => {
        const before = one(project, id)
        if (before && before.connector !== connector) {
          throw new TidemarkError(
            'connection_exists',
            `Connection "${id}" is one of ${before.connector}, not ${connector}.`,
            {
              hint: 'Give the new connection another id; what is stored under this one stays what it is.',
            },
          )
        }
        const made = db.run(
          `INSERT INTO tm_connections
             (project_no, id, connector, connector_version, options, webhook_secret, created_at, updated_at)
           SELECT no, ?2, ?3, ?4, ?5, ?6, ?7, ?7 FROM tm_projects WHERE id = ?1
           ON CONFLICT (project_no, id) DO UPDATE SET connector_version = ?4, options = ?5, updated_at = ?7`,
          [project, id, connector, connectorVersion, JSON.stringify(options), webhookSecret, at],
        )
        if (made === 0) throw unknownProject(project)
        return one(project, id) as ConnectionRow
      })
    },

    async connections(project) {
      return db.all(`${CONNECTIONS} WHERE p.id = ? ORDER BY c.no`, [project]).map((row) => connectionRow(db, row))
    },

    async connection(project, id) {
      return one(project, id)
    },

    async setPaused(connectionNo, reason, paused) {
      const sql = paused
        ? 'INSERT INTO tm_pauses (connection_no, reason) VALUES (?, ?) ON CONFLICT DO NOTHING'
        : 'DELETE FROM tm_pauses WHERE connection_no = ? AND reason = ?'
      return db.transaction(() => {
        db.run(sql, [connectionNo, reason])
        return pauses(db, connectionNo)
      })
    },
  }
}

/** `durable` commits to the disk; it is the same connection where there is no disk. */
export function secrets(
  db: Connection,
  durable: Connection,
): Pick<
  Store,
  'saveSecrets' | 'secrets' | 'dropSecrets' | 'dataKeys' | 'addDataKey' | 'rewrapDataKey' | 'dropDataKey'
> {
  return {
    async saveSecrets(connectionNo, sealed, expect) {
      const hasExpected = () => {
        for (const [name, version] of expect ?? []) {
          const sql = 'SELECT version FROM tm_secrets WHERE connection_no = ? AND name = ?'
          if ((durable.value(sql, [connectionNo, name]) ?? 0) !== version) return false
        }
        return true
      }
      return durable.transaction(() => {
        if (!hasExpected()) return false
        for (const { name, version, sealed: bytes, expiresAt = null } of sealed) {
          durable.run(
            `INSERT INTO tm_secrets (connection_no, name, version, sealed, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (connection_no, name) DO UPDATE SET version = ?3, sealed = ?4, expires_at = ?5`,
            [connectionNo, name, version, bytes, expiresAt],
          )
        }
        return true
      })
    },

    async secrets(connectionNo) {
      return db.all('SELECT * FROM tm_secrets WHERE connection_no = ? ORDER BY name', [connectionNo]).map(sealedSecret)
    },

    async dataKeys() {
      return db
        .all('SELECT * FROM tm_data_keys ORDER BY no')
        .map(
          (row): WrappedKey => ({ id: text(row['id']), wrapped: row['wrapped'] as Uint8Array, at: count(row['at']) }),
        )
    },

    async addDataKey({ id, wrapped, at }: WrappedKey) {
      durable.transaction(() => {
        durable.run('INSERT INTO tm_data_keys (id, wrapped, at) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING', [
          id,
          wrapped,
          at,
        ])
      })
    },

    async rewrapDataKey(id, { expect, wrapped }) {
      const sql = 'UPDATE tm_data_keys SET wrapped = ? WHERE id = ? AND wrapped = ?'
      return durable.transaction(() => durable.run(sql, [wrapped, id, expect]) === 1)
    },

    async dropDataKey(id) {
      return durable.transaction(() => durable.run('DELETE FROM tm_data_keys WHERE id = ?', [id]) === 1)
    },

    async dropSecrets(connectionNo) {
      const dropped = durable.transaction(() => {
        const gone = durable.run('DELETE FROM tm_secrets WHERE connection_no = ?', [connectionNo])
        if (gone > 0) writeAnew(durable)
        return gone
      })
      // The log still has them as they were; see purge.ts.
      if (dropped > 0) durable.all('PRAGMA wal_checkpoint(TRUNCATE)')
      return dropped
    },
  }
}

/**
 * What is deleted is overwritten where it stands, not where it has stood: a page that was split keeps a copy of what has
 * moved to another one. Therefore all pages are given up, which overwrites them, and what stays is written anew.
 */
function writeAnew(durable: Connection): void {
  durable.exec(`CREATE TEMP TABLE staying AS SELECT * FROM tm_secrets;
    DELETE FROM tm_secrets;
    INSERT INTO tm_secrets SELECT * FROM staying ORDER BY connection_no, name;
    DROP TABLE staying`)
}

/**
 * The epoch of a feed, by chance: readers of one feed must never go on in another, such as that of a file that is made
 * anew under the same name.
 */
export const NEW_EPOCH = 'lower(hex(randomblob(6)))'

export function unknownProject(id: string): TidemarkError {
  return new TidemarkError('unknown_project', `There is no project "${id}".`, {
    hint: 'Make it with `tidemark projects create`, or by connecting something into it.',
  })
}

const CONNECTIONS = `SELECT c.*, p.id AS project FROM tm_connections c JOIN tm_projects p ON p.no = c.project_no`

function pauses(db: Connection, connectionNo: number): readonly string[] {
  return db
    .all('SELECT reason FROM tm_pauses WHERE connection_no = ? ORDER BY reason', [connectionNo])
    .map((row) => text(row['reason']))
}

function projectRow(row: Row): ProjectRow {
  return { id: text(row['id']), timezone: text(row['timezone']), createdAt: count(row['created_at']) }
}

function connectionRow(db: Connection, row: Row): ConnectionRow {
  const no = count(row['no'])
  return {
    no,
    project: text(row['project']),
    id: text(row['id']),
    connector: text(row['connector']),
    connectorVersion: text(row['connector_version']),
    options: json(row['options']) as Json,
    webhookSecret: text(row['webhook_secret']),
    paused: pauses(db, no),
    createdAt: count(row['created_at']),
    updatedAt: count(row['updated_at']),
  }
}
