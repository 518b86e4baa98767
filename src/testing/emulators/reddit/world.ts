// Owns the world behind the Reddit emulator: people, what they have saved, and what becomes of it.
// Each behaviour names the file of Reddit's published source of 2017 that it is from.

import type { Clock } from '../kit/clock.ts'
import { type Random, seeded } from '../kit/random.ts'
import { type GrantRules, Grants } from './grants.ts'
import { inventThing, type Thing, type ThingState } from './thing.ts'

/** query_cache.py, MAX_CACHED_ITEMS: what a listing shows at most; queries.py merges posts and comments before it is cut. */
export const CAP = 1_000

export interface Person {
  readonly name: string
  /** Fullnames; also those that no list shows any more. */
  readonly saved: Set<string>
  /** What the list is made of, last saved first. */
  readonly index: string[]
  /** Where a thing that was unsaved has stood. */
  readonly places: Map<string, number>
  standing: 'good' | 'suspended' | 'shadowbanned'
}

export interface WorldRules {
  readonly seed: number
  readonly grants: GrantRules
  /** A page behind a thing that was unsaved meanwhile: empty, or going on where it stood. */
  readonly lostAnchor: 'empty' | 'continue'
}

export class RedditWorld {
  readonly grants: Grants
  readonly #clock: Clock
  readonly #random: Random
  readonly #rules: WorldRules
  readonly #people = new Map<string, Person>()
  readonly #things = new Map<string, Thing>()

  constructor(clock: Clock, rules: WorldRules) {
    this.#clock = clock
    this.#rules = rules
    this.#random = seeded(`reddit ${rules.seed}`)
    this.grants = new Grants(clock, rules.seed, rules.grants)
  }

  // ── truth ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Fullnames of all that somebody has saved, last saved first; those behind the list's end come last. */
  saved(user: string): string[] {
    const { index, saved } = this.#person(user)
    const isListed = new Set(index)
    return [...index, ...[...saved].filter((fullname) => !isListed.has(fullname))]
  }

  /** Fullnames that a complete and undisturbed reading of the list shows, last saved first. */
  listed(user: string): string[] {
    const person = this.#person(user)
    return person.index.filter((fullname) => this.shows(person, fullname))
  }

  thing(fullname: string): Thing | undefined {
    return this.#things.get(fullname)
  }

