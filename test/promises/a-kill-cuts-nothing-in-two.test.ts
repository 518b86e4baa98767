// Owns the promise that what a person orders is done or not done, also when its process is killed between any two of its
// calls to the database: what is neither says so, and the same order finishes it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import { defineConnector, fullPass, secret, stream, type Tidemark, z } from '../../src/index.ts'
import { fixedKey } from '../../src/secrets/keys.ts'
import { openVault } from '../../src/secrets/vault.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { PURGING, type Store } from '../../src/store/store.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { Killed, mortal } from '../support/mortal-store.ts'
import { type Item, items, PagedSource, reads } from '../support/paged-source.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

const KEY = new Uint8Array(32).fill(7)
const clock = testClock()
const SIZE = 500

function connectorOf(columns: Record<string, z.ZodType> = {}, version = '1') {
  const schema = z.object({ id: z.string(), at: z.int(), ...columns })
  const streamOf = (name: string) =>
    stream({
      schema,
      key: ({ id }: Pick<Item, 'id'>) => id,
      passes: [fullPass({ read: reads(name, SIZE).list, pageSize: SIZE, paging: 'keyset' })],
    })
  return defineConnector(
    {
      name: 'deeds',
      title: 'Deeds',
      version,
      options: z.object({ token: secret('Token'), side: z.string() }),
      http: () => ({ baseUrl: 'https://deeds.example' }),
    },
    { notes: streamOf('notes'), more: streamOf('more') },
  )
}

const CONNECTOR = connectorOf()
const OPTIONS = { token: 'first', side: 'left' }
const OTHERS = { token: 'second', side: 'right' }

type Opens = () => Promise<Store>

/** A process with this store. Every other one is known to be dead. */
function processOf(source: PagedSource, store: Store, id: string, connector = CONNECTOR): Promise<Tidemark> {
  return assemble({
    store,
    clock,
    key: KEY,
    connectors: [connector],
    transport: source.transport,
    holder: { id, host: 'here', pid: 1, startedAt: 1 },
    isDead: (holder) => holder.id !== id,
  })
}

/** What is stored of a connection; undefined: nothing is. */
async function stateOf(store: Store, id: string) {
  const row = await store.connections.find('default', id)
  if (!row) return undefined
  const vault = openVault({ store, key: () => fixedKey(KEY), clock })
  const secrets = await Promise.all(
    (await store.secrets.list(row.no)).map(async (one) => [one.name, await vault.open('default', id, one)] as const),
  )
  return {
    options: row.options,
    paused: row.paused,
    secrets: Object.fromEntries(secrets),
    schedules: (await store.schedules.list('default', row.no)).map(({ spec }) => spec),
    streams: (await store.streams.list(row.no)).map(({ stream: name, coverage }) => `${name} ${coverage.kind}`),
  }
}

type State = Awaited<ReturnType<typeof stateOf>>

interface Deed {
  readonly first?: (tidemark: Tidemark, id: string) => Promise<unknown>
  readonly act: (tidemark: Tidemark, id: string) => Promise<unknown>
  /** Neither done nor undone, and says so. */
  readonly isHalf?: (state: State) => boolean
}

const connect = (options: Partial<typeof OPTIONS>) => (tidemark: Tidemark, id: string) =>
  tidemark.connect(CONNECTOR, { id, options: options as typeof OPTIONS })
const declared = (tidemark: Tidemark, id: string) =>
  tidemark.declare([{ id, connector: 'deeds', options: OPTIONS, schedule: 'every 15m' }])
const disconnect = (tidemark: Tidemark, id: string) => tidemark.disconnect(id)
const read = async (tidemark: Tidemark, id: string) => {
  await declared(tidemark, id)
  await (await tidemark.connection(id)).sync()
}

const DEEDS: Readonly<Record<string, Deed>> = {
  'connecting an account': { act: connect(OPTIONS) },
  'changing a login': { first: connect(OPTIONS), act: connect(OTHERS) },
  disconnecting: { first: declared, act: disconnect },
  'connecting what was disconnected': {
    first: async (tidemark, id) => {
      await declared(tidemark, id)
      await tidemark.disconnect(id)
    },
    act: connect(OTHERS),
  },
  'declaring a connection': {
    act: declared,
    // It runs by hand until the next declaration.
    isHalf: (state) =>
      state?.schedules.length === 0 && state.streams.length === 2 && state.secrets['token'] === 'first',
  },
  'deleting a connection': {
    first: read,
    act: async (tidemark, id) => {
      if ((await tidemark.connections()).some((one) => one.id === id)) await tidemark.purge(id)
    },
    isHalf: (state) => state !== undefined && state.paused.includes(PURGING),
  },
  'pausing a connection': {
    first: declared,
    act: async (tidemark, id) => (await tidemark.connection(id)).pause(),
  },
}

/** Whether it came to its end; else its process was killed. */
async function survives(act: Promise<unknown>): Promise<boolean> {
  try {
    await act
    return true
  } catch (error) {
    if (error instanceof Killed) return false
    throw error
  }
}

/** More than a deed may need. */
const CALLS_MAX = 60

