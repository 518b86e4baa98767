// Owns the promise that a search never passes off what is not indexed as nothing found: whatever brought the mirror into that
// state, the answer counts what waits, or names the connections of which nobody here knows; and that no change of a stream is
// forgotten because a program without its connector was the one that followed.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { fullPass } from '../../src/connector/passes.ts'
import { migrateDatabase, openTidemark, restoreBackup } from '../../src/index.ts'
import type { Tidemark } from '../../src/tidemark.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

const KEY = new Uint8Array(32).fill(7)

/** A connector whose stream gives what stands in `titles`. */
function connectorOf(name: string, titles: readonly string[], text: { title: string } | null = { title: 'title' }) {
  return defineConnector(
    { name, title: name, options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1:1' }) },
    {
      notes: stream({
        schema: z.object({ id: z.int(), title: z.string() }),
        key: ({ id }) => String(id),
        ...(text ? { text: text as never } : {}),
        passes: [
          fullPass<unknown, { readonly id: number; readonly title: string }>({
            pageSize: 1_000,
            read: async () => ({ records: titles.map((title, id) => ({ id, title })), total: titles.length }),
          }),
        ],
      }),
    },
  )
}

const APPLES = ['apple pie', 'apple tree', 'apple juice']
const apples = () => connectorOf('orchard', APPLES)

async function opened(database: string, connectors: readonly ReturnType<typeof connectorOf>[] = []): Promise<Tidemark> {
  return openTidemark({ database, key: KEY, connectors })
}

async function synced(database: string, connector: ReturnType<typeof connectorOf>, id: string): Promise<void> {
  const tidemark = await opened(database, [connector])
  await (await tidemark.connect(connector, { id })).sync()
  await tidemark.settled()
  await tidemark.close()
}

/** A mirror of apples in a file, indexed to its end. */
async function orchard() {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-behind-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'mirror.db')
  await synced(file, apples(), 'h')
  return { folder, file }
}

/** What an answer says that has not everything. */
async function answer(database: string, connectors: readonly ReturnType<typeof connectorOf>[], semantic = false) {
  const tidemark = await opened(database, connectors)
  try {
    const { results, waiting, notice } = await tidemark.search('apple', { semantic })
    return { found: results.length, waiting, notice }
  } finally {
    await tidemark.close()
  }
}

async function caughtUp(database: string, connectors: readonly ReturnType<typeof connectorOf>[]) {
  const tidemark = await opened(database, connectors)
  tidemark.catchUp()
  await tidemark.settled()
  await tidemark.close()
}

/** As a move to another database leaves it: the readers of the feed stand where they stood, and the index is not there. */
function forgetIndex(file: string): void {
  const database = new DatabaseSync(file)
  database.exec('delete from tm_texts; delete from tm_text_streams')
  database.close()
}

describe('an index that is not there', () => {
  test('counts as waiting, until it is made', async () => {
    const { file } = await orchard()
    expect(await answer(file, [apples()])).toEqual({ found: 3, waiting: 0, notice: null })
    forgetIndex(file)
    expect(await answer(file, [apples()])).toEqual({ found: 0, waiting: 3, notice: null })
    await caughtUp(file, [apples()])
    expect(await answer(file, [apples()])).toEqual({ found: 3, waiting: 0, notice: null })
  })

  test('of vectors counts as well', async () => {
    const { file } = await orchard()
    expect(await answer(file, [apples()], true)).toMatchObject({ found: 3, waiting: 0 })
    const database = new DatabaseSync(file)
    database.exec('delete from tm_vectors; delete from tm_vector_streams')
    database.close()
    expect(await answer(file, [apples()], true)).toMatchObject({ found: 3, waiting: 3 })
  })

  test('of a stream that declares text since today', async () => {
    const { folder } = await orchard()
    const file = join(folder, 'bare.db')
    await synced(file, connectorOf('orchard', APPLES, null), 'h')
    expect(await answer(file, [apples()])).toEqual({ found: 0, waiting: 3, notice: null })
  })

  test('is told of a connection whose connector is not here, which alone knows its text', async () => {
    const { file } = await orchard()
    expect(await answer(file, [])).toEqual({ found: 3, waiting: 0, notice: null })
    forgetIndex(file)
    const without = await answer(file, [])
    expect(without).toMatchObject({ found: 0, waiting: 0 })
    expect(without.notice).toMatch(/^Not looked through: h, whose connector orchard is not here\./)
  })
})

test('a backup that was restored says what it lacks', async () => {
  const { file, folder } = await orchard()
  const tidemark = await opened(file, [apples()])
  const { file: copy } = await tidemark.backup(join(folder, 'mirror.bak'))
  await tidemark.close()
  const other = join(folder, 'other.db')
  await restoreBackup(copy as string, { database: other, key: KEY })
  expect((await answer(other, [apples()])).waiting).toBeGreaterThan(0)
  await caughtUp(other, [])
  expect(await answer(other, [apples()])).toMatchObject({ found: 3, waiting: 3 })
  await caughtUp(other, [apples()])
  expect(await answer(other, [apples()])).toEqual({ found: 3, waiting: 0, notice: null })
})

test('changes that a program without the connector has followed are indexed by the next one that has it', async () => {
  const { file } = await orchard()
  // Killed behind its run: what follows the run is left to whoever comes next.
  const more = connectorOf('orchard', [...APPLES, 'apple cider'])
  await synced(file, more, 'h')
  const database = new DatabaseSync(file)
  database.exec(`
    delete from tm_texts where key = '3';
    update tm_consumers set seq = seq - 1 where name = 'follower:search'`)
  database.close()
  await synced(file, connectorOf('shed', ['rake']), 's')
  expect(await answer(file, [more])).toMatchObject({ found: 3, waiting: 4 })
  await caughtUp(file, [more])
  expect(await answer(file, [more])).toMatchObject({ found: 4, waiting: 0 })
})

withPostgres('a mirror that moved', () => {
  test('to a server, and back, says what waits', async () => {
    const { file, folder } = await orchard()
    const server = await PostgresDatabase.empty()
    onTestFinished(() => server.destroy())
    const url = server.url('?schema=mirror')
    await migrateDatabase(url, { database: file, key: KEY })
    expect(await answer(url, [apples()])).toEqual({ found: 0, waiting: 3, notice: null })
    await caughtUp(url, [apples()])
    expect(await answer(url, [apples()])).toEqual({ found: 3, waiting: 0, notice: null })
    const back = join(folder, 'back.db')
    await migrateDatabase(back, { database: url, key: KEY })
    expect(await answer(back, [apples()])).toEqual({ found: 0, waiting: 3, notice: null })
    expect((await answer(back, [])).notice).toContain('h, whose connector orchard is not here')
  })
})
