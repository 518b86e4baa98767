// Owns the Stalker connector: the categories, films, series and channels of a Ministra (Stalker) portal or of an emulator
// of one.
//
// Facts (server/lib/vod.class.php of stalker_portal, and clients of it): a listing has 14 rows a page, `p` counts from 1,
// and a page past the end has no rows. `sortby=added` is newest first, without anything that orders rows of one second;
// without it the order is by name. On Ministra films and series are rows of one table, told apart by `is_series`; emulators
// list series with `type=series`, and say of it that there is nothing (false, null) where they don't. There is no time of
// change, no reading by id, no list that is not paged: a portal with 83,183 titles has 5,942 pages.

import { defineConnector, stream } from '../connector/connector.ts'
import { bareAddress, secret, z } from '../connector/options.ts'
import type { KeysRequest, Page, PageRequest, Testimony } from '../connector/page.ts'
import { fullPass, newestFirst } from '../connector/passes.ts'
import type { TidemarkError } from '../model/errors.ts'
import { isObject, type Json } from '../model/json.ts'
import {
  addressOf,
  ask,
  classify,
  type List,
  listOf,
  natural,
  noPage,
  type Portal,
  unwrapped,
} from './stalker/portal.ts'
import {
  CATEGORY_TYPE,
  category,
  categoryOf,
  channel,
  channelOf,
  flagOf,
  type Row,
  title,
  titleOf,
  withImage,
} from './stalker/rows.ts'
import { check, openSession, sign } from './stalker/session.ts'

/** The server's constant; a client can't ask for more. */
const PAGE_SIZE = 14
/** Portals have been seen to lock out who asks for all pages in parallel; a box itself asks for a few things at once. */
const AT_ONCE = 4

const options = z
  .object({
    portalUrl: bareAddress(
      'Portal address as your provider sent it for the box, such as http://portal.example/c/ (…/portal.php and …/server/load.php will do, too)',
    ).meta({ required: true, example: 'http://portal.example/c/' }),
    mac: z
      .string()
      .regex(
        /^\s*[0-9A-Fa-f]{2}(?:[:-]?[0-9A-Fa-f]{2}){5}\s*$/,
        'is not a MAC address: it has six pairs of digits and letters A to F, such as 00:1A:79:12:34:56',
      )
      // Labels and systems write it with dashes, or without anything; a portal knows it in one form.
      .transform((mac) => (mac.match(/[0-9A-Fa-f]{2}/g) ?? []).join(':'))
      .meta({
        label: 'MAC address',
        example: '00:1A:79:12:34:56',
        description:
          'MAC address of the box that your provider has registered: on its label, or under Settings, System',
      }),
    login: z.string().min(1).optional().meta({ description: 'Login, where the portal asks for one at its start' }),
    password: secret('Password that belongs to the login').optional(),
    serialNumber: z.string().min(1).optional().meta({
      advanced: true,
      description: 'Serial number (S/N) of the box, where the provider has registered it with the MAC address',
    }),
    deviceId: z.string().min(1).optional().meta({
      advanced: true,
      description: 'Device ID of the box, where the provider has registered it with the MAC address',
    }),
    requestsAtOnce: z.coerce
      .number()
      .int('is no whole number')
      .min(1, 'is less than 1')
      .max(8, 'is more than 8')
      .default(AT_ONCE)
      .meta({
        advanced: true,
        description:
          'Pages asked for at once, at most; 1 if your provider locks out who asks in parallel. A slow portal is asked for fewer by itself',
      }),
    token: secret('Session of the portal; leave it out: it is asked for by itself').meta({ advanced: true }).optional(),
  })
  .refine(
    (given) => given.portalUrl !== undefined || ('baseUrl' in given && given.baseUrl !== undefined),
    'portalUrl is needed (or baseUrl, which stands for it)',
  )

// ── listings ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Where a listing goes on: a page number, and how many rows a page has. */
interface Place {
  readonly p: number
  readonly size: number
}

function placeOf(token: Json | undefined): Place {
  if (!isObject(token)) return { p: 1, size: 0 }
  const [p, size] = [natural(token['p']), natural(token['size'])]
  return { p: p || 1, size: size ?? 0 }
}

type ListType = 'vod' | 'series' | 'itv'

const WHAT = { vod: 'titles', series: 'series', itv: 'channels' } as const

async function readList(portal: Portal, type: ListType, p: number): Promise<List> {
  const common = { type, action: 'get_ordered_list', p, fav: 0, hd: 0, not_ended: 0, abc: '*', years: '*', search: '' }
  const query =
    type === 'itv'
      ? { ...common, genre: '*', sortby: 'number', force_ch_link_check: 0 }
      : { ...common, category: '*', genre: '*', sortby: 'added', movie_id: 0, season_id: 0, episode_id: 0 }
  return listOf(await ask(portal, query), WHAT[type])
}

