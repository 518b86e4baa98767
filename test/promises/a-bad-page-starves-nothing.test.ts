// One page of a listing that fails, for days perhaps, keeps nothing else from being read: what is new comes in above it,
// what its connector can reach below it comes in too, the gap is told, and the run is red until the page answers.

import { describe, expect, test } from 'vitest'
import { TidemarkError } from '../../src/model/errors.ts'
import { down, type Fault, MovingList, type MovingListOptions } from '../support/moving-list.ts'

const ALL = { pageSize: 10, totals: 'none', passes: ['newestFirst'], records: down(45) } as const

const FAULTS: readonly [name: string, fault: Fault][] = [
  ['502', { status: 502 }],
  ['422', { status: 422 }],
  ['400', { status: 400 }],
  ['404', { status: 404 }],
  ['invalid JSON', { status: 200, text: '{"items":[' }],
  ['a web page', { status: 200, text: '<!doctype html><p>Sorry' }],
  ['an empty body', { status: 200, text: '' }],
  ['no list of rows', { status: 200, text: '{"items":null}' }],
  ['an answer that the connector throws on', { status: 200, text: 'null' }],
  ['a redirect to nowhere', { status: 301 }],
  ['a timeout', { error: new TidemarkError('timed_out', 'No answer in time.', { scope: 'page' }) }],
  ['a body without end', { error: new TidemarkError('body_too_large', 'Too large.', { scope: 'page' }) }],
]

async function open(options: Partial<MovingListOptions> = {}): Promise<MovingList> {
  return MovingList.open({ ...ALL, ...options })
}

/** From now on the page fails, every time. */
function breaks(list: MovingList, page: number, fault: Fault = { status: 502 }): void {
  list.fault = (asked) => (asked === page ? fault : undefined)
}

describe('what is new comes in while a page fails, for ever', () => {
  test.each(FAULTS)('with %s', async (_name, fault) => {
    await using list = await open()
    breaks(list, 3, fault)
    expect((await list.sync()).status).toBe('failed')
    expect((await list.mirrored()).size).toBe(20)
    for (let n = 46; n < 50; n++) {
      list.records.unshift(n)
      const run = await list.sync()
      expect(run.status).toBe('failed')
      expect((await list.mirrored()).has(n)).toBe(true)
      expect(await list.coverage()).toMatchObject({ kind: 'gap', note: expect.stringContaining('cannot be read') })
    }
    list.fault = () => undefined
    expect((await list.sync()).status).toBe('succeeded')
    expect(await list.missing()).toEqual([])
    expect(await list.coverage()).toMatchObject({ kind: 'complete' })
  })

  test('in a listing whose pages go round in circles', async () => {
    await using list = await open()
    list.nextOf = (page) => (page === 3 ? 2 : undefined)
    expect(await list.sync()).toMatchObject({ status: 'failed', error: { code: 'page_loop' } })
    list.records.unshift(46)
    expect(await list.sync()).toMatchObject({ status: 'failed', error: { code: 'page_loop' } })
    expect((await list.mirrored()).has(46)).toBe(true)
    list.nextOf = () => undefined
    for (let i = 0; i < 3; i++) await list.sync()
    expect(await list.missing()).toEqual([])
  })

  test('more of it than a page holds', async () => {
    await using list = await open()
    breaks(list, 3)
    await list.sync()
    list.records.unshift(...down(60).slice(0, 15))
    await list.sync()
    expect([...(await list.mirrored())].filter((n) => n > 45)).toHaveLength(15)
  })

  test('and when so much came that the bad page lies above what was read', async () => {
    await using list = await open()
    breaks(list, 3)
    await list.sync()
    for (let n = 46; n <= 145; n += 25) {
      list.records.unshift(...down(n + 24).slice(0, 25))
      await list.sync()
      const stored = await list.mirrored()
      expect(list.records.slice(0, 20).filter((one) => !stored.has(one))).toEqual([])
    }
    list.fault = () => undefined
    for (let i = 0; i < 2; i++) await list.sync()
    expect(await list.missing()).toEqual([])
    expect(await list.coverage()).toMatchObject({ kind: 'complete' })
  })

  test.each([2, 3, 4])('with %i requests a run', async (maxRequests) => {
    await using list = await open()
    breaks(list, 3, { status: 422 })
    for (let i = 0; i < 3; i++) await list.sync({ maxRequests })
    list.records.unshift(46)
    await list.sync({ maxRequests })
    expect((await list.mirrored()).has(46)).toBe(true)
  })
})

