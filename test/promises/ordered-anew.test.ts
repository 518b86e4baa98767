// Owns the promise that what is stored is ordered anew before anything is compared with it, when a release declares a
// `version`, drops it or gives it another unit: what can't be read by the new schema, and what waits in quarantine,
// included. Both stores say the same.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { defineConnector, fullPass, openTidemark, rows, stream, z } from '../../src/index.ts'
import { openMirror } from '../support/mirror.ts'
import { postgresServer } from '../support/postgres.ts'
import { withPostgres } from '../support/with-postgres.ts'

const key = new Uint8Array(32).fill(7)

type Row = Readonly<Record<string, unknown>>

interface Release {
  /** @default any value */
  readonly text?: z.ZodType
  readonly v?: z.ZodType
  /** By what contents are ordered; undefined: by when they were asked for. */
  readonly version?: (doc: { v: number }) => number
  readonly state?: { readonly version: number }
}

function docs({ text = z.coerce.string(), v = z.int().optional(), ...more }: Release) {
  const schema = z.object({ id: z.string(), v, text })
  const read = fullPass({
    pageSize: 50,
    read: async ({ http }) => ({ records: rows((await http.get('/docs')).body, 'docs') }),
  })
  return defineConnector(
    { name: 'docs', title: 'Docs', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
    { docs: stream({ schema, key: ({ id }) => id, passes: [read], ...(more as object) }) },
  )
}

/** Shows each release a row, or retries what is in quarantine, and tells how the record "a" stands then. */
async function after(
  database: string,
  ...steps: readonly (readonly [release: Release, ...shown: readonly (Row | 'retry')[]])[]
) {
  let listed: Row = {}
  const server = createServer((_, answer) => {
    answer.setHeader('content-type', 'application/json')
    answer.end(
      JSON.stringify([
        { id: 'a', ...listed },
        { id: 'b', v: 1, text: 'b' },
      ]),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const id = `c-${Math.random().toString(36).slice(2)}`
  const found = { status: '', notes: [] as readonly string[], text: '' as unknown, waits: 0, coverage: '' }
  for (const [release, ...shown] of steps) {
    await using tidemark = await openTidemark({ database, key })
    const mine = await tidemark.connect(docs(release), { id, options: { baseUrl, allowPrivateNetwork: true } })
    for (const one of shown) {
      if (one === 'retry') {
        await tidemark.retryQuarantine({ connection: id })
      } else {
        listed = one
        const { status, notes } = await mine.sync()
        Object.assign(found, { status, notes })
      }
    }
    for await (const { _key, text } of mine.records('docs')) if (_key === 'a') found.text = text
    const { streams } = await mine.status()
    found.waits = 0
    for await (const { supersededAt } of tidemark.quarantine({ connection: id }))
      if (supersededAt === null) found.waits++
    Object.assign(found, { coverage: streams[0]?.coverage.kind })
  }
  server.close()
  return found
}

const byV = { version: ({ v }: { v: number }) => v }
const strict = { text: z.string() }
const DONE = { status: 'succeeded', notes: [], waits: 0, coverage: 'complete' }
const WAITS = {
  status: 'incomplete',
  notes: ['docs: 1 record could not be read: tidemark quarantine'],
  waits: 1,
  coverage: 'quarantined',
}

const CASES: Readonly<Record<string, (database: string) => Promise<void>>> = {
  'what has no version is older than all that have one': async (database) => {
    const now = { ...byV, v: z.int() }
    const found = await after(database, [{}, { text: 'one' }], [now, { v: 1, text: 'two' }, { v: 2, text: 'three' }])
    expect(found).toEqual({ ...DONE, text: 'three' })
  },
  'what gives no usable version is older than all that do': async (database) => {
    const found = await after(database, [{}, { text: 'one' }], [byV, { v: 1, text: 'two' }])
    expect(found).toEqual({ ...DONE, text: 'two' })
  },
  'what the schema refuses keeps the version that is certain of it': async (database) => {
    const now = { ...strict, ...byV }
    const stored = [{}, { v: 5, text: 7 }] as const
    expect(await after(database, stored, [now, { v: 4, text: 'older' }])).toEqual({ ...DONE, text: '7' })
    expect(await after(database, stored, [now, { v: 6, text: 'newer' }])).toEqual({ ...DONE, text: 'newer' })
  },
  'what the schema refuses is older than what is read from now on, where the version goes': async (database) => {
    const before = { version: ({ v }: { v: number }) => v * 1e15 }
    const found = await after(database, [before, { v: 5, text: 7 }], [strict, { v: 5, text: 'newer' }])
    expect(found).toEqual({ ...DONE, text: 'newer' })
  },
  'what is stored and can no longer be read is said when it is listed again': async (database) => {
    const found = await after(
      database,
      [{}, { v: 5, text: 7 }],
      [
        { ...strict, ...byV },
        { v: 5, text: 7 },
      ],
    )
    expect(found).toEqual({ ...WAITS, text: '7' })
  },
  'an older text that can’t be read waits for nothing, and keeps no run from being complete': async (database) => {
    const now = { ...strict, ...byV }
    const found = await after(database, [now, { v: 5, text: 'five' }, { v: 4, text: 7 }])
    expect(found).toEqual({ ...DONE, text: 'five' })
  },
  'what waited for a mended schema is compared by its version, also before the first sync': async (database) => {
    const waits = [strict, { v: 5, text: 'five' }, { v: 6, text: 7 }] as const
    expect(await after(database, waits, [byV, 'retry', { v: 6, text: 7 }])).toEqual({ ...DONE, text: '7' })
    expect(await after(database, waits, [byV, 'retry'])).toMatchObject({ text: '7', waits: 0 })
    expect(await after(database, waits, [byV, { v: 5, text: 'five' }, 'retry'])).toMatchObject({ text: '7', waits: 0 })
  },
  'what waits gets the version that it has now: nothing older releases it': async (database) => {
    const shown = [
      { v: 3, text: 'three' },
      { v: 5, text: 7 },
    ] as const
    const lagging = { v: 4, text: 'four' }
    const declared = await after(database, [strict, ...shown], [{ ...strict, ...byV }, lagging])
    expect(declared).toEqual({ ...WAITS, text: 'four' })
    const finer = { ...strict, version: ({ v }: { v: number }) => v * 1_000, state: { version: 2 } }
    expect(await after(database, [{ ...strict, ...byV }, ...shown], [finer, lagging])).toEqual({
      ...WAITS,
      text: 'four',
    })
    const newer = await after(database, [{ ...strict, ...byV }, ...shown], [finer, { v: 6, text: 'six' }])
    expect(newer).toEqual({ ...DONE, text: 'six' })
  },
}

test.each(Object.keys(CASES))('%s', async (name) => {
  await using mirror = await openMirror()
  expect(await CASES[name]?.(mirror.file)).toBeUndefined()
})

withPostgres('PostgreSQL', () => {
  test.each(Object.keys(CASES))('%s', async (name) => {
    const server = await postgresServer()
    expect(await CASES[name]?.(server.url(await server.createDatabase()))).toBeUndefined()
  })
})
