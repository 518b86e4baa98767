// Owns the portal's world: its titles, categories, channels and devices, and what happens to them. A title is a few numbers;
// its row is made from the seed when somebody asks for it, so that a portal of 83,183 titles costs little.
//
// Documented in server/lib/vod.class.php of stalker_portal: the order by `added` and by nothing else, `accessed` that hides a title, and
// zero dates. Reported: bulk imports of one second, and the numbers of the largest portal. Names and dates are invented.

import type { Clock } from '../kit/clock.ts'
import { seeded } from '../kit/random.ts'

/** Ministra writes every value as text and keeps films and series in one table; Xtream emulators do neither. */
export type PortalKind = 'ministra' | 'xtream'

/** A film or a series, as little as its row can be made from. */
export interface Title {
  readonly n: number
  readonly series: boolean
  /** When it was added, in whole seconds since 1970; 0: its date is no date. */
  readonly added: number
  readonly category: number
  /** How often its row was changed. */
  version: number
  /** Taken out of sight without being removed: `accessed` is 0. */
  hidden: boolean
}

export interface Channel {
  readonly n: number
  version: number
}

export interface WorldRules {
  readonly kind: PortalKind
  readonly seed: number
  readonly titles: number
  readonly categories: number
  readonly channels: number
  /** Titles that come in the same second; the oldest quarter of them came in one import. */
  readonly tied: number
}

/** The share of series in the portal of which the numbers are known: 38,183 of 83,183. */
const SERIES_SHARE = 0.459
const SECONDS_BETWEEN = 1_740
/** The titles of one import have one second. */
const IMPORT_MAX = 100
/** Titles whose date is no date: MySQL sorts them below all others. */
const DATELESS = 3

export type Stream = 'movies' | 'series'

/** What a list is sorted by: by date where `sortby` says so, else Ministra by name, and emulators as their bouquets have it. */
export type SortBy = 'added' | 'name' | 'bouquet'

export class StalkerWorld {
  readonly rules: WorldRules
  readonly clock: Clock
  /** Newest first. */
  readonly #titles: Title[]
  readonly #closed = new Set<number>()
  readonly #channels: Channel[]
  readonly #random
  readonly #lists = new Map<string, readonly Title[]>()
  #categories: number
  #next: number
  #blocked: { readonly msg: string; readonly block_msg: string } | undefined

  constructor(clock: Clock, rules: WorldRules) {
    this.rules = rules
    this.clock = clock
    this.#random = seeded(`stalker ${rules.seed}`)
    this.#categories = rules.categories
    this.#next = rules.titles + 1
    const oldest = clock.seconds() - 7 * 86_400 - rules.titles * SECONDS_BETWEEN
    const imported = Math.min(IMPORT_MAX, Math.floor(rules.titles / 4))
    const addedOf = (n: number): number => {
      if (n <= Math.min(DATELESS, imported)) return 0
      if (n <= imported) return oldest
      return oldest + Math.ceil((n - imported) / rules.tied) * rules.tied * SECONDS_BETWEEN
    }
    this.#titles = Array.from({ length: rules.titles }, (_, i) => this.#titleOf(rules.titles - i, addedOf))
    this.#channels = Array.from({ length: rules.channels }, (_, i) => ({ n: i + 1, version: 0 }))
  }

