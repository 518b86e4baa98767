// Every total that a source tells is evidence: where it falls between two pages, a record has left, and may have pulled
// another one over the page boundary, unread. That is read again, or the walk stays open; it is never called complete.

import { describe, expect, test } from 'vitest'
import { seeded } from '../../src/testing/emulators/kit/random.ts'
import { DEEP } from '../support/depth.ts'
import { down, MovingList, type MovingListOptions, type Totals } from '../support/moving-list.ts'

const ALL = { pageSize: 2, totals: 'page', passes: ['newestFirst'], records: down(30) } as const

/** What happens to the list after the n-th answer of its next runs. */
function schedule(list: MovingList, events: Readonly<Record<number, () => void>>): void {
  let answers = 0
  list.afterwards = () => events[++answers]?.()
}

/** A mirror of the last six records; the list has grown to thirty since. */
async function grown(options: Partial<MovingListOptions> = {}): Promise<MovingList> {
  const list = await MovingList.open({ ...ALL, ...options, records: down(6) })
  await list.sync()
  list.records.unshift(...down(30).slice(0, 24))
  return list
}

const arrives = (list: MovingList, n: number) => () => void list.records.unshift(n)
const leaves = (list: MovingList, n: number) => () => void list.records.splice(list.records.indexOf(n), 1)

describe('one record arrives, and pages later one leaves: the total is what it was', () => {
  test.each(['page', 'first', 'asked'] as const)('with totals: %s', async (totals) => {
    await using list = await grown({ totals })
    schedule(list, { 2: arrives(list, 31), 10: leaves(list, 30) })
    expect(await list.sync()).toMatchObject({ status: 'succeeded' })
    // What has arrived meanwhile may be for the next run.
    expect((await list.missing()).filter((n) => n !== 31)).toEqual([])
    expect(await list.sync()).toMatchObject({ status: 'succeeded' })
    expect(await list.missing()).toEqual([])
  })

  test.each([3, 4, 5, 6, 7])('in runs of %i requests', async (maxRequests) => {
    await using list = await grown()
    schedule(list, { 1: arrives(list, 31), 9: leaves(list, 30) })
    let status = ''
    for (let i = 0; i < 30 && status !== 'succeeded'; i++) ({ status } = await list.sync({ maxRequests }))
    expect(status).toBe('succeeded')
    expect(await list.missing()).toEqual([])
  })

  test('in a full pass', async () => {
    await using list = await MovingList.open({ ...ALL, passes: ['fullPass'] })
    schedule(list, { 1: arrives(list, 31), 9: leaves(list, 30) })
    expect(await list.sync()).toMatchObject({ status: 'succeeded' })
    expect(await list.missing()).toEqual([31])
  })
})

test('the boundary in doubt costs two requests, not another walk', async () => {
  await using list = await grown()
  schedule(list, { 9: leaves(list, 30) })
  await list.sync()
  expect(list.asked.slice(3).join(' ')).toBe('p1 p2 p3 p4 p5 p6 p7 p8 p9 p10 p9 p10 p11 p12 p13 p14')
  expect(await list.missing()).toEqual([])
})

test('a record that leaves right behind the first page is noticed where the total is asked for', async () => {
  await using list = await grown({ totals: 'asked' })
  schedule(list, { 1: leaves(list, 30) })
  expect(await list.sync()).toMatchObject({ status: 'succeeded' })
  expect(await list.missing()).toEqual([])
})

test('records that leave while pages shift by more than a page', async () => {
  await using list = await grown({ pageSize: 3 })
  schedule(list, { 4: () => void list.records.splice(0, 8) })
  expect(await list.sync()).toMatchObject({ status: 'succeeded' })
  expect(await list.missing()).toEqual([])
})

describe('a total that tells no truth', () => {
  test('the number of rows on the page: it is no total', async () => {
    await using list = await MovingList.open({ ...ALL, pageSize: 4, records: down(30) })
    const told = [4, 4, 4, 4, 4, 4, 4, 2]
    let pages = 0
    list.told = () => told[pages++ % told.length]
    expect(await list.sync()).toMatchObject({ status: 'succeeded', notes: [] })
    expect(await list.missing()).toEqual([])
  })

  test('null: there is none', async () => {
    await using list = await MovingList.open(ALL)
    list.told = () => null
    expect(await list.sync()).toMatchObject({ status: 'succeeded', notes: [] })
  })

  test.each([
    ['text', '30'],
    ['a fraction', 2.5],
    ['less than nothing', -1],
  ])('%s: the connector is refused by name', async (_what, told) => {
    await using list = await MovingList.open(ALL)
    list.told = () => told
    expect(await list.sync()).toMatchObject({ status: 'failed', error: { code: 'connector_invalid' } })
  })

  test('one that falls with every page: the walk stays open and says so, and what is new comes in', async () => {
    await using list = await MovingList.open(ALL)
    let told = 1_000
    list.told = () => told--
    for (let i = 0; i < 3; i++) {
      list.records.unshift(31 + i)
      const { status, notes } = await list.sync()
      expect({ status, notes: notes[0] }).toMatchObject({ status: 'incomplete', notes: /the source had \d+ records/ })
    }
    expect((await list.mirrored()).has(33)).toBe(true)
  }, 10_000)
})

/** Records come in on top and leave anywhere, between any two requests. Runs may be cut by a budget. Says what is lost. */
async function lostAtRandom(seed: number, totals: Totals): Promise<readonly string[]> {
  const random = seeded(`dipping ${seed}`)
  const pass = random.pick(['newestFirst', 'newestFirst', 'fullPass'] as const)
  let newest = random.int(5, 40)
  const pageSize = random.pick([2, 3, 5, 10])
  await using list = await MovingList.open({ pageSize, totals, passes: [pass], records: down(newest) })
  const rate = random.pick([0.05, 0.2, 0.5])
  const happens = (leaving: number) => {
    if (random.chance(leaving)) list.records.splice(random.int(0, list.records.length - 1), 1)
    else list.records.unshift(++newest)
  }
  const moves = (asked: string) => {
    // Nobody can see what happens between a count and the page that it belongs to.
    if (asked === 'count') return
    while (random.chance(rate)) happens(0.5)
  }
  if (random.chance(0.5)) await list.sync()
  let due: readonly number[] | undefined
  for (let run = 0; run < 6; run++) {
    list.afterwards = () => {}
    for (let n = random.pick([0, 3, 25]); n > 0; n--) happens(0.2)
    // A full pass shows the time of its own first page, a run that looks for what is new that of its beginning.
    if (pass === 'newestFirst') due = undefined
    due ??= [...list.records]
    list.afterwards = moves
    const cut = totals === 'page' && random.chance(0.5) ? { maxRequests: random.int(2, 8) } : {}
    const { status } = await list.sync({ ...cut, mode: pass === 'fullPass' ? 'full' : 'auto' })
    if (status !== 'succeeded') continue
    const stored = await list.mirrored()
    const lost = due.filter((n) => list.records.includes(n) && !stored.has(n))
    if (lost.length > 0) return [`seed ${seed}, ${pass}, pages of ${pageSize}, run ${run} lost ${lost.join(' ')}`]
    due = undefined
  }
  return []
}

test.each(['page', 'first', 'asked'] as const)(
  'whatever comes and goes, a walk that was closed lacks nothing, with totals: %s',
  async (totals) => {
    const lost: string[] = []
    for (let seed = 1; seed <= (DEEP ? 200 : 20); seed++) lost.push(...(await lostAtRandom(seed, totals)))
    expect(lost).toEqual([])
  },
  120_000,
)
