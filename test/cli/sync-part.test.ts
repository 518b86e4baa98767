// Owns the proof of `sync` for a part of a stream, and of what it shows while it works and when it is stopped.

import { describe, expect, test } from 'vitest'
import { doorOf } from '../support/door.ts'
import { connectGitHub, place, until } from './program.ts'
import { connectShop, world } from './sync-world.ts'

describe.concurrent('a part of a stream', () => {
  test('is read by what matches at the source, and by time, and moves nothing', async (ending) => {
    const here = place(ending)
    const shop = await connectShop(ending, here)
    await here.ask(['sync'])
    const before = (await here.ask(['status', '--json'])).json.streams[0]
    const [id = ''] = shop.world.create(1, undefined, 'ON_HOLD')
    shop.clock.advance(2_000)
    const held = shop.world.orderList().filter(({ status }) => status === 'ON_HOLD').length
    const filtered = await here.ask(['sync', 'shop', '--where', 'status=ON_HOLD', '--json'])
    expect([filtered.code, filtered.json.runs[0].streams[0].counts.fetched]).toEqual([0, held])
    expect((await here.ask(['records', 'shop/orders', '--where', `_key=${id}`, '--json'])).json).toMatchObject([
      { status: 'ON_HOLD' },
    ])
    const again = await here.ask(['sync', 'shop/orders', '--since', '300d', '--json'])
    expect([again.code, again.json.runs[0].streams[0].counts.fetched]).toEqual([0, 121])
    const { last_success_at, runs_since_full } = (await here.ask(['status', '--json'])).json.streams[0]
    expect({ last_success_at, runs_since_full }).toEqual({
      last_success_at: before.last_success_at,
      runs_since_full: before.runs_since_full,
    })
  })

  test('is only asked of connections that can give it', async (ending) => {
    const { github, here } = await world(ending)
    await connectShop(ending, here)
    github.log.reset()
    const { code, json } = await here.ask(['sync', '--where', 'status=open', '--json'])
    expect([code, json.runs.map(({ connection }: { connection: string }) => connection)]).toEqual([0, ['shop']])
    expect(github.log.count()).toBe(0)
  })

  test('a cost cap says that there is nothing to cap', async (ending) => {
    const { here } = await world(ending)
    const { code, stderr } = await here.ask(['sync', '--max-cost', '1.50'])
    expect([code, stderr]).toEqual([0, 'note: github is free, so --max-cost has no effect\n'])
  })
})

test('a sync of a connection that is being synced waits for that run and tells of it', async (ending) => {
  const { github, here } = await world(ending)
  const door = await doorOf(github)
  ending.onTestFinished(() => door.close())
  expect((await here.ask(connectGitHub({ ...github, url: door.url }))).code).toBe(0)
  const stands = door.shut(/[?&]page=2\b/)
  const first = here.start(['sync', '--json'])
  await stands
  const waiting = here.start(['sync', '--json'])
  await waiting.saw(/waiting for run/)
  door.open()
  const [{ code, json }, second] = [await first.ended, await waiting.ended]
  expect([code, second.code]).toEqual([0, 0])
  expect(second.json).toEqual(json)
  expect(second.stderr).toBe(`me is being synced already; waiting for run ${json.runs[0].id}.\n`)
})

test('a run under way tells any other process how far it has come', async (ending) => {
  const { github, here } = await world(ending)
  const door = await doorOf(github)
  ending.onTestFinished(() => door.close())
  expect((await here.ask(connectGitHub({ ...github, url: door.url }))).code).toBe(0)
  const stands = door.shut(/[?&]page=3\b/)
  const sync = here.start(['sync', '--json'])
  await stands
  // The page before it may still be on its way into the store.
  const look = async () => (await here.ask(['status', '--json'])).json.connections[0].activeRun
  await expect.poll(async () => (await look()).progress.processed).toBe(200)
  const { id } = await look()
  const shown = (await here.run(['run', id, '--json'])).json
  expect(shown).toMatchObject({ id, status: 'running', finishedAt: null })
  expect(shown.progress).toEqual({
    processed: 200,
    total: 250,
    percent: 80,
    rate: expect.any(Number),
    etaSeconds: expect.any(Number),
    streams: [{ stream: 'stars', processed: 200, total: 250, inserted: 200, unchanged: 0 }],
  })
  const same = { ...shown.progress, rate: expect.any(Number), etaSeconds: expect.any(Number) }
  const inStatus = (await here.run(['status', '--json'])).json.connections[0].activeRun
  for (const one of [inStatus, (await here.ask(['runs', '--json'])).json.runs[0]]) {
    expect(one).toEqual({ ...shown, progress: same })
    expect(Object.keys(one.progress)).toEqual(Object.keys(shown.progress))
  }
  const line = /200 of 250 \(80 %\), .*\/s, about .* left\n/
  expect((await here.run(['run', id])).stdout).toMatch(line)
  expect((await here.run(['status'])).stdout).toMatch(line)
  door.open()
  expect(await sync.ended).toMatchObject({ code: 0, json: { runs: [{ id, progress: null }] } })
  expect((await here.ask(['run', id, '--json'])).json.progress).toBeNull()
})