/** A page. How many rows there are on one is told by the portal, or by its first page. */
async function readPage(portal: Portal, type: ListType, token: Json | undefined): Promise<Page> {
  const { p, size: known } = placeOf(token)
  const { rows, total: said, size: told = 0 } = await readList(portal, type, p)
  const size = known || Math.max(told, rows.length) || PAGE_SIZE
  const above = (p - 1) * size
  if (rows.length === 0 && said !== undefined && above < said) {
    throw noPage(`Page ${p} of the ${WHAT[type]} is empty, though the portal says that it has ${said}.`)
  }
  const shown = above + rows.length
  // Some portals say 0, or count what the page shows: what is less than was shown is no total.
  const total = said === undefined || said < shown ? undefined : said
  // A total of just one full page may be the number of its rows.
  const isEnd = rows.length === 0 || (total === shown && (p > 1 || rows.length < size))
  const records = rows.map((row) => withImage(row, addressOf(portal.options)))
  return { records, next: isEnd ? undefined : { p: p + 1, size }, total }
}

/** On a row of the one table that holds films and series: which of them it is. */
const KIND = Symbol('kind')

/** A page of the table that holds both. All of its rows are given: only they and the total together show what is missing. */
async function readTable(portal: Portal, token: Json | undefined): Promise<Page> {
  const page = await readPage(portal, 'vod', token)
  const kindOf = (row: Row) => (flagOf(row['is_series']) === true ? 'series' : 'movies')
  const records = page.records.map((row) => (isObject(row) ? { ...row, [KIND]: kindOf(row) } : row))
  return { ...page, records }
}

/** Whether a row is of this kind; one that is not of the table is. */
function isOf(kind: 'movies' | 'series') {
  return (row: { readonly [KIND]?: string } | null) => (row?.[KIND] ?? kind) === kind
}

/** The page behind one that can't be read. */
function pageBehind(token: Json): Json {
  const { p, size } = placeOf(token)
  return { p: p + 1, size }
}

// ── movies and series ───────────────────────────────────────────────────────────────────────────────────────────────

const apart = new WeakMap<object, Promise<readonly unknown[] | undefined>>()

/** The categories of series, where the portal lists series for themselves; asked once for each opening. */
async function seriesCategories(portal: Portal): Promise<readonly unknown[] | undefined> {
  let known = apart.get(portal.options)
  if (!known) {
    known = askSeriesCategories(portal)
    apart.set(portal.options, known)
    known.catch(() => apart.delete(portal.options))
  }
  return known
}

async function askSeriesCategories(portal: Portal): Promise<readonly unknown[] | undefined> {
  const js = await ask(portal, { type: 'series', action: 'get_categories' })
  if (js === false || js === null || (Array.isArray(js) && js.length === 0)) return undefined
  return listOf(js, 'categories').rows
}

/** Reads films, or series: from a listing of their own, or from the one table that holds both. */
function readTitles(type: 'vod' | 'series') {
  return async ({ http, options: given, page }: PageRequest<Options>): Promise<Page> => {
    const portal = { http, options: given }
    return (await seriesCategories(portal)) ? readPage(portal, type, page) : readTable(portal, page)
  }
}

async function sharedAs({ http, options: given }: Pick<PageRequest<Options>, 'http' | 'options'>) {
  return (await seriesCategories({ http, options: given })) ? undefined : 'titles'
}

// ── categories and channels ─────────────────────────────────────────────────────────────────────────────────────────

/**
 * All categories, those of films first. Both kinds have ids of their own: where one of series has the id of one of films,
 * it is known as `series:<id>`. Two rows are no categories, and no title is in them: "*" stands for all, and "coming_soon",
 * with which Ministra may end its list, for what the portal does not have yet.
 */
async function readCategories({ http, options: given }: PageRequest<Options>): Promise<Page> {
  const portal = { http, options: given }
  const films = listOf(await ask(portal, { type: 'vod', action: 'get_categories' }), 'categories').rows.filter(isReal)
  const taken = new Set(films.map(idOf))
  const series = ((await seriesCategories(portal)) ?? []).filter(isReal).map((row) => {
    const id = idOf(row)
    return isObject(row) ? { ...row, id: taken.has(id) ? `series:${id}` : row['id'], [CATEGORY_TYPE]: 'series' } : row
  })
  return { records: [...films, ...series] }
}

/**
 * The portal's word for a section that it lacks is its word for a fault, too. What has been of a section for which it has no
 * answer is not told to be gone.
 */
async function askCategories({ http, options: given, keys, stored }: KeysRequest<Options>) {
  const isAnswered = (await seriesCategories({ http, options: given })) !== undefined
  const isTold = (key: string) => isAnswered || stored.get(key)?.['type'] !== 'series'
  return new Map<string, Testimony>(keys.map((key) => [key, isTold(key) ? 'unknown' : 'unanswered']))
}

function idOf(row: unknown): string | undefined {
  return isObject(row) ? String(row['id']) : undefined
}

