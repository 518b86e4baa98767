// Owns the promises about webhooks that are sent: what is told of a run is written with its end, to whoever wants it, once.

import { describe, expect, it } from 'vitest'
import { RUN_INTERRUPTED } from '../../src/model/run.ts'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, record, T0 } from './world.ts'

const hook = (id: string, more: object = {}) => ({
  project: 'default',
  id,
  url: `https://example.com/${id}`,
  events: [],
  note: '',
  allowPrivateNetwork: false,
  sealed: new Uint8Array([1, 2, 3]),
  browser: null,
  at: T0,
  ...more,
})

export function outboxCases(open: OpenDatabase): void {
  describe('webhooks that are sent', () => {
    const used = useWorld(open)
    const dueAt = async (now = T0 + 9 * MINUTE) =>
      (await used.world.store.webhooks.due(now, 100)).map(({ webhookNo, event, run }) => [webhookNo, event, run?.id])

    it('are listed by project, sealed anew only as they lie, and gone with what waits', async () => {
      const { store } = used.world
      await store.projects.ensure({ id: 'lab', timezone: 'UTC', at: T0 })
      await store.webhooks.add(hook('a', { events: ['run.failed'], note: 'pager', allowPrivateNetwork: true }))
      await store.webhooks.add(hook('b', { project: 'lab' }))
      const [a, b] = await store.webhooks.list()
      const shown = hook('a', { events: ['run.failed'], note: 'pager', allowPrivateNetwork: true })
      expect({ ...a, sealed: [...(a?.sealed ?? [])] }).toEqual({
        ...{ ...shown, sealed: [1, 2, 3] },
        ...{ no: a?.no, waiting: 0, dead: 0 },
      })
      expect((await store.webhooks.list('lab')).map(({ id }) => id)).toEqual(['b'])
      const order = { expect: new Uint8Array([9]), sealed: new Uint8Array([4]) }
      expect(await store.webhooks.reseal(a!.no, order)).toBe(false)
      expect(await store.webhooks.reseal(a!.no, { ...order, expect: new Uint8Array([1, 2, 3]) })).toBe(true)
      await store.webhooks.enqueue({ webhookNo: b!.no, id: 'm', event: 'webhook.test', at: T0, nextAt: T0 })
      expect(await store.webhooks.drop('default', 'b')).toBe(false)
      expect(await store.webhooks.drop('lab', 'b')).toBe(true)
      expect([await store.webhooks.drop('lab', 'b'), await dueAt()]).toEqual([false, []])
      await expect(store.webhooks.add(hook('c', { project: 'nowhere' }))).rejects.toMatchObject({
        code: 'project_unknown',
      })
    })

    it('tell of the end of a run, of what it held, and of a budget, whoever wants it', async () => {
      const { store } = used.world
      await store.projects.ensure({ id: 'lab', timezone: 'UTC', at: T0 })
      for (const one of [hook('a'), hook('b', { events: ['run.failed'] }), hook('c', { project: 'lab' })])
        await store.webhooks.add(one)
      const [a, b] = (await store.webhooks.list()).map(({ no }) => no)
      await used.world.put({ inserts: [record('1')], counts: { held: 2 } })
      expect(await dueAt()).toEqual([])
      const error = { code: 'budget_spent', message: 'm', hint: null, verdict: 'stop' } as const
      await used.world.finishRun({ status: 'incomplete', error })
      expect(await dueAt()).toEqual([
        [a, 'budget.reached', 'run-1'],
        [a, 'removals.held', 'run-1'],
        [a, 'run.finished', 'run-1'],
      ])
      used.world.run = await used.world.openRun('run-2')
      await used.world.finishRun({ status: 'failed' })
      used.world.run = await used.world.openRun('run-3')
      await used.world.finishRun({ status: 'paused' })
      expect((await dueAt()).slice(3)).toEqual([
        [a, 'run.failed', 'run-2'],
        [a, 'run.paused', 'run-3'],
        [b, 'run.failed', 'run-2'],
      ])
    })

    it('tell a browser one thing of a run, that which matters most, until it or its token ends', async () => {
      const { store } = used.world
      const token = { project: 'default', scopes: ['read'], note: '', createdAt: T0, expiresAt: null }
      await store.tokens.add({ ...token, id: 'mine', hash: 'h' })
      await store.webhooks.add(hook('b', { browser: { token: 'mine', longMs: 0 } }))
      await store.webhooks.add(hook('c', { browser: { token: null, longMs: 10 * MINUTE } }))
      const [b, c] = await store.webhooks.list()
      expect([b?.browser, c?.browser]).toEqual([
        { token: 'mine', longMs: 0 },
        { token: null, longMs: 10 * MINUTE },
      ])
      await used.world.put({ inserts: [record('1')], counts: { held: 2 } })
      await used.world.finishRun({ status: 'incomplete' })
      used.world.run = await used.world.openRun('run-2')
      await used.world.finishRun({ status: 'failed' })
      used.world.run = await used.world.openRun('run-3')
      await used.world.finishRun({ status: 'paused' })
      const told = async () =>
        (await dueAt()).map(([no, event, run]) => `${no === b?.no ? 'b' : 'c'} ${event} ${run}`).sort()
      expect(await told()).toEqual([
        'b removals.held run-1',
        'b run.failed run-2',
        'b run.paused run-3',
        'c removals.held run-1',
        'c run.paused run-3',
      ])
      const anew = { sealed: new Uint8Array([7]), note: 'n', browser: { token: 'mine', longMs: 5 } }
      expect(await store.webhooks.renew(c!.no, anew)).toBe(true)
      expect((await store.webhooks.list())[1]).toMatchObject({ note: 'n', browser: anew.browser })
      await store.webhooks.add(hook('a'))
      expect(await store.webhooks.renew((await store.webhooks.list())[2]!.no, anew)).toBe(false)
      expect(await store.tokens.revoke('lab', 'mine', T0)).toBe(false)
      expect(await store.tokens.revoke('default', 'mine', T0)).toBe(true)
      expect([(await store.webhooks.list()).map(({ id }) => id), await told()]).toEqual([['a'], []])
    })

    it('have one key for push services, sealed anew only as it lies, and gone with every browser', async () => {
      const { webhooks } = used.world.store
      const key = { publicKey: 'p', sealed: new Uint8Array([1]), at: T0 }
      expect(await webhooks.pushKey()).toBeUndefined()
      expect([await webhooks.addPushKey(key), await webhooks.addPushKey({ ...key, publicKey: 'q' })]).toEqual([
        true,
        false,
      ])
      const order = { expect: new Uint8Array([9]), sealed: new Uint8Array([4]) }
      expect(await webhooks.resealPushKey(order)).toBe(false)
      expect(await webhooks.resealPushKey({ ...order, expect: key.sealed })).toBe(true)
      const kept = await webhooks.pushKey()
      expect([kept?.publicKey, [...(kept?.sealed ?? [])]]).toEqual(['p', [4]])
      await webhooks.add(hook('a'))
      await webhooks.add(hook('b', { browser: { token: null, longMs: 1 } }))
      await webhooks.dropPushKey()
      expect([await webhooks.pushKey(), (await webhooks.list()).map(({ id }) => id)]).toEqual([undefined, ['a']])
    })

    it('tell of a run that a crash has left open, when it is closed', async () => {
      const { store } = used.world
      await store.webhooks.add(hook('a'))
      used.world.run = await used.world.openRun('run-2')
      const [message] = await store.webhooks.due(T0, 10)
      expect(message).toMatchObject({
        event: 'run.failed',
        run: { id: 'run-1', status: 'failed', error: { code: RUN_INTERRUPTED.code } },
      })
    })

    it('wait together where a receiver is away', async () => {
      const { store } = used.world
      await store.webhooks.add(hook('a'))
      await store.webhooks.add(hook('b'))
      const [a, b] = (await store.webhooks.list()).map(({ no }) => no) as [number, number]
      const put = (webhookNo: number, id: string) =>
        store.webhooks.enqueue({ webhookNo, id, event: 'webhook.test', at: T0, nextAt: T0 })
      const due = async (now: number) => (await store.webhooks.due(now, 10)).map(({ id }) => id)
      for (const id of ['a1', 'a2']) await put(a, id)
      await put(b, 'b1')
      const vain = (nextAt: number) => ({ deliveredAt: null, status: 500, error: 'It answered 500.', nextAt })
      await store.webhooks.settle({ webhookNo: a, id: 'a1' }, vain(T0 + MINUTE))
      // What comes after the try waits as well.
      await put(a, 'a3')
      expect(await due(T0)).toEqual(['b1'])
      expect(await due(T0 + MINUTE)).toEqual(['a2', 'a3', 'b1', 'a1'])
      await store.webhooks.settle({ webhookNo: a, id: 'a1' }, vain(T0 + 9 * MINUTE))
      await store.webhooks.defer(a, T0 + 2 * MINUTE)
      expect(await due(T0 + MINUTE)).toEqual(['b1'])
      expect(await store.webhooks.due(T0 + 2 * MINUTE, 10)).toMatchObject([
        { id: 'b1' },
        { id: 'a2', tries: 0 },
        { id: 'a3', tries: 0 },
      ])
    })

    it('are tried until they are taken or given up, and then again when asked', async () => {
      const { store } = used.world
      await store.webhooks.add(hook('a'))
      const no = (await store.webhooks.list())[0]!.no
      for (const id of ['m1', 'm2', 'm3'])
        await store.webhooks.enqueue({ webhookNo: no, id, event: 'webhook.test', at: T0, nextAt: T0 })
      const message = (id: string) => ({ webhookNo: no, id })
      const wrong = { deliveredAt: null, status: 500, error: 'It answered 500.' }
      await store.webhooks.settle(message('m1'), { deliveredAt: T0 + 1, nextAt: null, status: 204, error: null })
      await store.webhooks.settle(message('m2'), { ...wrong, nextAt: T0 + MINUTE })
      await store.webhooks.settle(message('m3'), { ...wrong, nextAt: null })
      expect(await store.webhooks.due(T0, 10)).toEqual([])
      expect(await store.webhooks.due(T0 + MINUTE, 10)).toMatchObject([{ id: 'm2', tries: 1, ...wrong, run: null }])
      expect(await store.webhooks.list()).toMatchObject([{ waiting: 1, dead: 1 }])
      expect(await store.webhooks.replay(no, { at: T0 })).toBe(1)
      expect(await store.webhooks.replay(no, { id: 'm1', at: T0 })).toBe(1)
      expect(await store.webhooks.replay(no, { id: 'other', at: T0 })).toBe(0)
      // Those that are sent again are the receiver's as well, and wait with the one that was tried in vain.
      expect(await store.webhooks.due(T0, 10)).toEqual([])
      expect((await store.webhooks.due(T0 + MINUTE, 10)).map(({ id, tries }) => [id, tries])).toEqual([
        ['m1', 0],
        ['m3', 0],
        ['m2', 1],
      ])
      expect((await store.webhooks.messages(no, { limit: 2 })).map(({ id }) => id)).toEqual(['m3', 'm2'])
      await store.webhooks.settle(message('m1'), { deliveredAt: T0 + 1, nextAt: null, status: 204, error: null })
      expect([await store.webhooks.prune(T0, 10), await store.webhooks.prune(T0 + 1, 10)]).toEqual([0, 1])
    })
  })
}
