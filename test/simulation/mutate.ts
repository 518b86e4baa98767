// Owns what happens to the source between two requests and between two syncs: which changes this seed knows, how often
// they come, and which record they meet.

import type { Random } from '../../src/testing/emulators/kit/random.ts'
import type { Item, Source } from './source.ts'

type Change = (source: Source, random: Random) => void

const CHANGES = {
  'insert-top': (source, random) => {
    for (let n = random.int(1, 3); n > 0; n--) source.insert()
  },
  // Many with the same time: more than a page of them.
  'insert-ties': (source, random) => {
    const { pageSize } = source.scale
    const stamp = source.stamp()
    for (let n = random.int(2, Math.ceil(pageSize * 1.5)); n > 0; n--) source.insert({ stamp })
  },
  'insert-late': (source, random) => void source.insert({ late: random.next() * source.scale.lateSeconds }),
  'insert-old': (source, random) => void source.insert({ back: random.int(1, 2_000) }),
  'delete-top': (source, random) => {
    const item = nearTop(source, random)
    if (item) source.remove(item)
  },
  'delete-any': (source, random) => {
    for (let n = random.int(1, 2); n > 0; n--) {
      const item = anyOf(source, random)
      if (item) source.remove(item)
    }
  },
  // So many at once that nobody should believe it.
  'delete-many': (source, random) => {
    if (random.chance(0.8)) return
    for (const item of source.listing()) if (random.chance(0.6)) source.remove(item)
  },
  'update-bump': (source, random) => {
    for (let n = random.int(1, 3); n > 0; n--) {
      const item = anyOf(source, random)
      if (item) source.bump(item)
    }
  },
  'update-silent': (source, random) => {
    const item = anyOf(source, random)
    if (item) source.change(item)
  },
  restore: (source, random) => {
    const gone = [...source.items.values()].filter((item) => !item.there)
    if (gone.length > 0) source.restore(random.pick(gone), random.chance(0.6))
  },
  pin: (source, random) => {
    const item = anyOf(source, random)
    if (item && source.style.pins) source.pin(item, !item.pinned)
  },
  unpin: (source, random) => {
    const pinned = source.listing().filter((item) => item.pinned)
    if (pinned.length > 0) source.pin(random.pick(pinned), false)
  },
  shrink: (source, random) => {
    if (random.chance(0.1)) source.sizeMax = Math.max(2, Math.floor(source.scale.pageSize * random.pick([0.4, 0.7])))
  },
  // A capped listing is proved by its order; one that breaks it can prove nothing, and nobody can see that it does.
  misplace: (source, random) => {
    const item = anyOf(source, random)
    if (item && !source.style.capped && source.style.newest && random.chance(0.3)) source.misplace(item)
  },
  poison: (source, random) => {
    const item = anyOf(source, random)
    if (item) source.poison(item, !item.poison)
  },
} as const satisfies Record<string, Change>

export type Mutation = keyof typeof CHANGES

export const MUTATIONS = Object.keys(CHANGES) as readonly Mutation[]

/** Nothing but records that come in on top, and records that leave. */
const DIPPING: readonly Mutation[] = ['insert-top', 'delete-top', 'delete-any', 'update-silent']

const RARE: ReadonlySet<Mutation> = new Set(['delete-many', 'misplace', 'poison', 'insert-ties', 'shrink'])

export class Mutator {
  readonly counts = new Map<string, number>()
  readonly #source: Source
  readonly #random: Random
  readonly #known: readonly { readonly name: Mutation; readonly weight: number }[]
  readonly #weight: number
  /** How likely something happens between two requests. */
  readonly #busy: number
  readonly #without: ReadonlySet<string>

