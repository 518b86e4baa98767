// Owns what is said of a connector before it is connected: its name, what it needs, what it reads. Pure.

import type { Connector, Option } from './queries.ts'

/** As people write them; others are made of their parts. */
const NAMES: Readonly<Record<string, string>> = {
  github: 'GitHub',
  sheets: 'Google Sheets',
  tiktok: 'TikTok',
  youtube: 'YouTube',
}

/** `tiktok-shop` is "TikTok Shop". */
export function connectorName(name: string): string {
  return name
    .split('-')
    .map((word) => NAMES[word] ?? `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`)
    .join(' ')
}

/** Whether files are all that it reads. */
export function isFed({ streams }: Pick<Connector, 'streams'>): boolean {
  const asks = ['byCursor', 'newestFirst', 'fullPass']
  return streams.length > 0 && !streams.some(({ passes }) => passes.some(({ pass }) => asks.includes(pass)))
}

/** Whether reading costs money. */
export function isPaid({ streams }: Pick<Connector, 'streams'>): boolean {
  return streams.some(({ passes }) => passes.some(({ paid }) => paid))
}

/** What a person has to have at hand. */
export function needsOf(connector: Connector): string {
  const needed = connector.options.filter(({ required }) => required).map(({ label }) => label)
  if (needed.length > 0) return needed.join(', ')
  if (isFed(connector)) return 'A file, and no login'
  return connector.options
    .filter(({ advanced }) => !advanced)
    .map(({ label }) => label)
    .join(' or ')
}

/** Whether all words of a filter are somewhere in what is said of it. */
export function fits(connector: Connector, filter: string): boolean {
  const said = [connector.name, connectorName(connector.name), connector.title]
  const streams = connector.streams.flatMap(({ stream, title }) => [stream, title ?? ''])
  const text = [...said, ...streams].join(' ').toLowerCase()
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/** A name that no connection has: that of the connector, with a number where it is taken. */
export function proposedId(connector: string, taken: readonly string[]): string {
  for (let n = 1; ; n++) {
    const id = n === 1 ? connector : `${connector}-${n}`
    if (!taken.includes(id)) return id
  }
}

/** The order in which a form asks: what is needed, what is usual, and apart what few need. */
export function askedFor(options: readonly Option[]): {
  readonly usual: readonly Option[]
  readonly advanced: readonly Option[]
} {
  const shown = options.filter(({ advanced }) => !advanced)
  return {
    usual: [...shown.filter(({ required }) => required), ...shown.filter(({ required }) => !required)],
    advanced: options.filter(({ advanced }) => advanced),
  }
}

const PERIODS: Readonly<Record<string, string>> = { '1s': 'second', '1m': 'minute', '1h': 'hour', '1d': 'day' }

/** `hour` of `1h`. */
export function periodText(per: string): string {
  return PERIODS[per] ?? per
}
