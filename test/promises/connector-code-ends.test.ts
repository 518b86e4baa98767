// Code of a connector that never answers does not hold a run for ever: it is given up when it has had no request under way
// for long, and at once when the run is cancelled. A slow answer of the source is waited for.

import { defineConnector, fullPass, openTidemark, rows, secret, stream, z } from 'tidemark'
import { describe, expect, onTestFinished, test } from 'vitest'
import { IDLE_MAX_MS } from '../../src/engine/passes/patience.ts'
import { systemClock } from '../../src/engine/system.ts'
import type { Clock } from '../../src/model/ports.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- what an author in JavaScript may write
type Any = any

const never = () => new Promise<never>(() => {})

/** Real milliseconds after which what should have ended long ago has failed. */
const CEILING_MS = 10_000

/** What a call returns; it fails where the call never ends, so that it holds the test no longer than the run. */
function ended<T>(call: Promise<T>): Promise<T> {
  const over = systemClock.sleep(CEILING_MS).then(() => {
    throw new Error('It never ended.')
  })
  return Promise.race([call, over])
}

/** A clock on which time passes as soon as somebody sleeps, until the test is over. */
function quickClock(): Clock {
  let ahead = 0
  let isOver = false
  onTestFinished(() => void (isOver = true))
  return {
    now: () => Math.floor(systemClock.now() + ahead),
    mono: () => systemClock.mono() + ahead,
    async sleep(ms, signal) {
      if (isOver) await never()
      if (!signal?.aborted) ahead += ms
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

interface Code {
  readonly http?: Any
  readonly service?: Any
  readonly pass?: Any
}

/** A connector with this code and a second stream beside it, at a source that is as slow as it is told to be. */
async function connected(code: Code, { clock = quickClock(), slow = async () => {}, status = 200 } = {}) {
  let requests = 0
  const send = async () => {
    requests++
    await slow()
    return { status, headers: { 'content-type': 'application/json' }, text: '{"items":[{"id":"a"}]}' }
  }
  const transport = { send, close: async () => {} }
  const tidemark = await openTidemark({ database: ':memory:', key: new Uint8Array(32).fill(7), transport, clock })
  onTestFinished(() => void tidemark.close())
  const read = async ({ http }: Any) => ({ records: rows((await http.get('/items')).body.items, 'items') })
  const plain = { schema: z.object({ id: z.string() }), key: ({ id }: { id: string }) => id }
  const first = fullPass<unknown, { id: string }>({ read, pageSize: 2, ...code.pass })
  const second = fullPass<unknown, { id: string }>({ read, pageSize: 2 })
  const connector = defineConnector(
    {
      name: 'own',
      title: 'Own',
      options: z.object({ token: secret('Token') }),
      http: () => ({ baseUrl: 'https://own.example', ...code.http }),
      ...code.service,
    },
    {
      items: stream({ ...plain, passes: [first] }),
      others: stream({ ...plain, passes: [second] }),
    },
  )
  const me = await tidemark.connect(connector, { id: 'me', options: { token: 'first-token' } as Any })
  return { me, requests: () => requests }
}

describe('code that never answers ends its stream, and the others are read:', () => {
  const afterAnswer = async ({ http }: Any) => {
    await http.get('/items')
    return never()
  }
  const WAYS: Readonly<Record<string, Any>> = {
    'read, before it asks': { read: never },
    'read, after its answer': { read: afterAnswer },
    'read of a paid page': { read: never, paid: true },
  }
  for (const [what, pass] of Object.entries(WAYS)) {
    test(what, async () => {
      const { me } = await connected({ pass })
      const { status, error, streams } = await ended(me.sync())
      expect({ status, error }).toMatchObject({ status: 'failed', error: { code: 'connector_stuck', verdict: 'stop' } })
      expect(error?.message).toContain('for 10m')
      expect(streams.map(({ passes }) => passes.at(-1)?.ended)).toEqual(['failed', 'exhausted'])
    })
  }
})

test('a renewal that never answers ends the run, and the next one renews', async () => {
  let renewed: Any = never
  const http = { classify: ({ status }: Any) => (status === 401 ? { verdict: 'refresh', code: 'expired' } : undefined) }
  const { me } = await connected({ http, service: { renew: () => renewed() } }, { status: 401 })
  expect(await ended(me.sync())).toMatchObject({ status: 'failed', error: { code: 'connector_stuck' } })
  renewed = async () => ({ secrets: { token: 'second-token' } })
  // The lease of the renewal was given back.
  expect(await ended(me.sync())).toMatchObject({ status: 'paused', error: { code: 'expired' } })
})

test('a check that never answers is unclear', async () => {
  const { me } = await connected({ service: { check: never } })
  expect(await ended(me.check())).toMatchObject({ outcome: 'unclear', error: { code: 'connector_stuck' } })
})

test('an answer for which the source takes longer is waited for', async () => {
  const clock = quickClock()
  const slow = async () => {
    const began = clock.mono()
    while (clock.mono() - began < 2 * IDLE_MAX_MS) await new Promise((resolve) => setImmediate(resolve))
  }
  const { me } = await connected({}, { clock, slow })
  expect(await ended(me.sync())).toMatchObject({ status: 'succeeded', error: null })
})

describe('a run that is cancelled ends at once, whatever is awaited:', () => {
  const WAYS: Readonly<Record<string, (reached: () => void) => Code>> = {
    read: (reached) => ({ pass: { read: () => (reached(), never()) } }),
    renew: (reached) => ({
      http: { classify: () => ({ verdict: 'refresh', code: 'expired' }) },
      service: { renew: () => (reached(), never()) },
    }),
  }
  for (const [what, codeFor] of Object.entries(WAYS)) {
    test(what, async () => {
      const abort = new AbortController()
      const { me } = await connected(
        codeFor(() => setImmediate(() => abort.abort())),
        { clock: systemClock },
      )
      expect(await ended(me.sync({ signal: abort.signal }))).toMatchObject({ status: 'cancelled' })
    })
  }
})
