// Owns the proof of what a sync of several connections asks of each, and of everything that is refused before a source
// is asked.

import { randomBytes } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openTidemark } from '../../src/open.ts'
import type { Order, SyncAllInput } from '../../src/operations/sync-all.ts'
import type { Tidemark } from '../../src/tidemark.ts'

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve))
const NOW = Date.parse('2026-11-21T12:00:00Z')
const clock = { now: () => NOW, mono: () => NOW, sleep: turn }
const DAY = 86_400_000

async function mirror() {
  const tidemark = await openTidemark({ database: ':memory:', key: randomBytes(32), clock })
  onTestFinished(() => tidemark.close())
  await tidemark.connect('github', { id: 'me', options: { user: 'ada' } })
  const shop = { appKey: 'a', appSecret: 'b', accessToken: 'c', shopCipher: 'd' }
  await tidemark.connect('tiktok-shop', { id: 'shop', options: shop })
  return tidemark
}

/** What would be asked; a plan makes no request. */
async function ordered(tidemark: Tidemark, options: SyncAllInput): Promise<Order['asked']> {
  let asked: Order['asked'] = []
  await tidemark.plan({ ...options, onOrder: (order) => void (asked = order.asked) })
  return asked
}

async function orders(targets: readonly string[], options: SyncAllInput = {}) {
  const asked = await ordered(await mirror(), { ...options, targets })
  return asked.map((one) => {
    if ('refused' in one) return one
    const { where, range, mode } = one.part
    return { id: one.row.id, mode, streams: one.streams, ...(where ? { where } : {}), ...(range ? { range } : {}) }
  })
}

describe('the orders', () => {
  test('are for all connections when none is named', async () => {
    expect(await orders([])).toEqual([
      { id: 'me', mode: 'auto', streams: [] },
      { id: 'shop', mode: 'auto', streams: [] },
    ])
  })

  test('are one for each connection that is named, in that order', async () => {
    expect(await orders(['shop/orders', 'me', 'me/stars'], { mode: 'full' })).toEqual([
      { id: 'shop', mode: 'full', streams: ['orders'] },
      { id: 'me', mode: 'full', streams: [] },
    ])
  })

  test('with a filter go to the streams that know it, and with a range to those that are read by time', async () => {
    const where = { status: ['ON_HOLD', 'open'] }
    expect(await orders([], { where })).toEqual([{ id: 'shop', mode: 'auto', streams: ['orders'], where }])
    const range = { since: NOW - 7 * DAY, until: NOW - DAY }
    expect(await orders([], { since: '7d', until: '1d' })).toEqual([
      { id: 'shop', mode: 'auto', streams: ['orders', 'products'], range },
    ])
    expect(await orders(['shop'], { since: '2026-11-20' })).toMatchObject([
      { range: { since: NOW - 1.5 * DAY, until: undefined } },
    ])
  })

  const REFUSED: readonly [targets: string[], options: SyncAllInput, code: string][] = [
    [['nobody'], {}, 'connection_unknown'],
    [['me', 'nobody'], {}, 'connection_unknown'],
    [['me/moons'], {}, 'stream_unknown'],
    [['me/toString'], {}, 'stream_unknown'],
    [['me/'], {}, 'argument_invalid'],
    [['me'], { where: { status: ['open'] } }, 'where_unknown'],
    [['shop'], { where: { status: ['LOST'] } }, 'where_unknown'],
    [[], { where: { color: ['red'] } }, 'where_unknown'],
    [['me'], { since: '2d' }, 'range_unsupported'],
    [[], { since: '1d', until: '2d' }, 'option_invalid'],
    [[], { since: 'soon' }, 'moment_invalid'],
    [[], { since: '2d', where: { status: ['open'] } }, 'option_conflict'],
    [[], { since: '2d', mode: 'full' }, 'option_conflict'],
    [[], { where: { status: ['open'] }, mode: 'full' }, 'option_conflict'],
  ]
  test.each(REFUSED)('of %j with %j are refused: %s', async (targets, options, code) => {
    await expect(orders(targets, options)).rejects.toMatchObject({ code })
  })

  test('of a connection whose connector is gone are refused for that one only', async () => {
    const tidemark = await mirror()
    const row = {
      project: 'default',
      id: 'old',
      connector: 'gone',
      connectorVersion: '1',
      options: {},
      webhookSecret: 's',
      at: NOW,
    }
    await tidemark.store.connections.save(row)
    const asked = await ordered(tidemark, {})
    expect(asked.map((one) => ('refused' in one ? one.refused : one.row.id))).toEqual([
      'me',
      'shop',
      expect.objectContaining({
        id: null,
        connection: 'old',
        status: 'failed',
        error: expect.objectContaining({ code: 'connector_unknown' }),
      }),
    ])
  })
})
