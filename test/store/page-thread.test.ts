// Owns the promise that a page is written alike by the thread that asks and by one of its own. All of the store's suite
// meets the thread in `npm run test:deep`.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LeaseLost, TidemarkError } from '../../src/model/errors.ts'
import type { StreamShape } from '../../src/model/record.ts'
import { isRefusedValue } from '../../src/store/refused-value.ts'
import { storeSuite } from '../conformance/store-suite.ts'
import { record, SHAPE, update, World } from '../conformance/world.ts'
import { DEEP } from '../support/depth.ts'
import { SqliteFile } from './sqlite-file.ts'

if (DEEP) storeSuite('SQLite with a thread', async () => new SqliteFile({ threadAfter: 0 }))

describe('a thread that writes pages', () => {
  let file: SqliteFile
  let world: World
  beforeEach(async () => {
    file = new SqliteFile({ threadAfter: 0 })
    world = await new World(file, await file.connect(), 'default').begin()
  })
  afterEach(() => file.drop())

  it('writes them in the order in which they are given, and closing waits for all of them', async () => {
    const { store } = world
    await world.insert('a')
    const given = [2, 3, 4, 5].map((revision) => world.write({ updates: [update('a', revision - 1, revision)] }))
    const left = world.write({ inserts: [record('b')] })
    await store.close()
    expect(await Promise.all([...given, left])).toEqual(Array(5).fill('written'))
    expect(file.query('SELECT _key, amount FROM shop_orders ORDER BY _key')).toEqual([
      { _key: 'a', amount: 50 },
      { _key: 'b', amount: 10 },
    ])
    await expect(world.insert('c')).rejects.toThrow('was closed meanwhile')
  })

  it('tells what was stale, and reads what others have written', async () => {
    await world.insert('a')
    const other = await file.connect({})
    expect(await world.write({ updates: [update('a', 1, 2)] }, other)).toBe('written')
    expect(await world.write({ updates: [update('a', 1, 3)] })).toBe('stale')
    expect(await world.head('a')).toMatchObject({ ordinal: 2 })
  })

  it('throws what the same page would throw without a thread', async () => {
    const large = { ...record('a'), raw: 'x'.repeat(2 ** 29 - 25) }
    const lost = { ...world.lease, generation: world.lease.generation + 1 }
    const alone = await file.connect({ threadAfter: Number.POSITIVE_INFINITY })
    for (const part of [{ lease: lost, inserts: [record('b')] }, ...(DEEP ? [{ inserts: [large] }] : [])]) {
      const errors = []
      for (const store of [world.store, alone]) {
        const thrown: unknown = await world.write(part, store).catch((error: unknown) => error)
        expect(thrown).toBeInstanceOf(TidemarkError)
        const { code, message, hint, verdict, scope } = thrown as TidemarkError
        const kind = { lease: thrown instanceof LeaseLost, value: isRefusedValue(thrown) }
        errors.push({ code, message, hint, verdict, scope, ...kind })
      }
      expect(errors[0]).toEqual(errors[1])
    }
  })

  it('writes the columns that a stream has got since the page before', async () => {
    await world.insert('a')
    // The new one comes first: cells that went by the old order would stand in the wrong columns.
    const grown: StreamShape = { ...SHAPE, columns: [{ name: 'city', type: 'text' }, ...SHAPE.columns] }
    world.stream = await world.store.streams.define(world.connection.no, grown)
    await world.put({ inserts: [record('b', 2, ['Kiel', 'Order b', 20, 2.5, 0, '[]'])] })
    expect(file.query('SELECT city, title, amount, price FROM shop_orders ORDER BY _key')).toEqual([
      { city: null, title: 'Order a', amount: 10, price: 1.5 },
      { city: 'Kiel', title: 'Order b', amount: 20, price: 2.5 },
    ])
  })

  it.each([
    ['keeps no process alive that left its store open', []],
    ['is done without where a process may start none', ['--permission', '--allow-fs-read=*', '--allow-fs-write=*']],
  ])('%s', async (_what, flags) => {
    const program = join(import.meta.dirname, 'left-open.ts')
    const left = spawn(process.execPath, ['--no-warnings', ...flags, program, `${file.path}2`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exit = once(left, 'exit')
    expect((await left.stdout.toArray()).join('')).toBe('written\n')
    expect(await exit).toEqual([0, null])
  })
})
