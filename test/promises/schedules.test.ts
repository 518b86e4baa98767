// What is scheduled runs at its time: once, not before, not by two processes, and not while it should not.

import { describe, expect, test } from 'vitest'
import { BUSY_MS } from '../../src/engine/schedules/scheduler.ts'
import { defineConnector, fullPass, openTidemark, rows, stream, z } from '../../src/index.ts'
import { until } from '../cli/program.ts'
import { doorOf } from '../support/door.ts'
import {
  another,
  clock,
  ends,
  github,
  HOUR,
  KEY,
  keep,
  MINUTE,
  mirror,
  runs,
  said,
  setClock,
  ticks,
  useScheduleWorld,
} from '../support/schedule-world.ts'
import { ShiftedClock } from '../support/shifted-clock.ts'

useScheduleWorld()

test('a connection has no schedule until it is given one, and none again after off', async () => {
  const me = await mirror.github(github)
  expect(await me.schedule()).toEqual([])
  expect(await me.schedule({ spec: 'off' })).toEqual([])
  await me.schedule({ spec: 'every 15m', quietHours: '22:00-6:00', timezone: 'Europe/Berlin' })
  expect(await me.schedule()).toEqual([
    {
      stream: null,
      schedule: 'every 15m',
      timezone: 'Europe/Berlin',
      quietHours: '22:00-06:00',
      nextRunAt: expect.stringMatching(/Z$/),
      lastRunAt: null,
      streams: ['stars'],
    },
  ])
  expect((await me.status()).nextRunAt).toBe((await me.schedule())[0]?.nextRunAt)
  expect(await me.schedule({ spec: 'off' })).toEqual([])
  expect((await me.status()).nextRunAt).toBeNull()
})

test('the zone of a schedule is that of its project', async () => {
  const tidemark = await openTidemark({ database: mirror.file, key: KEY, project: 'far', timezone: 'Pacific/Chatham' })
  ends.push(() => tidemark.close())
  const me = await tidemark.connect('github', { id: 'me', options: { user: 'ada' } })
  expect(await me.schedule({ spec: 'cron 0 3 * * *' })).toMatchObject([{ timezone: 'Pacific/Chatham' }])
})

test('it runs at its time and not before, keeps in step, and is shown', async () => {
  const me = await mirror.github(github)
  await me.schedule({ spec: 'every 1h' })
  const due = Date.parse((await me.status()).nextRunAt ?? '')
  const { ran, stop } = keep(mirror.tidemark)
  await ticks()
  expect(runs()).toBe(0)
  clock.skip(due - clock.now())
  await until(() => ran.length === 1)
  expect(ran[0]?.report).toMatchObject({ connection: 'me', status: 'succeeded', mode: 'auto' })
  expect(ran[0]?.nextAt).toBe(due + HOUR)
  expect(mirror.sql('select next_run_at, last_run_at is not null as ran from schedules')).toEqual([
    { next_run_at: new Date(due + HOUR).toISOString(), ran: 1 },
  ])
  expect(mirror.value('select next_run_at from streams')).toBe(new Date(due + HOUR).toISOString())
  clock.skip(HOUR)
  await until(() => ran.length === 2)
  await ticks()
  expect(runs()).toBe(2)
  await stop()
})

test('what was missed while nothing ran is one run', async () => {
  const me = await mirror.github(github)
  await me.schedule({ spec: 'every 15m' })
  clock.skip(30 * HOUR)
  const { ran, stop } = keep(mirror.tidemark)
  await until(() => ran.length === 1)
  await ticks()
  expect(runs()).toBe(1)
  expect(ran[0]?.nextAt).toBeGreaterThan(clock.now())
  await stop()
})

test('of two processes, each due time is run by one', async () => {
  const me = await mirror.github(github)
  await me.schedule({ spec: 'every 15m' })
  const kept = [keep(mirror.tidemark), keep(await another('second'))]
  const ran = () => kept.reduce((sum, one) => sum + one.ran.length, 0)
  for (let round = 1; round <= 8; round++) {
    clock.skip(15 * MINUTE)
    await until(() => ran() >= round)
    await ticks(5)
    expect([ran(), runs()]).toEqual([round, round])
  }
  for (const { stop } of kept) await stop()
})

