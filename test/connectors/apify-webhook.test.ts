// Owns the promise about webhooks of Apify, which nobody signs: they start nothing and prove nothing; an upstream run of ours
// that is still waited for is read from Apify.

import { expect, test } from 'vitest'
import { apifyWebhook } from '../../src/connectors/apify/webhook.ts'
import { providerData, providerDataMissing } from '../support/provider-data.ts'
import { connected } from './creators-world.ts'

test.skipIf(providerDataMissing)('the documented body names its run, and the header which delivery it is', () => {
  const { body } = providerData<{ body: { eventData: { actorRunId: string } } }>(
    'apify-platform/docs-webhook-payload-example.json',
  )
  const headers = { 'x-apify-webhook-dispatch-id': 'd1' }
  const hint = apifyWebhook.hint({ headers, json: body, body: Buffer.from(JSON.stringify(body)), now: 0 }, {})
  expect(hint).toEqual({ id: 'd1', job: body.eventData.actorRunId })
})

test('a run of ours that ended while nobody waited is read when Apify tells, and none is started', async () => {
  await using world = await connected('tiktok')
  const { mirror, mine, emulator } = world
  const { tidemark } = mirror
  const stop = new AbortController()
  emulator.faults.when({ path: '/v2/actor-runs/*' }, { kind: 'delay', ms: 100 })
  const first = mine.sync({ signal: stop.signal })
  const started = 'SELECT count(*) FROM tm_intents WHERE job IS NOT NULL'
  while (Number(mirror.value(started)) === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  stop.abort()
  expect(await first).toMatchObject({ status: 'cancelled' })
  emulator.faults.clear()
  const job = String(mirror.value('SELECT job FROM tm_intents'))
  const [, , connection = '', secret = ''] = (await tidemark.listConnections())[0]!.webhookUrl.split('/')
  const tell = (id: string, told: string, resource: object) => {
    const body = { eventType: 'ACTOR.RUN.SUCCEEDED', eventData: { actorRunId: told }, resource }
    const headers = { 'x-apify-webhook-dispatch-id': id }
    return tidemark.webhooks.receive({ connection, secret, headers, body: Buffer.from(JSON.stringify(body)) })
  }
  void tidemark.start()
  const read = async () => {
    while (Number(mirror.value('SELECT count(*) FROM tm_inbox WHERE next_at IS NOT NULL')) > 0)
      await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await tell('d1', 'stranger', { id: 'stranger', defaultDatasetId: 'theirs', status: 'SUCCEEDED' })
  await read()
  expect([world.keys().length, (await tidemark.runs()).length, world.runs().length]).toEqual([0, 1, 1])
  const [id = '', dataset = ''] = job.split('/')
  // What it says of its status is not believed: Apify is asked.
  await tell('d2', id, { id, defaultDatasetId: dataset, status: 'FAILED' })
  await tell('d2', id, { id, defaultDatasetId: dataset, status: 'FAILED' })
  expect(mirror.value('SELECT count(*) FROM tm_inbox')).toBe(2)
  await read()
  expect(world.keys().length).toBeGreaterThan(0)
  expect(world.runs()[0]).toMatchObject({ status: 'SUCCEEDED' })
})
