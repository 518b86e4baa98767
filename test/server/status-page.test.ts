// The page at `/`: what it shows of a mirror as it is, that what comes from elsewhere is text in it, that it needs nothing
// but this server, and who gets to see it.

import { describe, expect, test } from 'vitest'
import { createApp } from '../../src/server/app.ts'
import { isLoopback } from '../../src/server/host-check.ts'
import { html } from '../../src/server/html.ts'
import { healthOf, type StatusView, statusPage } from '../../src/server/status-page.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { type Mirror, openMirror } from '../support/mirror.ts'

async function viewOf({ tidemark }: Mirror): Promise<StatusView> {
  return { project: 'default', connections: await tidemark.status(), worker: true, now: Date.now() }
}

const get = async (path: string, view?: StatusView, headers: Record<string, string> = {}) =>
  createApp(view ? { status: async () => view } : {}).request(`http://localhost${path}`, { headers })

describe('the status page', () => {
  test('shows how each connection is, and first what a person must do', async () => {
    await using github = await githubEmulator({
      users: { ada: { stars: 150, token: 'a' }, ben: { stars: 20, token: 'b' } },
    })
    await using mirror = await openMirror()
    const { tidemark } = mirror
    const connect = (id: string, token: string) =>
      tidemark.connect('github', { id, options: { token, baseUrl: github.url, allowPrivateNetwork: true } })
    const ada = await connect('ada', 'a')
    const ben = await connect('ben', 'b')
    await connect('cleo', 'c')
    await ada.sync()
    await ben.sync()
    await ben.schedule({ spec: 'every 1h' })
    expect((await tidemark.status()).map(healthOf)).toEqual(['good', 'good', 'idle'])
    expect(statusPage(await viewOf(mirror))).not.toContain('What to do first')
    for (let i = 0; i < 30; i++) github.world.unstarAt('ada', 0)
    await ada.sync({ mode: 'full' })
    github.world.revokeToken('b')
    await ben.sync()
    const page = statusPage(await viewOf(mirror))
    expect((await tidemark.status()).map(healthOf)).toEqual(['warn', 'bad', 'idle'])
    const first = page.slice(page.indexOf('What to do first'), page.indexOf('aria-label="ada"'))
    expect(first).toContain('<b>ada/stars</b> 30 removals are held for you')
    expect(first).toContain('<code>tidemark removals</code>')
    expect(first).toContain('<b>ben</b> needs a new login: github rejected the current one')
    expect(first).toContain('<code>tidemark connect github --id ben --secret-env token=GITHUB_TOKEN</code>')
    expect(page).toContain('2 things to do')
    for (const text of ['needs attention', 'login needed', 'not read yet', 'held', '150']) expect(page).toContain(text)
    for (const secret of [github.url, 'webhook', '/hooks/']) expect(page).not.toContain(secret)
  })

  test('says how to begin where nothing is connected, and that nothing runs where nothing does', () => {
    const page = statusPage({ project: 'lab', connections: [], worker: false, now: 0 })
    expect(page).toContain('tidemark connect github --id me')
    expect(page).toContain('project lab')
    expect(page).toContain('--no-worker')
  })

  test('takes what comes from a source for text', () => {
    expect(
      html`<b title="${'"><script>'}">${"<img src=x onerror=alert(1)> & 'co'"}</b>${html`<i>${['a', '<']}</i>`}`.text,
    ).toBe('<b title="&quot;&gt;&lt;script&gt;">&lt;img src=x onerror=alert(1)&gt; &amp; &#39;co&#39;</b><i>a&lt;</i>')
  })

  test('carries no script and no style of its own, and asks only this server', async () => {
    const answer = await get('/', { project: 'default', connections: [], worker: true, now: 0 })
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/)
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).toContain("require-trusted-types-for 'script'")
    expect(policy).not.toContain('unsafe')
    const page = await answer.text()
    expect(page).not.toMatch(/<style|style=|<script(?! src="\/status\.js" defer>)|\son\w+=|https?:|\/\//)
    const assets = [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path = '']) => path)
    expect(assets).toEqual(['/icon.svg', '/status.css', '/status.js', '/healthz'])
    for (const path of assets) {
      const asset = await get(path)
      expect([path, asset.status, asset.headers.get('x-content-type-options')]).toEqual([path, 200, 'nosniff'])
      // The name of SVG's elements is no address that anybody asks.
      expect((await asset.text()).replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/)
    }
  })

  test('is for this machine: elsewhere, behind a proxy and under another name it tells nothing', async () => {
    const view: StatusView = { project: 'secret-project', connections: [], worker: true, now: 0 }
    expect(await (await get('/', view)).text()).toContain('secret-project')
    for (const header of [
      'x-forwarded-for',
      'forwarded',
      'via',
      'x-real-ip',
      'x-forwarded-host',
      'cf-connecting-ip',
      'True-Client-IP',
    ]) {
      const answer = await get('/', view, { [header]: '203.0.113.7' })
      expect([answer.status, await answer.text()]).toEqual([200, expect.not.stringContaining('secret-project')])
    }
    expect(await (await get('/')).text()).toContain('The server is up')
    expect((await get('/', view, { host: 'evil.example' })).status).toBe(421)
    expect(['127.0.0.1', 'localhost', '::1', '[::1]', '127.1.2.3'].map(isLoopback)).toEqual(Array(5).fill(true))
    expect(['0.0.0.0', '::', '192.168.1.4', 'mirror.example'].map(isLoopback)).toEqual(Array(4).fill(false))
  })
})
