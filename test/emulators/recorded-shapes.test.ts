// Owns the comparison of the emulators with what the providers themselves said: every recorded or documented field is
// there with the same type, and headers read alike. The recordings belong to others and are not part of the project;
// they are used where they lie beside the checkout.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, type TestContext, test } from 'vitest'
import {
  type ExportOptions,
  githubEmulator,
  redditEmulator,
  signRequest,
  signWebhook,
  stalkerEmulator,
  tiktokEmulator,
  tiktokExportEmulator,
  tiktokShopEmulator,
  youtubeEmulator,
} from '../../src/testing/emulators/index.ts'
import { ask, during } from './asking.ts'
import { differences, shapeOf } from './shapes.ts'

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'shared', 'provider-data')

/** Reads a recording; a test that has none to compare with says so and is skipped. */
function recorded(context: TestContext, file: string): unknown {
  const path = join(FOLDER, file)
  if (!existsSync(path)) context.skip(`there is no ../shared/provider-data/${file} beside this checkout`)
  return JSON.parse(readFileSync(path, 'utf8'))
}

interface Cassette {
  readonly interactions: readonly {
    readonly request: { readonly uri: string }
    readonly response: {
      readonly status: { readonly code: number }
      readonly headers: Readonly<Record<string, string>>
      readonly body: unknown
    }
  }[]
}

/** A header's value, or only its form where the value is the moment's own. */
function readable(name: string, value: string): string {
  if (name === 'ETag') return value.replace(/[0-9a-f]{32,64}/, 'digest')
  if (name === 'Date') return new Date(value).toUTCString() === value ? 'date' : value
  if (name === 'X-GitHub-Request-Id') return value.replaceAll(/[0-9A-F]+/g, 'hex')
  if (name === 'X-RateLimit-Reset') return value.replace(/^\d{10}$/, 'seconds')
  return name === 'X-RateLimit-Remaining' ? value.replace(/^\d+$/, 'count') : value
}

interface Interaction {
  readonly status: number
  readonly response: Record<string, unknown>
}

test('the comparison finds what differs', () => {
  const shape = shapeOf([{ a: 1, b: [{ c: 'x' }, { c: null }], d: '2020-01-01T00:00:00Z' }])
  expect(
    differences(shape, shapeOf([{ a: 2, b: [{ c: null }, { c: 'y', e: 1 }], d: '2021-02-03T04:05:06Z' }])),
  ).toEqual([])
  expect(differences(shape, shapeOf([{ a: 1.5, b: [{ c: 'y' }], d: 'soon' }]))).toEqual([
    '.a is integer, emulated fraction',
    '.b[].c is null|string, emulated string',
    '.d is time, emulated string',
  ])
  expect(differences(shape, shapeOf([{}]))[0]).toBe('.a is integer, emulated nothing')
})

