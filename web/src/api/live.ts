// Owns the one event stream of a browser: of all its tabs, the one that has the lock listens and tells the others. Events make
// queries old and carry how far each run has come.

import type { QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { told as answered, api } from './client.ts'
import type { Progress, Run } from './queries.ts'

const LOCK = 'tidemark-events'
const CHANNEL = 'tidemark-events'
/** Wait before a stream that broke off begins again, in milliseconds. */
const AGAIN_AFTER_MS = 2_000
/** While a run goes on, what it has stored is read again this often, in milliseconds. */
const NEWS_EVERY_MS = 1_500

export type LiveProgress = Progress & { readonly run: string; readonly connection: string }

type Told =
  | { readonly kind: 'progress'; readonly progress: LiveProgress }
  | { readonly kind: 'done'; readonly run: Run }
  | { readonly kind: 'state'; readonly isUp: boolean }
  | { readonly kind: 'hello' }
  /** For a while nobody listened: what is known may be old. */
  | { readonly kind: 'missed' }

/** What is known of runs under way, by connection; and whether the stream is open. */
let runs: ReadonlyMap<string, LiveProgress> = new Map()
let isUp = true
const listeners = new Set<() => void>()
const endings = new Set<(run: Run) => void>()

/** Begins to listen, once for a page. The returned function ends it. */
export function startLive(client: QueryClient): () => void {
  const channel = new BroadcastChannel(CHANNEL)
  const ending = new AbortController()
  const take = newsTaker(client)
  const tell = (told: Told) => {
    channel.postMessage(told)
    take(told)
  }
  let isLeader = false
  /** Another tab has listened before. */
  let isFollower = false
  channel.addEventListener('message', ({ data }: MessageEvent<Told>) => {
    if (data.kind !== 'hello') {
      isFollower = true
      take(data)
    } else if (isLeader) channel.postMessage({ kind: 'state', isUp } satisfies Told)
  })
  channel.postMessage({ kind: 'hello' } satisfies Told)
  const lead = async () => {
    isLeader = true
    await listen(tell, { signal: ending.signal, isLater: isFollower })
  }
  navigator.locks.request(LOCK, { signal: ending.signal }, lead).catch(() => {})
  return () => {
    ending.abort()
    channel.close()
  }
}

interface Listening {
  readonly signal: AbortSignal
  /** Somebody has listened before. */
  readonly isLater: boolean
}

/** Holds the stream open until the page ends. */
function listen(tell: (told: Told) => void, { signal, isLater }: Listening): Promise<void> {
  return new Promise((resolve) => {
    let source: EventSource | undefined
    let timer = 0
    let mayHaveMissed = isLater
    const open = () => {
      source = new EventSource('/api/events')
      source.addEventListener('open', () => {
        tell({ kind: 'state', isUp: true })
        if (mayHaveMissed) void catchUp(tell)
        mayHaveMissed = true
      })
      source.addEventListener('progress', ({ data }: MessageEvent<string>) =>
        tell({ kind: 'progress', progress: JSON.parse(data) as LiveProgress }),
      )
      source.addEventListener('done', ({ data }: MessageEvent<string>) =>
        tell({ kind: 'done', run: JSON.parse(data) as Run }),
      )
      source.addEventListener('error', gone)
    }
    const gone = () => {
      tell({ kind: 'state', isUp: false })
      source?.close()
      clearTimeout(timer)
      timer = window.setTimeout(open, AGAIN_AFTER_MS)
    }
    // A stream that is cut off with the network stays open for minutes. A server on this machine is there without a network.
    const ask = () => void fetch('/healthz').catch(gone)
    addEventListener('offline', ask)
    signal.addEventListener('abort', () => {
      removeEventListener('offline', ask)
      source?.close()
      clearTimeout(timer)
      resolve()
    })
    open()
  })
}

/** Tells what nobody has heard: a stream that begins tells only of runs that are under way then. */
async function catchUp(tell: (told: Told) => void): Promise<void> {
  tell({ kind: 'missed' })
  for (const { run, connection } of runs.values()) {
    const found = await answered(api.GET('/api/runs/{id}', { params: { path: { id: run } } })).catch(() => undefined)
    const isKnown = runs.get(connection)?.run === run
    if (isKnown && found !== undefined && found.status !== 'running') tell({ kind: 'done', run: found })
  }
}

/** What a page does with what it is told, the tab that listens like the others. */
function newsTaker(client: QueryClient): (told: Told) => void {
  const readAt = new Map<string, number>()
  const old = (...queryKey: readonly unknown[]) => void client.invalidateQueries({ queryKey })
  return (told) => {
    if (told.kind === 'missed') void client.invalidateQueries()
    else if (told.kind === 'state') {
      // What happened meanwhile, nobody has told.
      if (told.isUp && !isUp) void client.invalidateQueries()
      isUp = told.isUp
    } else if (told.kind === 'progress') {
      const { connection, run } = told.progress
      const isNew = runs.get(connection)?.run !== run
      runs = new Map(runs).set(connection, told.progress)
      const now = Date.now()
      if (isNew) for (const key of ['status', 'runs']) old(key)
      if (isNew) old('connection', connection)
      if (isNew || now - (readAt.get(connection) ?? 0) >= NEWS_EVERY_MS) {
        readAt.set(connection, now)
        old('records', connection)
        old('run-log', run)
        old('activity')
      }
    } else if (told.kind === 'done') {
      const { connection, id } = told.run
      if (runs.get(connection)?.run === id) {
        const next = new Map(runs)
        next.delete(connection)
        runs = next
      }
      client.setQueryData(['run', id], told.run)
      old('run-log', id)
      for (const key of ['status', 'runs', 'gaps', 'activity']) old(key)
      for (const key of ['connection', 'records', 'quarantine', 'removals']) old(key, connection)
      for (const ended of endings) ended(told.run)
    }
    for (const changed of listeners) changed()
  }
}

const subscribe = (changed: () => void) => {
  listeners.add(changed)
  return () => void listeners.delete(changed)
}

/** How far the run of a connection has come; undefined: no event has told of one. */
export function useLive(connection: string): LiveProgress | undefined {
  return useSyncExternalStore(subscribe, () => runs.get(connection))
}

/** Whether the server can be heard. */
export function useIsUp(): boolean {
  return useSyncExternalStore(subscribe, () => isUp)
}

/** Calls back when a run ends. The returned function ends that. */
export function onRunEnd(ended: (run: Run) => void): () => void {
  endings.add(ended)
  return () => void endings.delete(ended)
}
