// Owns the promise that metrics over time are what the source showed: by run and by day, in any zone, with growth only
// where both ends are known.

import { expect, test } from 'vitest'
import type { Clock } from '../../src/model/ports.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

const DAY = 24 * 3_600_000

/** A clock that can be moved, and waits as the machine does. */
function movable(at: string): Clock & { pass(ms: number): void } {
  let offset = Date.parse(at) - Date.now()
  return {
    now: () => Date.now() + offset,
    mono: () => performance.now(),
    sleep: async (ms) => void (await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 20)))),
    pass: (ms) => void (offset += ms),
  }
}

test('a record and its stream over days, with a day on which nothing ran', async () => {
  const github = await githubEmulator({ stars: 3, limits: false })
  const clock = movable('2026-03-01T12:00:00Z')
  try {
    await using mirror = await openMirror({ clock, timezone: 'Europe/Berlin' })
    const me = await mirror.github(github)
    const [first = 0, second = 0, third = 0] = github.world.starIds('ada')
    const show = async (stars: readonly [number, number, number]) => {
      for (const [i, id] of [first, second, third].entries()) github.world.setMetrics(id, { stars: stars[i]! })
      expect(await me.sync({ mode: 'full' })).toMatchObject({ status: 'succeeded' })
    }
    await show([10, 20, 30])
    clock.pass(DAY)
    await show([15, 20, 30])
    // 23:30 in Berlin, when the day is already another one further east.
    clock.pass(10.5 * 3_600_000)
    await show([16, 20, 30])
    const metric = 'stargazers_count'
    const key = String(first)
    const byDay = await me.metrics('stars', { metric, key })
    expect(byDay).toEqual({
      points: [
        { day: '2026-03-01', value: 10 },
        { day: '2026-03-02', value: 16 },
      ],
      growth: { '24h': 6, '30d': null },
    })
    expect((await me.metrics('stars', { metric, key, timezone: 'Asia/Tokyo' })).points).toEqual([
      { day: '2026-03-01', value: 10 },
      { day: '2026-03-02', value: 15 },
      { day: '2026-03-03', value: 16 },
    ])
    const total = await me.metrics('stars', { metric })
    expect(total.points.map(({ value }) => value)).toEqual([60, 66])
    const byRun = await me.metrics('stars', { metric, by: 'run' })
    expect(byRun.points.map(({ value }) => value)).toEqual([60, 65, 66])
    expect(byRun.points.map(({ run }) => run)).toEqual((await mirror.tidemark.runs()).map(({ id }) => id).toReversed())
    // Half a day after the last there is no value of a day before it but the one of ten hours off.
    expect(byRun.growth['24h']).toBeNull()

    clock.pass(2 * DAY)
    await show([20, 21, 30])
    const gapped = await me.metrics('stars', { metric })
    expect(gapped.points.map(({ day, value }) => [day, value])).toEqual([
      ['2026-03-01', 60],
      ['2026-03-02', 66],
      ['2026-03-04', 71],
    ])
    expect(gapped.growth).toEqual({ '24h': null, '30d': null })
    clock.pass(27 * DAY)
    await show([20, 22, 30])
    // Half past midnight on 1 April in Berlin, where summer time has begun: thirty days before is 2 March.
    expect((await me.metrics('stars', { metric })).growth).toEqual({ '24h': null, '30d': 6 })
    const since = Date.parse('2026-03-04T00:00:00Z')
    expect((await me.metrics('stars', { metric, since })).points.map(({ value }) => value)).toEqual([71, 72])

    await expect(me.metrics('stars', { metric: 'full_name' })).rejects.toMatchObject({ code: 'metric_unknown' })
    await expect(me.metrics('stars', { metric, key: 'x' })).rejects.toMatchObject({ code: 'record_unknown' })
    await expect(me.metrics('stars', { metric, timezone: 'Mars/Base' })).rejects.toMatchObject({
      code: 'timezone_invalid',
    })
  } finally {
    await github.close()
  }
})

test('a total of a run that did not read everything is told as such, and nothing grows from it', async () => {
  const github = await githubEmulator({ stars: 250, limits: false })
  try {
    // By the machine's own, the two runs could be of two days.
    await using mirror = await openMirror({ clock: movable('2026-03-01T12:00:00Z') })
    const me = await mirror.github(github)
    expect(await me.sync({ maxRequests: 2 })).toMatchObject({ status: 'incomplete' })
    const metric = 'stargazers_count'
    const [partial] = (await me.metrics('stars', { metric, by: 'run' })).points
    expect(partial).toMatchObject({ partial: true })
    await me.sync()
    const { points } = await me.metrics('stars', { metric, by: 'run' })
    expect(points).toHaveLength(2)
    expect(points[1]).not.toHaveProperty('partial')
    expect(points[1]!.value).toBe(mirror.value('select sum(stargazers_count) from github_stars'))
    expect((await me.metrics('stars', { metric })).points).toEqual([{ day: '2026-03-01', value: points[1]!.value }])
  } finally {
    await github.close()
  }
})
