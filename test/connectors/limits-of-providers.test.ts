// Owns the proof that a limit belongs to what its provider counts by, and not to a connection: two connections that a provider
// counts together share one, and two that it counts apart do not.

import { expect, onTestFinished, test } from 'vitest'
import {
  type Emulator,
  githubEmulator,
  sheetsEmulator,
  tiktokEmulator,
  xEmulator,
  youtubeEmulator,
} from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { ShiftedClock } from '../support/shifted-clock.ts'

async function during<E extends Emulator<unknown>>(starting: Promise<E>): Promise<E> {
  const emulator = await starting
  onTestFinished(() => emulator.close())
  return emulator
}

/** Syncs a connection for each of the options, and gives how many limits they took from. */
async function limitsOf(...connections: readonly (readonly [connector: string, options: object])[]): Promise<number> {
  await using mirror = await openMirror({ clock: new ShiftedClock() })
  for (const [i, [connector, options]] of connections.entries()) {
    const given = { ...options, allowPrivateNetwork: true }
    const { error } = await (await mirror.tidemark.connect(connector, { id: `c${i}`, options: given })).sync()
    expect(error).toBeNull()
  }
  return mirror.sql('select distinct key from tm_buckets').length
}

test('YouTube counts by project: connections of one key share a limit', async () => {
  const { apiKey, apiUrl: baseUrl, world } = await during(youtubeEmulator({ channels: { '@ada': 3, '@bob': 3 } }))
  const of = (channel: string, key: string) => ['youtube', { channel, apiKey: key, baseUrl }] as const
  expect(await limitsOf(of('@ada', apiKey), of('@bob', apiKey))).toBe(1)
  world.setKey('another-key', 'good')
  expect(await limitsOf(of('@ada', apiKey), of('@bob', 'another-key'))).toBe(2)
})

test('Google Sheets counts by user and by project, and a service account is one of each: connections of it share both limits', async () => {
  const { spreadsheetId, serviceAccount, url: baseUrl, world } = await during(sheetsEmulator({ people: 2 }))
  world.addPeople('Second', 2)
  const of = (sheet: string) =>
    ['sheets', { spreadsheetId, sheet, keyColumn: 'Profile URL', serviceAccount, baseUrl }] as const
  expect([await limitsOf(of('Team')), await limitsOf(of('Team'), of('Second'))]).toEqual([2, 2])
})

test('GitHub counts by user: connections of one token share a limit', async () => {
  const { url: baseUrl, world } = await during(githubEmulator({ stars: 3 }))
  world.addUser('bob', { stars: 3 })
  const of = (user: string | undefined, token: string | undefined) =>
    ['github', { ...(user && { user }), ...(token && { token }), baseUrl }] as const
  expect(await limitsOf(of(undefined, 'token-of-ada'), of('bob', 'token-of-ada'))).toBe(1)
  expect(await limitsOf(of(undefined, 'token-of-ada'), of('bob', undefined))).toBe(2)
})

test('Apify counts by account: what is read through it shares a limit, whatever service it is', async () => {
  const [videos, posts] = await Promise.all([during(tiktokEmulator({ posts: 3 })), during(xEmulator({ posts: 3 }))])
  const of = (connector: string, { apifyToken, username, url: baseUrl }: typeof videos) =>
    [connector, { username, apifyToken, baseUrl }] as const
  expect(videos.apifyToken).toBe(posts.apifyToken)
  expect(await limitsOf(of('tiktok', videos), of('x', posts))).toBe(1)
})
