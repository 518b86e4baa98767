// Owns the promise that nobody notices when a server is killed in the middle of its work and started again: runs under way go on,
// what waited is begun, nothing is lost or paid twice, and whoever followed the events follows on.

import { expect, onTestFinished, test } from 'vitest'
import { instagramEmulator } from '../../src/testing/emulators/index.ts'
import { accounts, connect } from '../support/accounts.ts'
import { type Answer, serve } from '../support/serving.ts'

const STARS = 1_150
/** Where the server is killed: later than what is asked for twice makes up. */
const STORED = 800
const POSTS = 40
const LIMIT = { timeout: 120_000, interval: 100 }

const statusesOf = (runs: Answer, connection: string) =>
  runs.filter((run: Answer) => run.connection === connection).map(({ status }: Answer) => status)

test('five runs under way go on, with their events, and nothing is lost or paid twice', async () => {
  const { github, here, names: others } = await accounts(5, STARS)
  onTestFinished(() => github.close())
  const [undisturbed = '', ...names] = others
  const apify = await instagramEmulator({ posts: POSTS, runMs: 3_000 })
  onTestFinished(() => apify.close())
  const { url, apifyToken, username } = apify
  const set = { baseUrl: url, allowPrivateNetwork: 'true', apifyToken, username }
  await connect(here, { connector: 'instagram', id: 'reels', set })
  const all = [...names, 'reels']
  await here.ask(['sync', undisturbed])
  const asked = () => github.log.all({ path: '/user/starred*', status: 200 }).length
  const usual = asked()
  github.faults.when({}, { kind: 'delay', ms: 250 })
  const first = await serve(here, undefined)
  const heard = first.events('/api/events')
  const begun = await Promise.all(all.map((id) => first.api('POST', `/api/connections/${id}/runs`, {})))
  expect(begun.map(({ status, json }) => [status, json.status])).toEqual(all.map(() => [202, 'running']))
  // Most pages of each are stored, and the paid run has begun.
  const stored = () =>
    heard
      .told()
      .flatMap(({ event, data }) => (event === 'progress' && data.processed >= STORED ? [data.connection] : []))
  await expect.poll(() => names.every((name) => stored().includes(name)), LIMIT).toBe(true)
  await expect.poll(() => apify.world.runs().length, LIMIT).toBeGreaterThan(0)
  const active = await first.api('GET', '/api/runs?status=running')
  expect(active.json.runs).toHaveLength(5)
  await first.end('SIGKILL')
  await heard.ended
  const place = heard.told().at(-1)?.id
  github.faults.clear()
  const next = await serve(here, first.token)
  const again = next.events('/api/events', place)
  const done = () =>
    again.told().flatMap(({ event, data }) => (event === 'done' ? [`${data.connection} ${data.status}`] : []))
  await expect
    .poll(
      () =>
        done()
          .filter((one) => one.endsWith('succeeded'))
          .toSorted(),
      LIMIT,
    )
    .toEqual(all.map((id) => `${id} succeeded`))
  // Those who followed are told of the five that were broken off, too, each once.
  expect(
    done()
      .filter((one) => one.endsWith('failed'))
      .toSorted(),
  ).toEqual(all.map((id) => `${id} failed`))
  expect(Number(again.told()[0]?.id.split('.')[0])).toBe(Number(place?.split('.')[0]) + 1)
  const { json } = await next.api('GET', '/api/runs')
  for (const id of all) expect([id, ...statusesOf(json.runs, id)]).toEqual([id, 'succeeded', 'failed'])
  for (const name of names) {
    expect((await next.api('GET', `/api/connections/${name}`)).json.totals).toEqual({ stars: STARS })
  }
  // What was stored is not asked for once more, but for how many there are, the page where each took up the thread, what
  // came on top of it meanwhile, and what was under way.
  expect(asked() - usual).toBeLessThanOrEqual(names.length * (usual + 6))
  expect((await next.api('GET', '/api/connections/reels')).json.totals.reels).toBe(POSTS)
  const intents = apify.world.runs().map(({ input }) => String(input['tidemarkIntent']))
  expect(new Set(intents).size).toBe(intents.length)
  const feed = await here.ask(['sql', 'select count(*) n, max(seq) - count(*) holes from changes', '--json'])
  expect(feed.json[0].holes).toBe(0)
  await next.end('SIGTERM')
}, 240_000)

test('runs of a batch that had not begun are begun, each once, and its summary is true', async () => {
  const { github, here, names } = await accounts(12, 120)
  onTestFinished(() => github.close())
  github.faults.when({}, { kind: 'delay', ms: 700 })
  const first = await serve(here, undefined)
  const batch = await first.api('POST', '/api/runs', { mode: 'full' })
  expect(batch).toMatchObject({ status: 202, json: { finished: false, totalProjects: 1, results: [] } })
  const runsOf = async (server: typeof first) => (await server.api('GET', '/api/runs?limit=100')).json.runs
  // The first are through, others are under way, and the last have not begun.
  await expect
    .poll(async () => (await runsOf(first)).filter(({ status }: Answer) => status === 'succeeded').length, LIMIT)
    .toBeGreaterThan(0)
  const before = await runsOf(first)
  expect(new Set(before.map(({ connection }: Answer) => connection)).size).toBeLessThan(names.length)
  await first.end('SIGKILL')
  github.faults.clear()
  const next = await serve(here, first.token)
  const summary = async () => (await next.api('GET', `/api/runs?batch=${batch.json.batch}`)).json
  await expect.poll(async () => (await summary()).finished, LIMIT).toBe(true)
  expect(await summary()).toMatchObject({
    ...{ batch: batch.json.batch, success: true, totalProjects: 1, successCount: 1, errorCount: 0 },
    results: [{ project: 'default', totalRecords: 12 * 120, updatedCount: 12 * 120, errors: [] }],
  })
  const after = await runsOf(next)
  for (const name of names) {
    const [last, ...brokenOff] = statusesOf(after, name)
    expect([name, last, brokenOff.filter((status: string) => status !== 'failed')]).toEqual([name, 'succeeded', []])
  }
  // Whoever was through is not asked again.
  const through = names.filter((name) => statusesOf(before, name)[0] === 'succeeded')
  for (const name of through) expect([name, ...statusesOf(after, name)]).toEqual([name, 'succeeded'])
  const again = await next.api('POST', '/api/runs', { wait: true })
  expect(again).toMatchObject({ status: 200, json: { success: true, results: [{ updatedCount: 0, errors: [] }] } })
  await next.end('SIGTERM')
}, 240_000)