  /** What an app needs to read what somebody has saved. */
  credentials(user: string): { readonly clientId: string; readonly refreshToken: string } {
    const grant = this.grants.grantOf(this.#person(user).name)
    if (!grant) throw new RangeError(`${user} lets no app in`)
    return { clientId: grant.clientId, refreshToken: grant.refreshToken }
  }

  // ── change ───────────────────────────────────────────────────────────────────────────────────────────────────

  addUser(name: string, saved = 0): void {
    if (this.#people.has(name.toLowerCase())) throw new RangeError(`there is a user ${name} already`)
    const person: Person = { name, saved: new Set(), index: [], places: new Map(), standing: 'good' }
    this.#people.set(name.toLowerCase(), person)
    this.save(name, saved)
  }

  /** Somebody saves so many things never saved before, one after the other; gives their fullnames, the last one first. */
  save(user: string, count = 1): string[] {
    const fullnames: string[] = []
    for (let i = 0; i < count; i++) {
      const thing = inventThing(this.#random, this.#things.size, this.#clock.seconds())
      this.#things.set(thing.fullname, thing)
      this.saveThing(user, thing.fullname)
      fullnames.unshift(thing.fullname)
    }
    return fullnames
  }

  /**
   * Saves a thing that there is. models/link.py orders by `action_date`, which is now: one that is saved already moves to the top,
   * and what falls off the end stays saved, and comes back to no list.
   */
  saveThing(user: string, fullname: string): void {
    const { saved, index } = this.#person(user)
    this.#thing(fullname)
    saved.add(fullname)
    const place = index.indexOf(fullname)
    if (place >= 0) index.splice(place, 1)
    index.unshift(fullname)
    index.length = Math.min(index.length, CAP)
  }

  unsave(user: string, fullname: string): boolean {
    const { saved, index, places } = this.#person(user)
    const place = index.indexOf(fullname)
    if (place >= 0) {
      index.splice(place, 1)
      places.set(fullname, place)
    }
    return saved.delete(fullname)
  }

  /** Unsaves by place in the list: 0 was saved last, -1 first. Gives the fullname. */
  unsaveAt(user: string, place: number): string {
    const fullname = this.listed(user).at(place)
    if (fullname === undefined) throw new RangeError(`${user} has nothing saved at ${place}`)
    this.unsave(user, fullname)
    return fullname
  }

  /** Its author deletes it: `keep_fn` drops it from every list, and by id it reads `[deleted]`. It stays saved. */
  deleteByAuthor(fullname: string): void {
    this.#become(fullname, 'deleted')
  }

  /** A moderator removes it: it stays in the list and reads `[removed]`. */
  removeByModerator(fullname: string): void {
    this.#become(fullname, 'removed')
  }

  /** Its subreddit is banned: neither a list nor an id shows it any more. */
  ban(fullname: string): void {
    this.#become(fullname, 'banned')
  }

  /** What was deleted, removed or banned is there again. */
  revive(fullname: string): void {
    this.#become(fullname, 'live')
  }

  edit(fullname: string, text: string): void {
    Object.assign(this.#thing(fullname), { text, editedAt: this.#clock.seconds() })
  }

  /** So many of the things that somebody sees in the list get votes and comments. */
  drift(user: string, count: number): string[] {
    const chosen = this.#random.shuffle(this.listed(user)).slice(0, count)
    for (const fullname of chosen) {
      const thing = this.#thing(fullname)
      thing.score += this.#random.int(-2, 12)
      thing.comments += this.#random.int(0, 2)
    }
    return chosen
  }

  setStanding(user: string, standing: Person['standing']): void {
    this.#person(user).standing = standing
  }

  /** The user withdraws what every app was allowed. */
  revoke(user: string): void {
    this.grants.revoke(this.#person(user).name)
  }

  /** Every access token has run out. */
  expireAccess(): void {
    this.grants.expire()
  }

  /** A little of everything, as a day brings it: for demos. */
  live(user: string): void {
    this.save(user, this.#random.int(0, 2))
    const size = this.listed(user).length
    if (size > 5 && this.#random.chance(0.3)) this.unsaveAt(user, this.#random.int(0, size - 1))
    if (size > 50 && this.#random.chance(0.1)) this.deleteByAuthor(this.#random.pick(this.listed(user).slice(20)))
    this.drift(user, Math.ceil(size / 4))
  }

  // ── for the API ──────────────────────────────────────────────────────────────────────────────────────────────

  person(name: string): Person | undefined {
    return this.#people.get(name.toLowerCase())
  }

  /** `keep_fn` drops rows after the page was cut, so that it may have fewer than `limit`, or none, and is still not the last. */
  page(
    person: Person,
    after: string | undefined,
    limit: number,
  ): { readonly rows: Thing[]; readonly after: string | null } {
    const { index } = person
    const from = after === undefined ? 0 : this.#placeBehind(person, after)
    const cut = index.slice(from, from + limit)
    const rows = cut.filter((fullname) => this.shows(person, fullname)).map((fullname) => this.#thing(fullname))
    return { rows, after: from + limit < index.length ? (cut.at(-1) ?? null) : null }
  }

  shows({ saved }: Person, fullname: string): boolean {
    const { state } = this.#thing(fullname)
    return saved.has(fullname) && (state === 'live' || state === 'removed')
  }

  #placeBehind({ index, places }: Person, after: string): number {
    const place = index.indexOf(after)
    if (place >= 0) return place + 1
    return this.#rules.lostAnchor === 'continue' ? (places.get(after) ?? index.length) : index.length
  }

  #become(fullname: string, state: ThingState): void {
    this.#thing(fullname).state = state
  }

  #person(name: string): Person {
    const person = this.person(name)
    if (!person) throw new RangeError(`there is no user ${name}`)
    return person
  }

  #thing(fullname: string): Thing {
    const thing = this.#things.get(fullname)
    if (!thing) throw new RangeError(`there is no thing ${fullname}`)
    return thing
  }
}