test('a schedule that another process sets or takes away is noticed', async () => {
  const me = await mirror.github(github)
  const { ran, stop } = keep(mirror.tidemark)
  const other = await (await another('second')).connection('me')
  await other.schedule({ spec: 'every 5m' })
  clock.skip(5 * MINUTE)
  await until(() => ran.length === 1)
  await other.schedule({ spec: 'off' })
  clock.skip(HOUR)
  await ticks()
  expect(runs()).toBe(1)
  expect((await me.status()).schedules).toEqual([])
  await stop()
})

test('a sync by hand that is under way at the due time stands for it', async () => {
  await using door = await doorOf(github)
  const me = await mirror.github(github, { baseUrl: door.url })
  await me.schedule({ spec: 'every 15m' })
  const { ran, stop } = keep(mirror.tidemark)
  clock.skip(15 * MINUTE - 10_000)
  const stands = door.shut(/./)
  const byHand = me.sync()
  await stands
  clock.skip(10_000)
  await ticks()
  door.open()
  expect((await byHand).status).toBe('succeeded')
  // It was busy when the schedule came to it, which then looks again a little later.
  clock.skip(BUSY_MS)
  await until(() => said('schedule.moved').length === 1)
  await ticks()
  expect([runs(), ran.length]).toEqual([1, 0])
  clock.skip(15 * MINUTE)
  await until(() => ran.length === 1)
  expect(runs()).toBe(2)
  await stop()
})

test('a sync by hand while a scheduled run is under way neither doubles nor fails anything', async () => {
  await using door = await doorOf(github)
  const me = await mirror.github(github, { baseUrl: door.url })
  await me.schedule({ spec: 'every 15m' })
  const { ran, stop } = keep(mirror.tidemark)
  const stands = door.shut(/./)
  clock.skip(15 * MINUTE)
  await stands
  const joined = await me.sync({ onAttach: () => door.open() })
  await until(() => ran.length === 1)
  expect([joined.id, joined.status, runs()]).toEqual([ran[0]?.report.id, 'succeeded', 1])
  await stop()
})

test('a paused connection is passed over, shown, and runs at its next time again', async () => {
  const me = await mirror.github(github)
  await me.schedule({ spec: 'every 15m' })
  await mirror.tidemark.store.connections.setPaused(me.row.no, 'user', true)
  const { ran, stop } = keep(mirror.tidemark)
  clock.skip(15 * MINUTE)
  await until(() => said('schedule.skipped').length === 1)
  expect(said('schedule.skipped')[0]?.values).toMatchObject({ connection: 'me', why: 'paused (user)' })
  expect(await me.status()).toMatchObject({ paused: ['user'], schedules: [{ lastRunAt: null }] })
  expect(runs()).toBe(0)
  await mirror.tidemark.store.connections.setPaused(me.row.no, 'user', false)
  clock.skip(15 * MINUTE)
  await until(() => ran.length === 1)
  await stop()
})

test('nothing starts within quiet hours, not even what was missed', async () => {
  setClock(new ShiftedClock(Date.UTC(2026, 10, 21, 7, 0)))
  const tidemark = await another('quiet')
  const me = await tidemark.connect('github', {
    id: 'me',
    options: { token: 'token-of-ada', baseUrl: github.url, allowPrivateNetwork: true },
  })
  await me.schedule({ spec: 'every 30m', quietHours: '08:00-20:00' })
  const { ran, stop } = keep(tidemark)
  clock.skip(30 * MINUTE)
  await until(() => ran.length === 1)
  expect(ran[0]?.nextAt).toBe(Date.UTC(2026, 10, 21, 20, 0))
  // A machine that slept over the evening and wakes the next noon is within them again.
  clock.skip(28 * HOUR)
  await until(() => said('schedule.moved').some(({ values }) => values['why'] === 'quiet hours'))
  await ticks()
  expect(runs()).toBe(1)
  expect((await me.status()).nextRunAt).toBe('2026-11-22T20:00:00.000Z')
  clock.skip(9 * HOUR)
  await until(() => ran.length === 2)
  await stop()
})

