// Owns the proof that the Stalker connector reads what portals wrap their answers in, and that an envelope without its list
// is an error with a hint, which removes nothing.

import { describe, expect, onTestFinished, test } from 'vitest'
import { unwrapped } from '../../src/connectors/stalker/portal.ts'
import { type Fault, type StalkerOptions, stalkerEmulator } from '../../src/testing/emulators/index.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { openMirror } from '../support/mirror.ts'
import { providerData, providerDataMissing } from '../support/provider-data.ts'

async function started(options: StalkerOptions = {}) {
  const portal = await stalkerEmulator({ titles: 60, channels: 5, ...options })
  onTestFinished(() => portal.close())
  const mirror = await openMirror({ clock: testClock() })
  onTestFinished(() => mirror[Symbol.asyncDispose]())
  const keys = (stream: string) => mirror.sql(`select _key from stalker_${stream} order by 1`).map(({ _key }) => _key)
  return { portal, world: portal.world, keys, tv: await mirror.portal(portal) }
}

const LISTS = { query: { action: 'get_ordered_list' } }
const rewrite = (find: string, replace: string): Fault => ({ kind: 'rewrite', find, replace })
const NOTICE =
  '<br />\n<b>Notice</b>:  Undefined index: {stb} in <b>/var/www/stalker_portal/server/lib/vod.class.php</b> on line <b>312</b><br />\n'

test.each([
  ['JSONP', rewrite('^(\\{[^]*)$', 'callback($1)')],
  ['JSONP that ends a statement', rewrite('^(\\{[^]*)$', ' _cb.x1( $1 );\n')],
  ['the call of JsHttpRequest', rewrite('^\\{([^]*)$', 'JsHttpRequest.dataReady({"id":"1",$1)')],
  ['notices of PHP', rewrite('^', NOTICE)],
  ['notices of PHP behind it', rewrite('\\}$', '}\n<br /><b>Warning</b>: fclose()')],
  ['a byte order mark', rewrite('^', '\u{FEFF}')],
  ['two byte order marks', rewrite('^', '\u{FEFF}\u{FEFF}')],
  ['blank lines', rewrite('^', '\n\r\n  ')],
])('an answer is read behind %s', async (_what, fault) => {
  const { portal, world, keys, tv } = await started({ contentType: 'text/html; charset=UTF-8' })
  portal.faults.when(() => true, fault)
  expect(await tv.sync()).toMatchObject({ status: 'succeeded', notes: [] })
  for (const stream of ['movies', 'series'] as const) expect(keys(stream)).toEqual(world.ids(stream).sort())
  expect(keys('channels')).toEqual(world.channelIds().sort())
})

test.each(['Authorization failed.', 'Access denied.'])('a refusal is heard behind notices of PHP: %s', async (said) => {
  const { portal, tv } = await started()
  portal.faults.when(LISTS, { kind: 'body', body: NOTICE + said, contentType: 'text/html' })
  expect(await tv.sync({ streams: ['movies'] })).toMatchObject({ status: 'paused', error: { verdict: 'pause' } })
})

test.each([
  ['js is false', '{"js":false}'],
  ['js is null', '{"js":null}'],
  ['js is an empty list', '{"js":[]}'],
  ['js is empty text', '{"js":""}'],
  ['js is a number', '{"js":0}'],
  ['data is false', '{"js":{"total_items":60,"max_page_items":14,"data":false}}'],
  ['data is null', '{"js":{"total_items":60,"max_page_items":14,"data":null}}'],
  ['data is empty text', '{"js":{"total_items":"60","max_page_items":"14","data":""}}'],
  ['a wrapped one', `${NOTICE}callback({"js":false})`],
])('an envelope without its list is an error with a hint, and removes nothing: %s', async (_what, answer) => {
  const { portal, keys, tv } = await started()
  await tv.sync()
  const known = keys('movies')
  portal.faults.when(LISTS, { kind: 'body', body: answer, contentType: 'text/html' })
  for (let i = 0; i < 2; i++) {
    const run = await tv.sync({ mode: 'full', streams: ['movies'] })
    expect(run).toMatchObject({ status: 'failed', error: { code: 'unexpected_shape' } })
    expect(run.error?.hint).toContain('Nothing was removed')
  }
  expect(keys('movies')).toEqual(known)
})

