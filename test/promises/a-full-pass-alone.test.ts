// Owns the promise that a full pass which no other pass of a sync stands beside lists everything at its rhythm: in the
// first run, after as many runs as it declares, and until it has once come to its end.

import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { fullPass, type Upload, upload } from '../../src/connector/passes.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { openMirror } from '../support/mirror.ts'

const HOUR_MS = 3_600_000
const RHYTHMS: readonly [name: string, rhythm: object, asked: string][] = [
  ['none', {}, '1111111111'],
  ['every run', { everyRuns: 1 }, '1111111111'],
  ['every 3 runs', { everyRuns: 3 }, '1001001001'],
  ['by time', { every: '4h' }, '1000100010'],
  ['by both', { everyRuns: 3, every: '2h' }, '1010101010'],
]
const FILES: readonly [name: string, file: Partial<Upload<unknown, Item>> | undefined][] = [
  ['alone', undefined],
  ['beside files', {}],
  ['beside files with an age', { order: ({ id }) => id }],
]

interface Item {
  readonly id: number
}

async function opened(rhythm: object, file: Partial<Upload<unknown, Item>> | undefined) {
  const clock = testClock()
  const mirror = await openMirror({ clock })
  const source = { items: [{ id: 1 }], isDown: false, asked: 0 }
  const list = fullPass<unknown, Item>({
    pageSize: 100,
    read: async () => {
      source.asked++
      if (source.isDown) throw new Error('The source is down.')
      return { records: source.items, total: source.items.length }
    },
    ...rhythm,
  })
  const files = upload<unknown, Item>({ accepts: 'a file', async *read() {}, ...file })
  const connector = defineConnector(
    { name: 'listed', title: 'Listed', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1:1' }) },
    {
      items: stream({
        schema: z.object({ id: z.int() }),
        key: ({ id }) => String(id),
        passes: file ? [list, files] : [list],
      }),
    },
  )
  const me = await mirror.tidemark.connect(connector, { id: 'me' })
  return {
    me,
    source,
    /** Syncs once an hour, and gives how often each run asked. */
    hours: async (count: number): Promise<string> => {
      const asked: number[] = []
      for (let i = 0; i < count; i++) {
        const before = source.asked
        await me.sync()
        asked.push(source.asked - before)
        source.items = [...source.items, { id: source.items.length + 1 }]
        await clock.sleep(HOUR_MS)
      }
      return asked.join('')
    },
  }
}

describe.each(FILES)('a full pass %s', (_, file) => {
  test.each(RHYTHMS)('asks at its rhythm: %s', async (_name, rhythm, asked) => {
    const { hours, me } = await opened(rhythm, file)
    expect(await hours(asked.length)).toBe(asked)
    expect(await me.stream('items')).toMatchObject({ coverage: { kind: 'complete' } })
  })

  test('asks again in each run until everything was listed once', async () => {
    const { hours, source, me } = await opened({ everyRuns: 3 }, file)
    source.isDown = true
    expect(await hours(3)).toBe('111')
    expect((await me.sync()).notes.length).toBeGreaterThan(0)
    source.isDown = false
    expect(await hours(4)).toBe('1001')
  })
})