describe('in every kind of pass', () => {
  test('a full pass that is due does not keep the others from looking for what is new, nor they it', async () => {
    await using list = await open({ passes: ['newestFirst', 'fullPass'], everyRuns: 2 })
    await list.sync()
    breaks(list, 3)
    for (let n = 46; n < 52; n++) {
      list.records.unshift(n)
      await list.sync()
      expect((await list.mirrored()).has(n)).toBe(true)
    }
    list.fault = () => undefined
    for (let i = 0; i < 2; i++) await list.sync()
    expect(await list.missing()).toEqual([])
    expect(await list.coverage()).toMatchObject({ kind: 'complete' })
  })

  test('where everything is listed by every run, what stands above the page is read by every run', async () => {
    await using list = await open({ passes: ['fullPass'] })
    breaks(list, 3)
    for (let n = 46; n < 50; n++) {
      list.records.unshift(n)
      expect((await list.sync()).status).toBe('failed')
      expect((await list.mirrored()).has(n)).toBe(true)
    }
    list.fault = () => undefined
    // It goes on where the page was; the next one reads all of it.
    for (let i = 0; i < 2; i++) expect((await list.sync()).status).toBe('succeeded')
    expect(await list.missing()).toEqual([])
  })

  test('nothing is removed that stands behind the page', async () => {
    await using list = await open({ passes: ['fullPass'] })
    await list.sync()
    breaks(list, 3)
    for (let i = 0; i < 4; i++) await list.sync()
    expect((await list.mirrored()).size).toBe(45)
  })

  test('a total that can’t be asked for keeps nothing from being read, and the run is red', async () => {
    await using list = await open({ totals: 'asked' })
    list.fault = (page) => (page === 0 ? { status: 500 } : undefined)
    for (let n = 46; n < 49; n++) {
      expect((await list.sync()).status).toBe('failed')
      expect(await list.missing()).toEqual([])
      list.records.unshift(n)
    }
    list.fault = () => undefined
    expect((await list.sync()).status).toBe('succeeded')
    expect(await list.coverage()).toMatchObject({ kind: 'complete' })
  })

  test('another stream is read all the same', async () => {
    await using list = await open({ streams: ['notes', 'letters'] })
    breaks(list, 3)
    await list.sync()
    list.records.unshift(46)
    const { streams } = await list.sync()
    expect(streams.map(({ stream, counts }) => [stream, counts.inserted])).toEqual([
      ['notes', 1],
      ['letters', 1],
    ])
  })
})

