// Owns the promise that what is old goes by itself, and only that: the feed after 90 days, the ledger after 30, the rest
// never, unless it was asked for.

import { expect, test } from 'vitest'
import { checkedRetention, PRUNED_PER_RUN_MAX, prune, pruneBefore } from '../../src/engine/followers/retention.ts'
import { systemClock } from '../../src/engine/system.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { T0, World } from '../conformance/world.ts'
import { SqliteFile } from '../store/sqlite-file.ts'
import { openMirror } from '../support/mirror.ts'

const DAY = 24 * 3_600_000

test('a run deletes what is too old, and tells of it', async () => {
  const github = await githubEmulator({ stars: 5, limits: false })
  let offset = 0
  const clock = { ...systemClock, now: () => systemClock.now() + offset }
  /** The source's time passes, too: what it calls young stays. */
  const pass = (days: number) => {
    github.clock.advance(days * DAY - offset)
    offset = days * DAY
  }
  const events: [name: string, values: unknown][] = []
  const logger = { event: (_: string, name: string, values: unknown) => void events.push([name, values]) }
  try {
    await using mirror = await openMirror({ clock, logger })
    const me = await mirror.github(github)
    const counts = () =>
      ['requests', 'changes', 'github_stars_versions', 'runs'].map((name) =>
        mirror.value(`select count(*) from ${name}`),
      )
    const sync = async () => {
      await me.sync()
      await mirror.tidemark.settled()
    }
    await sync()
    const [requests] = counts()
    expect(counts().slice(1)).toEqual([5, 5, 1])
    pass(29)
    github.world.setMetrics(github.world.starIds('ada')[0]!, { stars: 77 })
    await sync()
    expect(counts().slice(1)).toEqual([6, 6, 2])
    expect(counts()[0]).toBeGreaterThan(requests as number)
    expect(events.filter(([name]) => name.startsWith('retention'))).toEqual([])
    pass(31)
    await sync()
    expect(mirror.value('select count(distinct run) from requests')).toBe(2)
    expect(counts().slice(1)).toEqual([6, 6, 3])
    pass(91)
    await sync()
    expect(counts().slice(1)).toEqual([1, 6, 4])
    expect(events.filter(([name]) => name.startsWith('retention'))).toEqual([
      ['retention.pruned', expect.objectContaining({ requests, changes: 0, versions: 0 })],
      ['retention.pruned', expect.objectContaining({ changes: 5, versions: 0 })],
    ])
  } finally {
    await github.close()
  }
})

test('how long is a person’s choice, and a wrong one is refused at once', async () => {
  expect(pruneBefore(checkedRetention(), 100 * DAY)).toEqual([
    { what: 'requests', before: 70 * DAY },
    { what: 'changes', before: 10 * DAY },
    { what: 'audit', before: -265 * DAY },
  ])
  const asked = checkedRetention({ changes: 'forever', requests: '12h', versions: '365d' })
  expect(pruneBefore(asked, 400 * DAY)).toEqual([
    { what: 'requests', before: 399.5 * DAY },
    { what: 'audit', before: 35 * DAY },
    { what: 'versions', before: 35 * DAY },
  ])
  const wrong = { changes: 'a while' as never }
  await expect(openMirror({ retention: wrong })).rejects.toMatchObject({ code: 'retention_invalid' })
})

test('a run deletes no more than its share, and the next goes on', async () => {
  const file = new SqliteFile()
  try {
    const world = await new World(file, await file.connect(), 'default').begin()
    for (let from = 0; from < PRUNED_PER_RUN_MAX + 1_500; from += 500) {
      await world.insert(...Array.from({ length: 500 }, (_, i) => `k${from + i}`))
    }
    const retention = { changes: '1d' } as const
    expect(await prune(world.store, 'default', retention, T0 + 2 * DAY)).toEqual({
      requests: 0,
      changes: PRUNED_PER_RUN_MAX,
      audit: 0,
      versions: 0,
    })
    expect(await prune(world.store, 'default', retention, T0 + 2 * DAY)).toMatchObject({ changes: 1_500 })
    expect(await world.changes()).toEqual([])
  } finally {
    await file.drop()
  }
})
