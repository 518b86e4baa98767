// Owns the proof of notifications while the dashboard is closed: chosen by a person, sent by a real server to a push service on
// loopback, decrypted as a browser does it, shown by the real service worker, and a press opens the run.
//
// No real push service can be reached from here, and a browser without a window shows no notifications. So what lies outside has a
// stand-in: the address and the keys that the browser would have got, the person's permission, the delivery of what came (the
// debugger's own, as a real push event), and the system's part in showing it. All that is ours is as it is.

import { expect, test } from 'vitest'
import { apiWorld } from '../server/api-world.ts'
import { pushService } from '../support/push-service.ts'
import { barriers, dashboard } from './dashboard.ts'

const open = dashboard()

const PERMISSION = `
  Object.defineProperty(Notification, 'permission', { get: () => sessionStorage.getItem('permission') ?? 'default' })
  Notification.requestPermission = async () => {
    sessionStorage.setItem('permission', 'granted')
    return Notification.permission
  }
`

test('a browser that was opted in is told of a login that must be renewed, and a press on it opens the connection', async () => {
  const service = await pushService()
  const { link, connected, github, tidemark, synced, server } = await apiWorld({ push: { allowPrivateNetwork: true } })
  await connected()
  const browser = service.browser()
  const { page } = await open(link, '/settings?tab=notifications', { worker: true })
  await page.waitForFunction('navigator.serviceWorker.controller !== null')
  const keys = { p256dh: browser.p256dh, auth: browser.auth }
  await page.addInitScript(PERMISSION)
  await page.addInitScript(`
    let known = null
    PushManager.prototype.getSubscription = async () => known
    PushManager.prototype.subscribe = async (options) => {
      globalThis.asked = options
      const key = Uint8Array.from(atob(options.applicationServerKey.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
      known = {
        options: { applicationServerKey: key.buffer },
        toJSON: () => ({ endpoint: ${JSON.stringify(browser.endpoint)}, keys: ${JSON.stringify(keys)} }),
        unsubscribe: async () => ((known = null), true),
      }
      return known
    }
  `)
  await page.reload()
  // Nobody asked for it yet.
  expect([await tidemark.push.list(), service.url !== server.url]).toEqual([[], true])
  await page.getByRole('button', { name: 'Turn on' }).click()
  await page.getByText('By the push service of this browser').waitFor()
  const { publicKey } = await tidemark.push.key()
  expect(await page.evaluate('globalThis.asked')).toEqual({ userVisibleOnly: true, applicationServerKey: publicKey })
  expect(await tidemark.push.list()).toMatchObject([{ note: 'Chrome on Linux', service: new URL(service.url).host }])
  await page.getByRole('button', { name: 'Send a test' }).click()
  await page.getByText('Its push service took the test.').waitFor()
  expect(browser.told).toMatchObject([{ title: 'Notifications arrive' }])
  expect(await barriers(page)).toEqual([])

  github.world.revokeToken('token-of-ada')
  const { id } = await synced()
  await expect.poll(() => browser.told.length).toBe(2)
  const [, notice] = browser.told
  const debug = await page.context().newCDPSession(page)
  const registered = new Promise<string>((resolve) => {
    debug.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [found] = registrations as readonly { readonly registrationId: string }[]
      if (found) resolve(found.registrationId)
    })
  })
  await debug.send('ServiceWorker.enable')
  const [worker] = page.context().serviceWorkers()
  await worker?.evaluate(`
    globalThis.shown = []
    registration.showNotification = async (title, about) => void globalThis.shown.push({ title, ...about })
    // A press of a person alone may bring a window to the front.
    WindowClient.prototype.focus = async function () { return this }
  `)
  const deliver = { origin: server.url, registrationId: await registered, data: JSON.stringify(notice) }
  await debug.send('ServiceWorker.deliverPushMessage', deliver)
  const shown = () => worker?.evaluate('globalThis.shown.map(({ title, tag, data }) => [title, tag, data.path])')
  await expect.poll(shown).toEqual([['me needs a new login', id, '/connections/me']])
  await worker?.evaluate(`
    const [{ data }] = globalThis.shown
    dispatchEvent(Object.assign(new ExtendableEvent('notificationclick'), { notification: { data, close() {} } }))
  `)
  await page.waitForURL((url) => url.pathname === '/connections/me')
  await page.getByRole('heading', { name: 'me', exact: true }).waitFor()

  // Its push service gives it another address while nobody looks: the worker tells the server, and what is sent next arrives there.
  const moved = service.browser()
  const anew = { endpoint: moved.endpoint, keys: { p256dh: moved.p256dh, auth: moved.auth } }
  await worker?.evaluate(`
    dispatchEvent(Object.assign(new ExtendableEvent('pushsubscriptionchange'), {
      newSubscription: { toJSON: () => (${JSON.stringify(anew)}) },
    }))
  `)
  const named = async () => (await tidemark.push.list()).map(({ note }) => note)
  await expect.poll(named).toEqual(['Chrome on Linux', 'Chrome on Linux'])
  const [, newest] = await tidemark.push.list()
  await tidemark.push.test(newest?.id ?? '')
  expect(moved.told).toMatchObject([{ title: 'Notifications arrive' }])
  await tidemark.push.unsubscribe(newest?.id ?? '')

  await page.goto(`${server.url}/settings?tab=notifications`)
  await page.getByRole('button', { name: 'Turn off' }).click()
  await expect.poll(() => tidemark.push.list()).toEqual([])
})

test('where no push service can be reached, it is said why, and notifications of the open dashboard stay', async () => {
  const { link, tidemark } = await apiWorld()
  const { page } = await open(link, '/settings?tab=notifications', { worker: true })
  await page.getByRole('heading', { name: 'Notifications' }).waitFor()
  await page.addInitScript(PERMISSION)
  await page.addInitScript(
    `PushManager.prototype.subscribe = async () => { throw new Error('The push service is away.') }`,
  )
  await page.reload()
  await page.getByRole('button', { name: 'Turn on' }).click()
  await page.getByText('The push service is away.').waitFor()
  await page.getByRole('button', { name: 'Try again' }).waitFor()
  await page.getByRole('button', { name: 'Turn off' }).waitFor()
  expect(await tidemark.push.list()).toEqual([])
  expect(await barriers(page)).toEqual([])
})