  constructor(source: Source, random: Random, without: ReadonlySet<string>) {
    this.#source = source
    this.#random = random
    this.#without = without
    const possible = source.style.dips ? DIPPING : MUTATIONS
    this.#known = possible.flatMap((name) => {
      const weight = (RARE.has(name) ? 0.25 : 1) * (0.2 + random.next())
      return random.chance(0.6) ? [{ name, weight }] : []
    })
    this.#weight = this.#known.reduce((sum, { weight }) => sum + weight, 0)
    this.#busy = random.pick([0, 0.03, 0.1, 0.25, 0.5])
  }

  /** Between two requests. */
  whileReading(): void {
    if (this.#source.style.moving && this.#random.chance(0.5)) this.#move()
    if (this.#source.style.unread && this.#random.chance(0.05)) this.#lose()
    if (this.#random.chance(this.#busy)) this.#happen()
  }

  /** Between two syncs. */
  meanwhile(): void {
    if (this.#source.style.moving && this.#random.chance(0.6)) this.#sinkHot()
    if (this.#source.style.unread && this.#random.chance(0.5)) this.#lose()
    if (this.#source.style.resaves && this.#random.chance(0.5)) this.#saveAgain()
    const most = this.#random.pick([0, 2, 6, 15])
    for (let n = this.#random.int(0, most); n > 0; n--) this.#happen()
  }

  /** A record that keeps changing does it again. */
  #move(): void {
    if (this.#without.has('move')) return
    this.#source.settle()
    if (!this.#hot?.seen) this.#hot = anyOf(this.#source, this.#random)
    if (this.#hot) this.#source.bump(this.#hot)
    this.counts.set('move', (this.counts.get('move') ?? 0) + 1)
  }
  #hot: Item | undefined

  /** Between two syncs most others have changed, too: then it stands below them. */
  #sinkHot(): void {
    if (this.#without.has('move')) return
    for (const item of this.#source.listing()) if (item !== this.#hot) this.#source.bump(item)
  }

  /**
   * Something new comes in, and above it known records are put on top again, many or few. Each of them gets a neighbour that
   * it never had: by positions alone, nobody can tell what stands as it stood from what was put there so.
   */
  #saveAgain(): void {
    if (this.#without.has('save-again')) return
    const [source, random] = [this.#source, this.#random]
    source.settle()
    for (let n = random.int(0, 2); n > 0; n--) source.insert()
    source.rememberPairs()
    const known = source.listing().filter(({ lives }) => lives.length > 0)
    const most = random.pick([3, source.scale.pageSize, known.length])
    const left = random.shuffle(random.chance(0.5) ? known.slice(0, most) : random.shuffle(known).slice(0, most))
    const order: Item[] = []
    let below = known.find((item) => !left.includes(item))
    while (left.length > 0) {
      const at = left.findIndex((item) => below === undefined || !source.stoodAbove(item, below))
      if (at < 0) break
      below = left.splice(at, 1)[0]
      order.unshift(below as Item)
    }
    const top = known.find((item) => !order.includes(item))
    if (top && order.length > 0 && source.stoodAbove(order.at(-1) as Item, top)) return
    source.putOnTop(order)
    this.counts.set('save-again', (this.counts.get('save-again') ?? 0) + 1)
  }

  /** A record can't be read for a while, or can be again. */
  #lose(): void {
    if (this.#without.has('lose')) return
    this.#source.settle()
    const item = anyOf(this.#source, this.#random)
    if (item) this.#source.poison(item, !item.poison)
    this.counts.set('lose', (this.counts.get('lose') ?? 0) + 1)
  }

  #happen(): void {
    const known = this.#known
    if (known.length === 0) return
    let at = this.#random.next() * this.#weight
    const chosen = known.find(({ weight }) => (at -= weight) <= 0) ?? known[0]!
    if (this.#without.has(chosen.name)) return
    this.#source.settle()
    CHANGES[chosen.name](this.#source, this.#random)
    this.counts.set(chosen.name, (this.counts.get(chosen.name) ?? 0) + 1)
  }
}

function anyOf(source: Source, random: Random): Item | undefined {
  const all = source.listing()
  return all.length > 0 ? random.pick(all) : undefined
}

function nearTop(source: Source, random: Random): Item | undefined {
  const top = source.listing().slice(0, source.scale.pageSize)
  return top.length > 0 ? random.pick(top) : undefined
}
