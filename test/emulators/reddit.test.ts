// Owns the proof that the Reddit emulator behaves as Reddit does: who may ask, what a list shows, and what it hides.

import { describe, expect, test } from 'vitest'
import { type RedditOptions, redditEmulator } from '../../src/testing/emulators/index.ts'
import { ask, during, type Reply } from './asking.ts'

const AGENT = 'test:emulator:1 (by /u/ada)'

async function start(options: RedditOptions = {}) {
  const emulator = await during(redditEmulator(options))
  const { url, clientId, clientSecret, world } = emulator
  const token = (form: Record<string, string>, secret = clientSecret) =>
    ask(`${url}/api/v1/access_token`, {
      method: 'POST',
      headers: {
        'user-agent': AGENT,
        authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`,
      },
      body: new URLSearchParams(form),
    })
  const renew = () => token({ grant_type: 'refresh_token', refresh_token: world.credentials('ada').refreshToken })
  const bearer: string = (await renew()).json.access_token
  const get = (path: string, more: Record<string, string> = {}) =>
    ask(url + path, { headers: { 'user-agent': AGENT, authorization: `bearer ${bearer}`, ...more } })
  /** Pages of the list, as fullnames. */
  const pages = async () => {
    const read: string[][] = []
    let after: string | null = ''
    while (after !== null) {
      const reply: Reply = await get(`/user/ada/saved?limit=100&after=${after}`)
      const { data } = reply.json
      read.push(data.children.map((child: { data: { name: string } }) => child.data.name))
      after = data.after
    }
    return read
  }
  return { emulator, world, token, renew, get, pages }
}

describe('the list', () => {
  test('shows a page as large as asked for, 100 at most, and ends at 1,000 of all', async () => {
    const { world, get, pages } = await start({ saved: 1_120 })
    const sizes = await Promise.all(
      ['', 'limit=0', 'limit=7', 'limit=1024', 'limit=x'].map(async (query) => {
        return (await get(`/user/ada/saved?${query}`)).json.data.children.length
      }),
    )
    expect(sizes).toEqual([25, 1, 7, 100, 25])
    expect((await pages()).flat()).toEqual(world.saved('ada').slice(0, 1_000))
    world.unsaveAt('ada', 0)
    expect((await pages()).flat()).toHaveLength(999)
  })

  test('is in the order of saving, in which no time of writing falls', async () => {
    const { world, get, pages } = await start({ saved: 60 })
    const times = (await get('/user/ada/saved?limit=100')).json.data.children.map(
      (child: { data: { created_utc: number } }) => child.data.created_utc,
    )
    expect(times).not.toEqual(times.toSorted((a: number, b: number) => b - a))
    const old = world.saved('ada').at(-1) as string
    world.saveThing('ada', old)
    expect((await pages())[0]?.[0]).toBe(old)
  })

  test('drops rows after a page was cut, and nothing follows one that was unsaved', async () => {
    const { world, pages, get } = await start({ saved: 250 })
    const second = world.listed('ada').slice(100, 200)
    for (const fullname of second) world.deleteByAuthor(fullname)
    expect((await pages()).map(({ length }) => length)).toEqual([100, 0, 50])
    const anchor = world.listed('ada')[20] as string
    world.unsave('ada', anchor)
    const { data } = (await get(`/user/ada/saved?after=${anchor}`)).json
    expect([data.children, data.after]).toEqual([[], null])
  })

  test('escapes texts for HTML unless raw_json=1 is asked for', async () => {
    const { world, get } = await start({ saved: 5 })
    const fullname =
      world.listed('ada').find((one) => one.startsWith('t1')) ??
      world.save('ada', 30).find((one) => one.startsWith('t1'))
    world.edit(String(fullname), 'a < b & c')
    const body = async (query: string) =>
      (await get(`/api/info?id=${fullname}${query}`)).json.data.children[0].data.body
    expect([await body(''), await body('&raw_json=1')]).toEqual(['a &lt; b &amp; c', 'a < b & c'])
  })
})

test('by id, what is not found is left out, and what is behind the hundredth', async () => {
  const { world, get } = await start({ saved: 120 })
  const ids = world.saved('ada')
  world.unsave('ada', ids[0] as string)
  world.deleteByAuthor(ids[1] as string)
  world.removeByModerator(ids[2] as string)
  world.ban(ids[3] as string)
  const { children } = (await get(`/api/info?id=t3_nothing,${ids.join(',')}`)).json.data
  expect(children).toHaveLength(98)
  expect(children.slice(0, 3).map(({ data }: { data: { saved: boolean } }) => data.saved)).toEqual([false, true, true])
  expect(children[1].data.author).toBe('[deleted]')
  expect([children[2].data.body, children[2].data.removed_by_category]).toContain(
    ids[2]?.startsWith('t1') ? '[removed]' : 'moderator',
  )
})

describe('who asks', () => {
  test('is known by a token, and sees only what is its own', async () => {
    const { emulator, world, get } = await start({ users: { ada: 3, bob: 3 } })
    const saved = '/user/ada/saved'
    expect((await get(saved, { authorization: 'bearer unknown' })).json).toEqual({
      message: 'Unauthorized',
      error: 401,
    })
    const bare = await ask(emulator.url + saved, { headers: { 'user-agent': AGENT } })
    expect([bare.status, bare.text]).toEqual([403, expect.stringContaining('whoa there, pardner!')])
    expect((await get(saved, { 'user-agent': 'python-requests/2.32' })).status).toBe(429)
    expect((await get('/user/bob/saved')).json).toEqual({ message: 'Forbidden', error: 403 })
    expect((await get('/api/v1/me')).json.name).toBe('ada')
    world.expireAccess()
    const expired = await get(saved)
    expect([expired.status, expired.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="reddit", error="invalid_token"',
    ])
  })

  test('renews with a token that stays, exchanges a code once, and is refused otherwise', async () => {
    const { world, token, renew } = await start({ saved: 3 })
    expect((await renew()).json).not.toHaveProperty('refresh_token')
    const grant = world.grants.grantOf('ada')
    const code = world.grants.issueCode(grant as NonNullable<typeof grant>)
    const exchange = () => token({ grant_type: 'authorization_code', code })
    expect((await exchange()).json.refresh_token).toBe(world.credentials('ada').refreshToken)
    expect((await exchange()).json).toEqual({ message: 'Bad Request', error: 400 })
    const stranger = await token({ grant_type: 'refresh_token', refresh_token: 'x' }, 'wrong')
    expect([stranger.status, stranger.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="reddit"'])
    const old = await start({ saved: 3, grantStatus: 200 })
    const refused = await old.token({ grant_type: 'refresh_token', refresh_token: 'x' })
    expect([refused.status, refused.json]).toEqual([200, { error: 'invalid_grant' }])
  })

  test('spends the limit of its client id, told in seconds', async () => {
    const { emulator, get } = await start({ saved: 3, limits: { requests: 2 }, clock: { at: '2026-05-20T12:00:00Z' } })
    const told = async () => {
      const { status, headers } = await get('/user/ada/saved')
      return [status, ...['used', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}`))]
    }
    expect(await told()).toEqual([200, '1', '1.0', '600'])
    emulator.clock.advance(60_000)
    expect(await told()).toEqual([200, '2', '0.0', '540'])
    expect(await told()).toEqual([429, '2', '0.0', '540'])
  })
})