function isReal(row: unknown): boolean {
  return !['*', 'coming_soon'].includes(idOf(row) ?? '')
}

/** All channels at once; page by page where the portal has no such answer. */
async function readChannels({ http, options: given, page }: PageRequest<Options>): Promise<Page> {
  const portal = { http, options: given }
  if (page !== undefined) return readPage(portal, 'itv', page)
  const js = await ask(portal, { type: 'itv', action: 'get_all_channels' }).catch(unlessRefused)
  if (js === undefined || js === false || js === null || (Array.isArray(js) && js.length === 0)) {
    return readPage(portal, 'itv', undefined)
  }
  const { rows, total } = listOf(js, 'channels')
  return { records: rows.map((row) => withImage(row, addressOf(given))), total }
}

/** An action that the portal lacks. */
function unlessRefused(error: unknown): undefined {
  const { code } = error as TidemarkError
  if (code !== 'not_found' && code !== 'request_refused') throw error
}

// ── the connector ───────────────────────────────────────────────────────────────────────────────────────────────────

type Options = z.output<typeof options>

/**
 * Newest first, in the portal's own text, which sorts as its database does, zero dates last. It names no time zone, so that
 * `settles` has to bridge the widest one.
 */
function order({ added }: { readonly added: string | null }): string {
  return `${added ?? '0000-00-00 00:00:00'}Z`
}

const listing = {
  pageSize: PAGE_SIZE,
  skip: pageBehind,
  paging: 'offset',
  listing: 'complete',
  order,
  sharedAs,
} as const

/** Shown in some rows only, counted by plays, or the viewer's own: no change of a title. */
const volatile = [
  'today',
  'yesterday',
  'week_and_more',
  'count',
  'count_first_0_5',
  'count_second_0_5',
  'last_played',
  'fav',
]

export default defineConnector(
  {
    name: 'stalker',
    title: 'Films, series and channels of a Stalker (Ministra) portal',
    options,
    http: (given) => ({
      baseUrl: given.portalUrl ?? 'http://portal.invalid',
      headers: {
        cookie: `mac=${encodeURIComponent(given.mac)}; stb_lang=en; timezone=UTC`,
        'user-agent':
          'Mozilla/5.0 (QtEmbedded; U; Linux; C) AppleWebKit/533.3 (KHTML, like Gecko) MAG200 stbapp ver: 2 rev: 250 Safari/533.3',
        'x-user-agent': 'Model: MAG250; Link: WiFi',
      },
      // No portal says what it allows, and some ban whoever asks for too much in parallel.
      atOnce: given.requestsAtOnce,
      limits: [{ key: `stalker:${URL.parse(addressOf(given))?.host ?? ''}:${given.mac}`, requests: 6_000, per: '1m' }],
      sign: (outgoing) => sign(given, outgoing),
      classify: (answer) => classify(given, answer),
      unwrap: unwrapped,
    }),
    check: ({ http, options: given }) => check({ http, options: given }),
    login: ({ login }) => (login === undefined ? ['mac'] : ['mac', 'password']),
    opening: () => 1,
    catalog: {
      categories: 'categories',
      streams: { movies: 'category_id', series: 'category_id', channels: 'genre_id' },
    },
    renew: async ({ http, options: given }) => ({ secrets: { token: await openSession({ http, options: given }) } }),
  },
  {
    categories: stream({
      title: 'Categories of films and series',
      schema: category,
      record: categoryOf,
      key: (row) => row.id,
      passes: [fullPass({ read: readCategories, pageSize: 1_000, listing: 'complete', witness: askCategories })],
    }),
    movies: stream({
      title: 'Films, newest first',
      schema: title,
      text: { title: 'name', body: ['original_name', 'description', 'director', 'actors'] },
      record: titleOf,
      belongs: isOf('movies'),
      key: (row) => row.id,
      volatile,
      passes: [
        newestFirst({ ...listing, read: readTitles('vod'), settles: '2d' }),
        fullPass({ ...listing, read: readTitles('vod'), everyRuns: 10, every: '7d', first: true }),
      ],
    }),
    series: stream({
      title: 'Series, newest first',
      schema: title,
      text: { title: 'name', body: ['original_name', 'description', 'director', 'actors'] },
      record: titleOf,
      belongs: isOf('series'),
      key: (row) => row.id,
      volatile,
      passes: [
        newestFirst({ ...listing, read: readTitles('series'), settles: '2d' }),
        fullPass({ ...listing, read: readTitles('series'), everyRuns: 10, every: '7d', first: true }),
      ],
    }),
    channels: stream({
      title: 'Television channels',
      schema: channel,
      text: { title: 'name' },
      record: channelOf,
      key: (row) => row.id,
      volatile: ['fav'],
      passes: [fullPass({ read: readChannels, pageSize: 1_000, listing: 'complete' })],
    }),
  },
)
