// Owns the styles of API that are simulated, and what a seed makes of one: how its pages follow each other, what it tells
// of its order and its totals, and how large everything is.

import type { Random } from '../../src/testing/emulators/kit/random.ts'

export interface Style {
  readonly name: string
  /**
   * How the pages of its listing follow each other: by number, by a place that stays, by the record that was last (which
   * may be gone by then). `none`: it has no listing, only a window of changes. `runs`: it has none
   * either, but runs that deliver the newest so many records, later, and bill each.
   */
  readonly paging: 'offset' | 'keyset' | 'record' | 'none' | 'runs'
  /** What the listing is sorted by, descending; of a `position` its records show nothing. */
  readonly order: 'created' | 'updated' | 'position'
  readonly newest: boolean
  readonly full: boolean
  readonly window: boolean
  /** Whether it tells how many records there are: with every page, or when asked. */
  readonly total: 'none' | 'page' | 'asked'
  /** Whether records can be asked for by key. */
  readonly witness: boolean
  readonly capped: boolean
  readonly pins: boolean
  /** Whether some of its records keep changing while it is read, and with that their place. */
  readonly moving: boolean
  /** Whether its listing loses ids for a while: nobody can tell which records such rows are. */
  readonly unread: boolean
  /** Whether its listing sometimes shows an older version of a record, with another content, as a lagging replica does. */
  readonly lagging: boolean
  /**
   * Whether records come in on top and leave anywhere, and nothing else happens: then its totals tell whatever was missed,
   * though its pages count from the top.
   */
  readonly dips: boolean
  /** Whether many records are put on top again at once, in an order that they never had, and new ones stand below them. */
  readonly resaves: boolean
  /** Whether its listing shows records of two streams, each of which reads it and stores its own. */
  readonly shared: boolean
  /** Whether one of its pages fails for a while, longer than a sync takes. */
  readonly blocks: boolean
  /** Whether known records are read again by key, which finds what has changed or gone below the top. */
  readonly refreshed: boolean
  /** Whether another stream has one record that is made of it, with sums over its records. */
  readonly summed: boolean
  /** Whether each complete run publishes a catalog. */
  readonly published: boolean
  /** What comes as files that people upload: nothing, what its API lists too, or all that there is. */
  readonly files: 'none' | 'beside' | 'alone'
  /** Whether people and readers come between the syncs, see life.ts. */
  readonly lived: boolean
}

const PLAIN = {
  paging: 'none',
  order: 'created',
  newest: false,
  full: false,
  window: false,
  total: 'none',
  witness: false,
  capped: false,
  pins: false,
  moving: false,
  unread: false,
  lagging: false,
  dips: false,
  resaves: false,
  shared: false,
  blocks: false,
  refreshed: false,
  summed: false,
  published: false,
  files: 'none',
  lived: false,
} as const

export const STYLES: readonly Style[] = [
  { ...PLAIN, name: 'newest-keyset', paging: 'keyset', newest: true, pins: true },
  { ...PLAIN, name: 'newest-updated', paging: 'keyset', order: 'updated', newest: true },
  { ...PLAIN, name: 'newest-offset', paging: 'offset', newest: true, full: true, pins: true },
  { ...PLAIN, name: 'newest-total', paging: 'offset', newest: true, full: true, total: 'page', witness: true },
  { ...PLAIN, name: 'newest-asked', paging: 'offset', order: 'updated', newest: true, full: true, total: 'asked' },
  { ...PLAIN, name: 'positions', paging: 'keyset', order: 'position', newest: true, full: true },
  { ...PLAIN, name: 'saved-again', paging: 'keyset', order: 'position', newest: true, resaves: true },
  { ...PLAIN, name: 'saved-again-full', paging: 'keyset', order: 'position', newest: true, full: true, resaves: true },
  { ...PLAIN, name: 'shared', paging: 'keyset', newest: true, full: true, shared: true },
  { ...PLAIN, name: 'shared-total', paging: 'offset', newest: true, full: true, total: 'page', shared: true },
  { ...PLAIN, name: 'shared-full', paging: 'offset', full: true, total: 'page', shared: true },
  { ...PLAIN, name: 'after-record', paging: 'record', newest: true, full: true },
  { ...PLAIN, name: 'full-offset', paging: 'offset', full: true, total: 'page' },
  { ...PLAIN, name: 'full-witness', paging: 'offset', full: true, witness: true },
  { ...PLAIN, name: 'full-keyset', paging: 'keyset', order: 'position', full: true, pins: true },
  { ...PLAIN, name: 'capped', paging: 'keyset', newest: true, full: true, capped: true },
  { ...PLAIN, name: 'capped-witness', paging: 'offset', newest: true, full: true, capped: true, witness: true },
  { ...PLAIN, name: 'window', window: true },
  { ...PLAIN, name: 'window-total', window: true, total: 'page' },
  { ...PLAIN, name: 'window-full', paging: 'offset', window: true, full: true, witness: true },
  { ...PLAIN, name: 'moving-keyset', paging: 'keyset', order: 'updated', full: true, moving: true },
  { ...PLAIN, name: 'moving-offset', paging: 'offset', order: 'updated', full: true, moving: true },
  { ...PLAIN, name: 'unread-keyset', paging: 'keyset', full: true, unread: true },
  { ...PLAIN, name: 'unread-total', paging: 'offset', full: true, total: 'page', unread: true },
  { ...PLAIN, name: 'unread-witness', paging: 'offset', newest: true, full: true, witness: true, unread: true },
  { ...PLAIN, name: 'lagging', paging: 'keyset', newest: true, full: true, lagging: true },
  { ...PLAIN, name: 'dipping-totals', paging: 'offset', newest: true, total: 'page', dips: true },
  { ...PLAIN, name: 'dipping-full', paging: 'offset', full: true, total: 'page', dips: true },
  { ...PLAIN, name: 'bad-pages', paging: 'offset', newest: true, full: true, blocks: true },
  { ...PLAIN, name: 'bad-pages-total', paging: 'offset', newest: true, full: true, total: 'page', blocks: true },
  { ...PLAIN, name: 'bad-pages-full', paging: 'offset', full: true, blocks: true },
  { ...PLAIN, name: 'paid-runs', paging: 'runs', newest: true, pins: true },
  { ...PLAIN, name: 'paid-runs-counted', paging: 'runs', newest: true, pins: true, total: 'page' },
]

