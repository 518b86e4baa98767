// A group of records with one time, larger than many pages, at the newest end of a listing. A new record may stand
// anywhere in it, so that it is read whole by every run, unless its connector says for how long records may still come
// in: then a group that is older costs nothing, as long as the source has as many records as it must have.

import { describe, expect, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { down, MovingList, type MovingListOptions } from '../support/moving-list.ts'

/** 3,050 records; the newest 3,000 have one time, a year ago. */
const TIE = Math.floor(Date.UTC(2025, 0, 1) / 1_000)
const ALL = {
  pageSize: 100,
  totals: 'none',
  passes: ['newestFirst'],
  records: down(3_050),
  order: (n) => (n > 50 ? TIE : TIE - 100 + n),
} as const satisfies MovingListOptions

/** The mirror has everything, and has read the group when it could not grow any more. */
async function settled(options: Partial<MovingListOptions> = {}): Promise<MovingList> {
  const list = await MovingList.open({ ...ALL, settles: '1h', ...options })
  await list.sync()
  list.asked.length = 0
  return list
}

describe('a group that can’t grow any more', () => {
  test.each([
    ['none', ['p1']],
    ['page', ['p1']],
    ['asked', ['p1', 'count']],
  ] as const)('costs %s: no more than a page, and a count where one is asked for', async (totals, asked) => {
    await using list = await settled({ totals })
    for (let i = 0; i < 3; i++) {
      list.asked.length = 0
      expect(await list.sync()).toMatchObject({ status: 'succeeded' })
      expect(list.asked).toEqual(asked)
    }
  })

  test.each(['page', 'asked'] as const)(
    'is read whole when the source has more records than it must have, totals: %s',
    async (totals) => {
      await using list = await settled({ totals })
      list.records.splice(1_500, 0, 9_000)
      expect(await list.sync()).toMatchObject({ status: 'succeeded' })
      expect(await list.missing()).toEqual([])
      list.asked.length = 0
      await list.sync()
      expect(list.asked.length).toBeLessThanOrEqual(2)
    },
  )

  test('what is new above it comes in with the first page', async () => {
    await using list = await settled({ totals: 'page', order: (n) => (n > 5_000 ? TIE + n : ALL.order(n)) })
    list.records.unshift(9_001)
    expect(await list.sync()).toMatchObject({ status: 'succeeded' })
    expect(list.asked).toEqual(['p1'])
    expect(await list.missing()).toEqual([])
  })
})

describe('a group that can still grow is read whole, and a new record anywhere in it is found', () => {
  test.each([
    ['because nothing is declared', {}],
    ['because its time is not over', { settles: '365000d' as const }],
  ])('%s', async (_why, options) => {
    await using list = await MovingList.open({ ...ALL, ...options, pageSize: 1_000 })
    await list.sync()
    for (const place of [0, 1_200, 2_999]) {
      list.records.splice(place, 0, 9_000 + place)
      list.records.splice(700, 1)
      expect(await list.sync()).toMatchObject({ status: 'succeeded' })
      expect(await list.missing()).toEqual([])
    }
  })
})

test('stars that GitHub shows with one time cost two requests', async () => {
  await using github = await githubEmulator({ stars: 650 })
  github.world.tie('ada', 0, 600)
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await me.sync()
  await me.sync()
  const run = await me.sync()
  expect(run).toMatchObject({ status: 'succeeded' })
  expect(run.requests).toBeLessThanOrEqual(2)
})
