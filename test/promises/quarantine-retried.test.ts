import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { defineConnector, fullPass, openTidemark, rows, stream, z } from '../../src/index.ts'
import { openMirror } from '../support/mirror.ts'

/** Two notes, of which one has a size of other characters than digits. */
const NOTES = '[{"id":"a","text":"first","size":"1"},{"id":"b","text":"second","size":"large"},{"text":"no key"}]'

async function source(): Promise<Server & { url: string }> {
  const server = createServer((_, answer) => {
    answer.setHeader('content-type', 'application/json')
    answer.end(NOTES)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(server, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

function notes(size: z.ZodType) {
  return defineConnector(
    { name: 'notes', title: 'Notes', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
    {
      notes: stream({
        schema: z.object({ id: z.string(), text: z.string(), size }),
        key: (note) => note.id,
        passes: [
          fullPass({
            pageSize: 10,
            read: async ({ http }) => ({ records: rows((await http.get('/notes')).body, 'notes') }),
          }),
        ],
      }),
    },
  )
}

test('what could not be read becomes a record once the connector can read it', async () => {
  const server = await source()
  await using mirror = await openMirror()
  const options = { baseUrl: server.url, allowPrivateNetwork: true }
  const old = await mirror.tidemark.connect(notes(z.string().regex(/^\d+$/)), { id: 'mine', options })
  const run = await old.sync()
  expect(run.status).toBe('incomplete')
  expect(mirror.value('select count(*) from quarantine')).toBe(2)
  const connectors = [notes(z.string())]
  await using newer = await openTidemark({ database: mirror.file, connectors, key: new Uint8Array(32).fill(7) })
  const retried = await newer.retryQuarantine({ connection: 'mine' })
  expect(retried.released).toBe(1)
  expect(retried.remaining).toMatchObject([{ connection: 'mine', stream: 'notes', key: null }])
  expect(mirror.sql('select key, code from quarantine')).toEqual([{ key: null, code: 'record_invalid' }])
  const [version] = await (await newer.connection('mine')).history('notes', 'b')
  expect(version).toMatchObject({
    op: 'insert',
    run: run.id,
    page: 1,
    raw: '{"id":"b","text":"second","size":"large"}',
  })
  expect(await newer.retryQuarantine()).toMatchObject({ released: 0 })
  server.close()
})

test('what was in quarantine never overwrites what was read later', async () => {
  const server = await source()
  await using mirror = await openMirror()
  const options = { baseUrl: server.url, allowPrivateNetwork: true }
  const old = await mirror.tidemark.connect(notes(z.string().regex(/^\d+$/)), { id: 'mine', options })
  await old.sync()
  const [kept] = mirror.sql("select raw from (select _raw as raw from quarantine where key = 'b')")
  const connectors = [notes(z.string())]
  await using newer = await openTidemark({ database: mirror.file, connectors, key: new Uint8Array(32).fill(7) })
  server.removeAllListeners('request')
  server.on('request', (_, answer) => {
    answer.setHeader('content-type', 'application/json')
    answer.end('[{"id":"a","text":"first","size":"1"},{"id":"b","text":"later","size":"2"}]')
  })
  // Its text comes back into quarantine behind the back of the engine, as if a crash had left it there.
  const store = newer.store
  const mine = await newer.connection('mine')
  await mine.sync()
  const [row] = await store.streams.list(mine.row.no)
  const run = (await store.runs.list({ project: 'default', limit: 10 })).at(-1)
  const { emptyBatch } = await import('../../src/engine/passes/batch.ts')
  await store.checkpoint({
    ...emptyBatch({
      lease: null,
      leaseUntil: 0,
      project: 'default',
      runNo: run?.no ?? 0,
      streamNo: row?.no ?? 0,
      at: run?.startedAt ?? 0,
      day: '2026-01-01',
    }),
    quarantine: [{ key: 'b', index: 1, raw: String(kept?.['raw']), code: 'record_invalid', message: 'size' }],
  })
  expect(await newer.retryQuarantine()).toMatchObject({ released: 1 })
  expect(mirror.sql("select text, size from notes_notes where _key = 'b'")).toEqual([{ text: 'later', size: '2' }])
  server.close()
})

test('what is read again is no sighting: a record that a person keeps stays kept', async () => {
  const server = await source()
  await using mirror = await openMirror()
  const options = { baseUrl: server.url, allowPrivateNetwork: true }
  const old = await mirror.tidemark.connect(notes(z.string().regex(/^\d+$/)), { id: 'mine', options })
  server.removeAllListeners('request')
  let listed = '[{"id":"b","text":"first","size":"1"}]'
  server.on('request', (_, answer) => {
    answer.setHeader('content-type', 'application/json')
    answer.end(listed)
  })
  await old.sync()
  listed = '[{"id":"b","text":"second","size":"large"}]'
  await old.sync()
  listed = '[{"id":"b","text":"third","size":"larger"}]'
  const again = await old.sync()
  expect(again.status).toBe('incomplete')
  const waiting = 'select times, _raw from quarantine where superseded_at is null'
  expect(mirror.sql(waiting)).toEqual([{ times: 1, _raw: listed.slice(1, -1) }])
  const { store } = mirror.tidemark
  const [listedStream] = await store.streams.list(old.row.no)
  const [run] = await store.runs.list({ project: 'default', limit: 1 })
  const { emptyBatch } = await import('../../src/engine/passes/batch.ts')
  const lease = await store.leases.claim({
    resource: 'a person',
    holder: run?.holder ?? ({} as never),
    now: Date.now(),
    expiresAt: Date.now() + 30_000,
  })
  if (!('lease' in lease)) throw new Error('the lease is held')
  const place = {
    leaseUntil: 0,
    project: 'default',
    runNo: run?.no ?? 0,
    streamNo: listedStream?.no ?? 0,
    at: 0,
    day: '',
  }
  await store.checkpoint({ ...emptyBatch({ lease: lease.lease, ...place }), keep: ['b'] })
  const connectors = [notes(z.string())]
  await using newer = await openTidemark({ database: mirror.file, connectors, key: new Uint8Array(32).fill(7) })
  expect(await newer.retryQuarantine()).toMatchObject({ released: 2, remaining: [] })
  expect(mirror.sql('select text from notes_notes')).toEqual([{ text: 'third' }])
  expect(mirror.sql("select text from notes_notes_versions where _op = 'superseded'")).toEqual([{ text: 'second' }])
  expect(mirror.value('select count(*) from kept_records')).toBe(1)
  server.close()
})
