// A page of many rows, readable or not, holds nothing up: a heartbeat, a signal and the other runs of the process have their
// turn while it is parsed, and no transaction has more than 1,000 of its rows.

import { defineConnector, fullPass, rows, stream, z } from 'tidemark'
import { describe, expect, onTestFinished, test } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import type { Http } from '../../src/connector/page.ts'
import { RECORDS_PER_CHECKPOINT_MAX } from '../../src/engine/passes/rows/page-parts.ts'
import type { Clock } from '../../src/model/ports.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Batch } from '../../src/store/store.ts'

const ROWS = 3_500

/** A clock on which every look takes so long. */
function slowClock(ms: number): Clock & { readonly turns: () => number } {
  let at = Date.parse('2026-01-01T00:00:00Z')
  let turns = 0
  return {
    now: () => at,
    mono: () => (at += ms),
    async sleep(wait) {
      if (wait === 0) turns++
      at += wait
      await new Promise((resolve) => setImmediate(resolve))
    },
    turns: () => turns,
  }
}

for (const [what, row] of [
  ['readable', (id: number) => ({ id: `r${id}` })],
  ['unreadable', (id: number) => ({ id: `r${id}`, size: 'large' })],
  ['nameless', (id: number) => ({ size: id })],
] as const) {
  test(`${what} rows`, async () => {
    const clock = slowClock(10)
    const sqlite = await openSqliteStore({ path: ':memory:', clock, turn: async () => {}, create: true })
    const batches: Batch[] = []
    const checkpoint = async (batch: Batch) => {
      batches.push(batch)
      return sqlite.checkpoint(batch)
    }
    const store = new Proxy(sqlite, {
      get: (target, name) => (name === 'checkpoint' ? checkpoint : (Reflect.get(target, name) as unknown)),
    })
    const items = Array.from({ length: ROWS }, (_, id) => row(id))
    const transport = {
      send: async () => ({ status: 200, headers: { 'content-type': 'application/json' }, text: JSON.stringify(items) }),
      close: async () => {},
    }
    const tidemark = await assemble({ store, key: new Uint8Array(32).fill(7), transport, clock })
    onTestFinished(async () => {
      await tidemark.close()
      await sqlite.close()
    })
    const connector = defineConnector(
      { name: 'own', title: 'Own', options: z.object({}), http: () => ({ baseUrl: 'https://own.example' }) },
      {
        items: stream({
          schema: z.object({ id: z.string(), size: z.number().optional() }),
          key: ({ id }) => id,
          passes: [
            fullPass({
              read: async ({ http }) => ({ records: rows((await http.get('/')).body, 'rows') }),
              pageSize: 10,
            }),
          ],
        }),
      },
    )
    const me = await tidemark.connect(connector, { id: 'me', options: {} })
    const { counts } = (await me.sync()).streams[0]!
    expect(counts.inserted + counts.quarantined).toBe(ROWS)
    // It looks at the clock every 64 rows, where 10 ms have passed each time.
    expect(clock.turns()).toBeGreaterThanOrEqual(Math.floor(ROWS / 64 / 6))
    const sizes = batches.map(({ inserts, quarantine }) => inserts.length + quarantine.length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(RECORDS_PER_CHECKPOINT_MAX)
  })
}

describe.each([
  ['while it is parsed', 'parsed'],
  ['while it is stored', 'stored'],
] as const)('a run that is cancelled %s', (_, when) => {
  test.each([false, true])('stops in a large page, unless it was paid for: %s', async (paid) => {
    const cancel = new AbortController()
    const sqlite = await openSqliteStore({ path: ':memory:', clock: slowClock(0), turn: async () => {}, create: true })
    const checkpoint = async (batch: Batch) => {
      const written = await sqlite.checkpoint(batch)
      if (when === 'stored' && batch.inserts.length > 0) cancel.abort()
      return written
    }
    const store = new Proxy(sqlite, {
      get: (target, name) => (name === 'checkpoint' ? checkpoint : (Reflect.get(target, name) as unknown)),
    })
    const items = Array.from({ length: ROWS }, (_row, n) => ({ id: `r${n}` }))
    const transport = {
      send: async () => ({ status: 200, headers: { 'content-type': 'application/json' }, text: JSON.stringify(items) }),
      close: async () => {},
    }
    const tidemark = await assemble({ store, key: new Uint8Array(32).fill(7), transport, clock: slowClock(0) })
    onTestFinished(async () => {
      await tidemark.close()
      await sqlite.close()
    })
    const isLast = (id: string) => id === (when === 'parsed' ? 'r500' : '')
    let parsed = 0
    const schema = z.object({ id: z.string() }).refine(({ id }) => {
      parsed++
      if (isLast(id)) cancel.abort()
      return true
    })
    const read = async ({ http }: { http: Http }) => ({
      records: rows((await http.get('/')).body, 'rows'),
      billed: { items: ROWS, cost: 1 },
    })
    const connector = defineConnector(
      { name: 'own', title: 'Own', options: z.object({}), http: () => ({ baseUrl: 'https://own.example' }) },
      { items: stream({ schema, key: ({ id }) => id, passes: [fullPass({ read, pageSize: 10, paid })] }) },
    )
    const me = await tidemark.connect(connector, { id: 'me', options: {} })
    const { status, streams } = await me.sync({ signal: cancel.signal })
    const inserted = streams[0]?.counts.inserted ?? 0
    const stored = when === 'parsed' ? 0 : RECORDS_PER_CHECKPOINT_MAX
    const isWhole = parsed === ROWS
    expect({ inserted, isWhole }).toEqual(
      paid ? { inserted: ROWS, isWhole: true } : { inserted: stored, isWhole: when === 'stored' },
    )
    expect(status).toMatch(paid ? /^(?:cancelled|succeeded)$/ : /^cancelled$/)
    expect((await me.sync()).status).toBe('succeeded')
    let live = 0
    for await (const _record of me.records('items')) live++
    expect(live).toBe(ROWS)
  })
})
