// Owns the promise that a pass has ended only when its end is stored: where the last page of a walk can't be written, its
// stream was not read successfully.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { byCursor, defineConnector, fullPass, newestFirst, rows, stream, z } from '../../src/index.ts'
import { TidemarkError } from '../../src/model/errors.ts'
import { openMirror } from '../support/mirror.ts'

interface Note {
  readonly id: string
  readonly at: number
}

const ended: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
})

async function source(listed: readonly Note[]): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(listed))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ended.push(async () => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const order = ({ at }: { at: number }) => at
const paging = { pageSize: 10, order }
const PASSES = {
  newestFirst: newestFirst({
    ...paging,
    read: async ({ http }) => ({ records: rows((await http.get('/')).body, 'notes') }),
  }),
  fullPass: fullPass({ ...paging, read: async ({ http }) => ({ records: rows((await http.get('/')).body, 'notes') }) }),
  byCursor: byCursor({
    ...paging,
    unitMs: 1_000,
    overlap: '10s',
    read: async ({ http }) => ({ records: rows((await http.get('/')).body, 'notes') }),
  }),
}

test.each(['newestFirst', 'fullPass', 'byCursor'] as const)('%s', async (kind) => {
  const now = Math.floor(Date.now() / 1_000)
  const listed = Array.from({ length: 6 }, (_, i) => ({ id: `n${i}`, at: now - 100_000 + i }))
  if (kind !== 'byCursor') listed.reverse()
  const url = await source(listed)
  const notes = defineConnector(
    { name: 'notes', title: 'Notes', options: z.object({}), http: () => ({ baseUrl: url }) },
    {
      notes: stream({ schema: z.object({ id: z.string(), at: z.int() }), key: ({ id }) => id, passes: [PASSES[kind]] }),
    },
  )
  await using mirror = await openMirror()
  const connection = await mirror.tidemark.connect(notes, { id: 'mine', options: { allowPrivateNetwork: true } })
  await connection.sync()
  const [before] = mirror.sql('select last_success_at from streams')
  const added = { id: 'new', at: now - 500 }
  if (kind === 'byCursor') listed.push(added)
  else listed.unshift(added)
  const { store } = mirror.tidemark
  const written = store.checkpoint.bind(store)
  store.checkpoint = async (batch) => {
    if (batch.inserts.length > 0) throw new TidemarkError('store_contended', 'Another session holds the lock.')
    return written(batch)
  }
  const run = await connection.sync()
  expect(run).toMatchObject({ status: 'failed', error: { code: 'store_contended' } })
  expect(run.streams[0]?.passes.at(-1)?.ended).toBe('failed')
  expect(mirror.sql('select last_success_at from streams')).toEqual([before])
  store.checkpoint = written
  expect((await connection.sync()).status).toBe('succeeded')
  expect(mirror.value('select count(*) from notes_notes')).toBe(7)
  expect(mirror.value('select coverage from streams')).toBe('complete')
})
