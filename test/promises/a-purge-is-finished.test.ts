// Owns the promise that a purge that broke off leaves nothing that passes for a complete mirror: whatever it has left is
// deleted before the connection is used again.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { byCursor, newestFirst, type Tidemark } from '../../src/index.ts'
import { connectorOf, items, keysOf, order, PagedSource, reads } from '../support/paged-source.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

const COUNT = 1_200
const { list, changes } = reads('notes', 500)
const PASSES = {
  newestFirst: newestFirst({ read: list, pageSize: 500, order }),
  byCursor: byCursor({ read: changes, pageSize: 500, order, unitMs: 1_000, overlap: '1m' }),
}
const KINDS = Object.keys(PASSES) as (keyof typeof PASSES)[]

/** A mirror whose purge was broken off after so many parts. */
async function brokenOff(source: PagedSource, kind: keyof typeof PASSES, database: string, parts: number) {
  const connector = connectorOf({ notes: [PASSES[kind]] })
  const tidemark = await source.open(database)
  const connection = await tidemark.connect(connector, { id: 'me' })
  expect((await connection.sync()).status).toBe('succeeded')
  await breakOff(tidemark, parts)
  return { connector, tidemark }
}

/** Ends a purge after so many parts. */
async function breakOff(tidemark: Tidemark, parts: number): Promise<void> {
  let part = 0
  const killed = new Error('killed')
  const { connections } = tidemark.store
  const purge = connections.purge.bind(connections)
  connections.purge = async (asked) => {
    if (part++ === parts) throw killed
    return purge(asked)
  }
  await expect(tidemark.purge('me')).rejects.toBe(killed)
  connections.purge = purge
}

function purges(databaseOf: () => Promise<string>): void {
  for (const kind of KINDS) {
    it(`is finished by connecting again, and everything is read anew (${kind})`, async () => {
      const database = await databaseOf()
      // The second part deletes the last records.
      for (const parts of [1, 2]) {
        await using source = new PagedSource({ notes: items(COUNT) })
        const { connector } = await brokenOff(source, kind, database, parts)
        const tidemark = await source.open(database)
        const connection = await tidemark.connect(connector, { id: 'me' })
        expect(await keysOf(connection)).toHaveLength(0)
        expect((await connection.sync()).status).toBe('succeeded')
        expect(await keysOf(connection)).toHaveLength(COUNT)
        await tidemark.purge('me')
      }
    })
  }

  it('says what it is, refuses to be read, and is finished by the same call or by a declaration', async () => {
    const database = await databaseOf()
    await using source = new PagedSource({ notes: items(COUNT) })
    const { connector, tidemark } = await brokenOff(source, 'byCursor', database, 1)
    const [status] = await tidemark.status()
    const mend = 'tidemark disconnect me --purge'
    expect(status).toMatchObject({
      standing: { state: 'purging', mend },
      todo: [{ what: 'purge', command: mend }],
      streams: [{ coverage: { kind: 'unread' } }],
    })
    const connection = await tidemark.connection('me')
    await expect(connection.sync()).rejects.toMatchObject({
      code: 'connection_paused',
      hint: expect.stringContaining(mend),
    })
    expect(await tidemark.sync()).toMatchObject({ runs: [], passedOver: [{ connection: 'me', mend }] })
    expect(await tidemark.audit()).toMatchObject({
      findings: [{ finding: 'purging', hint: expect.stringContaining(mend) }],
    })
    // Nothing but a purge takes the mark away.
    await connection.resume()
    await expect(connection.sync()).rejects.toMatchObject({ code: 'connection_paused' })

    expect(await tidemark.declare([{ id: 'me', connector: connector.service.name }])).toMatchObject([
      { outcome: 'connected' },
    ])
    expect((await connection.sync()).streams[0]?.counts.inserted).toBe(COUNT)

    await breakOff(tidemark, 1)
    await tidemark.purge('me')
    expect(await tidemark.status()).toEqual([])
  })
}

describe('a purge that broke off', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  let databases = 0
  purges(async () => join(folder, `${databases++}.db`))
})

withPostgres('a purge that broke off, on PostgreSQL', () => {
  const databases: PostgresDatabase[] = []
  afterEach(async () => {
    for (const database of databases.splice(0)) await database.destroy()
  })
  purges(async () => {
    const database = await PostgresDatabase.open()
    databases.push(database)
    return database.url()
  })
})
