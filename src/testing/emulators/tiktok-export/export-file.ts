// Owns the files that TikTok hands out when a person asks for their data: every shape that was seen of them, of any size,
// written as a stream. Each behaviour names what it is from: public parsers of the older or of the newer file, or a real file of
// 290 favourites.

import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { seeded } from '../kit/random.ts'
import { type ZipEntry, zipped } from '../kit/zip.ts'
import type { ListName, Saved } from './world.ts'

/** How a list stands in a file: with its rows, empty as null (most sections) or as [] (others, by parsers), or its section not at all. */
export type ListForm = 'rows' | 'null' | '[]' | 'no list' | 'no section'

export interface ExportOptions {
  /** `activity`: the older file. `groups`: the newer one. `partial`: the newer one, of which only the lists were asked for. @default 'groups' */
  readonly shape?: 'activity' | 'groups' | 'partial'
  /** One JSON file; a ZIP with that file; a ZIP with a file for each section; a ZIP with texts for people. @default 'json' */
  readonly pack?: 'json' | 'zip' | 'zip of sections' | 'zip of texts'
  /** How the lists stand in it. @default rows */
  readonly forms?: Partial<Readonly<Record<ListName, ListForm>>>
  /** The names of a row's members. @default `Date` and `Link`; for the likes of newer files `date` and `link` */
  readonly keys?: Partial<Readonly<Record<ListName, readonly [date: string, link: string]>>>
  /** `share`: tiktokv.com without an author, as in real files. `canonical`: tiktok.com with one. @default 'share' */
  readonly links?: 'share' | 'canonical'
  /** Filled up to about so many bytes of JSON with the watch history and messages. @default a few kilobytes */
  readonly bytes?: number
  /** @default 'utf-8' */
  readonly encoding?: 'utf-8' | 'utf-8 with BOM' | 'utf-16le'
  /** Rows that stand before those of the list, as they are: what no file should hold. */
  readonly extraRows?: Partial<Readonly<Record<ListName, readonly unknown[]>>>
}

export interface ExportFile extends AsyncIterable<Uint8Array> {
  /** As TikTok names it. */
  readonly name: string
  /** Writes it into a folder, without holding it in memory; gives the path. */
  writeTo(folder: string): Promise<string>
}

/** The lists as they are now: what changes later is in no file of today. */
export type Lists = Readonly<Record<ListName, readonly Saved[]>>

export function exportFile(lists: Lists, seed: number, options: ExportOptions = {}): ExportFile {
  const { pack = 'json', shape = 'groups' } = options
  const json = shape === 'activity' ? 'user_data.json' : 'user_data_tiktok.json'
  const name = pack === 'json' ? json : 'TikTok_Data.zip'
  const bytes = () => (pack === 'json' ? document(lists, seed, options) : zipped(entries(json, lists, seed, options)))
  return {
    name,
    async *[Symbol.asyncIterator]() {
      yield* bytes()
    },
    async writeTo(folder) {
      const path = `${folder}/${name}`
      await pipeline(Readable.from(bytes()), createWriteStream(path))
      return path
    },
  }
}

function* entries(json: string, lists: Lists, seed: number, options: ExportOptions): Generator<ZipEntry> {
  if (options.pack === 'zip') {
    yield { name: json, bytes: document(lists, seed, options) }
    return
  }
  const isText = options.pack === 'zip of texts'
  for (const list of ['favorites', 'likes'] as const) {
    if (options.forms?.[list] === 'no section') continue
    const { section } = PLACES[list]
    const parts = isText ? texts(lists[list], options) : splitSection(list, lists, options)
    yield { name: `Activity/${section}.${isText ? 'txt' : 'json'}`, bytes: encoded(parts, options) }
  }
  yield { name: `Profile/Profile Info.${isText ? 'txt' : 'json'}`, bytes: encoded(['{}'], options) }
}

// ── documents ──────────────────────────────────────────────────────────────────────────────────────────────────────

