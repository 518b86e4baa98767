// Owns the promise that a column which is declared later is filled from everything that is stored, also from what a release
// in between could not read: once it can be read again, by whatever way that is found out.

import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { fullPass } from '../../src/connector/passes.ts'
import { openTidemark } from '../../src/index.ts'
import { openMirror } from '../support/mirror.ts'

const KEY = new Uint8Array(32).fill(7)

function release(version: string, schema: z.ZodObject, items: () => readonly unknown[]) {
  return defineConnector(
    { name: 'games', title: 'Games', version, options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1:1' }) },
    {
      games: stream({
        schema,
        key: (game) => String((game as { id: unknown }).id),
        passes: [fullPass({ pageSize: 10, read: async () => ({ records: items(), total: items().length }) })],
      }),
    },
  )
}

test.each([
  ['of the same version, which reads it again', '2', 'sync'],
  ['of the same version, and a retry by hand', '2', 'retry'],
  ['of a new version', '3', 'sync'],
] as const)('a release that can read it again, %s', async (_, version, by) => {
  await using mirror = await openMirror({ key: KEY })
  let items: readonly object[] = [
    { id: 'a', score: 60, tag: 'old' },
    { id: 'b', score: 10, tag: 'y' },
  ]
  const id = z.string()
  const first = release('1', z.object({ id, score: z.int() }), () => items)
  const me = await mirror.tidemark.connect(first, { id: 'me' })
  await me.sync()
  items = [{ id: 'a', score: 70, tag: 'new' }, items[1]!]
  await me.sync()
  const narrow = release('2', z.object({ id, score: z.int().max(50), tag: z.string() }), () => items)
  const tags = async (connection: { history: typeof me.history }) =>
    (await connection.history('games', 'a')).map(({ columns }) => columns['tag'])
  await using second = await openTidemark({ database: mirror.file, connectors: [narrow], key: KEY })
  const narrowed = await second.connection('me')
  expect((await narrowed.sync()).status).toBe('incomplete')
  expect((await narrowed.sync()).status).toBe('incomplete')
  expect(await tags(narrowed)).toEqual([null, null])
  const wide = release(version, z.object({ id, score: z.int(), tag: z.string() }), () => items)
  await using third = await openTidemark({ database: mirror.file, connectors: [wide], key: KEY })
  const widened = await third.connection('me')
  if (by === 'retry') await third.retryQuarantine()
  const runs = by === 'retry' ? [] : [await widened.sync(), await widened.sync()]
  expect(runs.every(({ status }) => status === 'succeeded')).toBe(true)
  expect(new Set(await tags(widened))).toEqual(new Set(['new', 'old']))
})