  #titleOf(n: number, addedOf: (n: number) => number): Title {
    const series = this.#random.chance(SERIES_SHARE)
    const category = this.#random.int(1, Math.max(1, this.#categories))
    return { n, series, added: addedOf(n), category, version: 0, hidden: false }
  }

  // ── what there is ──

  /** The table, or one kind of it, in the order that is asked for. Ties stand in the order in which they came. */
  list(stream: Stream | 'all', sortBy: SortBy = 'added', category?: number): readonly Title[] {
    const name = `${stream} ${sortBy} ${category ?? '*'}`
    let list = this.#lists.get(name)
    if (!list) {
      const isShown = (title: Title) =>
        !title.hidden &&
        (stream === 'all' || title.series === (stream === 'series')) &&
        (category === undefined ? !this.#closed.has(title.category) : title.category === category)
      list = this.#titles.filter(isShown)
      if (sortBy === 'name') list = list.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
      if (sortBy === 'bouquet') list = list.toSorted((a, b) => placeOf(a) - placeOf(b) || a.n - b.n)
      this.#lists.set(name, list)
    }
    return list
  }

  /** The ids of the titles that the portal shows, newest first. */
  ids(stream: Stream): string[] {
    return this.list(stream).map((title) => this.idOf(title))
  }

  /** As the portal writes it, as text: emulators give a series the id of its stream twice. */
  idOf({ n, series }: Title): string {
    if (this.rules.kind === 'ministra') return String(n)
    return series ? `${46_000 + n}:${46_000 + n}` : String(2_048_000 + n)
  }

  categoryIds(): number[] {
    return Array.from({ length: this.#categories }, (_, i) => i + 1)
  }

  channels(): readonly Channel[] {
    return this.#channels
  }

  channelIds(): string[] {
    return this.#channels.map(({ n }) => String(n))
  }

  get blocked() {
    return this.#blocked
  }

  // ── what happens ──

  /** So many titles come, all in this second, and stand on top. Gives their ids. */
  add(count = 1, stream?: Stream): string[] {
    const now = this.clock.seconds()
    const added = Array.from({ length: count }, () => {
      const title = this.#titleOf(this.#next++, () => now)
      return stream === undefined ? title : { ...title, series: stream === 'series' }
    })
    for (const title of added) this.#insert(title)
    return added.map((title) => this.idOf(title))
  }

  /** A title comes with the date of the one at a place of the stream, and stands somewhere among its equals. */
  addBeside(stream: Stream, place: number): string {
    const beside = this.#at(stream, place)
    const title: Title = { ...this.#titleOf(this.#next++, () => beside.added), series: beside.series }
    this.#insert(title)
    return this.idOf(title)
  }

  /** The title at a place of the stream leaves; negative places count from the end. Gives its id. */
  removeAt(stream: Stream, place: number): string {
    const title = this.#at(stream, place)
    this.#titles.splice(this.#titles.indexOf(title), 1)
    this.#changed()
    return this.idOf(title)
  }

  /** It is taken out of sight (`accessed` is 0), and is still there. Gives its id. */
  hideAt(stream: Stream, place: number): string {
    const title = this.#at(stream, place)
    title.hidden = true
    this.#changed()
    return this.idOf(title)
  }

  /** Titles of a category are shown to who asks for it, and left out of the list of all (`*`). */
  closeCategory(id: number): void {
    this.#closed.add(id)
    this.#changed()
  }

  openCategory(id: number): void {
    this.#closed.delete(id)
    this.#changed()
  }

  /** All that was hidden is shown again, at its old place. */
  publish(): void {
    for (const title of this.#titles) title.hidden = false
    this.#changed()
  }

  /** Its row changes where it stands: nothing at the top tells. */
  changeAt(stream: Stream, place: number): string {
    const title = this.#at(stream, place)
    title.version++
    this.#changed()
    return this.idOf(title)
  }

  removeChannel(place: number): string | undefined {
    const n = this.#channels.splice(place, 1)[0]?.n
    return n === undefined ? undefined : String(n)
  }

  addCategory(): number {
    return ++this.#categories
  }

  /** The device is locked out, with the words of the provider; a piece of a web page among them. */
  block(
    msg = 'Device conflict - Serial Number mismatch',
    block_msg = 'Please contact your provider<br>to register this device.(SN1001)',
  ): void {
    this.#blocked = { msg, block_msg }
  }

  unblock(): void {
    this.#blocked = undefined
  }

  /** A little of everything. */
  live(): void {
    if (this.#random.chance(0.7)) this.add(this.#random.int(1, 3))
    if (this.#random.chance(0.2)) this.changeAt('movies', this.#random.int(0, 30))
  }

  #at(stream: Stream, place: number): Title {
    const title = this.list(stream).at(place)
    if (!title) throw new RangeError(`the portal has no ${stream} at place ${place}`)
    return title
  }

  #insert(title: Title): void {
    const below = this.#titles.findIndex(({ added }) => added <= title.added)
    this.#titles.splice(below < 0 ? this.#titles.length : below, 0, title)
    this.#changed()
  }

  #changed(): void {
    this.#lists.clear()
  }
}

/** Where it stands in a bouquet: wherever somebody has put it. */
function placeOf({ n }: Title): number {
  return (n * 7_919) % 1_009
}

/** A name by which the order is another one than by date. */
export function nameOf({ n, version }: Title): string {
  const words = ['Ash', 'Birch', 'Cedar', 'Dune', 'Ember', 'Fjord', 'Grove', 'Heath']
  return `${words[(n * 7) % 8]} ${words[(n * 5 + 3) % 8]} ${n}${version > 0 ? `, cut ${version}` : ''}`
}
