// Owns the proof of how the dashboard's files are served: to everybody, with a policy that lets the page ask nobody but this
// server, and only at the addresses of its pages.

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../../src/server/app.ts'
import { createDashboard, PAGES } from '../../src/server/dashboard.ts'
import { builtWeb } from './built.ts'

const get = async (path: string, headers: Record<string, string> = {}) =>
  createApp({ api: { tidemark: () => undefined } }).request(`http://localhost${path}`, { headers })

beforeAll(builtWeb)

describe('the dashboard', () => {
  test('is one page at each of its addresses, and at no other', async () => {
    const page = await (await get('/')).text()
    expect(page).toContain('<div id="root">')
    for (const name of PAGES) {
      for (const path of [`/${name}`, `/${name}/some/where`]) {
        const answer = await get(path)
        expect([path, answer.status, await answer.text()]).toEqual([path, 200, page])
      }
    }
    for (const path of [
      '/nothing',
      '/index.html',
      '/assets/nothing.js',
      '/assets/..%2findex.html',
      '/source.txt',
      '/assets/',
    ]) {
      const answer = await get(path)
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([path, 404, 'application/problem+json'])
    }
    expect((await get('/api/nothing')).headers.get('content-type')).toBe('application/problem+json')
  })

  test('carries no script and no style of its own, and asks only this server', async () => {
    const answer = await get('/')
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).toContain("require-trusted-types-for 'script'")
    expect(policy).not.toContain('unsafe')
    expect(answer.headers.get('x-frame-options')).toBe('DENY')
    const page = await answer.text()
    expect(page).not.toMatch(/<style|style=|<script(?![^>]* src="\/assets\/)|\son\w+=|https?:|="\/\//)
    const files = [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path = '']) => path)
    expect(files.length).toBeGreaterThan(3)
    for (const path of files) expect([path, (await get(path)).status]).toEqual([path, 200])
  })

  test('is kept by a browser as long as its names say, and sent compressed to whoever takes that', async () => {
    const page = await get('/')
    const etag = page.headers.get('etag') ?? ''
    expect(page.headers.get('cache-control')).toBe('no-cache')
    expect((await get('/', { 'if-none-match': etag })).status).toBe(304)
    const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text()) ?? []
    const plain = await get(script)
    expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(plain.headers.get('content-encoding')).toBeNull()
    const packed = await get(script, { 'accept-encoding': 'gzip, deflate' })
    expect([packed.headers.get('content-encoding'), packed.headers.get('vary')]).toEqual(['gzip', 'accept-encoding'])
    const text = await plain.text()
    expect(gunzipSync(Buffer.from(await packed.arrayBuffer())).toString()).toBe(text)
    expect((await get(script, { 'accept-encoding': 'br, gzip' })).headers.get('content-encoding')).toBe('br')
  })

  test('says so where it was not built', async () => {
    const app = createDashboard(mkdtempSync(join(tmpdir(), 'tidemark-test-')))
    const answer = await app.request('http://localhost/runs')
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('npm run build')])
    expect((await app.request('http://localhost/icon.svg')).status).toBe(404)
  })
})
