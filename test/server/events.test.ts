// Owns the promise of the stream of all runs: every run that ends after it began is told of, however quick, also to whoever
// comes again with the id of the last event.

import { setTimeout as delay } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { createApp } from '../../src/server/app.ts'
import { type Answered, apiWorld } from './api-world.ts'

interface Told {
  readonly id: string
  readonly event: string
  readonly data: Answered['json']
}

async function world() {
  const made = await apiWorld({ stars: 5 })
  await made.connected()
  await made.synced()
  /** Follows the stream until it is stopped. */
  const follow = async (lastEventId?: string) => {
    const gone = new AbortController()
    const headers = {
      authorization: `Bearer ${made.tokens.read}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    }
    const { body } = await fetch(`${made.server.url}/api/events`, { headers, signal: gone.signal })
    let text = ''
    const read = async () => {
      for await (const part of body ?? []) text += Buffer.from(part).toString()
    }
    const ended = read().catch(() => {})
    const told = (): readonly Told[] =>
      [...text.matchAll(/id: (.+)\nevent: (.+)\ndata: (.+)\n\n/g)].map(([, id = '', event = '', data = '']) => ({
        ...{ id, event, data: JSON.parse(data) },
      }))
    const done = () => told().flatMap(({ event, data }) => (event === 'done' ? [data.id as string] : []))
    await expect.poll(() => text).not.toBe('')
    return {
      told,
      done,
      stop: async () => {
        gone.abort()
        await ended
      },
    }
  }
  const quick = async () => (await made.synced()).id as string
  return { ...made, follow, quick }
}

test('quick runs are told of, each once', async () => {
  const { follow, quick } = await world()
  const stream = await follow()
  const ids: string[] = []
  for (let i = 0; i < 8; i++) ids.push(await quick())
  await expect.poll(() => stream.done().length, { timeout: 20_000 }).toBe(8)
  expect(stream.done()).toEqual(ids)
  await stream.stop()
})

test('whoever comes again is told of those that ended meanwhile', async () => {
  const { follow, quick, github, call, tokens, ended } = await world()
  const stream = await follow()
  const first = await quick()
  await expect.poll(() => stream.done()).toEqual([first])
  const seen = stream.told().at(-1)?.id ?? ''
  await stream.stop()
  const missed = [await quick(), await quick()]
  github.faults.when({}, { kind: 'delay', ms: 1_200 })
  const { json: long } = await call('/api/connections/me/runs', tokens.sync, { method: 'POST', body: {} })
  const again = await follow(seen)
  await expect.poll(() => again.done()).toEqual(missed)
  // One that was under way when the stream broke off once more is told of, too.
  await expect
    .poll(() => again.told().some(({ event, data }) => event === 'progress' && data.run === long.id))
    .toBe(true)
  const place = again.told().at(-1)?.id ?? ''
  await again.stop()
  await ended(long.id)
  const last = await follow(place)
  await expect.poll(() => last.done()).toEqual([long.id])
  expect(Number(last.told()[0]?.id.split('.')[0])).toBe(Number(place.split('.')[0]) + 1)
  await last.stop()
})

test('nothing is looked for while nobody reads what was told', async () => {
  const { tidemark, tokens, quick } = await world()
  const app = createApp({ api: { tidemark: () => tidemark } })
  const looks = vi.spyOn(tidemark.store.runs, 'list')
  const { body } = await app.request('/api/events', { headers: { authorization: `Bearer ${tokens.read}` } })
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  await expect.poll(() => looks.mock.calls.length).toBe(1)
  const run = await quick()
  looks.mockClear()
  await delay(1_200)
  expect(looks).not.toHaveBeenCalled()
  let text = ''
  while (!text.includes('event: done')) text += Buffer.from((await reader.read()).value ?? []).toString()
  expect(text).toContain(run)
  await reader.cancel()
})
