// Owns the promises about schedules: who has one, which are due, and that of two processes one moves a schedule on.

import { describe, expect, it } from 'vitest'
import type { ScheduleRow, Store } from '../../src/store/store.ts'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, T0, World } from './world.ts'

export function scheduleCases(open: OpenDatabase): void {
  describe('schedules', () => {
    const used = useWorld(open)

    const row = (more: Partial<ScheduleRow> = {}): ScheduleRow => ({
      project: used.world.project,
      connectionNo: used.world.connection.no,
      connection: used.world.connection.id,
      stream: '',
      spec: 'every 15m',
      timezone: 'Europe/Berlin',
      quietHours: null,
      nextAt: T0 + MINUTE,
      lastAt: null,
      ...more,
    })
    const save = async (more: Partial<ScheduleRow> = {}, store = used.world.store) => {
      const saved = row(more)
      await store.schedules.save(saved)
      return saved
    }
    const other = async (id: string, project = 'default') =>
      new World(used.world.database, used.world.store, project).begin(id)

    it('a new connection has none', async () => {
      expect(await used.world.store.schedules.list()).toEqual([])
      expect(await used.world.store.schedules.due(T0 + 99 * MINUTE, 10)).toEqual([])
    })

    it('gives back what was saved, each place once', async () => {
      const { store } = used.world
      const whole = await save({ spec: 'cron 0 3 * * *', quietHours: '08:00-20:00' })
      const stream = await save({ stream: 'orders', spec: 'adaptive', timezone: 'UTC' })
      expect(await store.schedules.list()).toEqual([whole, stream])
      const changed = await save({ spec: 'every 1h', quietHours: null, nextAt: T0 + 5 * MINUTE })
      expect(await store.schedules.list()).toEqual([changed, stream])
    })

    it('keeps the time of the last run when a schedule is set anew', async () => {
      const { store } = used.world
      const saved = await save()
      await store.schedules.advance(saved, { expect: T0 + MINUTE, nextAt: T0 + 16 * MINUTE, lastAt: T0 + MINUTE })
      await save({ spec: 'every 1h', nextAt: T0 + 61 * MINUTE })
      expect(await store.schedules.list()).toEqual([
        row({ spec: 'every 1h', nextAt: T0 + 61 * MINUTE, lastAt: T0 + MINUTE }),
      ])
    })

    it('takes one away, and says whether there was one', async () => {
      const { store } = used.world
      const saved = await save()
      const stream = await save({ stream: 'orders' })
      expect(await store.schedules.drop(saved)).toBe(true)
      expect(await store.schedules.drop(saved)).toBe(false)
      expect(await store.schedules.list()).toEqual([stream])
    })

    it('lists those of a project, or of one connection, in order of connection and stream', async () => {
      const { store, connection, project } = used.world
      const second = await other('second')
      const elsewhere = await other('elsewhere', 'other-project')
      const theirs = await save({
        project: 'other-project',
        connection: 'elsewhere',
        connectionNo: elsewhere.connection.no,
      })
      const b = await save({ connection: 'second', connectionNo: second.connection.no })
      const stream = await save({ stream: 'orders' })
      const a = await save()
      expect(await store.schedules.list(project)).toEqual([a, stream, b])
      expect(await store.schedules.list(project, connection.no)).toEqual([a, stream])
      expect(await store.schedules.list(project, second.connection.no)).toEqual([b])
      expect(await store.schedules.list('other-project')).toEqual([theirs])
      expect(await store.schedules.list('nobody')).toEqual([])
      expect((await store.schedules.list()).length).toBe(4)
    })

    it('finds what is due in all projects, the longest overdue first, so many as asked', async () => {
      const { store } = used.world
      const elsewhere = await other('elsewhere', 'other-project')
      const late = await save({ nextAt: T0 + 2 * MINUTE })
      const first = await save({
        project: 'other-project',
        connection: 'elsewhere',
        connectionNo: elsewhere.connection.no,
        nextAt: T0 + MINUTE,
      })
      await save({ stream: 'orders', nextAt: T0 + 3 * MINUTE })
      expect(await store.schedules.due(T0 + MINUTE - 1, 10)).toEqual([])
      expect(await store.schedules.due(T0 + MINUTE, 10)).toEqual([first])
      expect(await store.schedules.due(T0 + 2 * MINUTE, 10)).toEqual([first, late])
      expect(await store.schedules.due(T0 + 3 * MINUTE, 2)).toEqual([first, late])
    })

    it('goes on through what is due after the last one that was given, each once', async () => {
      const { store } = used.world
      const second = await other('second')
      const theirs = { connection: 'second', connectionNo: second.connection.no }
      // Of one time: the connection decides, then the stream, by its bytes.
      const all = [await save({ nextAt: T0 }), await save({ stream: 'Z' }), await save({ stream: 'a' })]
      all.push(await save(theirs), await save({ ...theirs, stream: 'a', nextAt: T0 + 2 * MINUTE }))
      const found: ScheduleRow[] = []
      for (let after = found.at(-1); found.length < 9; after = found.at(-1)) {
        const page = await store.schedules.due(T0 + 2 * MINUTE, 2, after)
        if (page.length === 0) break
        found.push(...page)
      }
      expect(found).toEqual(all)
      expect(await store.schedules.due(T0 + MINUTE, 9, all[1])).toEqual(all.slice(2, 4))
    })

    it('moves one on only from where it is expected, whoever asks', async () => {
      const { store, database } = used.world
      const rival: Store = await database.connect()
      const saved = await save()
      const stream = await save({ stream: 'orders' })
      const move = { expect: T0 + MINUTE, nextAt: T0 + 16 * MINUTE, lastAt: T0 + 2 * MINUTE }
      const moved = await Promise.all([store.schedules.advance(saved, move), rival.schedules.advance(saved, move)])
      expect(moved.toSorted()).toEqual([false, true])
      expect(await store.schedules.list()).toEqual([row({ nextAt: T0 + 16 * MINUTE, lastAt: T0 + 2 * MINUTE }), stream])
      expect(await store.schedules.advance(row({ stream: 'nobody' }), move)).toBe(false)
    })

    it('keeps the time of the last run when it only moves', async () => {
      const { store } = used.world
      const saved = await save()
      const to = (minute: number, lastAt: number | null) =>
        store.schedules.advance(saved, { expect: T0 + minute * MINUTE, nextAt: T0 + (minute + 15) * MINUTE, lastAt })
      await to(1, null)
      expect((await store.schedules.list())[0]?.lastAt).toBeNull()
      await to(16, T0 + 16 * MINUTE)
      await to(31, null)
      expect(await store.schedules.list()).toEqual([row({ nextAt: T0 + 46 * MINUTE, lastAt: T0 + 16 * MINUTE })])
    })
  })
}