describe('github', () => {
  const RENAME = 'github/octokit-fixtures-rename-repository.json'
  const STARS = 'github/github3py-starred-all7pages-slim.json'

  /** The same listing as the recorded one, read from an emulator. */
  async function emulatedPages(path: string) {
    const emulator = await during(githubEmulator({ stars: 616, limits: { anonymous: 60 } }))
    const pages = []
    let url: string | undefined = emulator.url + path
    while (url) {
      const reply = await ask(url, { headers: { accept: 'application/vnd.github.v3.star+json' } })
      pages.push(reply)
      url = /<([^>]*)>; rel="next"/.exec(reply.headers.get('link') ?? '')?.[1]
    }
    return { emulator, pages }
  }

  test('starred rows have every recorded field, with the same types', async (context) => {
    const { interactions } = recorded(context, STARS) as Cassette
    const rows = interactions.flatMap(({ response }) => response.body as unknown[])
    const { pages } = await emulatedPages('/users/ada/starred?sort=50&per_page=100')
    const recording = shapeOf(rows)
    expect(recording.size).toBeGreaterThan(17)
    expect(differences(recording, shapeOf(pages.flatMap((page) => page.json as unknown[])))).toEqual([])
    expect(pages.map((page) => page.json.length)).toEqual(
      interactions.map(({ response }) => (response.body as []).length),
    )
  })

  test('ties lie as recorded: 26 over the last page boundary', async (context) => {
    const { interactions } = recorded(context, STARS) as Cassette
    const tied = (pages: readonly { starred_at: string }[][]) => {
      const oldest = pages.at(-1)?.at(-1)?.starred_at
      return pages.map((page) => page.filter((row) => row.starred_at === oldest).length)
    }
    const { pages } = await emulatedPages('/users/ada/starred?per_page=100')
    expect(tied(pages.map((page) => page.json))).toEqual(
      tied(interactions.map(({ response }) => response.body as { starred_at: string }[])),
    )
  })

  test('headers are those recorded, and links read alike on all seven pages', async (context) => {
    const { interactions } = recorded(context, STARS) as Cassette
    const { emulator, pages } = await emulatedPages('/users/ada/starred?sort=50&per_page=100')
    const { id } = (await ask(`${emulator.url}/users/ada`)).json
    const alike = (link: string) =>
      link.replaceAll(`${emulator.url}/user/${id}/`, 'https://api.github.com/user/240830/')
    expect(pages).toHaveLength(interactions.length)
    for (const [i, { response }] of interactions.entries()) {
      const { headers } = pages[i] as (typeof pages)[number]
      // `Status` was dropped by the provider since.
      const names = Object.keys(response.headers).filter((name) => name !== 'Status')
      expect(names.length).toBeGreaterThan(9)
      const own = names.map((name) => [name, readable(name, alike(headers.get(name) ?? 'nothing'))])
      expect(own).toEqual(names.map((name) => [name, readable(name, response.headers[name] ?? '')]))
    }
    const remaining = pages.map((page) => Number(page.headers.get('x-ratelimit-remaining')))
    expect(remaining).toEqual([59, 58, 57, 56, 55, 54, 53])
  })

  test('whole repositories have the fields of a recorded one, but for those that lists leave out', async (context) => {
    const [first] = recorded(context, RENAME) as Interaction[]
    const { emulator } = await emulatedPages('/users/ada/starred?per_page=100')
    const headers = { authorization: 'Bearer token-of-ada', accept: 'application/vnd.github+json' }
    const rows = (await ask(`${emulator.url}/user/starred?per_page=100`, { headers })).json as Record<string, unknown>[]
    const names = Object.keys(first?.response ?? {})
    expect(names.length).toBeGreaterThan(80)
    // What only the owner of a repository, or its own page, is shown.
    const single =
      /^(allow_(squash_merge|merge_commit|rebase_merge|auto_merge|update_branch)|delete_branch_on_merge|use_squash|squash_|merge_|organization$|parent$|source$|network_count|subscribers_count|security_and|custom_prop)/
    expect(names.filter((name) => !(name in (rows[0] ?? {})) && !single.test(name))).toEqual([])
    const { organization: _, ...own } = first?.response ?? {}
    const nullable = new Set(['.description', '.homepage', '.language', '.license', '.mirror_url', '.pushed_at'])
    const shape = shapeOf([own])
    for (const path of shape.keys()) {
      if (nullable.has(path) || single.test(path.slice(1)) || path === '') shape.delete(path)
    }
    expect(differences(shape, shapeOf(rows))).toEqual([])
  })

  test('a redirect after a rename and /rate_limit have the recorded members', async (context) => {
    const all = recorded(context, RENAME) as Interaction[]
    const redirect = all.find(({ status }) => status === 301)
    const limit = (recorded(context, 'github/github3py-GitHub_rate_limit.json') as Cassette).interactions[0]?.response
    const emulator = await during(githubEmulator({ stars: 1 }))
    const [row] = emulator.world.stars('ada')
    emulator.world.rename(row?.repo['id'] as number, 'renamed')
    const moved = await ask(`${emulator.url}/repos/${String(row?.repo['full_name'])}`)
    expect(redirect).toBeDefined()
    expect(Object.keys(moved.json).sort()).toEqual(Object.keys(redirect?.response ?? {}).sort())
    expect(moved.json.message).toBe(redirect?.response['message'])
    const { json } = await ask(`${emulator.url}/rate_limit`)
    expect(differences(shapeOf([limit?.body]), shapeOf([json]))).toEqual([])
    expect(json.resources.core.limit).toBe(60)
  })

  test('errors have members that were recorded, and answers a mark of the recorded form', async (context) => {
    const [refused] = recorded(context, 'github/octokit-fixtures-errors.json') as Interaction[]
    const marks = recorded(context, 'github/github3py-GitHubIterator_catch_etags.json') as Cassette
    const emulator = await during(githubEmulator({ stars: 1 }))
    const { json } = await ask(`${emulator.url}/users/nobody/starred`)
    // The status has come since; what is wrong with single fields is told of what is written.
    const members = Object.keys(refused?.response ?? {}).filter((name) => name !== 'errors')
    expect(Object.keys(json).toSorted()).toEqual([...members, 'status'].toSorted())
    expect(typeof json.message).toBe(typeof refused?.response['message'])
    const mark = marks.interactions[0]?.response.headers['etag'] ?? 'none'
    const { headers } = await ask(`${emulator.url}/users/ada/starred`)
    const form = (etag: string) => etag.replaceAll(/[0-9a-f]{32,64}/g, 'digest')
    expect(form(headers.get('etag') ?? '')).toBe(form(mark))
  })
})