const PLACES = {
  favorites: { section: 'Favorite Videos', list: 'FavoriteVideoList' },
  likes: { section: 'Like List', list: 'ItemFavoriteList' },
} as const

const PIECE = 65_536

/** The pieces of a text as bytes, in portions. */
function* encoded(parts: Iterable<string>, { encoding = 'utf-8' }: ExportOptions): Generator<Uint8Array> {
  const to = encoding === 'utf-16le' ? 'utf16le' : 'utf8'
  let text = encoding === 'utf-8' ? '' : '\ufeff'
  for (const part of parts) {
    text += part
    if (text.length < PIECE) continue
    yield Buffer.from(text, to)
    text = ''
  }
  yield Buffer.from(text, to)
}

function document(lists: Lists, seed: number, options: ExportOptions): Generator<Uint8Array> {
  const { shape = 'groups' } = options
  const write = { activity: activityParts, groups: groupParts, partial: partialParts }[shape]
  return encoded(write(lists, seed, options), options)
}

/** The older file, `user_data.json`, as its parsers read it. */
function* activityParts(lists: Lists, seed: number, options: ExportOptions): Generator<string> {
  yield '{"Activity":{"Favorite Effects":{"FavoriteEffectsList":null},'
  yield* sectionParts('favorites', lists, options, ',')
  yield* sectionParts('likes', lists, options, ',')
  yield '"Video Browsing History":{"VideoList":'
  yield* history(seed, fillOf(lists, options) / 2, 'VideoLink')
  yield '}},"Direct Messages":{"Chat History":{"ChatHistory":'
  yield* messages(seed, fillOf(lists, options) / 2)
  yield '}},"Profile":{"Profile Information":{"ProfileMap":{"userName":"ada","birthDate":"01-Jan-1990"}}},'
  yield '"Tiktok Live":{},"Video":{"Videos":{"VideoList":[]}}}'
}

/** The newer file, `user_data_tiktok.json`, with its ten groups, as its parsers read it. */
function* groupParts(lists: Lists, seed: number, options: ExportOptions): Generator<string> {
  yield '{"Comment":{"Comments":{"App":1,"CommentsList":null}},"Direct Message":{"Direct Messages":{"ChatHistory":'
  yield* messages(seed, fillOf(lists, options) / 2)
  yield '}},"Income Plus Wallet":{},'
  yield* likesAndFavorites(lists, options)
  yield ',"Location Review":{},"Post":{"Posts":{"VideoList":null}},"Profile And Settings":'
  yield '{"Profile Info":{"App":1,"ProfileMap":{"userName":"ada"}}},"TikTok Live":{},"TikTok Shop":{},'
  yield '"Your Activity":{"Watch History":{"VideoList":'
  yield* history(seed, fillOf(lists, options) / 2, 'Link')
  yield '}}}'
}

/** The real file: only what was ticked is in it, and the rest is not empty but absent. */
function* partialParts(lists: Lists, _seed: number, options: ExportOptions): Generator<string> {
  yield '{'
  yield* likesAndFavorites(lists, options)
  yield '}'
}

function* likesAndFavorites(lists: Lists, options: ExportOptions): Generator<string> {
  yield '"Likes and Favorites":{"Collection":{},'
  yield* sectionParts('favorites', lists, options, ',', '"App":1233,')
  yield* sectionParts('likes', lists, withLowerCase(options), ',', '"App":1,"IsFastLane":false,')
  yield '"Favorite Hashtags":{"FavoriteHashtagList":[]}}'
}

/** Parsers of newer files: the likes have `date` and `link`, the favourites `Date` and `Link`. */
function withLowerCase(options: ExportOptions): ExportOptions {
  return { ...options, keys: { likes: ['date', 'link'], ...options.keys } }
}

/** A file of its own for a section, in older archives that were split: the section as an object. */
function* splitSection(list: ListName, lists: Lists, options: ExportOptions): Generator<string> {
  yield '{'
  yield* sectionParts(list, lists, options)
  yield '}'
}