/** Those that no seed draws: they are simulated by their names. */
export const NAMED_STYLES: readonly Style[] = [
  { ...PLAIN, name: 'refreshed', paging: 'keyset', newest: true, refreshed: true },
  { ...PLAIN, name: 'refreshed-runs', paging: 'runs', newest: true, pins: true, refreshed: true },
  { ...PLAIN, name: 'summed', paging: 'offset', newest: true, full: true, total: 'page', summed: true },
  { ...PLAIN, name: 'published', paging: 'keyset', newest: true, full: true, published: true },
  { ...PLAIN, name: 'uploaded', paging: 'keyset', newest: true, full: true, files: 'beside' },
  { ...PLAIN, name: 'uploaded-alone', files: 'alone', dips: true },
]

/**
 * The same, lived in: what is drawn for a style above is not touched by it, so that old seeds replay as they were. Without
 * those whose rows lose their ids: what was set aside without one is never read again; without paid runs, which wait for longer
 * than a budget allows; and without those of two streams, of which people and readers know one.
 */
export const LIVED_STYLES: readonly Style[] = STYLES.filter(
  ({ unread, paging, shared }) => !unread && paging !== 'runs' && !shared,
).map((style) => ({ ...style, name: `${style.name}:lived`, lived: true }))

/** How many of the seeds that are told no style are lived in. */
const LIVED_SHARE = 0.35

/**
 * The style of a seed: the one with this name; of a group (`plain`, `lived`), or of all, the one that the seed draws.
 *
 * @throws RangeError when there is no such style
 */
export function styleOf(name: string | undefined, draw: (concern: string) => Random): Style {
  if (name === undefined || name === 'plain' || name === 'lived') {
    const lived = name === 'lived' || (name === undefined && draw('lived').chance(LIVED_SHARE))
    return drawn(lived ? LIVED_STYLES : STYLES, draw)
  }
  const style = [...STYLES, ...LIVED_STYLES, ...NAMED_STYLES].find((one) => one.name === name)
  if (style) return style
  const [names, others] = [STYLES, NAMED_STYLES].map((list) => list.map((one) => one.name).join(', '))
  throw new RangeError(`no style "${name}"; there are: plain, lived, ${names}, each also with ":lived"; and ${others}`)
}

/** Each style draws a number, and the highest wins: a new style takes a few seeds from each of the others, and the rest stay. */
function drawn(styles: readonly Style[], draw: (concern: string) => Random): Style {
  const numbers = styles.map(({ name }) => draw(`style ${name}`).next())
  return styles[numbers.indexOf(Math.max(...numbers))] as Style
}

/** What the seed chose, beside the style. */
export interface Scale {
  readonly pageSize: number
  readonly records: number
  /** The capped listing's length. */
  readonly cap: number
  readonly everyRuns: number
  readonly stopAfter: number
  readonly overlapSeconds: number
  /** Records of the window become visible this much after their time of change, at most; less than the overlap. */
  readonly lateSeconds: number
  readonly lagSeconds: number
  /** The source's times are rounded down to so many seconds: coarse ones make ties. */
  readonly grainSeconds: number
  /** Whether records carry a version that the connector declares. */
  readonly versioned: boolean
  /** Whether records carry a signed address that is another one in every answer. */
  readonly volatile: boolean
  readonly metrics: boolean
  /** Ids beyond 2^53, as JSON numbers. */
  readonly bigIds: boolean
  /** How far the source's clock is ahead of ours, in milliseconds. */
  readonly skewMs: number
  /** Whether a crashed process is known to be dead at once (it ran on this host), or its lease has to run out. */
  readonly sameHost: boolean
  /** Whether a spent refresh token is answered with the same new pair once more. */
  readonly grace: boolean
  /** Milliseconds that half a request takes, at most. */
  readonly latency: number
}

export function scaleOf(style: Style, random: Random): Scale {
  const pageSize = random.pick([3, 4, 5, 7, 10, 10, 16, 30])
  const pages = random.pick([0, 1, 2, 3, 4, 6, 9])
  const records = Math.min(200, Math.floor(pageSize * (pages + random.next())))
  const overlapSeconds = random.pick([10, 30, 120])
  return {
    pageSize,
    records,
    cap: Math.max(5, Math.min(60, Math.floor(records * random.pick([0.6, 0.9, 1.1, 1.3])))),
    everyRuns: style.newest || style.window ? random.int(2, 3) : 1,
    stopAfter: random.pick([3, 3, 5]),
    overlapSeconds,
    lateSeconds: Math.floor(overlapSeconds / 2),
    lagSeconds: random.pick([0, 0, 5]),
    grainSeconds: random.pick([1, 1, 20]),
    versioned: random.chance(0.5) || style.lagging || style.files !== 'none',
    volatile: random.chance(0.25),
    metrics: random.chance(0.2) || style.refreshed,
    bigIds: random.chance(0.5),
    skewMs: random.pick([0, 0, 0, 700, -40_000, 40_000, -900_000, 900_000]),
    sameHost: random.chance(0.6),
    grace: random.chance(0.5),
    latency: random.pick([60, 400, 400, 4_000]),
  }
}
