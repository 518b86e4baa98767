// Owns what the dashboard keeps in a browser: its page and the files that the page is made of, whose names say what is in them.
// Never an answer of the API. And it shows what the server tells while the dashboard is closed.

const KEPT = 'tidemark-shell'
/** The page, which is the same at each of its addresses. */
const PAGE = '/'
/** Files that are kept, at most; of older versions the oldest go first. */
const FILES_MAX = 200
/** Where the page keeps the name of this browser: see src/app/push.ts. */
const NOTE = '/tidemark-push-note'
/** What is no page of the dashboard. */
const OTHERS = /^\/(?:api|hooks|mcp|healthz|metrics|llms\.txt)(?:\/|$)/

addEventListener('install', () => self.skipWaiting())
addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin) return
  if (request.mode === 'navigate' && !OTHERS.test(pathname)) event.respondWith(page(request))
  else if (pathname.startsWith('/assets/')) event.respondWith(file(request))
})

// The server tells of something while the dashboard may be closed: see Notice in src/engine/outbox/push.ts.
addEventListener('push', (event) => {
  const { title, body, path, tag } = event.data.json()
  event.waitUntil(self.registration.showNotification(title, { body, tag, icon: '/icon-192.png', data: { path } }))
})

// The push service has given this browser another address: without word of it, the server would send to one that is gone.
addEventListener('pushsubscriptionchange', (event) => event.waitUntil(subscribeAnew(event.newSubscription)))

addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(open(event.notification.data?.path ?? PAGE))
})

/** As the server has it; where it cannot be reached, as it was last. */
async function page(request) {
  const kept = await caches.open(KEPT)
  try {
    const answer = await fetch(request)
    if (answer.ok) await kept.put(PAGE, answer.clone())
    return answer
  } catch (error) {
    const last = await kept.match(PAGE)
    if (last) return last
    throw error
  }
}

/** What has this name never changes. */
async function file(request) {
  const kept = await caches.open(KEPT)
  const found = await kept.match(request)
  if (found) return found
  const answer = await fetch(request)
  if (answer.ok) {
    await kept.put(request, answer.clone())
    const all = await kept.keys()
    const old = all.filter(({ url }) => new URL(url).pathname !== PAGE).slice(0, Math.max(0, all.length - FILES_MAX))
    await Promise.all(old.map((one) => kept.delete(one)))
  }
  return answer
}

/** Where nobody is logged in any more, the server refuses it, and the page does it when somebody is. */
async function subscribeAnew(given) {
  const headers = { 'x-requested-with': 'tidemark', 'content-type': 'application/json' }
  const answer = await fetch('/api/push/key', { headers })
  if (!answer.ok) return
  const { publicKey } = await answer.json()
  const asked = { userVisibleOnly: true, applicationServerKey: publicKey }
  const { endpoint, keys } = (given ?? (await self.registration.pushManager.subscribe(asked))).toJSON()
  // The page has written down what this browser is called in the server's list.
  const note = await (await caches.match(NOTE))?.text()
  const body = JSON.stringify({ endpoint, p256dh: keys.p256dh, auth: keys.auth, ...(note ? { note } : {}) })
  await fetch('/api/push/subscriptions', { method: 'POST', headers, body })
}

/** In a window that is open already, where there is one. */
async function open(path) {
  const [shown] = await self.clients.matchAll({ type: 'window' })
  if (!shown) return self.clients.openWindow(path)
  await shown.focus()
  return shown.navigate(path)
}