describe('reddit', () => {
  const [SAVED, INFO, UPVOTED] = ['reddit/praw-saved.json', 'reddit/praw-info.json', 'reddit/praw-upvoted.json']
  /** What only moderators see, and what Reddit shows no more; media and previews are left out of the emulator. */
  const LEFT_OUT =
    /^\.(approved_by|banned_by|report_reasons|user_reports|mod_reports|num_reports|removal_reason|from|from_id|from_kind|(secure_)?media(_embed)?|preview|post_hint|author_flair_css_class|link_flair_css_class)\b/

  interface Thing {
    readonly kind: string
    readonly data: Record<string, unknown>
  }

  /** Every path of the recording at which the emulator never has one of the recorded types. */
  function lacking(recording: readonly Thing[], emulated: readonly Thing[], kind: string): string[] {
    const shape = (things: readonly Thing[]) =>
      shapeOf(things.filter((one) => one.kind === kind).map(({ data }) => data))
    const own = shape(emulated)
    const isIn = (path: string, type: string) => own.get(path)?.has(type) ?? false
    return [...shape(recording)]
      .filter(([path, types]) => !LEFT_OUT.test(path) && ![...types].every((type) => isIn(path, type)))
      .map(
        ([path, types]) =>
          `${path} is ${[...types].join('|')}, emulated ${[...(own.get(path) ?? ['nothing'])].join('|')}`,
      )
  }

  /** Somebody who has saved so many things, and a way to ask for the list. */
  async function emulatedUser(saved: number) {
    const emulator = await during(redditEmulator({ saved }))
    const { url, clientId, clientSecret, world } = emulator
    const agent = { 'user-agent': 'test:recorded:1 (by /u/ada)' }
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: world.credentials('ada').refreshToken,
    })
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
    const token = await ask(`${url}/api/v1/access_token`, {
      method: 'POST',
      headers: { ...agent, authorization: `Basic ${basic}` },
      body: form,
    })
    const headers = { ...agent, authorization: `bearer ${token.json.access_token}` }
    const get = (more: string) => ask(`${url}/user/ada/saved?limit=100&raw_json=1${more}`, { headers })
    return { url, world, token, headers, get }
  }

  /** The first page of a list, and things by id, as somebody sees them who has saved and unsaved some. */
  async function emulatedAnswers() {
    const { url, world, token, headers, get } = await emulatedUser(100)
    for (const fullname of world.listed('ada').slice(0, 20)) world.edit(fullname, 'Edited')
    const saved = await get('')
    const ids = world.listed('ada')
    for (let i = 0; i < 20; i++) world.unsaveAt('ada', 0)
    const info = await ask(`${url}/api/info?id=${ids.join(',')}&raw_json=1`, { headers })
    return { token, saved, info, children: [...saved.json.data.children, ...info.json.data.children] as Thing[] }
  }

  const answerIn = (context: TestContext, file: string, index: number) => {
    const { response } = (recorded(context, file) as Cassette).interactions[index] as Cassette['interactions'][number]
    return response
  }
  const listingIn = (context: TestContext, file: string, index: number) => {
    const response = answerIn(context, file, index)
    return { ...response, data: (response.body as { data: Record<string, unknown> & { children: Thing[] } }).data }
  }

  test.for(['t1', 't3'])(
    'things of kind %s have every recorded field, with the recorded types',
    async (kind, context) => {
      // Both lists of ids, for some fields are of two types.
      const { children } = await emulatedAnswers()
      for (const [file, index] of [
        [SAVED, 1],
        [INFO, 1],
        [INFO, 2],
        [UPVOTED, 1],
      ] as const) {
        const { data } = listingIn(context, file, index)
        expect([file, lacking(data.children, children, kind)]).toEqual([file, []])
      }
    },
  )

  test('listings, headers and tokens have the recorded members', async (context) => {
    const { data, headers } = listingIn(context, SAVED, 1)
    const { token, saved, info } = await emulatedAnswers()
    // `dist` has come since.
    const members = (value: object) =>
      Object.keys(value)
        .filter((name) => !/^_|^dist$/.test(name))
        .sort()
    expect(members(saved.json.data)).toEqual(members(data))
    expect(members(info.json.data)).toEqual(members(listingIn(context, INFO, 1).data))
    expect(members(token.json)).toEqual(members(answerIn(context, SAVED, 0).body as object))
    for (const name of Object.keys(headers)) expect([name, saved.headers.has(name)]).toEqual([name, true])
    expect(saved.headers.get('x-ratelimit-remaining')).toMatch(/^\d+\.0$/)
    expect(headers['x-ratelimit-remaining' as keyof typeof headers]).toMatch(/^\d+\.0$/)
    expect(saved.text).toMatch(/"created_utc":\d+\.0[,}]/)
  })

  test('a list is read to its end as it was recorded: every page but the last says what comes after it', async (context) => {
    const { interactions } = recorded(context, 'reddit/praw-exhaust_items.json') as Cassette
    const pages = interactions.slice(1).map(({ request, response }) => {
      const { after } = (response.body as { data: { after: string | null } }).data
      return { asked: new URL(request.uri).searchParams.get('after'), after }
    })
    expect(pages.length).toBeGreaterThan(5)
    const { world, get } = await emulatedUser(250)
    const own: typeof pages = []
    for (let asked: string | null = null; own.length === 0 || asked !== null; asked = own.at(-1)?.after ?? null) {
      const { data } = (await get(asked === null ? '' : `&after=${asked}`)).json
      const names = data.children.map((child: Thing) => child.data['name'])
      expect(names).toEqual(world.listed('ada').slice(own.length * 100, (own.length + 1) * 100))
      own.push({ asked, after: data.after })
    }
    for (const walk of [pages, own]) {
      expect(walk.map(({ asked }) => asked)).toEqual([null, ...walk.slice(0, -1).map(({ after }) => after)])
      expect(walk.map(({ after }) => after !== null)).toEqual([...walk.slice(1).map(() => true), false])
    }
  })
})