test('a run that may stop before the end of the listing foretells none', async (ending) => {
  const { github, here } = await world(ending)
  await here.ask(['sync'])
  github.world.star('ada', 150)
  const door = await doorOf(github)
  ending.onTestFinished(() => door.close())
  expect((await here.ask(connectGitHub({ ...github, url: door.url }))).code).toBe(0)
  const stands = door.shut(/[?&]page=2\b/)
  const sync = here.start(['sync', '--json'])
  await stands
  const look = async () => (await here.ask(['status', '--json'])).json.connections[0].activeRun
  // A hundred, twice: the first page is read once more after the count that the second one needs.
  await expect.poll(async () => (await look()).progress.processed).toBe(200)
  expect((await look()).progress).toMatchObject({ total: null, percent: null, etaSeconds: null })
  door.open()
  expect((await sync.ended).code).toBe(0)
})

describe.concurrent('Ctrl-C', () => {
  test('ends a sync cleanly: exit 130, what was read is kept, the next one goes on', async (ending) => {
    const { github, here } = await world(ending)
    github.faults.when({ path: '/user/starred', query: { page: '2' } }, { kind: 'delay', ms: 60_000 })
    const sync = here.start(['sync', '--json'])
    await until(() => github.faults.served()['delay'] === 1)
    sync.child.kill('SIGINT')
    const { code, json, stderr } = await sync.ended
    expect(code).toBe(130)
    expect(json.runs[0]).toMatchObject({
      status: 'cancelled',
      error: { code: 'cancelled' },
      streams: [{ counts: { inserted: 100 } }],
    })
    expect(stderr).toContain('Ctrl-C again ends at once')
    github.faults.clear()
    const next = await here.ask(['sync', '--json'])
    expect([next.code, next.json.runs[0].streams[0].counts.inserted]).toEqual([0, 150])
  })

  test('twice ends it at once, and the next sync goes on all the same', async (ending) => {
    const { github, here } = await world(ending)
    github.faults.when({ path: '/user/starred', query: { page: '2' } }, { kind: 'delay', ms: 60_000 })
    const sync = here.start(['sync'])
    await until(() => github.faults.served()['delay'] === 1)
    sync.child.kill('SIGINT')
    sync.child.kill('SIGTERM')
    expect((await sync.ended).code).toBe(130)
    github.faults.clear()
    expect((await here.ask(['sync'])).code).toBe(0)
    expect((await here.ask(['records', 'me/stars', '--format', 'jsonl'])).stdout.trim().split('\n')).toHaveLength(250)
  })

  test('cancel from another process ends it the same way', async (ending) => {
    const { github, here } = await world(ending)
    github.faults.when({ path: '/user/starred', query: { page: '2' } }, { kind: 'delay', ms: 60_000 })
    const sync = here.start(['sync', '--json'])
    await until(() => github.faults.served()['delay'] === 1)
    const [run] = (await here.ask(['runs', '--json'])).json.runs
    expect(run.status).toBe('running')
    const cancelled = await here.ask(['cancel', run.id, '--json'])
    expect([cancelled.code, cancelled.json]).toEqual([
      0,
      { id: run.id, connection: 'me', cancelled: true, status: 'running' },
    ])
    expect(await sync.ended).toMatchObject({ code: 130, json: { runs: [{ id: run.id, status: 'cancelled' }] } })
    // Once said is enough.
    for (const command of ['runs', 'status']) {
      const { stdout } = await here.ask([command])
      expect([stdout.match(/cancelled/g)?.length, stdout]).toEqual([1, expect.stringContaining('cancelled')])
    }
    const over = await here.ask(['cancel', run.id, '--json'])
    expect([over.code, over.json.cancelled, over.json.status]).toEqual([0, false, 'cancelled'])
  })
})
