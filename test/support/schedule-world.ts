// Owns what tests of schedules share: a mirror over an emulator, a clock that skips, another process on the same
// database, and a scheduler whose runs are kept.

import { afterEach, beforeEach } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import type { ScheduledRun } from '../../src/engine/schedules/scheduler.ts'
import type { Tidemark } from '../../src/index.ts'
import type { Logger } from '../../src/model/ports.ts'
import { type GitHubEmulator, githubEmulator } from '../../src/testing/emulators/index.ts'
import { type Mirror, openMirror } from './mirror.ts'
import { ShiftedClock } from './shifted-clock.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const KEY = new Uint8Array(32).fill(7)

export let github: GitHubEmulator
export let clock: ShiftedClock
export let mirror: Mirror
export let events: { name: string; values: Readonly<Record<string, unknown>> }[]
export const ends: (() => Promise<void>)[] = []

/** Call once in a file: its tests then each have a mirror, an emulator and a clock of their own. */
export function useScheduleWorld(): void {
  beforeEach(async () => {
    events = []
    clock = new ShiftedClock()
    github = await githubEmulator({ stars: 120, limits: false })
    mirror = await openMirror({ clock, logger, holder: holder('first') })
  })
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
    await mirror[Symbol.asyncDispose]()
    await github.close()
  })
}

export const logger: Logger = { event: (_, name, values) => void events.push({ name, values }) }
export const holder = (id: string, pid = process.pid) => ({ id, host: 'here', pid, startedAt: 1 })
export const runs = () => Number(mirror.value('select count(*) from runs'))
export const said = (name: string) => events.filter((event) => event.name === name)

/** For a test that cares for the time of day: those who open the database from now on go by this clock. */
export function setClock(to: ShiftedClock): void {
  clock = to
}

/** Another process on the same database. */
export async function another(id: string, more: { dead?: string } = {}): Promise<Tidemark> {
  const isDead = (other: { id: string }) => other.id === more.dead
  const tidemark = await assemble({ database: mirror.file, key: KEY, clock, logger, holder: holder(id), isDead })
  ends.push(() => tidemark.close())
  return tidemark
}

/** Keeps schedules from now on; `ran` has what they did. */
export function keep(tidemark: Tidemark) {
  const ran: ScheduledRun[] = []
  const stop = new AbortController()
  const kept = tidemark.start({ signal: stop.signal, onRun: (run) => void ran.push(run) })
  return {
    ran,
    stop: async () => {
      stop.abort()
      await kept
    },
  }
}

/** Time enough for a scheduler to have done what it would do. */
export async function ticks(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve, 5))
}
