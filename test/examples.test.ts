import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { billing } from '../examples/by-cursor.ts'
import { notebook } from '../examples/own-connector.ts'
import { reportText, testConnector, tiktokExportEmulator } from '../src/testing/index.ts'
import { openMirror } from './support/mirror.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** A notebook service with so many notes, newest first, which wants the token `demo`. */
async function notebookService(count: number) {
  const notes = Array.from({ length: count }, (_, i) => ({
    id: `n${count - i}`,
    title: `Note ${count - i}`,
    written_at: new Date(Date.UTC(2026, 0, 1) + (count - i) * 60_000).toISOString(),
    likes: i % 7,
  }))
  let requests = 0
  const server = createServer((request, response) => {
    requests++
    response.setHeader('content-type', 'application/json')
    if (request.headers.authorization !== 'Bearer demo') {
      response.writeHead(401).end('{}')
      return
    }
    const query = new URL(request.url ?? '', 'http://localhost').searchParams
    const from = query.has('after') ? notes.findIndex(({ id }) => id === query.get('after')) + 1 : 0
    const page = notes.slice(from, from + Number(query.get('limit')))
    const next = from + page.length < notes.length ? page.at(-1)?.id : undefined
    response.end(JSON.stringify({ notes: page, next }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    notes,
    requests: () => requests,
    close: () => server.close(),
  }
}

test('the example connector mirrors its service, and finds nothing new in one request', async () => {
  const service = await notebookService(120)
  try {
    await using mirror = await openMirror()
    const options = { token: 'demo', baseUrl: service.url, allowPrivateNetwork: true }
    const mine = await mirror.tidemark.connect(notebook, { id: 'mine', options })
    expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
    expect(mirror.sql('select _key, title, likes from notebook_notes order by written_at desc')).toEqual(
      service.notes.map(({ id, title, likes }) => ({ _key: id, title, likes })),
    )
    const before = service.requests()
    service.notes.unshift({ id: 'n121', title: 'New', written_at: '2026-02-01T00:00:00.000Z', likes: 0 })
    expect((await mine.sync()).streams[0]?.counts).toMatchObject({ inserted: 1 })
    expect(service.requests() - before).toBe(1)
  } finally {
    service.close()
  }
})

test('the example runs as a program', async () => {
  const service = await notebookService(60)
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-example-'))
  try {
    const env = { ...process.env, NOTEBOOK_URL: service.url, TIDEMARK_KEY: Buffer.alloc(32, 7).toString('base64') }
    const example = join(root, 'examples', 'own-connector.ts')
    const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', example], { cwd: folder, env })
    expect(stdout).toContain('succeeded: 60 new notes')
  } finally {
    service.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

test('the example says what went wrong, and fails', async () => {
  const service = await notebookService(1)
  service.close()
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-example-'))
  try {
    const env = { ...process.env, NOTEBOOK_URL: service.url, TIDEMARK_KEY: Buffer.alloc(32, 7).toString('base64') }
    const example = join(root, 'examples', 'own-connector.ts')
    const run = promisify(execFile)(process.execPath, ['--no-warnings', example], { cwd: folder, env })
    await expect(run).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^failed: /),
      stderr: expect.stringMatching(/^network_failed: .*\n$/),
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('the example of an uploaded export runs as a program, twice', async () => {
  await using tiktok = await tiktokExportEmulator({ favorites: 12 })
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-example-'))
  try {
    const env = { ...process.env, TIKTOK_URL: tiktok.url, TIDEMARK_KEY: Buffer.alloc(32, 7).toString('base64') }
    const example = join(root, 'examples', 'tiktok-favorites.ts')
    const upload = async () => {
      const file = await tiktok.exportFile({ pack: 'zip' }).writeTo(folder)
      return (await promisify(execFile)(process.execPath, ['--no-warnings', example, file], { cwd: folder, env }))
        .stdout
    }
    expect(await upload()).toMatch(/^12 favourites: 12 new, 0 gone\nsucceeded\n/)
    tiktok.world.save('favorites', 2)
    tiktok.world.unsaveAt('favorites', 5)
    const said = await upload()
    expect(said).toMatch(/^13 favourites: 2 new, 1 gone\nsucceeded\n/)
    // Its first lines are of the newest.
    const [newest = ''] = tiktok.world.ids('favorites')
    expect(said.split('\n')[2]).toContain(tiktok.world.video(newest)?.authorName)
    expect(tiktok.log.count('/oembed')).toBe(14)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

/** A billing service with so many invoices, which filters by time of update, oldest first, and wants the token `demo`. */
async function billingService(count: number) {
  const invoices = Array.from({ length: count }, (_, i) => ({
    id: i + 1,
    status: 'open',
    amount: `${i}.50`,
    // Two at a time, so that groups of equal times lie across pages.
    updated_at: 1_760_000_000 + Math.floor(i / 2) * 60,
  }))
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.headers.authorization !== 'Bearer demo') return response.writeHead(401).end('{}')
    const query = new URL(request.url ?? '', 'http://localhost').searchParams
    const from = Number(query.get('updated_from') ?? 0)
    const before = Number(query.get('updated_before') ?? Number.POSITIVE_INFINITY)
    const found = invoices
      .filter(({ updated_at }) => updated_at >= from && updated_at < before)
      .toSorted((a, b) => a.updated_at - b.updated_at || a.id - b.id)
    const [page, limit] = [Number(query.get('page') ?? 1), Number(query.get('limit'))]
    const next_page = page * limit < found.length ? page + 1 : undefined
    const shown = found.slice((page - 1) * limit, page * limit)
    return response.end(JSON.stringify({ invoices: shown, next_page, total: found.length }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, invoices, close: () => server.close() }
}

test('the example of byCursor keeps the promises of a connector, and asks only for what changed', async () => {
  const service = await billingService(230)
  try {
    const truth = { invoices: () => service.invoices.map(({ id }) => String(id)) }
    const report = await testConnector(billing, { url: service.url }, { options: { token: 'demo' }, truth })
    expect(reportText(report)).toMatch(/^billing/)
    await using mirror = await openMirror()
    const options = { token: 'demo', baseUrl: service.url, allowPrivateNetwork: true }
    const mine = await mirror.tidemark.connect(billing, { id: 'mine', options })
    expect((await mine.sync()).streams[0]?.counts).toMatchObject({ inserted: 230 })
    service.invoices[3]!.status = 'paid'
    service.invoices[3]!.updated_at = 1_761_000_000
    const again = await mine.sync()
    expect([again.status, again.requests]).toEqual(['succeeded', 1])
    expect(again.streams[0]?.counts).toMatchObject({ updated: 1, inserted: 0 })
  } finally {
    service.close()
  }
})

test('the guide shows the example of byCursor as it is', () => {
  const guide = readFileSync(join(root, 'docs', 'writing-a-connector.md'), 'utf8')
  const example = readFileSync(join(root, 'examples', 'by-cursor.ts'), 'utf8')
  const shown = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code ?? '')
  const connector = shown.find((code) => code.includes("name: 'billing'"))
  expect(connector).toBeDefined()
  expect(example).toContain(connector?.trim())
})

test('the README shows the example as it is', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const example = readFileSync(join(root, 'examples', 'own-connector.ts'), 'utf8')
  const shown = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code ?? '')
  const connector = shown.find((code) => code.includes('defineConnector'))
  expect(connector).toBeDefined()
  expect(example).toContain(connector?.trim())
})