/** A section with its list, or what stands in its place. */
function* sectionParts(
  list: ListName,
  lists: Lists,
  options: ExportOptions,
  tail = '',
  siblings = '',
): Generator<string> {
  const place = PLACES[list]
  const form = options.forms?.[list] ?? 'rows'
  if (form === 'no section') return
  if (form === 'no list') {
    yield `"${place.section}":{}${tail}`
    return
  }
  yield `"${place.section}":{${siblings}"${place.list}":`
  if (form === 'rows') yield* rowsOf(list, lists[list], options)
  else yield form
  yield `}${tail}`
}

function* rowsOf(list: ListName, saved: readonly Saved[], options: ExportOptions): Generator<string> {
  const [date, link] = options.keys?.[list] ?? ['Date', 'Link']
  let comma = ''
  yield '['
  for (const row of options.extraRows?.[list] ?? []) {
    yield comma + JSON.stringify(row)
    comma = ','
  }
  for (const one of saved) {
    yield `${comma}{"${date}":"${dateOf(one.at)}","${link}":"${linkOf(one, options)}"}`
    comma = ','
  }
  yield ']'
}

/** What a person gets who did not choose JSON: its dates name their zone. */
function* texts(saved: readonly Saved[], options: ExportOptions): Generator<string> {
  for (const one of saved) yield `Date: ${dateOf(one.at)} UTC\nLink: ${linkOf(one, options)}\n\n`
}

/** The real file: a date without its zone. */
function dateOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(0, 19).replace('T', ' ')
}

/** The real file: no author in a link; parsers have met the other form. */
function linkOf({ id, kind }: Saved, { links = 'share' }: ExportOptions): string {
  return links === 'share'
    ? `https://www.tiktokv.com/share/${kind}/${id}/`
    : `https://www.tiktok.com/@someone/${kind}/${id}`
}

// ── all the rest ───────────────────────────────────────────────────────────────────────────────────────────────────

const ROW_BYTES = 96

/** How many bytes of other things a file needs to be as large as was asked. */
function fillOf({ favorites, likes }: Lists, { bytes = 0 }: ExportOptions): number {
  return Math.max(2_000, bytes - (favorites.length + likes.length) * ROW_BYTES)
}

/** Whatever was watched, newest first: most of the bytes of a file, with the messages. */
function* history(seed: number, bytes: number, link: string): Generator<string> {
  const random = seeded(`history ${seed}`)
  let at = 1_760_000_000
  let written = 0
  yield '['
  while (written < bytes) {
    const id = String((BigInt(at - 9_000) << 32n) | BigInt(random.int(0, 0xffff_ffff)))
    const row = `{"Date":"${dateOf(at)}","${link}":"https://www.tiktokv.com/share/video/${id}/"}`
    yield written === 0 ? row : `,${row}`
    written += row.length + 1
    at -= random.int(5, 90)
  }
  yield ']'
}

/** Messages whose texts look like parts of the file. */
const CONTENTS = [
  'did you see this?',
  '{"Favorite Videos":{"FavoriteVideoList":[{"Date":"2020-01-01 00:00:00","Link":"https://www.tiktokv.com/share/video/1/"}]}}',
  'quote " and \\ backslash, ] } and [ {',
  'https://www.tiktokv.com/share/video/7000000000000000001/',
  '😀 ok',
]

function* messages(seed: number, bytes: number): Generator<string> {
  const random = seeded(`messages ${seed}`)
  let written = 0
  yield '{"Chat History with bea:":['
  while (written < bytes) {
    const message = {
      Date: '2025-01-02 03:04:05 UTC',
      From: random.pick(['ada', 'bea']),
      Content: random.pick(CONTENTS),
    }
    const row = JSON.stringify(message)
    yield written === 0 ? row : `,${row}`
    written += row.length + 1
  }
  yield ']}'
}
