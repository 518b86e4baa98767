// Owns a simulated source: its records, how they change, and what of them is visible. It is the truth that the oracle
// compares with, so it also keeps when each record was there, and since when it stands where it stands. What it answers
// over HTTP is api.ts's business.

import type { Random } from '../../src/testing/emulators/kit/random.ts'
import type { Scale, Style } from './style.ts'

/** A time in which a record could be seen, by the world's count of events; `to` is Infinity while it lasts. */
export interface Life {
  readonly from: number
  to: number
}

export interface Item {
  readonly key: string
  rev: number
  title: string
  /** Seconds since 1970 by the source's clock, rounded down to its grain. */
  created: number
  updated: number
  /** Its place in the listing: greater stands higher. */
  rank: number
  /** What it shows as its place; differs from `rank` where the source breaks its own order. */
  shownRank: number
  /** Its place among equals. */
  readonly tie: number
  pinned: boolean
  score: number
  /** Its title is no text for a while: it can't be understood. */
  poison: boolean
  /** Not deleted. */
  there: boolean
  /** Milliseconds by the source's clock. */
  visibleAt: number
  /** The count of events when it last changed its place, in listing or window, or came to be seen. */
  movedAt: number
  /** It came to its place when others stood above it already: a reader of the top need not find it. */
  buried: boolean
  /** The revision with which its time of update last moved. */
  bumpedRev: number
  /** Visible now. */
  seen: boolean
  readonly lives: Life[]
}

/** Which of two streams a record belongs to, where a listing shows both. */
export function streamOf({ tie }: Item): 'items' | 'others' {
  return tie % 3 === 0 ? 'others' : 'items'
}

const ORIGIN = Date.UTC(2026, 0, 1)

export class Source {
  readonly style: Style
  readonly scale: Scale
  readonly items = new Map<string, Item>()
  /** The world's count of events: what happens later has a greater number. */
  tick = 1
  /** The largest page it gives. */
  sizeMax = Number.POSITIVE_INFINITY
  /** While true, its listings are empty. */
  outage = false
  /** While true, every page of its listings is the first one. */
  looping = false
  /** How often a record vanished or sank below where it stood: that shifts the pages of an offset listing upwards. */
  shiftsUp = 0
  readonly #random: Random
  readonly #now: () => number
  #sorted: readonly Item[] | undefined
  #waiting = 0

  /** `now` counts milliseconds from the simulation's beginning and never steps. */
  constructor(style: Style, scale: Scale, random: Random, now: () => number) {
    this.style = style
    this.scale = scale
    this.#random = random
    this.#now = now
  }

  /** Milliseconds since 1970 by the source's clock. */
  now(): number {
    return ORIGIN + this.#now() + this.scale.skewMs
  }

  stamp(): number {
    const { grainSeconds } = this.scale
    return Math.floor(this.now() / 1000 / grainSeconds) * grainSeconds
  }

