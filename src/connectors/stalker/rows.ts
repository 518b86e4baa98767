// Owns what becomes of a portal's rows: Ministra writes every value as text, emulators write numbers, and both fill what
// they do not know with "N/A", "0" or false. What can't be read is null; the row itself stays in `_raw`.

import { flag, id, integer, real, text } from '../../connector/fields.ts'
import { isDay } from '../../connector/instants.ts'
import { z } from '../../connector/options.ts'
import { isObject } from '../../model/json.ts'
import { natural, rootOf } from './portal.ts'

export type Row = Readonly<Record<string, unknown>>

export const title = z.object({
  id: id(),
  name: text(),
  original_name: text(),
  description: text(),
  poster: text(),
  poster_url: text(),
  screenshots: text(),
  year: integer(),
  duration: integer(),
  director: text(),
  actors: text(),
  genres: text(),
  category_id: text(),
  rating_imdb: real(),
  rating_kinopoisk: real(),
  age: text(),
  hd: flag(),
  quality: text(),
  added: text(),
  is_series: flag(),
  season_count: integer(),
  episode_count: integer(),
  cmd: text(),
  censored: flag(),
  status: integer(),
  tmdb_id: text(),
  last_modified: text(),
  languages: text(),
})

/** A title as its columns. */
export function titleOf(row: Row): Record<string, unknown> {
  return {
    id: row['id'],
    name: textOf(row['name']),
    original_name: textOf(row['o_name']) ?? textOf(row['original_name']),
    description: textOf(row['description']),
    poster: posterOf(row),
    poster_url: textOf(row[POSTER_URL]),
    screenshots: manyOf(row['screenshots']),
    year: yearOf(row['year']),
    duration: minutesOf(row['time']) ?? minutesOf(row['duration']),
    director: textOf(row['director']),
    actors: textOf(row['actors']),
    genres: textOf(row['genres_str']) ?? manyOf(row['genres']),
    category_id: textOf(row['category_id'], ''),
    rating_imdb: numberOf(row['rating_imdb'] ?? row['rating_im']),
    rating_kinopoisk: numberOf(row['rating_kinopoisk']),
    age: textOf(row['age']),
    hd: flagOf(row['hd']),
    quality: textOf(row['quality']),
    added: dateOf(row['added']),
    is_series: flagOf(row['is_series']),
    season_count: countOf(row['season_count'] ?? row['seasons_count']),
    episode_count: countOf(row['episode_count'] ?? row['episodes_count']) ?? lengthOf(row['series']),
    cmd: textOf(row['cmd']),
    censored: flagOf(row['censored']),
    status: natural(row['status']) ?? null,
    tmdb_id: textOf(row['tmdb_id']),
    last_modified: dateOf(row['last_modified'] ?? row['modified'] ?? row['date_modify']),
    languages: manyOf(row['languages'] ?? row['language']),
  }
}

export const category = z.object({
  id: id(),
  title: text(),
  alias: text(),
  type: text(),
  censored: flag(),
})

export function categoryOf(row: Row): Record<string, unknown> {
  return {
    id: row['id'],
    title: textOf(row['title'] ?? row['name']),
    alias: textOf(row['alias']),
    type: textOf(row[CATEGORY_TYPE]) ?? 'vod',
    censored: flagOf(row['censored']),
  }
}

export const channel = z.object({
  id: id(),
  name: text(),
  number: integer(),
  genre_id: text(),
  logo: text(),
  logo_url: text(),
  cmd: text(),
  xmltv_id: text(),
  hd: flag(),
  censored: flag(),
  status: integer(),
  archive: flag(),
})

export function channelOf(row: Row): Record<string, unknown> {
  return {
    id: row['id'],
    name: textOf(row['name']),
    number: countOf(row['number']),
    genre_id: textOf(row['tv_genre_id'], ''),
    logo: textOf(row['logo']),
    logo_url: textOf(row[POSTER_URL]),
    cmd: textOf(row['cmd']),
    xmltv_id: textOf(row['xmltv_id']),
    hd: flagOf(row['hd']),
    censored: flagOf(row['censored']),
    status: natural(row['status']) ?? null,
    archive: flagOf(row['archive'] ?? row['enable_tv_archive']),
  }
}

