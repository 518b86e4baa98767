// Owns the proof that `kill -9` is a non-event for the file: what was acknowledged is there, and nothing by halves.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { fixedClock } from '../conformance/fixed-clock.ts'
import { SqliteFile } from './sqlite-file.ts'

let file: SqliteFile
beforeEach(() => {
  file = new SqliteFile()
})
afterEach(() => file.drop())

it.each([
  ['by itself', 1, []],
  ['by itself', 7, []],
  ['by itself', 40, []],
  ['by a thread', 1, ['0']],
  ['by a thread from its 3rd page on', 40, ['50']],
] as const)(
  'a process that writes %s, killed after page %i, leaves whole pages, and the next one goes on',
  async (_how, pages, more) => {
    const program = join(import.meta.dirname, 'crash-writer.ts')
    const writer = spawn(process.execPath, ['--no-warnings', program, file.path, ...more], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exit = once(writer, 'exit')
    let acknowledged = 0
    for await (const line of createInterface({ input: writer.stdout })) {
      acknowledged = Number(line)
      if (acknowledged >= pages) writer.kill('SIGKILL')
    }
    expect(await exit).toEqual([null, 'SIGKILL'])
    expect(acknowledged).toBeGreaterThanOrEqual(pages)

    const store = await openSqliteStore({ path: file.path, clock: fixedClock() })
    const [row] = await store.connections.list('default')
    const [stream] = await store.streams.list(row?.no ?? 0)
    const state = await store.streams.state(stream?.no ?? 0)
    const { page } = state.value as { page: number }
    expect(page).toBeGreaterThanOrEqual(acknowledged)
    expect(state.openWalks[0]?.pages).toBe(page)
    expect(stream?.totalRecords).toBe(page * 20)
    expect(await store.feed.bounds('default')).toMatchObject({ seq: page * 20 })
    expect((await store.runs.find('default', 'run-1'))?.passes[0]?.counts.inserted).toBe(page * 20)
    expect(file.query('SELECT count(*) AS n FROM shop_orders')).toEqual([{ n: page * 20 }])
    expect(file.query('SELECT count(*) AS n FROM shop_orders_snapshots')).toEqual([{ n: page * 20 }])
    const [secret] = await store.secrets.list(row?.no ?? 0)
    expect(secret?.version).toBeGreaterThanOrEqual(acknowledged)
    expect(file.query('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
    await store.close()
  },
)