describe('what lies below the page', () => {
  test.each([['newestFirst'], ['fullPass']] as const)('is read where its place can be told: %s', async (pass) => {
    await using list = await open({ skips: true, passes: [pass] })
    breaks(list, 3)
    await list.sync()
    expect((await list.mirrored()).size).toBe(20)
    expect((await list.sync()).status).toBe('failed')
    expect(await list.missing()).toEqual(down(45).slice(20, 30))
    expect(await list.coverage()).toMatchObject({ kind: 'gap' })
    list.fault = () => undefined
    for (let i = 0; i < 2; i++) expect((await list.sync()).status).toBe('succeeded')
    expect(await list.missing()).toEqual([])
  })

  test('is read where so much is new that every run comes to the page from above', async () => {
    await using list = await open({ skips: true, records: down(95) })
    breaks(list, 2)
    await list.sync()
    list.records.unshift(...down(103).slice(0, 8))
    await list.sync()
    expect(await list.missing()).toEqual([85, 84])
    for (let n = 103; n < 135; n += 8) {
      list.records.unshift(...down(n + 8).slice(0, 8))
      list.asked.length = 0
      await list.sync()
      const stored = await list.mirrored()
      expect(list.records.slice(20).filter((one) => !stored.has(one))).toEqual([])
      expect(list.asked).not.toContain('p5')
    }
    list.fault = () => undefined
    for (let i = 0; i < 2; i++) await list.sync()
    expect(await list.missing()).toEqual([])
    expect(await list.coverage()).toMatchObject({ kind: 'complete' })
  })

  test.each([['newestFirst'], ['fullPass']] as const)(
    'is read when it has moved down from the page: %s',
    async (pass) => {
      await using list = await open({ skips: true, passes: [pass] })
      breaks(list, 3)
      for (let i = 0; i < 2; i++) await list.sync()
      for (let n = 46; n < 52; n++) {
        list.records.unshift(n)
        await list.sync()
        const stored = await list.mirrored()
        expect(list.records.slice(30).filter((one) => !stored.has(one))).toEqual([])
      }
    },
  )

  test.each([['newestFirst'], ['fullPass']] as const)(
    'is read when more than a page of news has moved it further down, a limit or not: %s',
    async (pass) => {
      await using list = await open({ skips: true, passes: [pass], records: down(95) })
      breaks(list, 3)
      for (let i = 0; i < 2; i++) await list.sync()
      for (let n = 95; n < 170; n += 25) {
        list.records.unshift(...down(n + 25).slice(0, 25))
        for (const maxRequests of [9, 9, 9]) await list.sync({ maxRequests })
        const stored = await list.mirrored()
        expect(list.records.slice(30).filter((one) => !stored.has(one))).toEqual([])
      }
    },
  )

  test('is read once, and the page is asked for by every run', async () => {
    await using list = await open({ skips: true })
    breaks(list, 3, { status: 422 })
    for (let i = 0; i < 2; i++) await list.sync()
    list.asked.length = 0
    await list.sync()
    expect(list.asked).toEqual(['p1', 'p3'])
  })

  test('is given up where one page after the other fails', async () => {
    await using list = await open({ skips: true, records: down(200) })
    list.fault = (page) => (page >= 3 ? { status: 422 } : undefined)
    for (let i = 0; i < 5; i++) await list.sync()
    list.asked.length = 0
    await list.sync()
    expect(list.asked).toEqual(['p1', 'p3'])
  })

  test('goes on where a budget has cut it', async () => {
    await using list = await open({ skips: true, records: down(95) })
    breaks(list, 3, { status: 422 })
    await list.sync()
    for (let i = 0; i < 5; i++) await list.sync({ maxRequests: 5 })
    expect(await list.missing()).toEqual(down(95).slice(20, 30))
  })
})

describe('an outage is none of it', () => {
  test('a listing that shows nothing for once does not close the gap', async () => {
    await using list = await open()
    breaks(list, 3)
    await list.sync()
    list.fault = (page) => (page === 1 ? { status: 200, text: '{"items":[]}' } : { status: 502 })
    await list.sync()
    breaks(list, 3)
    await list.sync()
    expect(await list.coverage()).toMatchObject({ kind: 'gap' })
    list.fault = () => undefined
    expect((await list.sync()).status).toBe('succeeded')
    expect(await list.missing()).toEqual([])
  })

  test('a first page that fails is asked for as often as one request is tried', async () => {
    await using list = await open()
    await list.sync()
    list.asked.length = 0
    list.fault = () => ({ status: 502 })
    expect((await list.sync()).status).toBe('failed')
    expect(list.asked).toEqual(['p1', 'p1', 'p1', 'p1', 'p1'])
  })

  test('a walk that goes on and finds everything down looks at the top once', async () => {
    await using list = await open()
    await list.sync({ maxRequests: 3 })
    list.asked.length = 0
    list.fault = () => ({ status: 502 })
    expect((await list.sync()).status).toBe('failed')
    expect(list.asked.join(' ')).toBe('p3 p3 p3 p3 p3 p1 p1 p1 p1 p1')
    list.asked.length = 0
    expect((await list.sync()).status).toBe('failed')
    expect(list.asked.join(' ')).toBe('p1 p1 p1 p1 p1')
  })

  test.each([
    ['a rate limit', { status: 429 }],
    ['a login that is refused', { status: 401 }],
  ])('%s ends the run where it comes', async (_name, fault) => {
    await using list = await open()
    await list.sync({ maxRequests: 3 })
    list.asked.length = 0
    breaks(list, 4, fault)
    await list.sync()
    expect(list.asked).not.toContain('p1')
  })

  test('a page costs as many requests as it is tried, however many walks stand before it', async () => {
    await using list = await open({ passes: ['newestFirst', 'fullPass'], everyRuns: 2 })
    await list.sync()
    breaks(list, 3)
    for (let n = 46; n < 50; n++) {
      list.records.unshift(n)
      list.asked.length = 0
      await list.sync()
      expect(list.asked.filter((path) => path === 'p3').length).toBeLessThanOrEqual(5)
    }
  })
})
