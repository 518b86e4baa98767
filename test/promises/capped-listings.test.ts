// Owns the promise that a capped listing is read as carefully as one that shows everything: it must have shown as many
// records as its total says, or its cap, before it is called read.

import { describe, expect, test } from 'vitest'
import { down, MovingList, type MovingListOptions } from '../support/moving-list.ts'

const ALL = { pageSize: 5, totals: 'page', records: down(23), cap: 1_000 } as const
const WAYS = [['newestFirst'], ['fullPass'], ['newestFirst', 'fullPass']] as const
const TOTALS = ['page', 'asked'] as const

describe.each(WAYS.flatMap((passes) => TOTALS.map((totals) => ({ passes, totals }))))(
  '$passes, total: $totals',
  (way) => {
    describe.each([
      ['below its cap', { cap: 1_000 }],
      ['as long as its cap', { cap: 23 }],
      ['that tells its own length', { cap: 16, tells: 'listed' }],
      ['that tells how many there are', { cap: 16, tells: 'all' }],
    ] as const)('a listing %s', (_what, options: Partial<MovingListOptions>) => {
      test.each(['end', 'blank'] as const)('has a page that is cut short: %s', async (how) => {
        await using list = await MovingList.open({ ...ALL, ...way, ...options })
        let times = 0
        list.cut = (asked) => (asked === 2 && times++ === 0 ? how : undefined)
        expect(await list.sync()).toMatchObject({ status: 'succeeded' })
        expect(await list.missing()).toEqual([])
      })

      test('is called read when records arrive meanwhile', async () => {
        await using list = await MovingList.open({ ...ALL, ...way, ...options })
        let n = 23
        list.afterwards = (asked) => void (asked === 'p2' && list.records.unshift(++n))
        expect(await list.sync()).toMatchObject({ status: 'succeeded', notes: [] })
        expect((await list.missing()).filter((one) => one <= 23)).toEqual([])
      })
    })

    test('records leave while pages are turned', async () => {
      await using list = await MovingList.open({ ...ALL, ...way })
      let times = 0
      list.afterwards = (asked) => void (asked === 'p2' && times++ === 0 && list.records.splice(0, 2))
      expect(await list.sync()).toMatchObject({ status: 'succeeded' })
      expect(await list.missing()).toEqual([])
    })
  },
)

test('nothing is removed that is listed all the time, though a record stands on top for one page', async () => {
  await using list = await MovingList.open({ ...ALL, passes: ['fullPass'] })
  await list.sync()
  list.afterwards = (asked) => void (asked === 'p1' && list.records.splice(0, 1))
  for (let i = 0; i < 3; i++) {
    list.records.unshift(24 + i)
    await list.sync({ mode: 'full' })
    expect(await list.missing()).toEqual([])
  }
})

test('a record leaves while pages are turned, and another one takes its place at the cap', async () => {
  await using list = await MovingList.open({ ...ALL, cap: 16, passes: ['newestFirst'] })
  let times = 0
  list.afterwards = (asked) => void (asked === 'p2' && times++ === 0 && list.records.shift())
  expect(await list.sync()).toMatchObject({ status: 'succeeded' })
  expect(await list.missing()).toEqual([])
})

test('a listing at its cap costs its pages, as many as that are', async () => {
  await using list = await MovingList.open({ ...ALL, cap: 16, passes: ['fullPass'] })
  await list.sync()
  expect(list.asked.slice(1)).toEqual(['p2', 'p3', 'p4'])
})

test.each(WAYS.map((passes) => ({ passes })))(
  '$passes: a walk at the cap that goes on in another run ends at no empty page',
  async ({ passes }) => {
    await using list = await MovingList.open({ ...ALL, cap: 20, passes })
    expect(await list.sync({ maxRequests: 2 })).toMatchObject({ status: 'incomplete' })
    let times = 0
    list.cut = (asked) => (asked === 3 && times++ === 0 ? 'blank' : undefined)
    expect(await list.sync()).toMatchObject({ status: 'succeeded' })
    expect(await list.missing()).toEqual([])
  },
)

test('small runs through a listing at its cap come to an end, however much arrives between them', async () => {
  await using list = await MovingList.open({ ...ALL, records: down(40), cap: 40, passes: ['fullPass'] })
  await list.sync({ maxRequests: 6 })
  const ended: string[] = []
  for (let i = 0; i < 4; i++) {
    list.records.unshift(...Array.from({ length: 6 }, (_, k) => 46 + i * 6 - k))
    ended.push(...((await list.sync({ maxRequests: 6 })).streams[0]?.passes ?? []).map((pass) => pass.ended ?? ''))
  }
  expect(ended).toContain('exhausted')
})

test.each([
  [1_000, 'complete'],
  [40, 'capped'],
  [16, 'capped'],
] as const)('with 23 records, a listing that shows %i at most is %s', async (cap, kind) => {
  await using list = await MovingList.open({ ...ALL, cap, totals: 'none', passes: ['newestFirst'] })
  expect(await list.sync()).toMatchObject({ status: 'succeeded' })
  expect(await list.coverage()).toMatchObject({ kind })
})
