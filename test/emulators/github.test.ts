// Owns the proof that the GitHub emulator behaves as GitHub does: paging, links, media types, conditional requests,
// limits and refusals.

import { describe, expect, test } from 'vitest'
import { ask, askRaw, type Reply } from './asking.ts'
import { ADA, idsOf, NOON, type Row, readStars, relation, STAR, start } from './stars.ts'

describe('paging', () => {
  test('covers the world, newest star first, and equals the truth', async () => {
    const emulator = await start()
    const pages = await readStars(emulator, '/user/starred?per_page=100')
    expect(pages.map((page) => page.length)).toEqual([100, 100, 100, 100, 100, 100, 16])
    const truth = emulator.world.stars('ada')
    const anonymous = pages.flat().map(({ starred_at, repo }) => {
      const { permissions, ...rest } = repo as Row['repo'] & { permissions?: unknown }
      expect(permissions).toEqual({ admin: false, maintain: false, push: false, triage: false, pull: true })
      return { starred_at, repo: rest }
    })
    expect(anonymous).toEqual(truth)
    expect(new Set(idsOf(pages)).size).toBe(616)
    const times = pages.flat().map((row) => row.starred_at)
    expect(times).toEqual(times.toSorted().toReversed())
    expect(emulator.log.count('/user/starred')).toBe(7)
  })

  test('has 26 stars with one time across a page boundary, 10 and 16', async () => {
    const emulator = await start()
    const pages = await readStars(emulator, '/users/ada/starred?per_page=100', STAR)
    const oldest = pages.at(-1)?.at(-1)?.starred_at
    expect(pages.map((page) => page.filter((row) => row.starred_at === oldest).length)).toEqual([0, 0, 0, 0, 0, 10, 16])
  })

  test('links are absolute, become numeric, keep the other parameters, and have GitHub’s relations', async () => {
    const emulator = await start()
    const path = '/users/ada/starred?sort=50&per_page=100'
    const { id } = (await ask(`${emulator.url}/users/ada`)).json
    const numeric = `${emulator.url}/user/${id}/starred?sort=50&per_page=100&page=`
    const first = await ask(emulator.url + path)
    expect(first.headers.get('link')).toBe(`<${numeric}2>; rel="next", <${numeric}7>; rel="last"`)
    const second = await ask(relation(first, 'next') ?? '')
    expect(second.headers.get('link')).toBe(
      `<${numeric}3>; rel="next", <${numeric}7>; rel="last", <${numeric}1>; rel="first", <${numeric}1>; rel="prev"`,
    )
    const last = await ask(relation(first, 'last') ?? '')
    expect(last.headers.get('link')).toBe(`<${numeric}1>; rel="first", <${numeric}6>; rel="prev"`)
    expect(last.json).toHaveLength(16)
    const own = await ask(`${emulator.url}/user/starred?per_page=100`, { headers: ADA })
    expect(relation(own, 'next')).toBe(`${emulator.url}/user/starred?per_page=100&page=2`)
  })

  test('a single page has no links; a page beyond the end is empty', async () => {
    const emulator = await start({ stars: 3 })
    const only = await ask(`${emulator.url}/users/ada/starred`)
    expect([only.json.length, only.headers.get('link')]).toEqual([3, null])
    const beyond = await ask(`${emulator.url}/users/ada/starred?page=9`)
    expect([beyond.status, beyond.json, relation(beyond, 'next')]).toEqual([200, [], undefined])
    const none = await start({ users: { ben: {} } })
    expect((await ask(`${none.url}/users/ben/starred`)).text).toBe('[]')
  })

  test('30 rows by default, 100 at most, and nonsense falls back', async () => {
    const emulator = await start({ stars: 250 })
    const size = async (query: string) => (await ask(`${emulator.url}/users/ada/starred?${query}`)).json.length
    expect(await size('')).toBe(30)
    expect(await size('per_page=7')).toBe(7)
    expect(await size('per_page=500')).toBe(100)
    expect(await size('per_page=0')).toBe(30)
    expect(await size('per_page=x')).toBe(30)
    expect(await size('per_page=100&page=3')).toBe(50)
  })

  test('sorts by star or by push, both ways; an unknown sort is taken silently', async () => {
    const emulator = await start({ stars: 90 })
    const ids = async (query: string) =>
      idsOf(await readStars(emulator, `/users/ada/starred?per_page=50&${query}`, STAR))
    const created = await ids('')
    expect(await ids('sort=50')).toEqual(created)
    expect(await ids('direction=asc')).toEqual(created.toReversed())
    const pushed = (await readStars(emulator, '/users/ada/starred?sort=updated', STAR))
      .flat()
      .map((row) => (row.repo as unknown as { pushed_at: string | null }).pushed_at ?? '')
    expect(pushed).toEqual(pushed.toSorted().toReversed())
    const byPush = await ids('sort=updated')
    expect(byPush).not.toEqual(created)
    emulator.world.push(byPush[40] as number)
    expect((await ids('sort=updated'))[0]).toBe(byPush[40])
    expect(await ids('')).toEqual(created)
  })

  test('an unstar between two pages hides one row from offset paging', async () => {
    const emulator = await start({ stars: 250 })
    const before = emulator.world.starIds('ada')
    emulator.pages.after(1, () => emulator.world.unstarAt('ada', 0))
    const seen = idsOf(await readStars(emulator, '/user/starred?per_page=100'))
    expect(before.filter((id) => !seen.includes(id))).toEqual([before[100]])
    expect(emulator.world.starIds('ada')).toEqual(before.slice(1))
  })

  test('a star between two pages shows one row twice', async () => {
    const emulator = await start({ stars: 250 })
    const before = emulator.world.starIds('ada')
    emulator.pages.after(1, () => emulator.world.star('ada'))
    const seen = idsOf(await readStars(emulator, '/user/starred?per_page=100'))
    expect(seen).toHaveLength(251)
    expect(seen.filter((id) => id === before[99])).toHaveLength(2)
  })
})