describe('tiktok-export', () => {
  const FILE = 'tiktok-export/variants-and-empties.json'

  /** What a list, or a group, of a file holds. */
  async function written(options: ExportOptions): Promise<unknown> {
    const emulator = await during(tiktokExportEmulator({ favorites: 3, likes: 2 }))
    const pieces: Uint8Array[] = []
    for await (const piece of emulator.exportFile(options)) pieces.push(piece)
    return JSON.parse(Buffer.concat(pieces).toString())
  }

  test.for<[string, ExportOptions]>([
    ['old_empty', { shape: 'activity', forms: { favorites: 'null' } }],
    ['new_empty_null', { forms: { favorites: 'null' } }],
    ['new_section_missing', { forms: { favorites: 'no section', likes: 'no section' } }],
    ['lowercase_keys_likelist', {}],
    ['canonical_links', { shape: 'activity', links: 'canonical' }],
  ])('a file has what public parsers know as %s', async ([name, options], context) => {
    const { cases } = recorded(context, FILE) as { cases: Record<string, unknown> }
    expect(cases[name]).toBeDefined()
    // It has more sections; the kind of app stands with the favourites only.
    const found = differences(shapeOf([cases[name]]), shapeOf([await written(options)]))
    expect(found.filter((one) => !one.includes('.Like List.App'))).toEqual([])
  })
})

describe('tiktok-shop', () => {
  /** A world in which everything that an order can have has happened to some order. */
  const orders = async () => {
    const emulator = await during(tiktokShopEmulator({ orders: 500 }))
    return { emulator, rows: emulator.world.orders() }
  }

  test('orders have every documented field, with the same types', async (context) => {
    const { order } = recorded(context, 'tiktok-shop/order-202309-doc-example.json') as { order: unknown }
    const { body } = recorded(context, 'tiktok-shop/order-detail-auto-combine-doc-example.json') as {
      body: { data: { orders: unknown[] } }
    }
    const { rows } = await orders()
    const recording = shapeOf([order])
    expect(recording.size).toBeGreaterThan(100)
    expect(differences(recording, shapeOf(rows))).toEqual([])
    expect(differences(shapeOf(body.data.orders), shapeOf(rows))).toEqual([])
  })

  test('signatures equal the recorded golden vectors', (context) => {
    const { api_request: api, webhook } = recorded(context, 'tiktok-shop/golden-signatures.json') as {
      api_request: { app_secret: string; path: string; query: Record<string, string>; sign: string }
      webhook: { app_key: string; app_secret: string; raw_body: string; authorization: string }
    }
    expect(signRequest(api.app_secret, { path: api.path, query: Object.entries(api.query) })).toBe(api.sign)
    expect(signWebhook(webhook.app_key, webhook.app_secret, webhook.raw_body)).toBe(webhook.authorization)
  })

  test('webhooks have the documented members, with the same types', async (context) => {
    const samples = recorded(context, 'tiktok-shop/webhook-order-status-change-samples.json') as unknown[]
    const { emulator } = await orders()
    emulator.webhooks.start()
    emulator.world.create(1)
    const sent = emulator.webhooks.pending.map((webhook) => JSON.parse(webhook.body) as unknown)
    expect(sent).toHaveLength(1)
    expect(differences(shapeOf(samples), shapeOf(sent))).toEqual([])
  })
})

