// Owns the promises about runs: opened, counted, cancelled, finished, and closed after a crash.

import { describe, expect, it } from 'vitest'
import { NO_COUNTS } from '../../src/model/run.ts'
import { useWorld } from './use-world.ts'
import { HOLDER, MINUTE, type OpenDatabase, record, request, T0, World } from './world.ts'

export function runCases(open: OpenDatabase): void {
  describe('runs', () => {
    const used = useWorld(open)

    it('opens running and empty', async () => {
      const { run, connection } = used.world
      expect(run).toEqual({
        no: run.no,
        id: 'run-1',
        project: 'default',
        connectionNo: connection.no,
        connection: 'me',
        mode: 'auto',
        connectorVersion: null,
        currency: null,
        status: 'running',
        startedAt: T0,
        finishedAt: null,
        error: null,
        notes: [],
        requests: 0,
        billedItems: 0,
        cost: null,
        streams: [],
        partial: false,
        capped: false,
        holder: HOLDER,
        passes: [],
      })
      expect(await used.world.store.runs.find('default', 'run-1')).toEqual(run)
    })

    it('adds up money without the digits that binary fractions leave', async () => {
      const { world } = used
      for (const cost of [0.1, 0.2, 0.0003, 1e-9]) await world.put({ cost })
      expect(await world.store.runs.find('default', 'run-1')).toMatchObject({ cost: 0.300300001 })
    })

    it('adds up pages, requests and counts, pass by pass', async () => {
      const { world } = used
      const pass = { ordinal: 0, kind: 'newestFirst', ended: null, pages: 1, requests: 2 } as const
      await world.put({
        inserts: [record('a')],
        pass,
        counts: { fetched: 100, inserted: 1, snapshots: 3 },
        requests: [request(), request({ attempt: 2, billedItems: 5 })],
        expected: 40,
      })
      await world.put({
        pass,
        counts: { fetched: 50, unchanged: 50, quarantined: 1, held: 2 },
        requests: [request({ billedItems: 1 })],
      })
      await world.put({
        pass: { ...pass, ended: 'exhausted' },
        counts: { removed: 4, restored: 1, updated: 2 },
        expected: 41,
      })
      await world.put({ pass: { ...pass, pages: 0, requests: 0 } })
      await world.put({ pass: { ordinal: 1, kind: 'fullPass', ended: 'failed', pages: 7, requests: 1 } })
      const run = await world.store.runs.find('default', 'run-1')
      expect(run).toMatchObject({ requests: 3, billedItems: 6 })
      expect(run?.passes).toEqual([
        {
          streamNo: world.stream.no,
          stream: 'orders',
          ordinal: 0,
          kind: 'newestFirst',
          ended: 'exhausted',
          pages: 3,
          requests: 6,
          counts: {
            fetched: 150,
            inserted: 1,
            updated: 2,
            unchanged: 50,
            superseded: 0,
            removed: 4,
            restored: 1,
            held: 2,
            unconfirmed: 0,
            quarantined: 1,
            snapshots: 3,
            unavailable: 0,
            stale: 0,
          },
          expected: 41,
        },
        {
          streamNo: world.stream.no,
          stream: 'orders',
          ordinal: 1,
          kind: 'fullPass',
          ended: 'failed',
          pages: 7,
          requests: 1,
          counts: NO_COUNTS,
          expected: null,
        },
      ])
    })

    it('finishes with everything that the run leaves', async () => {
      const { world } = used
      const error = { code: 'token_rejected', message: 'no', hint: 'log in', verdict: 'pause' } as const
      const finished = await world.finishRun({
        status: 'paused',
        error,
        notes: ['one', 'two'],
        requests: [request({ status: 401, outcome: 'token_rejected' })],
        streams: [
          {
            streamNo: world.stream.no,
            succeeded: false,
            full: false,
            records: 7,
            coverage: { kind: 'gap', note: 'stopped at #7' },
          },
        ],
      })
      expect(finished).toMatchObject({
        status: 'paused',
        finishedAt: T0 + MINUTE,
        error,
        notes: ['one', 'two'],
        requests: 1,
      })
      expect(await world.store.runs.find('default', 'run-1')).toEqual(finished)
      expect((await world.store.streams.list(world.connection.no))[0]).toMatchObject({
        lastRunAt: T0 + MINUTE,
        lastSuccessAt: null,
        lastFullAt: null,
        lastMode: 'auto',
        lastRecords: 7,
        runsSinceFull: 0,
        coverage: { kind: 'gap', note: 'stopped at #7' },
      })
    })

    it('counts successful runs since the last full one', async () => {
      const { world } = used
      const end = async (succeeded: boolean, full: boolean, at: number) => {
        const coverage = { kind: 'complete', note: '' } as const
        await world.finishRun({ at, streams: [{ streamNo: world.stream.no, succeeded, full, records: 1, coverage }] })
        world.run = await world.openRun(`next-${at}`, at)
        const [row] = await world.store.streams.list(world.connection.no)
        return [row?.runsSinceFull, row?.lastSuccessAt, row?.lastFullAt]
      }
      expect(await end(true, false, 1)).toEqual([1, 1, null])
      expect(await end(true, false, 2)).toEqual([2, 2, null])
      expect(await end(false, false, 3)).toEqual([2, 2, null])
      expect(await end(true, true, 4)).toEqual([0, 4, 4])
      expect(await end(true, false, 5)).toEqual([1, 5, 4])
      expect(await end(false, true, 6)).toEqual([0, 5, 6])
    })

    it('closes a run that a crash left open when the next one opens, and only its connection’s', async () => {
      const { world } = used
      const other = await new World(world.database, world.store, 'lab').begin('me')
      await world.insert('a')
      const rival = await world.database.connect()
      const lease = await world.claim(world.lease.resource, { store: rival, takeOver: world.lease.generation })
      const base = {
        project: 'default',
        connectionNo: world.connection.no,
        mode: 'full',
        streams: [],
        partial: false,
        holder: { id: 'h', host: 'h', pid: 1, startedAt: 1 },
      } as const
      const next = await rival.runs.open({ ...base, id: 'run-2', lease, at: T0 + MINUTE })
      expect(next).toMatchObject({ id: 'run-2', mode: 'full', status: 'running', startedAt: T0 + MINUTE })
      expect(await rival.runs.find('default', 'run-1')).toMatchObject({
        status: 'failed',
        finishedAt: T0 + MINUTE,
        error: { code: 'run_interrupted', verdict: 'retry' },
      })
      expect(await rival.runs.find('lab', 'run-1')).toEqual(other.run)
      expect(
        (await rival.runs.list({ project: 'default', statuses: ['running'], limit: 9 })).map(({ id }) => id),
      ).toEqual(['run-2'])
    })

    it('keeps what kind of run it is: of a part, capped, both or neither', async () => {
      const { store, lease, project, connection } = used.world
      const order = { lease, project, connectionNo: connection.no, mode: 'auto', streams: [], at: T0 } as const
      const kinds = [{ partial: true }, { capped: true }, { partial: true, capped: true }, {}]
      for (const [i, kind] of kinds.entries()) {
        const whole = { partial: false, capped: false, ...kind }
        const opened = await store.runs.open({ ...order, ...kind, id: `kind-${i}`, holder: HOLDER })
        expect(opened).toMatchObject(whole)
        expect(await store.runs.find(project, `kind-${i}`)).toMatchObject(whole)
      }
    })

    it('leaves finished runs alone when the next one opens', async () => {
      const { world } = used
      const finished = await world.finishRun({ status: 'incomplete' })
      await world.openRun('run-2', T0 + MINUTE)
      expect(await world.store.runs.find('default', 'run-1')).toEqual(finished)
    })

    it('lists runs newest first, by connection and by status', async () => {
      const { world } = used
      const second = await new World(world.database, world.store, 'default').begin('second')
      await world.nextRun('run-2')
      await world.nextRun('run-3')
      const list = async (more: object = {}) =>
        (await world.store.runs.list({ project: 'default', limit: 9, ...more })).map(({ id }) => id)
      expect(await list()).toEqual(['run-3', 'run-2', 'second-run-1', 'run-1'])
      expect(await list({ limit: 2 })).toEqual(['run-3', 'run-2'])
      expect(await list({ statuses: ['succeeded'] })).toEqual(['run-2', 'run-1'])
      expect(await list({ connectionNo: world.connection.no, statuses: ['running'] })).toEqual(['run-3'])
      expect(await list({ connectionNo: second.connection.no })).toEqual(['second-run-1'])
      expect(await list({ before: world.run.no })).toEqual(['run-2', 'second-run-1', 'run-1'])
      expect(await list({ before: world.run.no, connectionNo: world.connection.no, limit: 1 })).toEqual(['run-2'])
      expect(await list({ statuses: ['running', 'succeeded'], limit: 3 })).toEqual(['run-3', 'run-2', 'second-run-1'])
      expect(await list({ statuses: [] })).toEqual([])
      expect(await list({ connectionNo: 999 })).toEqual([])
      expect(await list({ project: 'nowhere' })).toEqual([])
    })

    it('lists runs by their mode and by when they began', async () => {
      const { world } = used
      await world.finishRun()
      world.run = await world.openRun('run-2', T0 + MINUTE, { mode: 'full' })
      await world.nextRun('run-3', T0 + 2 * MINUTE)
      const list = async (more: object) =>
        (await world.store.runs.list({ project: 'default', limit: 9, ...more })).map(({ id }) => id)
      expect(await list({ modes: ['full'] })).toEqual(['run-2'])
      expect(await list({ modes: ['full', 'auto'] })).toEqual(['run-3', 'run-2', 'run-1'])
      expect(await list({ since: T0 + MINUTE })).toEqual(['run-3', 'run-2'])
      expect(await list({ until: T0 + MINUTE })).toEqual(['run-1'])
      expect(await list({ since: T0 + 1, until: T0 + 2 * MINUTE, modes: ['auto'] })).toEqual([])
    })

    it('gives the ledger of a run by its numbers, with the stream of each request', async () => {
      const { world } = used
      await world.put({ requests: [request({ billedItems: 2 }), request({ attempt: 2, outcome: 'http_500' })] })
      await world.finishRun({ requests: [request({ page: null })] })
      const ledger = (after: number, limit = 9) => world.store.runs.ledgerOf({ runNo: world.run.no, after, limit })
      expect(
        (await ledger(0)).map(({ no, stream, attempt, outcome, billedItems }) => [
          no,
          stream,
          attempt,
          outcome,
          billedItems,
        ]),
      ).toEqual([
        [1, 'orders', 1, 'ok', 2],
        [2, 'orders', 2, 'http_500', 0],
        [3, null, 1, 'ok', 0],
      ])
      expect((await ledger(1, 1)).map(({ no }) => no)).toEqual([2])
      expect(await ledger(3)).toEqual([])
      expect(await world.store.runs.ledgerOf({ runNo: 999, after: 0, limit: 9 })).toEqual([])
    })

    it('hears a request to cancel while it runs, and not after', async () => {
      const { world } = used
      const { store, run } = world
      expect(await store.runs.cancelRequested(run.no)).toBe(false)
      expect(await store.runs.requestCancel('nowhere', 'run-1')).toBe(false)
      expect(await store.runs.requestCancel('default', 'nobody')).toBe(false)
      expect(await (await world.database.connect()).runs.requestCancel('default', 'run-1')).toBe(true)
      expect(await store.runs.requestCancel('default', 'run-1')).toBe(true)
      expect(await store.runs.cancelRequested(run.no)).toBe(true)
      await world.finishRun({ status: 'cancelled' })
      expect(await store.runs.requestCancel('default', 'run-1')).toBe(false)
      expect(await store.runs.cancelRequested(999)).toBe(false)
    })

    it('does not find the runs of another project', async () => {
      expect(await used.world.store.runs.find('nowhere', 'run-1')).toBeUndefined()
      expect(await used.world.store.runs.find('default', 'run-9')).toBeUndefined()
    })
  })
}