test('after a failure it is tried again soon, later each time, and then goes on as before', async () => {
  const me = await mirror.github(github)
  await me.sync()
  await me.schedule({ spec: 'every 1d' })
  github.faults.when({}, { kind: 'html' })
  const { ran, stop } = keep(mirror.tidemark)
  clock.skip(24 * HOUR)
  const pauses: number[] = []
  for (let failures = 1; failures <= 3; failures++) {
    await until(() => ran.length === failures)
    expect(ran.at(-1)?.report).toMatchObject({ status: 'failed', error: { code: 'unexpected_html' } })
    const { nextRunAt, lastRun } = await me.status()
    pauses.push(Math.round((Date.parse(nextRunAt ?? '') - Date.parse(lastRun?.finishedAt ?? '')) / MINUTE))
    if (failures === 3) github.faults.clear()
    clock.skip(Date.parse(nextRunAt ?? '') - clock.now())
  }
  expect(pauses).toEqual([1, 2, 4])
  await until(() => ran.length === 4)
  expect(ran[3]?.report.status).toBe('succeeded')
  expect((ran[3]?.nextAt ?? 0) - clock.now()).toBeGreaterThan(23 * HOUR)
  await stop()
})

test('a connection whose options are wrong, or whose connector is not here, keeps no other from running', async () => {
  const me = await mirror.github(github)
  const odd = await mirror.tidemark.connect('github', { id: 'odd', options: { user: 'ada' } })
  await mirror.tidemark.store.connections.save({ ...odd.row, options: { user: 5 }, at: clock.now() })
  const own = defineConnector(
    { name: 'only-here', title: 'Only here', options: z.object({}), http: () => ({ baseUrl: github.url }) },
    {
      stars: stream({
        schema: z.object({ id: z.string() }),
        key: ({ id }) => id,
        passes: [fullPass({ read: async () => ({ records: [] }), pageSize: 10 })],
      }),
    },
  )
  const theirs = await mirror.tidemark.connect(own, { id: 'theirs' })
  for (const connection of [odd, theirs, me]) await connection.schedule({ spec: 'every 15m' })
  const before = (await theirs.status()).nextRunAt
  const { ran, stop } = keep(await another('second'))
  clock.skip(15 * MINUTE)
  await until(() => ran.length === 1 && said('schedule.failed').length === 1)
  expect(ran[0]?.report.connection).toBe('me')
  expect(said('schedule.failed')[0]?.values).toMatchObject({ connection: 'odd', code: 'options_invalid' })
  // It is left to a process that has the connector.
  expect((await theirs.status()).nextRunAt).toBe(before)
  await stop()
})

test('an adaptive schedule follows what its runs find', async () => {
  const me = await mirror.github(github)
  await me.sync()
  await me.schedule({ spec: 'adaptive' })
  const { ran, stop } = keep(mirror.tidemark)
  const intervals: number[] = []
  const next = async (changes: number) => {
    if (changes > 0) github.world.star('ada', changes)
    const { nextRunAt } = await me.status()
    intervals.push(Math.round((Date.parse(nextRunAt ?? '') - clock.now()) / MINUTE))
    const before = ran.length
    clock.skip(Date.parse(nextRunAt ?? '') - clock.now())
    await until(() => ran.length > before)
  }
  await next(0)
  await next(0)
  await next(80)
  await next(0)
  expect(intervals[0]).toBe(60)
  expect(intervals[1]).toBeGreaterThan(60)
  expect(intervals[2]).toBeGreaterThan(intervals[1]!)
  expect(intervals[3]).toBeLessThan(30)
  await stop()
})