describe('stalker', () => {
  const started = (options: Parameters<typeof stalkerEmulator>[0]) =>
    during(stalkerEmulator({ titles: 80, ...options }))

  /** Handshake, profile, and the first page of all titles. */
  async function session({ mac, endpoint }: { readonly mac: string; readonly endpoint: string }) {
    const cookie = `mac=${mac}`
    const say = (query: string, authorization = '') =>
      ask(`${endpoint}?${query}`, { headers: { cookie, authorization } })
    const handshake = await say('type=stb&action=handshake')
    const bearer = `Bearer ${String(handshake.json.js.token)}`
    const profile = await say('type=stb&action=get_profile', bearer)
    return { handshake, profile, say: (query: string) => say(query, bearer) }
  }

  test.for([
    ['ministra', 'stalker/constructed-ministra-vod-page1.json'],
    ['xtream', 'stalker/constructed-xc-vod-page1.json'],
  ] as const)('a page of %s has every documented field, with the same types', async ([kind, file], context) => {
    const { body } = recorded(context, file) as { body: { js: { data: unknown[] } } }
    const { say } = await session(await started({ kind }))
    const { json } = await say('type=vod&action=get_ordered_list&category=*&sortby=added&p=1')
    expect(shapeOf([body]).size).toBeGreaterThan(60)
    const dressed = new Set(['.js.data[].series[]', '.js.data[].screenshot_uri'])
    const found = differences(shapeOf([body]), shapeOf([json]))
    expect(found.filter((one) => ![...dressed].some((path) => one.startsWith(path)))).toEqual([])
  })

  test('handshake, refusals and the profile of a blocked device are those recorded', async (context) => {
    const all = recorded(context, 'stalker/envelopes-errors-and-fragments.json') as Record<
      string,
      { body?: unknown; raw_body?: string; content_type?: string }
    >
    const portal = await started({})
    const { handshake, say } = await session(portal)
    expect(differences(shapeOf([all['handshake_real']?.body]), shapeOf([handshake.json]))).toEqual([])
    portal.world.block()
    const { json } = await say('type=stb&action=get_profile')
    const blocked = all['profile_blocked_real_shape']?.body as { js: unknown } | undefined
    expect(json.js).toEqual(blocked?.js)
    portal.expireTokens()
    const refused = await say('type=vod&action=get_categories')
    expect([refused.status, refused.text]).toEqual([200, all['auth_failed_http200_plain_text']?.raw_body])
    expect(refused.headers.get('content-type')).toContain(all['auth_failed_http200_plain_text']?.content_type)
  })
})