  /** Lets records appear whose time has come. Called before anything looks. */
  settle(): void {
    if (this.#waiting === 0) return
    const now = this.now()
    for (const item of this.items.values()) {
      if (item.there && !item.seen && item.visibleAt <= now) this.#appear(item)
    }
  }

  /** What can be seen, in the order of the listing: pinned ones first, then by place, descending. */
  listing(): readonly Item[] {
    this.#sorted ??= [...this.items.values()].filter((item) => item.seen).sort(byPlace)
    return this.#sorted
  }

  /** What the listing gives away: all of it, or its newest records. What slides up into it from below was buried. */
  shown(): readonly Item[] {
    if (!this.style.capped) return this.listing()
    for (const item of this.listing().slice(this.scale.cap)) item.buried = true
    return this.listing().slice(0, this.scale.cap)
  }

  /** What can be seen of the window, in order of change. */
  window(since: number, until: number): readonly Item[] {
    return [...this.items.values()]
      .filter((item) => item.seen && item.updated >= since && item.updated < until)
      .sort((a, b) => a.updated - b.updated || a.tie - b.tie)
  }

  /** Those of these keys that can be seen. */
  byKey(keys: readonly string[]): readonly Item[] {
    return keys.flatMap((key) => this.items.get(key) ?? []).filter(({ seen }) => seen)
  }

  // ── what happens to it ────────────────────────────────────────────────────────────────────────────────────────────

  /** A new record. `back` puts it so many seconds back in the listing; `late` lets it be seen so much later. */
  insert(how: { back?: number; late?: number; stamp?: number } = {}): Item {
    const n = this.items.size + 1
    // Files are told apart by their greatest date: each record has one of its own.
    this.#lastDate = Math.max(this.#lastDate + 1, this.stamp())
    const stamp = how.stamp ?? (this.style.files === 'alone' ? this.#lastDate : this.stamp())
    const key = this.scale.bigIds ? String(9_007_199_254_740_993n + BigInt(n * 97)) : String(1000 + n)
    const item: Item = {
      key,
      rev: 1,
      bumpedRev: 1,
      title: `item ${n}`,
      created: stamp,
      updated: stamp,
      rank: this.#rankAt(stamp) - (how.back ?? 0),
      shownRank: 0,
      // Of equals, the newest stands on top, or anywhere.
      tie: this.style.dips ? (1 << 30) - n : this.#random.int(0, 1 << 30),
      pinned: false,
      score: 0,
      poison: false,
      there: true,
      visibleAt: this.now() + (how.late ?? 0) * 1000,
      movedAt: this.tick,
      buried: false,
      seen: false,
      lives: [],
    }
    item.shownRank = item.rank
    this.items.set(key, item)
    this.#waiting++
    this.settle()
    return item
  }

  remove(item: Item): void {
    item.there = false
    this.#vanish(item)
  }

  /** A record that was gone for a while is there again, as it was and where it was. */
  reappear(item: Item): void {
    item.there = true
    item.visibleAt = this.now()
    // Who asks for changes only would never hear of it.
    if (this.style.window) this.#stampAgain(item)
    this.#waiting++
    this.settle()
  }

  /** A deleted record comes back: at the top, or where it was. */
  restore(item: Item, atTop: boolean): void {
    item.there = true
    item.rev++
    item.visibleAt = this.now()
    if (atTop || this.style.window) this.#stampAgain(item)
    if (atTop && this.style.order !== 'updated') {
      item.created = this.stamp()
      item.rank = this.#rankAt(item.created)
      item.shownRank = item.rank
    }
    this.#waiting++
    this.settle()
  }

  /** A change that moves the time of update, and with it the place where the listing is sorted by that. */
  bump(item: Item): void {
    item.rev++
    item.title = `${item.title.split(' v')[0]} v${item.rev}`
    this.#stampAgain(item)
    if (this.style.order === 'updated' && item.seen) this.#moved(item)
  }

  /** A change that moves nothing. */
  change(item: Item): void {
    item.rev++
    item.score += this.#random.int(1, 50)
  }

  poison(item: Item, poison: boolean): void {
    item.poison = poison
    this.bump(item)
  }

  pin(item: Item, pinned: boolean): void {
    item.pinned = pinned
    item.rev++
    if (item.seen) this.#moved(item)
  }

  /** Known records are put on top of all others, the first of these last. */
  putOnTop(items: readonly Item[]): void {
    for (const item of items.toReversed()) {
      item.rank = this.#rankAt(item.created)
      item.shownRank = item.rank
      this.#moved(item)
    }
  }

  /** Whether one has ever stood right above the other where somebody could see it. */
  stoodAbove(above: Item, below: Item): boolean {
    return this.#pairs.has(`${above.key} ${below.key}`)
  }
  readonly #pairs = new Set<string>()

  /** Remembers which records stand side by side. */
  rememberPairs(): void {
    const all = this.listing()
    for (const [i, { key }] of all.slice(1).entries()) this.#pairs.add(`${all[i]!.key} ${key}`)
  }

  /** The source shows a place that is not the one where it lists the record. */
  misplace(item: Item): void {
    item.rev++
    item.shownRank = item.rank + this.#random.int(-500, 500)
  }

  // ── places ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #rankAt(stamp: number): number {
    return this.style.order === 'position' ? ++this.#position : stamp
  }
  #position = 0
  #lastDate = 0

  #stampAgain(item: Item): void {
    item.updated = Math.max(item.updated, this.stamp())
    item.bumpedRev = item.rev
    if (this.style.window) item.movedAt = ++this.tick
    if (this.style.order === 'updated') {
      item.rank = item.updated
      item.shownRank = item.rank
    }
  }

  #appear(item: Item): void {
    item.seen = true
    this.#waiting--
    item.lives.push({ from: ++this.tick, to: Number.POSITIVE_INFINITY })
    this.#moved(item)
  }

  #vanish(item: Item): void {
    if (!item.seen) {
      this.#waiting--
      return
    }
    item.seen = false
    this.shiftsUp++
    item.lives.at(-1)!.to = ++this.tick
    this.#sorted = undefined
  }

  #moved(item: Item): void {
    this.#sorted = undefined
    item.movedAt = ++this.tick
    const above = this.listing().filter((other) => !other.pinned && other !== item && byPlace(other, item) < 0)
    item.buried = !item.pinned && above.some((other) => other.shownRank !== item.shownRank)
    if (item.buried) this.shiftsUp++
  }
}

function byPlace(a: Item, b: Item): number {
  return Number(b.pinned) - Number(a.pinned) || b.rank - a.rank || a.tie - b.tie
}