test.each([
  ['total_items is 0', '"total_items":\\d+', '"total_items":0'],
  ['total_items is empty', '"total_items":\\d+', '"total_items":""'],
  ['total_items is false', '"total_items":\\d+', '"total_items":false'],
  ['total_items is below 0', '"total_items":\\d+', '"total_items":-1'],
  ['there is no total_items', '"total_items":\\d+,', ''],
  ['total_items counts the page', '"total_items":\\d+', '"total_items":14'],
  ['total_items is too small', '"total_items":\\d+', '"total_items":20'],
  ['there is no max_page_items', '"max_page_items":\\d+,', ''],
  ['max_page_items is 0', '"max_page_items":\\d+', '"max_page_items":0'],
  ['max_page_items is text', '"max_page_items":(\\d+)', '"max_page_items":"$1"'],
  ['neither is there', '"total_items":\\d+,"max_page_items":\\d+,', ''],
])('a listing is read to its end where %s', async (_what, find, replace) => {
  for (const options of [{}, { pageSize: 25, kind: 'xtream' }] as const) {
    const { portal, world, keys, tv } = await started(options)
    portal.faults.when(LISTS, rewrite(find, replace))
    const run = await tv.sync({ streams: ['movies', 'series'] })
    expect([options, run.status, run.error]).toEqual([options, 'succeeded', null])
    for (const stream of ['movies', 'series'] as const) expect(keys(stream)).toEqual(world.ids(stream).sort())
  }
})

test('a total that is too large leaves the run open, and removes nothing', async () => {
  const { portal, world, keys, tv } = await started()
  portal.faults.when(LISTS, rewrite('"total_items":\\d+', '"total_items":75'))
  expect((await tv.sync({ streams: ['movies'] })).status).not.toBe('succeeded')
  expect(keys('movies')).toEqual(world.ids('movies').sort())
})

test.each(['{"js":false}', '{"js":null}', '{"js":[]}', '{"js":""}', '{"js":{}}'])(
  'a handshake that is answered with nothing is a fault of the portal, and waits for no person: %s',
  async (answer) => {
    const { portal, keys, world, tv } = await started()
    const shakes = { query: { action: 'handshake' } }
    const nothing: Fault = { kind: 'body', body: answer, contentType: 'text/javascript' }
    portal.faults.when(shakes, nothing)
    for (const isFirst of [true, false]) {
      const run = await tv.sync({ streams: ['movies'] })
      expect([isFirst, run.status, run.error?.code]).toEqual([isFirst, 'failed', 'unexpected_shape'])
      expect(run.error?.hint).toContain('Nothing was removed')
      expect((await tv.status()).paused).toEqual([])
    }
    portal.faults.clear()
    expect((await tv.sync({ streams: ['movies'] })).status).toBe('succeeded')
    portal.expireTokens()
    portal.faults.when(shakes, nothing)
    expect((await tv.sync({ streams: ['movies'] })).status).toBe('failed')
    expect(keys('movies')).toEqual(world.ids('movies').sort())
  },
)

test.each(['{"js":false}', '{"js":null}', '{"js":[]}', '{"js":{}}', '{"js":""}'])(
  'a portal that has no answer for its categories of series has not lost them, nor its series: %s',
  async (answer) => {
    const { portal, keys, tv } = await started({ kind: 'xtream', titles: 120 })
    await tv.sync()
    const known = [keys('categories'), keys('series'), keys('movies')]
    portal.faults.when(
      { query: { type: 'series', action: 'get_categories' } },
      { kind: 'body', body: answer, contentType: 'text/javascript' },
    )
    for (const mode of ['auto', 'auto', 'full', 'full'] as const) {
      const run = await tv.sync({ mode })
      expect([mode, run.status]).not.toEqual([mode, 'succeeded'])
      expect([keys('categories'), keys('series'), keys('movies')]).toEqual(known)
    }
    portal.faults.clear()
    expect((await tv.sync({ mode: 'full' })).status).toBe('succeeded')
    expect([keys('categories'), keys('series'), keys('movies')]).toEqual(known)
  },
)