describe('youtube', () => {
  const file = (name: string) => `youtube/python-youtube-${name}.json`

  /** Answers of a channel whose videos have all that a video can have, with times as they were in 2019. */
  async function answers() {
    const site = await during(youtubeEmulator({ seed: 2, videos: 60, times: 'millis' }))
    const { apiUrl, apiKey, world } = site
    const get = async (path: string, query: Record<string, string>) =>
      (await ask(`${apiUrl}${path}?${String(new URLSearchParams({ key: apiKey, ...query }))}`)).json
    const channel = await get('/channels', { part: 'snippet', forHandle: '@ada' })
    const page = (pageToken: string) =>
      get('/playlistItems', {
        part: 'snippet',
        playlistId: String(world.channel('@ada')?.uploads),
        maxResults: '10',
        ...(pageToken !== '' && { pageToken }),
      })
    const videos = await get('/videos', { part: 'snippet,player', id: world.listed('@ada').slice(0, 50).join(',') })
    return { site, get, channel, page, videos }
  }

  test('channels, rows of a playlist and videos have every recorded field, with the same types', async (context) => {
    const { channel, page, videos } = await answers()
    // Its times have no milliseconds; a channel has a handle since.
    const own = JSON.parse(JSON.stringify(channel).replace('.000Z', 'Z')) as unknown
    expect(differences(shapeOf([recorded(context, file('channels-info'))]), shapeOf([own]))).toEqual([])
    expect(differences(shapeOf([recorded(context, file('videos-videos_info_multi'))]), shapeOf([videos]))).toEqual([])
    for (const [name, token] of [
      ['playlist_items-playlist_items_paged_1', ''],
      ['playlist_items-playlist_items_paged_2', 'CAoQAA'],
    ] as const) {
      const recording = recorded(context, file(name)) as { prevPageToken?: string }
      const { nextPageToken, ...emulated } = await page(token)
      expect(differences(shapeOf([recording]), shapeOf([{ nextPageToken, ...emulated }]))).toEqual([])
      expect(nextPageToken).toBe(token === '' ? (recording as { nextPageToken?: string }).nextPageToken : 'CBQQAA')
      expect(emulated.prevPageToken).toBe(token === '' ? undefined : 'CAAQAQ')
    }
  })

  test('a key that is refused, and what may not be read, are those recorded', async (context) => {
    const { site, get } = await answers()
    const { apiKey, faults, world } = site
    faults.next({ kind: 'status', status: 403 })
    expect(await get('/videos', { part: 'snippet', id: 'x' })).toEqual(recorded(context, file('error_permission_resp')))
    world.setKey(apiKey, 'invalid-2019')
    expect(await get('/videos', { part: 'snippet', id: 'x' })).toEqual(recorded(context, file('error_response')))
  })
})

describe('apify', () => {
  const ACTOR = 'apidojo~tiktok-scraper-api'

  async function account() {
    const emulator = await during(tiktokEmulator({ posts: 20 }))
    const headers = { authorization: `Bearer ${emulator.apifyToken}` }
    const get = async (path: string) => (await ask(`${emulator.url}/v2/${path}`, { headers })).json
    const run = async () => {
      const body = JSON.stringify({ startUrls: ['https://www.tiktok.com/@ada'], maxItems: 5 })
      return (await ask(`${emulator.url}/v2/actors/${ACTOR}/runs`, { method: 'POST', headers, body })).json.data
    }
    return { world: emulator.world, get, run }
  }

  /** Fields of runs that were started by a task. */
  const isOfTasks = (difference: string) => /\.actorTaskId\b/.test(difference)

  test('a run has every documented field, with the same types', async (context) => {
    const documented = recorded(context, 'apify-platform/openapi-run-object-aborted-example.json')
    const { world, get, run } = await account()
    world.nextRun({ status: 'ABORTED', rows: 3 })
    const { id } = await run()
    const found = differences(shapeOf([documented]), shapeOf([await get(`actor-runs/${id}`)]))
    expect(shapeOf([documented]).size).toBeGreaterThan(60)
    expect(found.filter((one) => !isOfTasks(one))).toEqual([])
  })

  test('so has a list of runs', async (context) => {
    const documented = recorded(context, 'apify-platform/openapi-list-of-runs-example.json') as { value: unknown }
    const { get, run } = await account()
    await run()
    const found = differences(shapeOf([documented.value]), shapeOf([await get('actor-runs')]))
    expect(found.filter((one) => !isOfTasks(one))).toEqual([])
  })

  test('a run has what a webhook tells of it', async (context) => {
    const { body } = recorded(context, 'apify-platform/docs-webhook-payload-example.json') as {
      body: { resource: object; eventData: object }
    }
    const { get, run } = await account()
    const { id, actId } = await run()
    expect(differences(shapeOf([body.resource]), shapeOf([(await get(`actor-runs/${id}`)).data]))).toEqual([])
    expect(differences(shapeOf([body.eventData]), shapeOf([{ actorId: actId, actorRunId: id }]))).toEqual([])
  })

  test.for([
    ['demo', 'sentinel-apidojo-free-plan-demo.json'],
    ['noResults', 'sentinel-apidojo-noResults.json'],
  ] as const)('rows that say %s are those measured', async ([sentinel, file], context) => {
    const { world, get, run } = await account()
    world.nextRun({ sentinel })
    const { defaultDatasetId } = await run()
    expect(await get(`datasets/${defaultDatasetId}/items`)).toEqual(recorded(context, `apify-tiktok/${file}`))
  })
})
