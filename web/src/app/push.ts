// Owns notifications while the dashboard is closed: this browser subscribed with its push service, and known to the server. What
// was chosen stands in notifications.ts.

import { useSyncExternalStore } from 'react'
import { api, told } from '../api/client.ts'

const KEPT = 'tidemark-push'
/** The service worker subscribes anew while no page is open, and can't read what a page keeps elsewhere. */
const NOTE_CACHE = 'tidemark-push'
const NOTE = '/tidemark-push-note'
const listeners = new Set<() => void>()

/** `on`: with the id by which the server knows this browser. `failed`: why its push service can't be used. */
export type PushState =
  | { readonly is: 'on'; readonly id: string }
  | { readonly is: 'failed'; readonly why: string }
  | { readonly is: 'off' | 'absent' }

let failure: string | undefined

const isPossible = () => 'PushManager' in globalThis && 'serviceWorker' in navigator

/** The same one until it changes, as React wants it. */
let state = stateNow()

function stateNow(): PushState {
  if (!isPossible()) return { is: 'absent' }
  const id = localStorage.getItem(KEPT)
  if (id !== null) return { is: 'on', id }
  return failure === undefined ? { is: 'off' } : { is: 'failed', why: failure }
}

function settle(id: string | undefined, why?: string): void {
  if (id === undefined) localStorage.removeItem(KEPT)
  else localStorage.setItem(KEPT, id)
  failure = why
  state = stateNow()
  for (const changed of listeners) changed()
}

/**
 * Subscribes this browser, or does so anew: the server may have forgotten it, and its push service may have given it another
 * address. Never throws: without it, notifications are shown while the dashboard is open.
 */
export async function beginPush(): Promise<void> {
  if (!isPossible()) return
  try {
    const { publicKey } = await told(api.GET('/api/push/key'))
    const { pushManager } = await navigator.serviceWorker.ready
    const known = await pushManager.getSubscription()
    const isOurs = known !== null && sameKey(known.options.applicationServerKey, publicKey)
    if (known && !isOurs) await known.unsubscribe()
    const asked = { userVisibleOnly: true, applicationServerKey: publicKey }
    const subscription = isOurs ? known : await pushManager.subscribe(asked)
    const { endpoint = '', keys: { p256dh = '', auth = '' } = {} } = subscription.toJSON()
    const note = browserName(navigator.userAgent)
    const body = { endpoint, p256dh, auth, note }
    const { id } = await told(api.POST('/api/push/subscriptions', { body }))
    settle(id)
    const kept = await caches.open(NOTE_CACHE).catch(() => undefined)
    await kept?.put(NOTE, new Response(note))
  } catch (error) {
    settle(undefined, error instanceof Error ? error.message : String(error))
  }
}

/** Ends it here and at the server, which otherwise learns of it by its next message. Never throws. */
export async function endPush(): Promise<void> {
  const id = localStorage.getItem(KEPT)
  settle(undefined)
  if (id === null || !isPossible()) return
  await caches.delete(NOTE_CACHE).catch(() => false)
  await told(api.DELETE('/api/push/subscriptions/{id}', { params: { path: { id } } })).catch(() => {})
  const { pushManager } = await navigator.serviceWorker.ready
  await pushManager
    .getSubscription()
    .then((known) => known?.unsubscribe())
    .catch(() => {})
}

export function usePush(): PushState {
  return useSyncExternalStore(
    (changed) => {
      listeners.add(changed)
      return () => void listeners.delete(changed)
    },
    () => state,
  )
}

function sameKey(bytes: ArrayBuffer | null, key: string): boolean {
  if (bytes === null) return false
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)))
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '') === key
}

/** By which a person knows it in a list: `Firefox on Windows`. */
export function browserName(agent: string): string {
  const found = (names: readonly (readonly [sign: string, name: string])[]) =>
    names.find(([sign]) => agent.includes(sign))?.[1]
  const browser = found([
    ['Edg/', 'Edge'],
    ['OPR/', 'Opera'],
    ['Firefox/', 'Firefox'],
    ['Chrome/', 'Chrome'],
    ['Safari/', 'Safari'],
  ])
  const system = found([
    ['Android', 'Android'],
    ['iPhone', 'iPhone'],
    ['iPad', 'iPad'],
    ['Windows', 'Windows'],
    ['Mac OS', 'macOS'],
    ['Linux', 'Linux'],
  ])
  return [browser ?? 'A browser', ...(system === undefined ? [] : ['on', system])].join(' ')
}
