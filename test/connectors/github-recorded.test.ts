// Replays GitHub's own answers, recorded in 2018: 616 stars over seven pages.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { openMirror } from '../support/mirror.ts'
import { providerData, providerDataMissing } from '../support/provider-data.ts'

interface Cassette {
  readonly interactions: readonly {
    readonly request: { readonly uri: string }
    readonly response: { readonly headers: Record<string, string>; readonly body: readonly Star[] }
  }[]
}

interface Star {
  readonly starred_at: string
  readonly repo: { readonly id: number; readonly full_name: string }
}

test.skipIf(providerDataMissing)('616 real stars are mirrored, 26 of them starred in the same second', async () => {
  const { interactions } = providerData<Cassette>('github/github3py-starred-all7pages-slim.json')
  let requests = 0
  const server = createServer((request, response) => {
    requests++
    const url = new URL(request.url ?? '', 'http://localhost')
    const page = url.searchParams.get('per_page') === '1' ? undefined : Number(url.searchParams.get('page') ?? 1)
    const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const recorded = page === undefined ? undefined : interactions[page - 1]
    const link = recorded?.response.headers['Link'] ?? `<${own}/user/240830/starred?per_page=1&page=616>; rel="last"`
    response.setHeader('content-type', 'application/json; charset=utf-8')
    response.setHeader('link', link.replaceAll('https://api.github.com', own))
    response.end(JSON.stringify(recorded?.response.body ?? interactions[0]?.response.body.slice(0, 1)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await using mirror = await openMirror()
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const options = { user: 'someone', baseUrl, allowPrivateNetwork: true }
    const me = await mirror.tidemark.connect('github', { id: 'me', options })
    const run = await me.sync()
    expect(run).toMatchObject({ status: 'succeeded', notes: [] })
    const stars = interactions.flatMap(({ response }) => response.body)
    expect(stars).toHaveLength(616)
    const stored = mirror.sql('select _key, full_name, starred_at from github_stars order by _key')
    const recorded = stars.map(({ starred_at, repo }) => ({
      _key: String(repo.id),
      full_name: repo.full_name,
      starred_at,
    }))
    expect(stored).toEqual(recorded.sort((a, b) => (a._key < b._key ? -1 : 1)))
    requests = 0
    expect((await me.sync()).streams[0]?.counts).toMatchObject({ inserted: 0, updated: 0 })
    expect(requests).toBe(1)
  } finally {
    server.close()
  }
})
