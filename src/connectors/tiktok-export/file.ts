// Owns the files that TikTok hands out on request: where a list stands in them, in every shape that was seen, and what a
// row of it says.
//
// Facts, from public parsers and a real file: `user_data.json` has `Activity` > `Favorite Videos` > `FavoriteVideoList` and
// `Activity` > `Like List` > `ItemFavoriteList`; `user_data_tiktok.json` has both in `Likes and Favorites`; archives that
// were split have a file for each section. A row is `{Date, Link}`, `{date, link}` or `{Date, VideoLink}`. Names are known
// in any case, and with _ for spaces. An empty list is null or []; a section that was not asked for is not there at all. Dates have no zone; they are taken as UTC, which is
// what the comments in the same file name.

import { isDay } from '../../connector/instants.ts'
import { type JsonList, jsonLists } from '../../connector/json-lists.ts'
import type { UploadedFile } from '../../connector/uploaded.ts'
import { TidemarkError } from '../../model/errors.ts'
import { isObject } from '../../model/json.ts'

/** A list of the file: its section, its own name, and what a person calls it. */
export interface ListPlace {
  readonly section: string
  readonly list: string
  readonly title: string
}

export const FAVORITES: ListPlace = { section: 'Favorite Videos', list: 'FavoriteVideoList', title: 'favourites' }
export const LIKES: ListPlace = { section: 'Like List', list: 'ItemFavoriteList', title: 'likes' }

/**
 * The rows of a list, wherever it stands in the files of an export; everything else in them is private, and is left there.
 *
 * @throws TidemarkError section_missing, upload_unreadable, upload_too_large
 */
export async function* rowsOf(files: readonly UploadedFile[], place: ListPlace): AsyncGenerator {
  const documents = files.filter(({ name }) => files.length === 1 || isJson(name))
  if (documents.length === 0) throw noJson(files)
  let isFound = false
  for (const file of documents) {
    for await (const { path, found, rows } of listsOf(file, place)) {
      // The whole of a file is its list, or has it inside.
      if (path.length === 0 && found !== 'list') continue
      if (found === 'other') throw otherThanList(file.name, place)
      isFound = true
      for (const row of rows) yield sameNames(row)
    }
  }
  if (!isFound) throw sectionMissing(place)
}

/** What is no JSON, and by its name is none either, was exported as text. */
async function* listsOf(file: UploadedFile, place: ListPlace): AsyncGenerator<JsonList> {
  try {
    yield* jsonLists(file.bytes(), (names) => leadsTo(names, file.name, place))
  } catch (error) {
    const isUnreadable = error instanceof TidemarkError && error.code === 'upload_unreadable'
    throw isUnreadable && /\.(?!json$)\w+$/i.test(file.name) ? noJson([file]) : error
  }
}

function isJson(name: string): boolean {
  return /\.json$/i.test(name)
}

/**
 * Whether a path leads to the list: the list in its section, in whatever group; or, in a file that is named by the section,
 * the list itself, with or without its name.
 */
function leadsTo(path: readonly string[], file: string, { section, list }: ListPlace): boolean {
  const isSame = (given: string | undefined, name: string) => given !== undefined && plain(given) === plain(name)
  const isNamed = () => isSame(file.split(/[\\/]/).at(-1), `${section}.json`)
  if (isSame(path.at(-1), list)) return isSame(path.at(-2), section) || (path.length === 1 && isNamed())
  return path.length === 0 && isNamed()
}

/** A name in one spelling: files that went through other tools have names in lower case, or with _ for spaces. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[ _-]/g, '')
}

// ── rows ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What the members of a row are called, by their plain names. */
const MEMBERS = new Map([
  ['date', 'Date'],
  ['link', 'Link'],
  ['videolink', 'Link'],
])

/** The same video reads the same from every file: in some of them the names of its members are others. */
function sameNames(row: unknown): unknown {
  if (!isObject(row) || ('Date' in row && 'Link' in row)) return row
  const { Date: date, Link: link, ...others } = row
  const named: Record<string, unknown> = { Date: date, Link: link }
  for (const [name, value] of Object.entries(others)) {
    const member = MEMBERS.get(plain(name))
    if (member === undefined) Object.defineProperty(named, name, { value, enumerable: true, writable: true })
    else named[member] ??= value
  }
  return named
}

/** A row as the streams read it; `oembed` is what was read of the video later. */
export function recordOf(row: unknown) {
  const { Date: date, Link: link, oembed } = members(row)
  const { title = null, author_name = null } = members(oembed)
  return { video_id: videoIdOf(link), link, date, favorited_at: timeOf(date), title, author_name }
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {}
}

/** Undefined for a short link, which names no video: whatever it leads to can't be told from the file. */
export function videoIdOf(link: unknown): string | undefined {
  return typeof link === 'string' ? /\/(?:video|photo)\/(\d{1,25})(?![\w-])/.exec(link)?.[1] : undefined
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})(?: ?(?:UTC|Z))?$/

/** A date of the file as ISO 8601; null for one that is none. */
export function timeOf(date: unknown): string | null {
  const match = typeof date === 'string' ? DATE.exec(date.trim()) : null
  if (!match) return null
  const [, year, month, day, hour, minute, second] = match
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null
  return isDay(Number(year), Number(month), Number(day)) ? `${year}-${month}-${day}T${hour}:${minute}:${second}Z` : null
}

// ── what is wrong with a file ──────────────────────────────────────────────────────────────────────────────────────

const ASK_AGAIN = 'In TikTok, ask for your data again: Settings and privacy > Account > Download your data'

function sectionMissing({ section, title }: ListPlace): TidemarkError {
  return new TidemarkError('section_missing', `The file has no "${section}", so it says nothing of ${title}.`, {
    scope: 'stream',
    hint: `${ASK_AGAIN}, with all data, or with at least "Likes and favorites". Nothing was changed.`,
  })
}

function noJson(files: readonly UploadedFile[]): TidemarkError {
  const names = files.map(({ name }) => name)
  const only = names.length === 0 ? 'nothing at all' : `only ${listed(names)}`
  return new TidemarkError('upload_unreadable', `The upload has no JSON file, ${only}.`, {
    hint: `${ASK_AGAIN}, and choose JSON as the file format.`,
  })
}

function otherThanList(name: string, { section, list }: ListPlace): TidemarkError {
  return new TidemarkError('upload_unreadable', `In ${name}, "${section}" > "${list}" is no list.`, {
    hint: 'TikTok may have changed the shape of its exports. Nothing was changed.',
  })
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => JSON.stringify(name))
  return `${shown.join(', ')}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}`
}
