// GitHub leaves rel="last" out of some listings. A total that nobody told is no total: guessing one ends walks early, or
// calls them short for ever.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { openMirror } from '../support/mirror.ts'

const STARS = 250

/** Stars over numbered pages; `link` makes the relations beside `next` of the request that counts. */
async function starServer(link: (own: string) => string) {
  const star = (n: number) => ({
    starred_at: new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString().replace('.000', ''),
    repo: { id: n, full_name: `o/r${n}`, name: `r${n}`, owner: { login: 'o' } },
  })
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', `http://${request.headers.host}`)
    const size = Number(url.searchParams.get('per_page'))
    const page = Number(url.searchParams.get('page') ?? 1)
    const rows = Array.from({ length: STARS }, (_, i) => star(STARS - i)).slice((page - 1) * size, page * size)
    const links = size === 1 ? [link(url.origin)] : []
    if (page * size < STARS) {
      url.searchParams.set('page', String(page + 1))
      links.push(`<${url.href}>; rel="next"`)
    }
    response.setHeader('content-type', 'application/json')
    response.setHeader('link', links.filter((one) => one !== '').join(', '))
    response.end(JSON.stringify(rows))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test.each([
  ['that names no last page', () => ''],
  ['whose last page counts by cursor', (own: string) => `<${own}/user/1/starred?after=abc>; rel="last"`],
  ['whose last page is no address', () => '<nowhere>; rel="last"'],
  ['whose last page has the number 0', (own: string) => `<${own}/user/1/starred?page=0>; rel="last"`],
])('from an answer %s, no total is taken', async (_what, link) => {
  await using server = await starServer(link)
  await using mirror = await openMirror()
  const options = { user: 'ada', baseUrl: server.url, allowPrivateNetwork: true }
  const me = await mirror.tidemark.connect('github', { id: 'me', options })
  const totals: unknown[] = []
  const run = await me.sync({ onProgress: ({ streams }) => totals.push(streams[0]?.total) })
  expect(run).toMatchObject({ status: 'succeeded', notes: [] })
  expect(totals).toEqual([null, null, null])
  expect(mirror.value('select count(*) from github_stars')).toBe(STARS)
  expect(await me.sync({ mode: 'full' })).toMatchObject({ status: 'succeeded', notes: [] })
})