describe('the two media types', () => {
  test('give bare repositories, or rows with the time of the star', async () => {
    const emulator = await start({ stars: 5 })
    const url = `${emulator.url}/users/ada/starred`
    const bare = await ask(url, { headers: { accept: 'application/vnd.github+json' } })
    const rows = await ask(url, { headers: STAR })
    const old = await ask(url, { headers: { accept: 'application/vnd.github.v3.star+json' } })
    expect(rows.json.map((row: Row) => row.repo)).toEqual(bare.json)
    expect(old.json).toEqual(rows.json)
    expect(bare.headers.get('x-github-media-type')).toBe('github.v3; format=json')
    expect(rows.headers.get('x-github-media-type')).toBe('github.v3; param=star; format=json')
    expect(Object.keys(rows.json[0])).toEqual(['starred_at', 'repo'])
    expect(rows.json[0].starred_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  })
})

describe('conditional requests', () => {
  test('answer 304 without a body, and free of charge with a token', async () => {
    const emulator = await start({ stars: 50 })
    const url = `${emulator.url}/user/starred`
    const first = await ask(url, { headers: ADA })
    const etag = first.headers.get('etag') ?? ''
    expect(etag).toMatch(/^W\/"[0-9a-f]{64}"$/)
    const again = await ask(url, { headers: { ...ADA, 'if-none-match': etag } })
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag])
    expect(again.headers.get('x-ratelimit-remaining')).toBe('4999')
    emulator.world.drift('ada', 1)
    expect((await ask(`${url}?page=2`, { headers: ADA })).headers.get('x-ratelimit-remaining')).toBe('4998')
  })

  test('a change on the page ends the match; one on a later page doesn’t', async () => {
    const emulator = await start({ stars: 50 })
    const url = `${emulator.url}/user/starred?per_page=20`
    const etag = (await ask(url, { headers: ADA })).headers.get('etag') ?? ''
    const status = async () => (await ask(url, { headers: { ...ADA, 'if-none-match': etag } })).status
    emulator.world.setMetrics(emulator.world.starIds('ada')[30] as number, { stars: 1 })
    expect(await status()).toBe(304)
    emulator.world.setMetrics(emulator.world.starIds('ada')[3] as number, { stars: 123456 })
    expect(await status()).toBe(200)
  })

  test('the tag is the token’s own and the media type’s own', async () => {
    const emulator = await start({ stars: 5 })
    const other = emulator.world.issueToken('ada')
    const url = `${emulator.url}/user/starred`
    const etag = (await ask(url, { headers: ADA })).headers.get('etag') ?? ''
    const status = async (headers: Record<string, string>) =>
      (await ask(url, { headers: { ...ADA, ...headers, 'if-none-match': etag } })).status
    expect(await status({})).toBe(304)
    expect(await status({ authorization: `Bearer ${other}` })).toBe(200)
    expect(await status({ accept: 'application/json' })).toBe(200)
  })

  test('without a token a 304 costs like any other answer', async () => {
    const emulator = await start({ stars: 5 })
    const url = `${emulator.url}/users/ada/starred`
    const etag = (await ask(url)).headers.get('etag') ?? ''
    const again = await ask(url, { headers: { 'if-none-match': etag } })
    expect([again.status, again.headers.get('x-ratelimit-remaining')]).toEqual([304, '58'])
  })
})

