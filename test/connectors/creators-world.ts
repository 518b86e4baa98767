// Owns what the tests of the connectors that read through Apify share: an emulator, and a mirror that is connected to it.

import type { Clock } from '../../src/model/ports.ts'
import {
  type CreatorEmulator,
  type CreatorOptions,
  instagramEmulator,
  type TikTokOptions,
  tiktokEmulator,
  type XOptions,
  xEmulator,
} from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { ShiftedClock } from '../support/shifted-clock.ts'

const SERVICES = {
  instagram: { start: instagramEmulator, posts: 'reels' },
  tiktok: { start: tiktokEmulator, posts: 'videos' },
  x: { start: xEmulator, posts: 'posts' },
} as const

export type ServiceName = keyof typeof SERVICES
export const NAMES = Object.keys(SERVICES) as ServiceName[]

export interface Given {
  readonly emulator?: CreatorOptions & TikTokOptions & XOptions
  readonly options?: Readonly<Record<string, unknown>>
  /** The mirror's, in place of the one that is returned. */
  readonly time?: Clock
}

export async function connected(name: ServiceName, { emulator: given = {}, options = {}, time }: Given = {}) {
  const { start, posts: stream } = SERVICES[name]
  const emulator: CreatorEmulator = await start(given)
  const clock = new ShiftedClock()
  const mirror = await openMirror({ clock: time ?? clock })
  const { apifyToken, url: baseUrl, world } = emulator
  const login = { username: 'ada', apifyToken, baseUrl, allowPrivateNetwork: true }
  const mine = await mirror.tidemark.connect(name, { id: 'mine', options: { ...login, ...options } })
  const table = `${name}_${stream}`
  return {
    emulator,
    world,
    mirror,
    mine,
    table,
    stream,
    clock,
    keys: () => mirror.sql(`select _key k from ${table} order by 1`).map(({ k }) => String(k)),
    one: (key: string) => mirror.sql(`select * from ${table}_all where _key = '${key}'`)[0],
    account: () => mirror.sql(`select * from ${name}_account`)[0],
    snapshots: (run: string) =>
      mirror.sql(`select _key k from ${table}_snapshots where _run = '${run}' order by 1`).map(({ k }) => String(k)),
    /** Runs so far: those that list posts, and those that refresh them. */
    runs: () => world.runs().map(({ input, ...run }) => ({ ...run, isRefresh: isRefresh(input) })),
    async [Symbol.asyncDispose]() {
      await mirror[Symbol.asyncDispose]()
      await emulator.close()
    },
  }
}

function isRefresh(input: Readonly<Record<string, unknown>>): boolean {
  return 'post_urls' in input || /\/(?:video|status|reel)\//.test(JSON.stringify(input))
}

/** What a first sync, and a later one, may bill at most for listing posts, in rows. */
export const BOUND = {
  first: (posts: number) => 4 * posts + 20,
  later: (name: ServiceName, found: number) => (name === 'tiktok' ? 2 : 4) * (found + 10) + 3,
}