describe('a run that is broken off', () => {
  /** A first run that hangs in its second page. */
  async function hanging() {
    const me = await mirror.github(github)
    await me.schedule({ spec: 'every 30d' })
    clock.skip(30 * 24 * HOUR)
    github.faults.when({ path: '/user/starred', after: 2 }, { kind: 'hang' })
    return me
  }
  const stored = () =>
    Number(mirror.value(`select count(*) from sqlite_master where name = 'github_stars'`)) > 0 &&
    Number(mirror.value('select count(*) from github_stars'))

  test('by the end of its process goes on as soon as another one serves, not at its next time', async () => {
    const me = await hanging()
    keep(mirror.tidemark)
    await until(() => stored() === 100 && github.faults.served()['hang'] === 1)
    github.faults.clear()
    const second = keep(await another('second', { dead: 'first' }))
    await until(() => second.ran.length === 1)
    expect(second.ran[0]?.report).toMatchObject({ status: 'succeeded', streams: [{ counts: { inserted: 20 } }] })
    expect(mirror.sql('select status from runs order by started_at')).toEqual([
      { status: 'failed' },
      { status: 'succeeded' },
    ])
    await until(() => said('schedule.moved').length === 1)
    expect(Date.parse((await me.status()).nextRunAt ?? '')).toBeGreaterThan(clock.now() + 29 * 24 * HOUR)
    expect(stored()).toBe(120)
    await second.stop()
  })

  test('by a stop of the worker keeps what it read, and goes on with the next start', async () => {
    await hanging()
    const first = keep(mirror.tidemark)
    await until(() => stored() === 100 && github.faults.served()['hang'] === 1)
    await first.stop()
    expect(first.ran).toMatchObject([{ report: { status: 'cancelled' }, nextAt: null }])
    github.faults.clear()
    const second = keep(await another('second'))
    await until(() => second.ran.length === 1)
    expect(second.ran[0]?.report.status).toBe('succeeded')
    await second.stop()
  })

  test('without any schedule goes on, too, when something serves', async () => {
    const me = await mirror.github(github)
    github.faults.when({ path: '/user/starred', after: 2 }, { kind: 'hang' })
    const byHand = me.sync()
    byHand.catch(() => {})
    await until(() => stored() === 100 && github.faults.served()['hang'] === 1)
    github.faults.clear()
    const second = keep(await another('second', { dead: 'first' }))
    await until(() => second.ran.length === 1)
    expect(second.ran[0]?.report.status).toBe('succeeded')
    expect(stored()).toBe(120)
    await second.stop()
  })
})

test('a stream with a schedule of its own is read by that one alone', async () => {
  const asked: string[] = []
  const listed = (name: string) =>
    stream({
      schema: z.object({ id: z.number() }),
      key: ({ id }) => String(id),
      passes: [
        fullPass({
          pageSize: 100,
          read: async ({ http }) => {
            asked.push(name)
            const { body } = await http.get('/user/starred', { query: { per_page: 1 } })
            return { records: rows(body, name).map((one) => (one as { repo?: unknown }).repo ?? one) }
          },
        }),
      ],
    })
  const own = defineConnector(
    {
      name: 'own',
      title: 'Two streams',
      options: z.object({}),
      http: () => ({ baseUrl: github.url, headers: { authorization: 'Bearer token-of-ada' } }),
    },
    { fast: listed('fast'), slow: listed('slow') },
  )
  const tidemark = await openTidemark({ database: mirror.file, key: KEY, clock, connectors: [own] })
  ends.push(() => tidemark.close())
  const two = await tidemark.connect(own, { id: 'two', options: { allowPrivateNetwork: true } })
  await two.schedule({ spec: 'every 1d' })
  await two.schedule({ spec: 'every 5m', stream: 'fast' })
  await expect(two.schedule({ spec: 'every 5m', stream: 'fats' })).rejects.toMatchObject({ code: 'stream_unknown' })
  const { ran, stop } = keep(tidemark)
  clock.skip(5 * MINUTE)
  await until(() => ran.length === 1)
  expect(new Set(asked)).toEqual(new Set(['fast']))
  const { streams, nextRunAt } = await two.status()
  expect(streams.map((one) => one.nextRunAt === nextRunAt)).toEqual([true, false])
  asked.length = 0
  await two.schedule({ spec: 'off', stream: 'fast' })
  clock.skip(24 * HOUR)
  await until(() => ran.length === 2)
  expect(new Set(asked)).toEqual(new Set(['fast', 'slow']))
  await stop()
})