test('a category of films that is not listed any more is gone with the second list without it', async () => {
  const { portal, keys, tv } = await started({ kind: 'ministra' })
  await tv.sync()
  const [first, ...others] = keys('categories')
  const films = { query: { type: 'vod', action: 'get_categories' } }
  portal.faults.when(films, rewrite(`\\{"id":"${String(first)}"[^}]*\\},?`, ''))
  for (let run = 0; run < 2; run++) await tv.sync({ streams: ['categories'] })
  expect(keys('categories')).toEqual(others)
})

interface Fragment {
  readonly http_status?: number
  readonly content_type?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly raw_body?: string
  readonly variants?: readonly unknown[]
}

/** What clients have met, and what becomes of it in the place that it was met in. */
const FRAGMENTS: readonly (readonly [name: string, action: string, outcome: Readonly<Record<string, unknown>>])[] = [
  ['auth_failed_http200_plain_text', 'get_ordered_list', { status: 'paused' }],
  ['access_denied_http200_plain_text', 'get_ordered_list', { status: 'paused' }],
  ['auth_failed_near_miss', 'get_ordered_list', { status: 'paused' }],
  ['profile_blocked_real_shape', 'get_profile', { status: 'paused', error: { code: 'login_expired' } }],
  ['waf_403', 'get_ordered_list', { status: 'failed', error: { code: 'forbidden' } }],
  ['rate_limit_429', 'get_ordered_list', { status: 'succeeded' }],
  ['series_categories_unsupported', 'get_categories', { status: 'succeeded' }],
  ['ordered_list_js_as_array', 'get_ordered_list', { status: 'succeeded', keys: ['1'] }],
  ['ordered_list_js_as_numeric_object', 'get_ordered_list', { status: 'succeeded', keys: ['1', '2'] }],
  ['empty_list_xc', 'get_ordered_list', { status: 'succeeded', keys: [] }],
]

describe.skipIf(providerDataMissing !== undefined)('fragments that clients have recorded', () => {
  const all = providerDataMissing
    ? {}
    : providerData<Record<string, Fragment>>('stalker/envelopes-errors-and-fragments.json')

  test.each(FRAGMENTS)('%s', async (name, action, { keys: expected, ...outcome }) => {
    const { http_status: status = 200, content_type: contentType = 'text/javascript', headers, ...told } = all[name]!
    for (const given of told.variants ?? [told.raw_body ?? told.body]) {
      const { portal, world, keys, tv } = await started()
      const body = typeof given === 'string' ? given : JSON.stringify(given)
      const paged = action === 'get_ordered_list' ? { p: '1' } : action === 'get_categories' ? { type: 'series' } : {}
      const fault: Fault = headers
        ? { kind: 'status', status, body, headers }
        : { kind: 'body', status, body, contentType }
      // A limit is over when its time is.
      portal.faults.when({ query: { action, ...paged } }, fault, headers ? 1 : undefined)
      if (expected) portal.faults.when(LISTS, { kind: 'body', body: '{"js":{"data":[]}}' })
      const { status: ended, error } = await tv.sync({ streams: ['movies'] })
      expect([name, { status: ended, error }]).toMatchObject([name, outcome])
      expect(keys('movies')).toEqual(outcome['status'] === 'succeeded' ? (expected ?? world.ids('movies').sort()) : [])
    }
  })

  test('jsonp', () => {
    expect(JSON.parse(unwrapped(all['jsonp']?.raw_body ?? '') ?? '')).toEqual({ js: { token: 'SESSION_TOKEN' } })
  })

  test('are all that there are, but for a handshake, whose shape is the emulator’s, and a row of a file, which nobody reads', () => {
    const others = ['jsonp', 'handshake_real', 'file_row_real']
    expect(new Set([...FRAGMENTS.map(([name]) => name), ...others])).toEqual(new Set(Object.keys(all)))
  })
})
