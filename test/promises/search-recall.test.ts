// Owns the promise of how much a search by meaning finds with the embedder that is built in, on both databases: of questions
// that share no stem with their record, among 5,000 records of near subjects.

import { expect, test } from 'vitest'
import { z } from 'zod'
import { HELD_OUT } from '../../scripts/bench/search/held-out.ts'
import { PAIRS, type Pair } from '../../scripts/bench/search/pairs.ts'
import { type Note, otherRecords } from '../../scripts/bench/search/records.ts'
import { assemble } from '../../src/assemble.ts'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { fullPass } from '../../src/connector/passes.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

const RECORDS = 5_000

/** The keys of the first ten that each question finds. */
async function foundIn(database: string, pairs: readonly Pair[]): Promise<readonly string[][]> {
  const sought = pairs.map(({ title, body }, i): Note => ({ id: i + 1, title, body }))
  const notes = [...sought, ...otherRecords(RECORDS - sought.length, sought.length + 1)]
  const connector = defineConnector(
    { name: 'notes', title: 'Notes', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1:1' }) },
    {
      notes: stream({
        schema: z.object({ id: z.int(), title: z.string(), body: z.string() }),
        key: ({ id }) => String(id),
        text: { title: 'title', body: ['body'] },
        passes: [
          fullPass<unknown, Note>({
            pageSize: RECORDS,
            read: async () => ({ records: notes, total: notes.length }),
          }),
        ],
      }),
    },
  )
  const tidemark = await assemble({ database, key: new Uint8Array(32).fill(7), connectors: [connector] })
  await (await tidemark.connect('notes', { id: 'me', options: {} })).sync()
  await tidemark.settled()
  const found: string[][] = []
  for (const { question } of pairs) {
    const { results } = await tidemark.search(question, { semantic: true, limit: 10 })
    found.push(results.map(({ key }) => key))
  }
  await tidemark.close()
  return found
}

let inMemory: Promise<readonly string[][]> | undefined

/** What SQLite finds for the questions that nothing was chosen by; the index is made once. */
function heldOut(): Promise<readonly string[][]> {
  inMemory ??= foundIn(':memory:', HELD_OUT)
  return inMemory
}

function recall(found: readonly string[][]): number {
  return found.filter((keys, i) => keys.includes(String(i + 1))).length / found.length
}

test('most questions find their record among the first ten', async () => {
  expect(recall(await foundIn(':memory:', PAIRS))).toBeGreaterThanOrEqual(0.8)
})

test('so do questions that nothing was chosen by', async () => {
  expect(recall(await heldOut())).toBeGreaterThanOrEqual(0.8)
})

withPostgres('on PostgreSQL', () => {
  test('the same is found', async () => {
    const database = await PostgresDatabase.open()
    expect(await foundIn(database.url(), HELD_OUT)).toEqual(await heldOut())
    await database.drop()
  })
})