function deeds(open: Opens): void {
  for (const [name, { first, act, isHalf = () => false }] of Object.entries(DEEDS)) {
    it(`${name} is done, or not done, or done by the same order`, async () => {
      await using source = new PagedSource({ notes: items(3), more: items(2) })
      const store = await open()
      const alive = await processOf(source, store, 'alive')
      await first?.(alive, 'whole')
      const undone = await stateOf(store, 'whole')
      await act(alive, 'whole')
      const done = await stateOf(store, 'whole')
      expect(done).not.toEqual(undone)
      let isOver = false
      for (let at = 1; !isOver && at < CALLS_MAX; at++) {
        const id = `c${at}`
        await first?.(alive, id)
        const killed = await processOf(source, { ...mortal(store, at), projects: store.projects }, `killed ${at}`)
        isOver = await survives(act(killed, id))
        const found = await stateOf(store, id)
        expect(isHalf(found) ? [found] : [undone, done]).toContainEqual(found)
        await act(alive, id)
        expect(await stateOf(store, id)).toEqual(done)
      }
      expect(isOver).toBe(true)
    })
  }

  const logins = [OTHERS, { side: 'right' }]
  it.each(logins.flatMap((given) => [true, false].map((isOuter) => [given, isOuter] as const)))(
    'a connection that is disconnected while it is connected has a login, or is disconnected (%o, %s)',
    async (given, isOuter) => {
      await using source = new PagedSource({ notes: items(3), more: items(2) })
      const store = await open()
      const rival = await processOf(source, store, 'rival')
      const [act, meanwhile] = isOuter ? [disconnect, connect(given)] : [connect(given), disconnect]
      for (let at = 1, isOver = false; !isOver && at < CALLS_MAX; at++) {
        const id = `c${at}`
        await declared(rival, id)
        isOver = true
        const between = async (call: number) => {
          if (call !== at) return
          isOver = false
          await meanwhile(rival, id).catch(() => {})
        }
        const calls = mortal(store, Number.POSITIVE_INFINITY, undefined, between)
        await act(await processOf(source, { ...calls, projects: store.projects }, 'one'), id).catch(() => {})
        const { paused, secrets } = (await stateOf(store, id))!
        expect([
          { paused: ['disconnected'], secrets: {} },
          { paused: [], secrets: { token: given === OTHERS ? 'second' : 'first' } },
        ]).toContainEqual({ paused, secrets })
      }
    },
  )

  it.each(['approve', 'reject', 'undo'] as const)(
    'many removals that a person decides on are all decided: %s',
    async (verdict) => {
      const count = 2_400
      await using source = new PagedSource({ notes: items(count), more: [] })
      const store = await open()
      const alive = await processOf(source, store, 'alive')
      const me = await connect(OPTIONS)(alive, 'me')
      await me.sync()
      source.items['notes']!.splice(0, 1_200)
      let run = await me.sync()
      for (let n = 0; n < 2 && run.streams[0]!.counts.held === 0; n++) run = await me.sync()
      if (verdict === 'undo') await alive.decideRemovals('approve', run.id)
      const killed = await processOf(source, { ...mortal(store, 2, (method) => method === 'checkpoint') }, 'killed')
      await expect(killed.decideRemovals(verdict, run.id)).rejects.toBeInstanceOf(Killed)
      const [half] = await alive.removals()
      expect(half!.held + half!.removed + half!.kept).toBe(1_200)
      expect(half).not.toMatchObject({ held: 1_200 })
      expect(half).toMatchObject({ [{ approve: 'held', reject: 'held', undo: 'removed' }[verdict]]: 200 })
      await alive.decideRemovals(verdict, run.id)
      const kept = verdict === 'approve' ? 0 : 1_200
      expect(await alive.removals()).toMatchObject([{ held: 0, removed: 1_200 - kept, kept }])
      expect((await store.streams.list((await store.connections.find('default', 'me'))!.no))[0]?.totalRecords).toBe(
        1_200 + kept,
      )
    },
  )

  it('columns that are filled are all filled, once', async () => {
    await using source = new PagedSource({ notes: items(1_200), more: [] })
    const store = await open()
    await (await connect(OPTIONS)(await processOf(source, store, 'before'), 'me')).sync()
    const grown = connectorOf({ text: z.string() }, '2')
    for (let at = 1, isOver = false; !isOver && at < 6; at++) {
      const dies = mortal(store, at, (method) => method === 'streams.fill')
      const killed = await processOf(source, { ...dies }, `killed ${at}`, grown)
      isOver = await survives((await killed.connection('me')).sync())
    }
    const { no } = (await store.connections.find('default', 'me'))!
    const [notes] = await store.streams.list(no)
    expect(notes?.unfilled).toEqual([])
    const texts = await store.records.keysWhere(
      notes!.no,
      'text',
      items(1_200).map(({ text }) => text),
      2_000,
    )
    expect(texts).toHaveLength(1_200)
  })
}

describe('what is killed', () => {
  let folder: string
  const stores: Store[] = []
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'))
  })
  afterAll(async () => {
    for (const store of stores) await store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  deeds(async () => {
    const store = await openSqliteStore({ path: join(folder, `${stores.length}.db`), clock })
    stores.push(store)
    return store
  })
})

withPostgres('what is killed, on PostgreSQL', () => {
  const databases: PostgresDatabase[] = []
  afterAll(async () => {
    for (const database of databases) await database.destroy()
  })
  deeds(async () => {
    const database = await PostgresDatabase.open()
    databases.push(database)
    return database.connect(clock)
  })
})
