// Owns the bill: rows that are billed by runs which deliver the newest so many and can't be paged, for the sizes that are
// chosen here, against 5, 10, 15, 20 and so on until nothing is missed. Both read the same worlds, and need the same proof.

import { DECISIONS } from '../../src/engine/passes/decisions.ts'
import { beginning, countOf, judge, type Leg, legAfter, legOf, sizeOf } from '../../src/engine/passes/jobs/leg.ts'
import { firstPace, learn, type Pace } from '../../src/engine/passes/jobs/pace.ts'
import { type AskNewest, type Job, type NewestByJob, newestFirst } from '../../src/index.ts'
import { type Random, seeded } from '../../src/testing/emulators/kit/random.ts'
import type { Figure } from './figure.ts'

const ACCOUNTS = 120
const DAY_MS = 86_400_000
/** Billed rows of daily syncs, as a share of those that 5, 10, 15, 20 … bill. */
const AIM = 0.6

interface World {
  readonly name: string
  readonly everyDays: number
  /** Posts that come at once, on average. */
  readonly session: number
  readonly pinned: number
  readonly isCounted: boolean
}

const WORLDS: readonly World[] = [
  { name: 'daily', everyDays: 1, session: 1, pinned: 3, isCounted: false },
  { name: 'daily, in bursts', everyDays: 1, session: 3, pinned: 3, isCounted: false },
  { name: 'daily, in bursts, posts counted', everyDays: 1, session: 3, pinned: 3, isCounted: true },
  { name: 'daily, in bursts, nothing pinned', everyDays: 1, session: 3, pinned: 0, isCounted: false },
  { name: 'every six hours, in bursts', everyDays: 0.25, session: 3, pinned: 3, isCounted: false },
  { name: 'weekly, in bursts', everyDays: 7, session: 3, pinned: 3, isCounted: false },
]

/** A profile as it is declared; its runs are made here. */
const PASS = newestFirst({
  job: {} as Job<unknown, AskNewest>,
  order: (post: Post) => post.at,
  pinned: (_: Post, place: number) => place < 3,
  unitMs: 1,
  settles: '1h',
}) as unknown as NewestByJob<unknown, unknown>
const HOUR_MS = 3_600_000

export async function bill(syncs = 240): Promise<readonly Figure[]> {
  return WORLDS.map((world) => {
    const { ours, fixed, found } = bills(world, syncs)
    const value = ours / fixed
    const aim = world.everyDays === 1 && world.pinned > 0 ? { aim: `≤ ${AIM}`, met: value <= AIM } : {}
    return {
      name: `${world.name}: billed to 5/10/15/20 (${(ours / found).toFixed(1)} a post)`,
      value,
      unit: '',
      ...aim,
    }
  })
}

/** Rows billed to both in all accounts, without the first sixth of the syncs, in which the pace is learned. */
function bills(world: World, syncs: number): { ours: number; fixed: number; found: number } {
  const random = seeded(world.name)
  const sum = { ours: 0, fixed: 0, found: 0 }
  for (let account = 0; account < ACCOUNTS; account++) {
    const profile = new Profile(world, random)
    for (let sync = 0; sync <= syncs; sync++) {
      const { ours, fixed, found } = profile.sync()
      profile.pass(world.everyDays * DAY_MS)
      if (sync <= syncs / 6) continue
      sum.ours += ours
      sum.fixed += fixed
      sum.found += found
    }
  }
  return sum
}

interface Post {
  readonly at: number
  known: boolean
}

/** A profile, and a mirror of it. */
class Profile {
  readonly #world: World
  readonly #random: Random
  readonly #perMs: number
  /** Newest first. */
  #posts: Post[] = []
  #now = 0
  #pace: Pace | undefined
  #readAt = Number.NEGATIVE_INFINITY

  constructor(world: World, random: Random) {
    this.#world = world
    this.#random = random
    // Lognormal, half a post a day in the middle.
    const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
    this.#perMs = (0.5 * Math.exp(Math.min(2, normal))) / DAY_MS
    this.pass(30 / this.#perMs)
  }

  /** Lets time go by. */
  pass(ms: number): void {
    const { session } = this.#world
    const until = this.#now + ms
    for (;;) {
      this.#now += (-Math.log(1 - this.#random.next()) * session) / this.#perMs
      if (this.#now >= until) break
      for (let i = 0; i === 0 || this.#random.chance(1 - 1 / session); i++)
        this.#posts.unshift({ at: this.#now + i * 1_000, known: false })
    }
    this.#now = until
  }

  /** One sync, and what the fixed sizes would have billed for the same proof. */
  sync(): { ours: number; fixed: number; found: number } {
    const fixed = this.#fixedBill()
    let ours = 0
    let position = beginning(false)
    for (;;) {
      const live = this.#posts.filter(({ known }) => known).length
      const size = sizeOf(position, { pass: PASS, pace: this.#pace, live, now: this.#now })
      const leg = this.#leg(size)
      ours += leg.rows
      const verdict = judge(PASS, position, { leg, size, live, wasEmpty: false })
      position = { ...position, failed: size, brought: leg.rows, asked: position.asked + size, leg }
      if (verdict.to !== 'close') continue
      this.#learn(leg)
      return { ours, fixed, found: leg.fresh }
    }
  }

  #fixedBill(): number {
    let sum = 0
    for (let size = 5; ; size += 5) {
      const leg = this.#leg(size)
      sum += leg.rows
      if (leg.met || leg.rows < size) return sum
    }
  }

  #leg(size: number): Leg {
    const { pinned, isCounted } = this.#world
    const isPinned = (_: Post, i: number) => i >= 10 && i < 10 + pinned
    const rows = [...this.#posts.filter(isPinned), ...this.#posts.filter((post, i) => !isPinned(post, i))].slice(
      0,
      size,
    )
    const sightings = rows.map(({ at, known }, place) => ({
      anchored: known,
      pinned: place < pinned,
      order: at,
      settled: at + HOUR_MS <= this.#readAt,
    }))
    const page = { records: rows, ...(isCounted ? { estimate: this.#posts.length } : {}) }
    return legAfter(legOf(''), page, sightings, { pass: PASS, decisions: DECISIONS })
  }

  #learn(leg: Leg): void {
    const told = { pinned: leg.pinned, newest: leg.newest, count: countOf(leg), price: null }
    const dates = this.#posts.map(({ at }) => at)
    this.#pace = this.#pace
      ? { ...learn(this.#pace, { now: this.#now, found: leg.fresh }), ...told }
      : { ...firstPace(this.#now, dates), mean2: 0, excess: 0, ...told }
    for (const post of this.#posts) post.known = true
    this.#readAt = this.#now
  }
}
