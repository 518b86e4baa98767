// Owns the proof of the dashboard as an app: it can be installed, opens while the server is away and says so, keeps no answer of
// the API, and tells of what is worth an interruption when that was chosen.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { apiWorld } from '../server/api-world.ts'
import { DIST } from './built.ts'
import { dashboard } from './dashboard.ts'

const open = dashboard()

const controlled = (page: Page) => page.waitForFunction('navigator.serviceWorker.controller !== null')

test('it opens while the server is away, without a word of what was stored', async () => {
  const { link, connected, server, closing } = await apiWorld()
  await connected()
  const { page } = await open(link, '/', { worker: true })
  await controlled(page)
  await page.reload()
  await page.getByRole('heading', { name: 'me' }).waitFor()
  const kept = (await page.evaluate(
    `caches.open('tidemark-shell').then((cache) => cache.keys()).then((all) => all.map(({ url }) => new URL(url).pathname))`,
  )) as readonly string[]
  expect(kept).toContain('/')
  expect(kept.filter((path) => path !== '/' && !path.startsWith('/assets/'))).toEqual([])
  closing.abort()
  await server.close()
  await page.goto(`${server.url}/runs`)
  await page.getByText('The server does not answer.').waitFor()
  await page.getByRole('button', { name: 'Try again' }).waitFor()
  expect(await page.getByText('github').count()).toBe(0)
})

test('what a browser needs to install it is there', async () => {
  const { server } = await apiWorld()
  const answer = await fetch(`${server.url}/manifest.webmanifest`)
  const {
    display,
    start_url: start,
    icons,
  } = (await answer.json()) as {
    readonly display: string
    readonly start_url: string
    readonly icons: readonly { readonly src: string; readonly type: string; readonly purpose: string }[]
  }
  expect([display, start]).toEqual(['standalone', '/'])
  expect(icons.map(({ purpose }) => purpose)).toContain('maskable')
  for (const { src, type } of icons) {
    const icon = await fetch(server.url + src)
    expect([src, icon.status, icon.headers.get('content-type')]).toEqual([src, 200, type])
  }
  const worker = await fetch(`${server.url}/service-worker.js`)
  expect(worker.headers.get('cache-control')).toBe('no-cache')
  expect(await worker.text()).toBe(readFileSync(join(DIST, 'service-worker.js'), 'utf8'))
})

test('a login that must be renewed is told of when that was chosen, and nobody is looking', async () => {
  const { link, connected, github, call, tokens } = await apiWorld()
  await connected()
  const { page } = await open(link, '/settings?tab=notifications', { worker: true })
  // The system's part, which a browser without a window has not.
  await page.addInitScript(`
    // Without a push service: push.test.ts has one.
    delete globalThis.PushManager
    globalThis.shown = []
    globalThis.permission = 'default'
    Object.defineProperty(Notification, 'permission', { get: () => globalThis.permission })
    Notification.requestPermission = async () => (globalThis.permission = 'granted')
    ServiceWorkerRegistration.prototype.showNotification = async (title, about) => void globalThis.shown.push([title, about.data.path])
    Object.defineProperty(document, 'hidden', { get: () => globalThis.isHidden ?? false })
  `)
  // What ended before the stream began is not told over it.
  const follows = page.waitForResponse((response) => new URL(response.url()).pathname === '/api/events')
  await page.reload()
  await controlled(page)
  await follows
  const shown = () => page.evaluate('globalThis.shown')
  const refused = async () => {
    await call('/api/connections/me', tokens.admin, { method: 'PATCH', body: { options: { token: 'token-of-ada' } } })
    const { json } = await call('/api/connections/me/runs', tokens.sync, { method: 'POST', body: {} })
    await page
      .getByText(/refused the credentials/)
      .first()
      .waitFor()
    return json.id
  }
  github.world.revokeToken('token-of-ada')
  await page.evaluate('globalThis.isHidden = true')
  await refused()
  expect(await shown()).toEqual([])
  await page.getByRole('button', { name: 'Turn on' }).click()
  await page.getByText('on', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Dismiss' }).first().click()
  await refused()
  await expect.poll(shown).toEqual([['me needs a new login', '/connections/me']])
})
