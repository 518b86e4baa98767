// Owns the promises about what a server keeps: sessions that end with their token, the audit log, and batches that whoever asked
// for them finds after a restart.

import { describe, expect, it } from 'vitest'
import { useWorld } from './use-world.ts'
import { HOLDER, MINUTE, type OpenDatabase, T0, World } from './world.ts'

const token = { scopes: ['read'], note: '', createdAt: T0, expiresAt: null }
const deed = (at: number, more: object = {}) => ({
  project: 'default',
  at,
  who: 'cli',
  operation: 'pause',
  connection: 'c',
  given: '{}',
  outcome: 'done',
  ...more,
})

export function serverCases(open: OpenDatabase): void {
  describe('workers', () => {
    const used = useWorld(open)

    it('are those that have told so, until they are gone or silent for long', async () => {
      const { workers } = used.world.store
      const row = (id: string, seenAt: number) => ({ holder: { ...HOLDER, id }, startedAt: T0, seenAt, together: 8 })
      await workers.beat(row('a', T0), T0 - MINUTE)
      await workers.beat(row('b', T0 + 1), T0 - MINUTE)
      await workers.beat(row('a', T0 + 2), T0 - MINUTE)
      expect(await workers.list(T0)).toEqual([row('a', T0 + 2), row('b', T0 + 1)])
      expect(await workers.list(T0 + 2)).toEqual([row('a', T0 + 2)])
      await workers.beat(row('c', T0 + MINUTE), T0 + 2)
      await workers.gone('a')
      expect(await workers.list(T0)).toEqual([row('c', T0 + MINUTE)])
    })

    it('are told what waits for them, and which limits they share', async () => {
      const { store } = used.world
      expect(await store.workers.load(T0)).toEqual({
        due: 0,
        dueSince: null,
        ordered: 0,
        running: new Map([[HOLDER.id, 1]]),
      })
      await store.limits.reserve({ key: 'shop', capacity: 10, perMs: 1_000, want: 4, now: T0 })
      expect(await store.workers.limits(T0, 10)).toMatchObject([{ key: 'shop', bucket: { tokens: 6 } }])
      expect(await store.workers.limits(T0 + 1, 10)).toEqual([])
    })
  })

  describe('sessions', () => {
    const used = useWorld(open)

    it('stand for a token, and are forgotten when they are over', async () => {
      const { store } = used.world
      await store.tokens.add({ ...token, id: 'a', project: 'default', hash: 'hash of a' })
      await store.sessions.begin({ hash: 's1', token: 'a', createdAt: T0, expiresAt: T0 + MINUTE })
      expect(await store.sessions.find('s1')).toEqual({
        token: { ...token, id: 'a', project: 'default' },
        expiresAt: T0 + MINUTE,
      })
      expect(await store.sessions.find('s2')).toBeUndefined()
      await store.sessions.begin({ hash: 's2', token: 'a', createdAt: T0 + MINUTE, expiresAt: T0 + 9 * MINUTE })
      expect(await store.sessions.find('s1')).toBeUndefined()
      expect([await store.sessions.end('s2'), await store.sessions.end('s2')]).toEqual([true, false])
      expect(await store.sessions.find('s2')).toBeUndefined()
    })

    it('end with their token', async () => {
      const { store } = used.world
      await store.tokens.add({ ...token, id: 'a', project: 'default', hash: 'hash of a' })
      await store.sessions.begin({ hash: 's1', token: 'a', createdAt: T0, expiresAt: T0 + MINUTE })
      await store.tokens.revoke('default', 'a', T0)
      expect(await store.sessions.find('s1')).toBeUndefined()
    })
  })

  describe('the audit log', () => {
    const used = useWorld(open)

    it('has the deeds of a project, the newest first, of one connection or since a moment', async () => {
      const { store } = used.world
      await store.projects.ensure({ id: 'lab', timezone: 'UTC', at: T0 })
      const first = deed(T0)
      const second = deed(T0 + MINUTE, { connection: null, operation: 'sync', outcome: 'run_active', given: '{"a":1}' })
      const third = deed(T0 + 2 * MINUTE, { who: 'token a' })
      for (const one of [first, second, third, deed(T0, { project: 'lab' })]) await store.audit.add(one)
      await store.audit.add(deed(T0, { project: 'nowhere' }))
      const list = async (asked: object) =>
        (await store.audit.list('default', { limit: 10, ...asked })).map(({ no: _, ...row }) => row)
      expect(await list({})).toEqual([third, second, first])
      expect(await list({ limit: 1 })).toEqual([third])
      expect(await list({ connection: 'c' })).toEqual([third, first])
      expect(await list({ since: T0 + MINUTE })).toEqual([third, second])
      expect(await list({ connection: 'c', since: T0 + MINUTE })).toEqual([third])
      const [newest] = await store.audit.list('default', { limit: 1 })
      expect(await list({ before: newest?.no })).toEqual([second, first])
      expect(await store.audit.list('nowhere', { limit: 10 })).toEqual([])
      const rows = await store.tables.rows('default', 'audit_log', 10)
      expect(rows.map((row) => row['operation'])).toEqual(expect.arrayContaining(['pause', 'sync']))
      expect(rows).toHaveLength(3)
    })

    it('loses what is too old, and nothing of another project', async () => {
      const { store } = used.world
      await store.projects.ensure({ id: 'lab', timezone: 'UTC', at: T0 })
      const times = [T0, T0 + 1, T0 + 2, T0 + MINUTE]
      for (const at of times) await store.audit.add(deed(at))
      await store.audit.add(deed(T0, { project: 'lab' }))
      const prune = (limit: number) =>
        store.history.prune({ project: 'default', what: 'audit', before: T0 + MINUTE, limit })
      expect([await prune(2), await prune(2), await prune(2)]).toEqual([2, 1, 0])
      expect((await store.audit.list('default', { limit: 10 })).map(({ at }) => at)).toEqual([T0 + MINUTE])
      expect(await store.audit.list('lab', { limit: 10 })).toHaveLength(1)
    })
  })

  describe('answers', () => {
    const used = useWorld(open)
    const call = (key: string, more: object = {}) => ({
      ...{ caller: 'a', key, id: `id of ${key}`, call: 'c', at: T0, holder: HOLDER },
      ...more,
    })
    const kept = { since: T0 - MINUTE, most: 3 }

    it('are of the call that took the key first, until it comes to nothing', async () => {
      const { answers } = used.world.store
      expect(await answers.take(call('k'), kept)).toBeUndefined()
      const again = { ...call('k'), id: 'another', call: 'd' }
      expect(await answers.take(again, kept)).toEqual({ ...call('k'), status: null, sealed: null })
      expect(await answers.take({ ...again, caller: 'b' }, kept)).toBeUndefined()
      await answers.drop(call('k'))
      expect(await answers.take(again, kept)).toBeUndefined()
      await answers.keep(again, { status: 201, sealed: new Uint8Array([1, 0, 255]) })
      await answers.drop(again)
      const found = await answers.take(call('k'), kept)
      expect(found).toMatchObject({ id: 'another', status: 201 })
      expect(found instanceof Object && [...(found.sealed ?? [])]).toEqual([1, 0, 255])
    })

    it('are taken at once by one of many', async () => {
      const { answers } = used.world.store
      const all = Array.from({ length: 8 }, (_, i) => answers.take(call('k', { id: `${i}` }), kept))
      const taken = await Promise.all(all)
      expect(taken.filter((one) => one === undefined)).toHaveLength(1)
    })

    it('of a holder that has died go to one other', async () => {
      const { answers } = used.world.store
      await answers.take(call('k'), kept)
      const other = { ...HOLDER, id: 'other' }
      expect([
        await answers.takeOver(call('k'), HOLDER, other),
        await answers.takeOver(call('k'), HOLDER, other),
      ]).toEqual([true, false])
      await answers.keep(call('k'), { status: 200, sealed: null })
      expect(await answers.takeOver(call('k'), other, HOLDER)).toBe(false)
    })

    it('are kept for a while, and so many of a caller', async () => {
      const { answers } = used.world.store
      for (const key of ['k1', 'k2', 'k3']) expect(await answers.take(call(key), kept)).toBeUndefined()
      expect(await answers.take(call('k4'), kept)).toBe('full')
      expect(await answers.take(call('k4', { caller: 'b' }), kept)).toBeUndefined()
      expect(await answers.take(call('k1'), kept)).toMatchObject({ id: 'id of k1' })
      const later = { at: T0 + 2 * MINUTE }
      expect(await answers.take(call('k4', later), { since: T0 + MINUTE, most: 3 })).toBeUndefined()
      expect(await answers.take(call('k1', later), { since: T0 + MINUTE, most: 3 })).toBeUndefined()
    })
  })

  describe('orders', () => {
    const used = useWorld(open)
    const asked = { mode: 'auto', streams: ['orders'] }
    const end = { at: T0 + MINUTE, run: null, error: null }
    const add = (id: string, at = T0) =>
      used.world.store.orders.add({ id, connectionNo: used.world.connection.no, at, asked })

    it('are open, in the order in which they came, until they end', async () => {
      const { store, connection } = used.world
      for (const id of ['o2', 'o1']) await add(id)
      const row = { project: 'default', connection: 'me', connectionNo: connection.no, at: T0, asked }
      const open1 = { ...row, id: 'o1', batch: null, run: null, endedAt: null, error: null }
      expect(await store.orders.open({ limit: 10 })).toEqual([{ ...open1, id: 'o2' }, open1])
      expect(await store.orders.open({ connectionNo: connection.no, limit: 1 })).toHaveLength(1)
      expect(await store.orders.open({ connectionNo: connection.no + 1, limit: 1 })).toEqual([])
      await store.orders.end('o2', { ...end, error: { code: 'x' } }, 10)
      expect(await store.orders.open({ limit: 10 })).toEqual([open1])
      expect(await store.orders.count(connection.no)).toBe(1)
      expect(await store.orders.find('default', 'o2')).toMatchObject({ endedAt: T0 + MINUTE, error: { code: 'x' } })
      expect(await store.orders.find('lab', 'o1')).toBeUndefined()
    })

    it('have the run that does them from its first moment on, with what is left of them', async () => {
      const { world } = used
      const { store, connection } = world
      await add('o1')
      const left = { ...asked, maxRequests: 3 }
      const run = await world.openRun('run-2', T0, { order: { id: 'o1', asked: left } })
      expect(await store.orders.find('default', 'o1')).toMatchObject({ run: run.id, asked: left, endedAt: null })
      // Another run may do an order that none has begun, and no other.
      expect(await store.orders.join('o1', { ...end, run: 'run-1' })).toBe(false)
      await add('o2')
      expect(await store.orders.join('o2', { ...end, run: 'run-2' })).toBe(true)
      expect(await store.orders.find('default', 'o2')).toMatchObject({ run: 'run-2', endedAt: T0 + MINUTE })
      await expect(world.openRun('run-3', T0, { order: { id: 'o2', asked } })).rejects.toMatchObject({
        code: 'order_ended',
      })
      expect(await store.runs.find('default', 'run-3')).toBeUndefined()
      expect(await store.orders.count(connection.no)).toBe(1)
    })

    it('are kept up to a number when they have ended, the newest, and for ever until then', async () => {
      const { store } = used.world
      for (const id of ['o1', 'o2', 'o3', 'o4']) await add(id)
      for (const id of ['o2', 'o3', 'o4']) await store.orders.end(id, end, 2)
      const found = await Promise.all(['o1', 'o2', 'o3', 'o4'].map((id) => store.orders.find('default', id)))
      expect(found.map((one) => one?.endedAt)).toEqual([null, undefined, T0 + MINUTE, T0 + MINUTE])
    })
  })

  describe('batches', () => {
    const used = useWorld(open)
    const batch = (id: string, at = T0) => ({
      id,
      project: 'default',
      at,
      projects: ['default', 'lab'],
      holder: HOLDER,
    })
    const told = (result: string) => ({ result, at: T0 + 9 })

    it('are known with what has ended, to whoever asked for them', async () => {
      const { store } = used.world
      await store.projects.ensure({ id: 'lab', timezone: 'UTC', at: T0 })
      await store.batches.begin(batch('b1'), [], 10)
      expect(await store.batches.find('default', 'b1')).toEqual({ ...batch('b1'), results: [], finished: [] })
      await store.batches.finish('b1', 'lab', told('{"n":1}'))
      await store.batches.finish('b1', 'default', told('{"n":2}'))
      // The first that told it is right.
      await store.batches.finish('b1', 'lab', told('{"n":3}'))
      expect(await store.batches.find('default', 'b1')).toMatchObject({
        results: ['{"n":1}', '{"n":2}'],
        finished: ['lab', 'default'],
      })
      expect(await store.batches.find('lab', 'b1')).toBeUndefined()
      expect(await store.batches.find('default', 'b2')).toBeUndefined()
      await expect(store.batches.begin({ ...batch('b3'), project: 'nowhere' }, [], 10)).rejects.toMatchObject({
        code: 'project_unknown',
      })
    })

    it('are kept up to a number, the newest', async () => {
      const { store } = used.world
      for (const [i, id] of ['b1', 'b2', 'b3'].entries()) {
        await store.batches.begin(batch(id, T0 + i), [], 2)
        await store.batches.finish(id, 'default', told('{}'))
      }
      const found = await Promise.all(['b1', 'b2', 'b3'].map((id) => store.batches.find('default', id)))
      expect(found.map((one) => one?.results)).toEqual([undefined, ['{}'], ['{}']])
      // Of one that is forgotten, nothing is written any more.
      await store.batches.finish('b1', 'lab', told('{}'))
      expect(await store.batches.find('default', 'b1')).toBeUndefined()
    })

    it('are ready in a project when their orders there have ended, which are kept until it is told', async () => {
      const { store, connection } = used.world
      await store.projects.ensure({ id: 'lab', timezone: 'UTC', at: T0 })
      const other = await new World(used.world.database, store, 'lab').begin('lab-1')
      const asked = { mode: 'auto', streams: [] }
      const order = (id: string, connectionNo: number, error: object | null = null) => {
        return { id, connectionNo, asked, error: error as never }
      }
      const many = Array.from({ length: 250 }, (_, i) => order(`o${i}`, connection.no))
      const refused = order('refused', connection.no, { code: 'connector_unknown' })
      const all = [...many, refused, order('lab', other.connection.no)]
      await store.batches.begin({ ...batch('b1'), holder: null }, all, 10)
      await store.orders.add({ id: 'alone', connectionNo: other.connection.no, at: T0, asked })
      // What no batch asks for comes first; what is behind a place is found, however much stands before it.
      const places = await store.orders.places({ behind: 0, limit: 1_000 })
      expect(places.map(({ isOfBatch }) => isOfBatch)).toEqual([false, ...all.slice(1).map(() => true)])
      expect(places[0]).toMatchObject({ connectionNo: other.connection.no })
      const after = await store.orders.places({ behind: places[200]!.no, limit: 1_000 })
      expect(after).toEqual([places[0], ...places.slice(201)])
      expect(await store.batches.ready(10)).toEqual([])
      await store.orders.end('lab', { at: T0 + 1, run: 'r', error: null }, 0)
      expect(await store.batches.ready(10)).toEqual([{ id: 'b1', projects: ['lab'] }])
      expect(await store.orders.ofBatch('b1', 'lab')).toMatchObject([
        { id: 'lab', run: 'r', batch: 'b1', endedAt: T0 + 1 },
      ])
      await store.batches.finish('b1', 'lab', told('{}'))
      expect(await store.batches.ready(10)).toEqual([])
      expect(await store.orders.ofBatch('b1', 'lab')).toEqual([])
      for (const { id } of many) {
        expect(await store.batches.hasOpen('b1')).toBe(true)
        await store.orders.end(id, { at: T0 + 2, run: null, error: null }, 0)
      }
      expect(await store.batches.hasOpen('b1')).toBe(false)
      expect(await store.batches.ready(10)).toEqual([{ id: 'b1', projects: ['default'] }])
      const ended = await store.orders.ofBatch('b1', 'default')
      expect([ended.length, ended.at(-1)?.error]).toEqual([251, { code: 'connector_unknown' }])
      await store.batches.finish('b1', 'default', told('{}'))
      expect(await store.batches.ready(10)).toEqual([])
      // Now they are forgotten as all others are.
      await store.orders.add({ id: 'last', connectionNo: connection.no, at: T0, asked })
      await store.orders.end('last', { at: T0 + 3, run: null, error: null }, 0)
      expect(await store.orders.find('default', 'o1')).toBeUndefined()
    })
  })
}
