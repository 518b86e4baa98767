// Owns the promise that dates of a file that can't be right, and records that came into the list after the file was made,
// neither hide what later files have nor remove anything.

import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { newestFirst, type Upload, upload } from '../../src/connector/passes.ts'
import type { UploadReport } from '../../src/operations/upload.ts'
import { openMirror } from '../support/mirror.ts'

interface Item {
  readonly id: number
  readonly at: string | number
}

const SECOND = 1_000
const day = (n: number) => `2026-01-${String(n).padStart(2, '0')} 10:00:00`
const seconds = (n: number) => Date.parse(`${day(n)}Z`) / SECOND
const items = (from: number, to: number, at: (n: number) => string | number = day): Item[] =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ id: from + i, at: at(from + i) }))

/** A stream of files, and, where there is a `listed`, of an API that lists it. */
async function opened(parts: Partial<Upload<unknown, Item>> = {}, listed?: () => readonly Item[]) {
  const mirror = await openMirror()
  const api = newestFirst<unknown, Item>({
    pageSize: 1_000,
    read: async () => ({ records: listed?.().toReversed() ?? [] }),
    order: ({ at }) => at,
  })
  const file = upload<unknown, Item>({
    accepts: 'items.json',
    async *read({ files: [only] }) {
      yield* JSON.parse(await text(only!.bytes())) as Item[]
    },
    order: ({ at }) => at,
    ...parts,
  })
  const schema = z.object({ id: z.int(), at: z.union([z.int(), z.string()]) })
  const passes = listed ? [api, file] : [file]
  const connector = defineConnector(
    { name: 'dated', title: 'Dated', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1:1' }) },
    { items: stream({ schema, key: ({ id }) => String(id), passes }) },
  )
  const me = await mirror.tidemark.connect(connector, { id: 'me' })
  const give = (given: readonly Item[], dryRun: boolean) =>
    me.upload('items', Buffer.from(JSON.stringify(given)), { dryRun })
  return {
    me,
    /** Uploads a file, and gives what became of it, which is what the dry run before it has told. */
    async upload(given: readonly Item[]): Promise<UploadReport> {
      const dry = await give(given, true)
      const real = await give(given, false)
      expect({ ...dry.streams[0]?.counts, snapshots: 0 }).toEqual({ ...real.streams[0]?.counts, snapshots: 0 })
      return { ...real, diff: dry.diff }
    },
    keys: () =>
      mirror.sql('SELECT _key FROM dated_items ORDER BY CAST(_key AS INTEGER)').map(({ _key }) => Number(_key)),
    [Symbol.asyncDispose]: () => mirror[Symbol.asyncDispose](),
  }
}

const countsOf = ({ streams }: UploadReport) => streams[0]?.counts

test.each([
  ['text', {}, day, '2099-01-01 00:00:00'],
  ['a number of seconds', { unitMs: SECOND }, seconds, 4_070_908_800],
])('one date in the future, as %s, makes no later file an older one', async (_what, parts, at, future) => {
  await using it = await opened(parts)
  const first = await it.upload([...items(1, 9, at), { id: 99, at: future }])
  expect(first).toMatchObject({
    status: 'succeeded',
    diff: { newest: at(9) },
    notes: [expect.stringContaining('1 row is dated ahead of today')],
  })
  const second = await it.upload(items(2, 12, at))
  expect(second).toMatchObject({ status: 'succeeded', notes: [], diff: { age: 'newer', previous: at(9) } })
  // The file ends before the record that is dated ahead of it: it says nothing of that one.
  expect(countsOf(second)).toMatchObject({ inserted: 3, removed: 1, held: 0 })
  expect(it.keys()).toEqual([...items(2, 12), { id: 99 }].map(({ id }) => id))
  expect((await it.upload(items(1, 9, at))).diff?.age).toBe('older')
})

test('a file whose dates all lie ahead is told by them, until one comes with dates of today', async () => {
  await using it = await opened()
  const ahead = (n: number) => `2099-01-${String(n).padStart(2, '0')} 10:00:00`
  await it.upload(items(1, 9, ahead))
  expect(await it.upload(items(2, 10, ahead))).toMatchObject({ notes: [], diff: { age: 'newer' } })
  expect((await it.upload(items(1, 5, ahead))).diff?.age).toBe('older')
  const today = await it.upload(items(1, 12))
  expect(today.diff?.age).toBe('first')
  expect(countsOf(today)).toMatchObject({ restored: 1, inserted: 2, removed: 0 })
})

test('a number without a unit is no date', async () => {
  await using it = await opened()
  await it.upload(items(1, 3, (n) => 4_070_908_800 + n))
  expect(await it.upload(items(1, 4, (n) => 4_070_908_800 + n))).toMatchObject({ notes: [], diff: { age: 'newer' } })
})

test('a file removes nothing that an API has listed after it was made', async () => {
  let listed = items(1, 30)
  await using it = await opened({}, () => listed)
  await it.upload(items(1, 5))
  await it.me.sync()
  // Made on the 27th, without the third.
  const report = await it.upload(items(1, 27).filter(({ id }) => id !== 3))
  expect(report.diff).toMatchObject({ age: 'newer', removed: ['3'] })
  expect(countsOf(report)).toMatchObject({ removed: 1, held: 0 })
  listed = listed.filter(({ id }) => id !== 3)
  expect(it.keys()).toEqual(listed.map(({ id }) => id))
})
