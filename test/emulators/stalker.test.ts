// Owns the proof that the Stalker emulator does what portals are known to do: sessions of which a device has one, fixed pages,
// an order that is by date only where it is asked for, equals in any order, and rows as each kind of portal writes them.

import { describe, expect, test } from 'vitest'
import { type StalkerOptions, stalkerEmulator } from '../../src/testing/emulators/index.ts'
import { ask, during } from './asking.ts'

async function start(options: StalkerOptions = {}) {
  const portal = await during(stalkerEmulator({ titles: 60, channels: 5, ...options }))
  const { world, endpoint, mac } = portal
  const say = (query: string, token = '') =>
    ask(`${endpoint}?${query}`, { headers: { cookie: `mac=${mac}`, authorization: `Bearer ${token}` } })
  const shake = async () => (await say('type=stb&action=handshake')).json.js.token as string
  const open = async () => {
    const token = await shake()
    await say('type=stb&action=get_profile', token)
    return token
  }
  const token = await open()
  const get = async (query: string) => (await say(query, token)).json.js
  const list = (query: string) => get(`type=vod&action=get_ordered_list&category=*&${query}`)
  const ids = async (query: string) => (await list(query)).data.map(({ id }: { id: unknown }) => String(id)) as string[]
  return { portal, world, say, shake, open, get, list, ids }
}

const CATEGORIES = 'type=vod&action=get_categories'
const REFUSED = 'Authorization failed.'

describe('a session', () => {
  test('is good for lists once the profile was read; without one the answer is text with status 200', async () => {
    const { say, shake } = await start()
    const token = await shake()
    const before = await say(CATEGORIES, token)
    expect([before.status, before.text]).toEqual([200, REFUSED])
    await say('type=stb&action=get_profile', token)
    expect((await say(CATEGORIES, token)).json.js[0]).toMatchObject({ id: '*' })
  })

  test('is the only one of its device: the handshake of another box ends it, if the portal does not keep all', async () => {
    for (const [keepsTokens, text] of [
      [false, REFUSED],
      [true, undefined],
    ] as const) {
      const { portal, say, open, shake } = await start({ keepsTokens })
      const token = await open()
      await shake()
      expect((await say(CATEGORIES, token)).text === REFUSED).toBe(text === REFUSED)
      portal.signInElsewhere()
      expect((await say('type=stb&action=get_profile', await shake())).text === REFUSED).toBe(text === REFUSED)
    }
  })

  test('is dropped where nothing is reported to the watchdog', async () => {
    const { portal, say, open } = await start({ watchdogSeconds: 120, clock: { at: '2026-11-01T12:00:00Z' } })
    const token = await open()
    portal.clock.advance(119_000)
    expect((await say(CATEGORIES, token)).json.js).toBeInstanceOf(Array)
    portal.clock.advance(1_000)
    expect((await say(CATEGORIES, token)).text).toBe(REFUSED)
  })
})

describe('a list', () => {
  test.each(['ministra', 'xtream'] as const)('%s: is by date only where that is asked for', async (kind) => {
    const { world, ids } = await start({ kind })
    const table = world.list(kind === 'ministra' ? 'all' : 'movies').map((title) => world.idOf(title))
    expect(await ids('sortby=added&p=1')).toEqual(table.slice(0, 14))
    world.add(1, 'movies')
    const [top] = world.ids('movies')
    expect((await ids('sortby=added&p=1'))[0]).toBe(top)
    expect((await ids('p=1'))[0]).not.toBe(top)
  })

  test('has 14 rows a page from 1 on, says page 0 whatever is asked, and nothing past its end', async () => {
    const { list, ids } = await start({ kind: 'ministra', titles: 20 })
    const first = await list('sortby=added&p=1')
    expect(first).toMatchObject({ total_items: 20, max_page_items: 14, cur_page: 0 })
    expect(first.data).toHaveLength(14)
    for (const p of ['0', '']) expect(await ids(`sortby=added&p=${p}`)).toEqual(await ids('sortby=added&p=1'))
    expect(await list('sortby=added&p=2')).toMatchObject({ cur_page: 0, total_items: 20 })
    expect((await list('sortby=added&p=3')).data).toEqual([])
  })

  test('shows equals in another order on each request, so that some come twice and some not at all', async () => {
    const { ids } = await start({ kind: 'xtream', titles: 200, tied: 100, unstableTies: true })
    const walk = async () => [...(await ids('sortby=added&p=1')), ...(await ids('sortby=added&p=2'))]
    const walks = [await walk(), await walk(), await walk()]
    expect(new Set(walks.map(String)).size).toBe(3)
    expect(walks.some((keys) => new Set(keys).size < keys.length)).toBe(true)
  })

  test('counts what is hidden no more, and does not say that it is still there', async () => {
    const { world, list } = await start({ kind: 'ministra' })
    const hidden = world.hideAt('movies', 0)
    const first = await list('sortby=added&p=1')
    expect(first.total_items).toBe(59)
    expect(first.data.map(({ id }: { id: string }) => id)).not.toContain(hidden)
    world.publish()
    expect((await list('sortby=added&p=1')).total_items).toBe(60)
  })
})

describe('rows', () => {
  test('of Ministra are text, with headings by date only, false for no picture, and zero dates', async () => {
    const { list, world } = await start({ kind: 'ministra', titles: 120 })
    const pages = await Promise.all([1, 5, 9].map((p) => list(`sortby=added&p=${p}`)))
    const rows = pages.flatMap(({ data }) => data)
    for (const row of rows) {
      expect([typeof row.id, typeof row.year, typeof row.is_series]).toEqual(['string', 'string', 'string'])
      expect('week_and_more' in row).toBe(true)
    }
    expect(rows.some((row) => row.screenshot_uri === false)).toBe(true)
    expect(rows.at(-1).added).toBe('0000-00-00 00:00:00')
    expect((await list('p=1')).data.some((row: object) => 'week_and_more' in row)).toBe(false)
    expect(world.ids('series').every((id) => /^\d+$/.test(id))).toBe(true)
  })

  test('of emulators are numbers with fillers, and a series has a compound id', async () => {
    const { get, list } = await start({ kind: 'xtream' })
    const [film] = (await list('sortby=added&p=1')).data
    expect(film).toMatchObject({ is_series: 0, director: 'N/A' })
    expect(typeof film.id).toBe('number')
    const series = await get('type=series&action=get_ordered_list&category=*&sortby=added&p=1')
    for (const { id } of series.data) expect(id).toMatch(/^(\d+):\1$/)
  })

  test('of categories begin with all of them, and on Ministra end with what is coming soon', async () => {
    const ends = async (kind: 'ministra' | 'xtream') => {
      const { get } = await start({ kind, categories: 2 })
      const rows = (await get(CATEGORIES)) as { id: string }[]
      return [rows.map(({ id }) => id), await get('type=series&action=get_categories')]
    }
    expect(await ends('ministra')).toEqual([['*', '1', '2', 'coming_soon'], false])
    expect((await ends('xtream'))[0]).toEqual(['*', '1', '2'])
  })
})
