// Owns the proof that pages show what happens while it happens: a run's progress, in all tabs over one event stream, also
// after a reload; and that they say when the server is gone.

import { expect, onTestFinished, test } from 'vitest'
import { createApp } from '../../src/server/app.ts'
import { listen } from '../../src/server/listen.ts'
import { apiWorld } from '../server/api-world.ts'
import { dashboard } from './dashboard.ts'

const open = dashboard()

test('a run is followed in every tab over one stream, until it ends with what is stored', async () => {
  const { link, connected, github, mirror, streams: atServer } = await apiWorld({ stars: 400 })
  await connected()
  const { page, another } = await open(link)
  const streams: string[] = []
  page.context().on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/events') streams.push(request.url())
  })
  const tabs = [page]
  for (const path of ['/', '/connections/me', '/runs', '/']) tabs.push(await another(path))
  // The first tab listens already; no other one does.
  expect([streams, atServer.open]).toEqual([[], 1])
  github.faults.when({}, { kind: 'delay', ms: 2_000 })
  await page.getByRole('button', { name: 'Sync me' }).click()
  for (const tab of [tabs[0], tabs[1], tabs[2], tabs[4]]) await tab?.getByRole('progressbar').first().waitFor()
  await tabs[3]?.getByText('running').first().waitFor()
  await tabs[2]?.reload()
  await tabs[2]?.getByRole('progressbar').first().waitFor()
  for (const tab of [tabs[0], tabs[1], tabs[2], tabs[4]])
    await expect.poll(() => tab?.getByRole('progressbar').count()).toBe(0)
  const stored = String(mirror.value('SELECT count(*) FROM github_stars'))
  expect(stored).toBe('400')
  await expect.poll(() => tabs[4]?.locator('[data-stat=Records]').innerText()).toBe(stored)
  await expect.poll(() => tabs[2]?.getByRole('row', { name: /^stars/ }).innerText()).toContain(stored)
  // When the tab that listens is closed, another one begins to.
  await page.close()
  await expect.poll(() => [streams.length, atServer.open]).toEqual([1, 1])
  // And goes on telling all that are left.
  github.faults.when({}, { kind: 'delay', ms: 1_000 })
  await tabs[1]?.getByRole('button', { name: 'Sync me' }).click()
  for (const tab of [tabs[2], tabs[4]]) await tab?.getByRole('progressbar').first().waitFor()
  for (const tab of [tabs[2], tabs[4]]) await expect.poll(() => tab?.getByRole('progressbar').count()).toBe(0)
  expect(atServer.open).toBe(1)
})

test('progress is there again after all of it was closed, and nobody had listened', async () => {
  const { link, connected, github, call, tokens, mirror, streams } = await apiWorld({ stars: 400 })
  await connected()
  const { page, another } = await open(link)
  const context = page.context()
  await expect.poll(() => streams.open).toBe(1)
  await page.close()
  await expect.poll(() => streams.open).toBe(0)
  github.faults.when({}, { kind: 'delay', ms: 1_500 })
  const { json: run } = await call('/api/connections/me/runs', tokens.sync, { method: 'POST', body: {} })
  const again = await another('/')
  await again.getByRole('progressbar').first().waitFor()
  await again.close()
  const run3 = await another(`/runs?run=${run.id}`)
  await run3.getByRole('progressbar').first().waitFor()
  await expect.poll(() => run3.getByRole('progressbar').count()).toBe(0)
  await run3.getByRole('dialog').getByText('succeeded').first().waitFor()
  const stored = String(mirror.value('SELECT count(*) FROM github_stars'))
  expect([stored, context.pages().length]).toEqual(['400', 1])
})

test('a run that ends while no tab listens is known to have ended in those that are left', async () => {
  const { link, connected, github, tidemark, mirror } = await apiWorld({ stars: 120 })
  await connected()
  const { page, another } = await open(link)
  const [overview, connection] = [await another('/'), await another('/connections/me')]
  github.faults.when({}, { kind: 'delay', ms: 3_000 })
  await page.getByRole('button', { name: 'Sync me' }).click()
  for (const tab of [overview, connection]) await tab.getByRole('progressbar').first().waitFor()
  // The next one to listen is not heard until the run is over.
  const { promise: over, resolve: letThrough } = Promise.withResolvers<undefined>()
  await page.context().route('**/api/events', async (route) => {
    await over
    await route.continue()
  })
  const asked = page.context().waitForEvent('request', (request) => request.url().endsWith('/api/events'))
  await page.close()
  await asked
  await expect.poll(async () => (await tidemark.runs())[0]?.status, { timeout: 20_000 }).toBe('succeeded')
  expect(await overview.getByRole('progressbar').count()).toBe(1)
  letThrough(undefined)
  for (const tab of [overview, connection]) await expect.poll(() => tab.getByRole('progressbar').count()).toBe(0)
  const stored = String(mirror.value('SELECT count(*) FROM github_stars'))
  await expect.poll(() => overview.locator('[data-stat=Records]').innerText()).toBe(stored)
})

test('a server that is gone is said to be, and its return is noticed', async () => {
  const { link, connected, tidemark, server, closing } = await apiWorld()
  await connected()
  const { page } = await open(link)
  const gone = page.getByRole('alert').filter({ hasText: 'not responding' })
  expect(await gone.count()).toBe(0)
  closing.abort()
  await server.close()
  await gone.waitFor()
  // What was known stays on the page.
  expect(await page.getByRole('heading', { name: 'me' }).count()).toBe(1)
  const next = await listen(createApp({ api: { tidemark: () => tidemark } }), { port: server.port })
  onTestFinished(() => next.close())
  await expect.poll(() => gone.count()).toBe(0)
})

test('a network that is gone is said at once, though the stream is open still, and its return is noticed', async () => {
  const { link, connected, streams } = await apiWorld()
  await connected()
  const { page } = await open(link)
  await expect.poll(() => streams.open).toBe(1)
  const gone = page.getByRole('alert').filter({ hasText: 'not responding' })
  await page.context().setOffline(true)
  await gone.waitFor()
  await page.context().setOffline(false)
  await expect.poll(() => gone.count()).toBe(0)
})
