// Owns the proof that a clock of the caller's own, whatever it does, lets a run come to its end.

import { setTimeout as later } from 'node:timers/promises'
import { defineConnector, fullPass, openTidemark, stream, z } from 'tidemark'
import { expect, test } from 'vitest'

const pass = fullPass<unknown, { id: string }>({
  // What comes from a socket comes with a turn of the event loop.
  read: async () => (await later(5), { records: [{ id: 'a' }], next: undefined }),
  pageSize: 10,
  every: '1d',
})
const streams = { items: stream({ schema: z.object({ id: z.string() }), key: ({ id }) => id, passes: [pass] }) }
const about = { name: 'own', title: 'own', options: z.object({}), http: () => ({ baseUrl: 'https://x.example' }) }
const connector = defineConnector(about, streams)

test('a sleep that resolves at once starves no run', async () => {
  const clock = { now: () => Date.now(), mono: () => performance.now(), sleep: async () => {} }
  await using tidemark = await openTidemark({ database: ':memory:', key: new Uint8Array(32), clock })
  const own = await tidemark.connect(connector, { id: 'own' })
  expect(await own.sync()).toMatchObject({ status: 'succeeded' })
})

test('a clock that lacks a member is refused by the shape that it should have', async () => {
  const clock = { now: () => Date.now(), sleep: async () => {} }
  await expect(openTidemark({ database: ':memory:', clock: clock as never })).rejects.toMatchObject({
    code: 'option_invalid',
    message: expect.stringContaining('mono()'),
  })
})

test.each(['now', 'mono', 'sleep'])('a clock whose %s is no function is refused', async (member) => {
  const clock = { now: () => Date.now(), mono: () => performance.now(), sleep: async () => {}, [member]: 1 }
  await expect(openTidemark({ database: ':memory:', clock })).rejects.toMatchObject({ code: 'option_invalid' })
})

test('a clock with fractions of milliseconds gives whole ones', async () => {
  const now = () => Math.floor(Date.now()) + 0.75
  const clock = { now, mono: () => performance.now(), sleep: (ms: number) => later(ms) }
  await using tidemark = await openTidemark({ database: ':memory:', key: new Uint8Array(32), clock })
  const own = await tidemark.connect(connector, { id: 'own' })
  expect((await own.sync()).id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/)
})