// ── what a row does not say itself ──────────────────────────────────────────────────────────────────────────────────

/** Members that are added to a row: what it can't say without knowing where it came from. */
export const POSTER_URL = 'poster_url'
export const CATEGORY_TYPE = 'type'

/** The row with the whole address of its image, where it has one. */
export function withImage(row: unknown, address: string): unknown {
  if (!isObject(row)) return row
  const path = posterOf(row) ?? textOf(row['logo'])
  const url = path === null ? undefined : imageUrl(path, address)
  return url === undefined ? row : { ...row, [POSTER_URL]: url }
}

/** Paths are the host's; bare file names lie among the portal's logos. */
function imageUrl(path: string, address: string): string | undefined {
  if (/^(?:https?:)?\/\//i.test(path)) return URL.parse(path, address)?.href
  const root = rootOf(address).href
  return URL.parse(path.includes('/') ? path : `misc/logos/${path}`, root)?.href
}

function posterOf(row: Row): string | null {
  return textOf(row['screenshot_uri']) ?? textOf(row['pic']) ?? textOf(row['poster'])
}

// ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const NOTHING = /^(?:n\/?a|null|none|undefined|-|)$/i

/** A text, or a number as its digits; null for fillers. `filler` says what else is none. */
function textOf(value: unknown, filler: string = ''): string | null {
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'string') return null
  const trimmed = value.trim()
  return NOTHING.test(trimmed) || trimmed === filler ? null : trimmed
}

function numberOf(value: unknown): number | null {
  const said = textOf(value)?.replace(',', '.')
  const number = said === undefined || !/^\d+(?:\.\d+)?$/.test(said) ? Number.NaN : Number(said)
  return Number.isFinite(number) ? number : null
}

function countOf(value: unknown): number | null {
  return natural(typeof value === 'string' ? value.trim() : value) ?? null
}

function lengthOf(value: unknown): number | null {
  return Array.isArray(value) && value.length > 0 ? value.length : null
}

export function flagOf(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value
  const said = textOf(value)?.toLowerCase()
  if (said === '1' || said === 'true') return true
  return said === '0' || said === 'false' ? false : null
}

/** Several values in one: a list, PHP's serialised list, or text. */
function manyOf(value: unknown): string | null {
  const list = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : undefined
  if (list) return list.flatMap((one) => textOf(one) ?? []).join(', ') || null
  const said = textOf(value)
  if (said === null || !/^a:\d+:\{/.test(said)) return said === '0' ? null : said
  return [...said.matchAll(/s:\d+:"([^"]*)"/g)].map(([, one]) => one).join(', ') || null
}

function yearOf(value: unknown): number | null {
  const year = Number(/^(\d{4})(?:\D|$)/.exec(textOf(value) ?? '')?.[1] ?? Number.NaN)
  return year > 0 ? year : null
}

function minutesOf(value: unknown): number | null {
  const said = textOf(value) ?? ''
  const [, hours, minutes] = /^(\d{1,2}):(\d\d)(?::\d\d)?$/.exec(said) ?? []
  if (hours !== undefined) return Number(hours) * 60 + Number(minutes)
  const [, whole] = /^(\d+)(?:\.\d+)?(?:\s*min\.?)?$/i.exec(said) ?? []
  return whole === undefined || Number(whole) === 0 ? null : countOf(whole)
}

const DATE = /^(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d))?$/

/** A date as the portal writes it, in its own time zone; null for what is none, such as 0000-00-00 and 30 February. */
export function dateOf(value: unknown): string | null {
  const said = textOf(value)
  if (said === null) return null
  if (/^\d{9,10}$/.test(said)) return new Date(Number(said) * 1_000).toISOString().slice(0, 19).replace('T', ' ')
  const [, ...parts] = DATE.exec(said) ?? []
  if (parts.length === 0) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map((part) => Number(part ?? 0))
  return isDay(year, month, day) && hour < 24 && minute < 60 && second < 60 ? said : null
}
