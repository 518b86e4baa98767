// Owns the mirrors of the kill loop: where a killed program writes, and what a reader of its own finds there.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PostgresServer } from '../../test/support/postgres.ts'

export interface Mirror {
  /** As --database takes it. */
  readonly database: string
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** `ok`, or what the database finds wrong with itself. */
  integrity(): Promise<string>
  drop(): Promise<void>
}

export interface Mirrors {
  make(): Promise<Mirror>
  end(): Promise<void>
}

export async function sqliteMirrors(): Promise<Mirrors> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-kill-'))
  let made = 0
  return {
    make: async () => fileMirror(join(folder, `mirror-${++made}.db`)),
    end: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

function fileMirror(database: string): Mirror {
  const query = async (sql: string) => {
    const file = new DatabaseSync(database, { readOnly: true })
    try {
      return file.prepare(sql).all()
    } finally {
      file.close()
    }
  }
  return {
    database,
    query,
    integrity: async () => String((await query('pragma integrity_check'))[0]?.['integrity_check']),
    drop: async () => {
      for (const suffix of ['', '-wal', '-shm']) rmSync(database + suffix, { force: true })
    },
  }
}

/** On a server that is started for it. */
export async function postgresMirrors(): Promise<Mirrors> {
  const server = await PostgresServer.start()
  const make = async (): Promise<Mirror> => {
    const name = await server.createDatabase()
    const query = (sql: string) => server.query(sql, name)
    return {
      database: server.url(name),
      query,
      integrity: async () => {
        const [row] = await query('select bool_and(indisvalid and indisready) as ok from pg_index')
        return row?.['ok'] === true ? 'ok' : 'an index is not valid'
      },
      drop: () => server.dropDatabase(name),
    }
  }
  return { make, end: () => server.end() }
}
