// Nothing keeps a schedule from its runs: not connections that can't be run here, not a clock that was wrong, not a run
// with a cap. Nor does a schedule outlive the connection, or a run its cap.

import { describe, expect, test } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import { AWAY_FIRST_MS, DUE_MAX, TAKE_UP_MS } from '../../src/engine/schedules/scheduler.ts'
import { defineConnector, fullPass, stream, z } from '../../src/index.ts'
import { until } from '../cli/program.ts'
import {
  another,
  clock,
  ends,
  github,
  HOUR,
  holder,
  KEY,
  keep,
  logger,
  MINUTE,
  mirror,
  runs,
  said,
  ticks,
  useScheduleWorld,
} from '../support/schedule-world.ts'
import { ShiftedClock } from '../support/shifted-clock.ts'

useScheduleWorld()

test('however many can not be run here, one that can has its turn', async () => {
  const { store } = mirror.tidemark
  const me = await mirror.github(github)
  await me.schedule({ spec: 'every 15m' })
  const at = clock.now()
  // As an application with connectors of its own leaves them in a database that it shares.
  for (let i = 0; i < DUE_MAX; i++) {
    const theirs = { id: `theirs-${i}`, connector: 'theirs', connectorVersion: '1', options: {}, webhookSecret: 'w' }
    const { no, id } = await store.connections.save({ ...theirs, project: 'default', at })
    const shape = { stream: 's', version: '1', columns: [{ name: 'id', type: 'text' as const }], metrics: [] }
    await store.streams.define(no, { connector: 'theirs', ...shape })
    const row = { connectionNo: no, stream: '', project: 'default', connection: id, spec: 'every 15m', timezone: 'UTC' }
    await store.schedules.save({ ...row, quietHours: null, nextAt: at - MINUTE, lastAt: null })
  }
  const { ran, stop } = keep(mirror.tidemark)
  clock.skip(15 * MINUTE)
  await until(() => ran.length === 1)
  expect(ran[0]?.report).toMatchObject({ connection: 'me', status: 'succeeded' })
  await stop()
})

test('one whose connector is not here is asked about less and less', async () => {
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
  await (await mirror.tidemark.connect(own, { id: 'theirs' })).schedule({ spec: 'every 15m' })
  const { stop } = keep(await another('second'))
  const away = () => said('schedule.away').map(({ values }) => values['waitMs'])
  clock.skip(15 * MINUTE)
  await until(() => away().length === 1)
  clock.skip(AWAY_FIRST_MS)
  await until(() => away().length === 2)
  clock.skip(AWAY_FIRST_MS)
  await ticks()
  expect(away()).toEqual([AWAY_FIRST_MS, 2 * AWAY_FIRST_MS])
  await stop()
})

describe('a clock that was years ahead', () => {
  class WrongClock extends ShiftedClock {
    aheadMs = 3 * 365 * 24 * HOUR
    override now = () => super.now() + this.aheadMs
  }
  const serve = async (id: string, time: ShiftedClock) => {
    const tidemark = await assemble({ database: mirror.file, key: KEY, clock: time, logger, holder: holder(id) })
    ends.push(() => tidemark.close())
    return tidemark
  }
  /** A connection that ran while the clock was wrong. */
  async function ranAhead(time: WrongClock) {
    const tidemark = await serve('wrong', time)
    await mirror.github(github)
    const me = await tidemark.connection('me')
    await me.schedule({ spec: 'every 15m' })
    time.skip(15 * MINUTE)
    const kept = keep(tidemark)
    await until(() => kept.ran.length === 1)
    return kept
  }

  test('keeps no schedule from running once it is right', async () => {
    const time = new WrongClock()
    const { ran, stop } = await ranAhead(time)
    time.aheadMs = 0
    await until(() => said('schedule.moved').length === 2)
    time.skip(15 * MINUTE)
    await until(() => ran.length === 2)
    expect(ran[1]?.nextAt).toBeLessThanOrEqual(time.now() + 15 * MINUTE)
    await stop()
  })

  test('of one that serves no more neither', async () => {
    const time = new WrongClock()
    await (await ranAhead(time)).stop()
    const { ran, stop } = keep(await serve('right', new ShiftedClock(clock.now())))
    await until(() => said('schedule.moved').length === 2)
    expect(said('schedule.moved')[1]?.values['why']).toMatch(/a clock was wrong/)
    expect(ran).toEqual([])
    await stop()
  })
})

test('a disconnected connection has no schedule left', async () => {
  const me = await mirror.github(github)
  await me.schedule({ spec: 'every 15m' })
  await me.schedule({ spec: 'every 1h', stream: 'stars' })
  const other = await mirror.tidemark.connect('github', { id: 'other', options: { user: 'ada' } })
  await other.schedule({ spec: 'every 1h' })
  await mirror.tidemark.disconnect('me')
  expect(mirror.sql('select connection, stream from schedules')).toMatchObject([{ connection: 'other' }])
})

describe('a run that may make so many requests only', () => {
  test('is not gone on with without its cap', async () => {
    const me = await mirror.github(github)
    github.faults.when({ path: '/user/starred', after: 2 }, { kind: 'hang' })
    me.sync({ maxRequests: 3 }).catch(() => {})
    await until(() => github.faults.served()['hang'] === 1)
    github.faults.clear()
    const second = keep(await another('second', { dead: 'first' }))
    clock.skip(TAKE_UP_MS)
    await ticks()
    expect([runs(), second.ran]).toEqual([1, []])
    await second.stop()
  })

  test('stands for no scheduled one', async () => {
    const me = await mirror.github(github)
    await me.schedule({ spec: 'every 15m' })
    clock.skip(15 * MINUTE)
    expect((await me.sync({ maxRequests: 1 })).error?.code).toBe('requests_spent')
    const { ran, stop } = keep(mirror.tidemark)
    await until(() => ran.length === 1)
    expect(ran[0]?.report).toMatchObject({ status: 'succeeded' })
    await stop()
  })

  test('is no answer to who asks for everything', async () => {
    const me = await mirror.github(github)
    github.faults.next({ kind: 'delay', ms: 300 })
    const capped = me.sync({ maxRequests: 1 })
    await until(() => runs() === 1)
    const whole = await me.sync()
    expect([(await capped).error?.code, whole.status, runs()]).toEqual(['requests_spent', 'succeeded', 2])
  })
})