describe('limits', () => {
  test('5000 an hour for a user, shared by the user’s tokens; 60 for an address', async () => {
    const emulator = await start({ stars: 1 })
    const second = emulator.world.issueToken('ada')
    const url = `${emulator.url}/users/ada/starred`
    const reset = String(Date.parse(NOON.at) / 1000 + 3600)
    const one = await ask(url, { headers: ADA })
    const limits = (reply: Reply) =>
      ['limit', 'remaining', 'used', 'reset', 'resource'].map((name) => reply.headers.get(`x-ratelimit-${name}`))
    expect(limits(one)).toEqual(['5000', '4999', '1', reset, 'core'])
    expect(limits(await ask(url, { headers: { authorization: `token ${second}` } }))[1]).toBe('4998')
    expect(limits(await ask(url))).toEqual(['60', '59', '1', reset, 'core'])
  })

  test('/rate_limit is free', async () => {
    const emulator = await start({ stars: 1 })
    await ask(`${emulator.url}/user`, { headers: ADA })
    for (let i = 0; i < 3; i++) {
      const { json } = await ask(`${emulator.url}/rate_limit`, { headers: ADA })
      expect(json.rate).toMatchObject({ limit: 5000, remaining: 4999, used: 1 })
      expect(json.resources.core).toEqual(json.rate)
    }
  })

  test.each([403, 429] as const)('a spent hour answers %i with remaining 0 until the reset', async (status) => {
    const emulator = await start({ stars: 1, limits: { anonymous: 2, exceededStatus: status } })
    const url = `${emulator.url}/users/ada/starred`
    await ask(url)
    await ask(url)
    const spent = await ask(url)
    expect([spent.status, spent.headers.get('x-ratelimit-remaining')]).toEqual([status, '0'])
    expect(spent.headers.get('retry-after')).toBeNull()
    expect(spent.json.message).toMatch(/^API rate limit exceeded for 127\.0\.0\.1/)
    emulator.clock.set(Number(spent.headers.get('x-ratelimit-reset')) * 1000)
    expect((await ask(url)).status).toBe(200)
  })

  test('the secondary limit says how long to wait, or doesn’t', async () => {
    const emulator = await start({ stars: 1, limits: { perMinute: 2 } })
    const url = `${emulator.url}/user/starred`
    const replies = [
      await ask(url, { headers: ADA }),
      await ask(url, { headers: ADA }),
      await ask(url, { headers: ADA }),
    ]
    expect(replies.map((reply) => reply.status)).toEqual([200, 200, 403])
    expect(replies[2]?.headers.get('retry-after')).toBe('60')
    expect(replies[2]?.json.message).toMatch(/secondary rate limit/)
    expect(Number(replies[2]?.headers.get('x-ratelimit-remaining'))).toBeGreaterThan(4000)
    const silent = await start({ stars: 1, limits: { perMinute: 1, retryAfter: null } })
    await ask(`${silent.url}/user`, { headers: ADA })
    const refused = await ask(`${silent.url}/user`, { headers: ADA })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([403, null])
  })

  test('can be switched off', async () => {
    const emulator = await start({ stars: 1, limits: false })
    let reply = await ask(`${emulator.url}/users/ada`)
    for (let i = 0; i < 70; i++) reply = await ask(`${emulator.url}/users/ada`)
    expect([reply.status, reply.headers.get('x-ratelimit-remaining')]).toEqual([200, '60'])
  })
})

describe('refusals', () => {
  test('a wrong or revoked token is 401, also where none is needed', async () => {
    const emulator = await start({ stars: 1 })
    const wrong = await ask(`${emulator.url}/users/ada/starred`, { headers: { authorization: 'Bearer nobody' } })
    expect([wrong.status, wrong.json.message, wrong.json.status]).toEqual([401, 'Bad credentials', '401'])
    expect(emulator.world.revokeToken('token-of-ada')).toBe(true)
    expect((await ask(`${emulator.url}/user`, { headers: ADA })).status).toBe(401)
    const none = await ask(`${emulator.url}/user/starred`)
    expect([none.status, none.json.message]).toEqual([401, 'Requires authentication'])
  })

  test('no User-Agent is 403 and no JSON', async () => {
    const emulator = await start({ stars: 1 })
    const raw = await askRaw(emulator.url, 'GET /users/ada/starred HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(raw).toMatch(/^HTTP\/1\.1 403 /)
    expect(raw).toMatch(/content-type: text\/html/i)
    expect(raw).toContain('Request forbidden by administrative rules')
  })

  test.each(['/users/nobody/starred', '/repositories/1', '/repos/no/body', '/nothing', '/user/7/starred'])(
    '%s is 404 with a body',
    async (path) => {
      const emulator = await start({ stars: 1 })
      const reply = await ask(emulator.url + path, { headers: ADA })
      expect(reply.status).toBe(404)
      expect(reply.json).toMatchObject({ message: 'Not Found', status: '404' })
      expect(reply.json.documentation_url).toMatch(/^https:\/\/docs\.github\.com\/rest/)
    },
  )

  test('faults speak GitHub', async () => {
    const emulator = await start({ stars: 1 })
    emulator.faults.next({ kind: 'status', status: 401 })
    expect((await ask(`${emulator.url}/user`, { headers: ADA })).json.message).toBe('Bad credentials')
    expect((await ask(`${emulator.url}/user`, { headers: ADA })).json.login).toBe('ada')
  })
})
