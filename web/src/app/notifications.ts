// Owns notifications of the system: opted into by a person, in this browser, for what is worth an interruption. While the
// dashboard is open somewhere it shows them itself, if nobody is looking; push.ts is for when it is closed.

import { useSyncExternalStore } from 'react'
import type { Run } from '../api/queries.ts'
import { beginPush, endPush } from './push.ts'

const KEPT = 'tidemark-notifications'
/** Runs shorter than this end without one, in milliseconds. */
const LONG_MS = 20_000
const listeners = new Set<() => void>()

export type NotificationState = 'on' | 'off' | 'denied' | 'absent'

function stateNow(): NotificationState {
  if (!('Notification' in globalThis) || !('serviceWorker' in navigator)) return 'absent'
  if (Notification.permission === 'denied') return 'denied'
  return Notification.permission === 'granted' && localStorage.getItem(KEPT) === 'on' ? 'on' : 'off'
}

/** Turns them on or off; the browser asks the person. */
export async function turnNotifications(on: boolean): Promise<void> {
  const isOn = on && (await Notification.requestPermission()) === 'granted'
  if (isOn) localStorage.setItem(KEPT, 'on')
  else localStorage.removeItem(KEPT)
  for (const changed of listeners) changed()
  await (isOn ? beginPush() : endPush())
}

/** Tells the server of this browser once more, where notifications are on. */
export function renewNotifications(): void {
  if (stateNow() === 'on') void beginPush()
}

export function useNotifications(): NotificationState {
  return useSyncExternalStore((changed) => {
    listeners.add(changed)
    return () => void listeners.delete(changed)
  }, stateNow)
}

/** Tells of a run that has ended. Each tab does, and the system shows one. */
export function notifyOfEnd({ id, connection, status, startedAt, finishedAt, error }: Run): void {
  if (stateNow() !== 'on' || !document.hidden) return
  const isLong = Date.parse(finishedAt ?? startedAt) - Date.parse(startedAt) >= LONG_MS
  const isLogin = status === 'paused'
  if (!isLong && !isLogin) return
  // The push service's has the same tag, and stands in the place of this one.
  const title = isLogin ? `${connection} needs a new login` : `The run of ${connection} has ended: ${status}`
  const path = isLogin ? `/connections/${encodeURIComponent(connection)}` : `/runs?run=${id}`
  const about = { tag: id, icon: '/icon-192.png', data: { path }, ...(error ? { body: error.message } : {}) }
  navigator.serviceWorker.ready.then((worker) => worker.showNotification(title, about)).catch(() => {})
}
