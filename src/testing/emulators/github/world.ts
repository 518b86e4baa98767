// Owns the world behind the GitHub emulator: accounts, repositories and stars, how they change, and the truth of them.
//
// Recorded (github3.py, 616 stars): times that fall from page to page, 26 equal ones over a page boundary, which the default
// world repeats. Documented (docs.github.com/rest, Starring): the order is that of starring, or of the last push. That a
// star that is set again has a new time, and that private repositories leave the list, is what people report.

import type { Clock } from '../kit/clock.ts'
import { type Random, seeded } from '../kit/random.ts'
import { type Account, inventRepo, isoSeconds, type Repo, repoObject } from './repo.ts'

export interface Star {
  readonly repo: Repo
  /** Milliseconds since 1970, whole seconds. */
  starredAt: number
  /** Decides among equal times: the later star comes first. */
  seq: number
}

export interface Person {
  readonly account: Account
  readonly stars: Star[]
}

/** A repository by its id or by its present `owner/name`. */
export type RepoRef = number | string

export interface UserSeed {
  /** @default 0 */
  readonly stars?: number
  /** A token of the user's that is valid from the start. */
  readonly token?: string
  /**
   * How many of the oldest stars share one `starred_at`, as after an import; real accounts have such runs across
   * page boundaries. @default 26 when there are twice as many stars
   */
  readonly ties?: number
}

/** One row of the truth, as `application/vnd.github.star+json` would show it. */
export interface StarRow {
  readonly starred_at: string
  readonly repo: Record<string, unknown>
}

export type Sort = 'created' | 'updated'
export type Direction = 'asc' | 'desc'

const OWNERS = 'tern wren plover dunlin godwit curlew avocet heron bittern egret stilt sanderling'.split(' ')
const SUFFIXES = 'labs works hq dev io tools'.split(' ')

export class GitHubWorld {
  readonly #clock: Clock
  readonly #random: Random
  readonly #people = new Map<string, Person>()
  readonly #owners: Account[] = []
  readonly #repos = new Map<number, Repo>()
  /** Lower-case `owner/name`, present and past, to the id. A new repository takes an old name over. */
  readonly #names = new Map<string, number>()
  readonly #tokens = new Map<string, string>()
  readonly #listings = new Map<string, readonly Star[]>()
  #nextId = 1_000_000
  #seq = 0

  constructor(clock: Clock, seed: number) {
    this.#clock = clock
    this.#random = seeded(`github ${seed}`)
    for (const name of OWNERS) {
      const type = this.#random.chance(0.5) ? 'Organization' : 'User'
      const login = type === 'User' ? name : `${name}-${this.#random.pick(SUFFIXES)}`
      this.#owners.push({ id: this.#newId(), login, type })
    }
  }

  // ── truth ────────────────────────────────────────────────────────────────────────────────────────────────────

  logins(): string[] {
    return [...this.#people.values()].map((person) => person.account.login)
  }

  /** What a complete and undisturbed listing would show now, newest star first. */
  stars(login: string): StarRow[] {
    return this.listing(this.#person(login), 'created', 'desc').map((star) => ({
      starred_at: isoSeconds(star.starredAt),
      repo: repoObject(star.repo),
    }))
  }

  /** The ids of the visible stars, newest first. */
  starIds(login: string): number[] {
    return this.listing(this.#person(login), 'created', 'desc').map((star) => star.repo.id)
  }

  /** The repository, also when it is private now; undefined when it is deleted or never was. */
  repo(ref: RepoRef): Record<string, unknown> | undefined {
    const found = this.findRepo(ref)
    return found && found.hidden !== 'deleted' ? repoObject(found) : undefined
  }

  // ── change ───────────────────────────────────────────────────────────────────────────────────────────────────

  addUser(login: string, seed: UserSeed = {}): void {
    if (this.#people.has(login.toLowerCase())) throw new RangeError(`there is a user ${login} already`)
    const person: Person = { account: { id: this.#newId(), login, type: 'User' }, stars: [] }
    this.#people.set(login.toLowerCase(), person)
    if (seed.token !== undefined) this.#tokens.set(seed.token, login.toLowerCase())
    const count = seed.stars ?? 0
    // The past ends at the start of the day: within a day, the same seed makes the same world again.
    let at = Math.floor(this.#now() / 86_400_000) * 86_400_000 - this.#random.int(600, 86_400) * 1000
    for (let i = 0; i < count; i++) {
      person.stars.push({ repo: this.#newRepo(at), starredAt: at, seq: count - i })
      // A few on one evening, then none for a week.
      const gap = this.#random.chance(0.3) ? this.#random.int(5, 900) : this.#random.int(3_600, 10 * 86_400)
      at -= gap * 1000
    }
    this.#seq += count
    const ties = seed.ties ?? (count >= 52 ? 26 : 0)
    if (ties > 1) this.tie(login, count - ties, ties)
    this.#changed()
  }

  /** Gives the user one more token. */
  issueToken(login: string): string {
    const token = `ghp_${this.#random.hex(36)}`
    this.#person(login)
    this.#tokens.set(token, login.toLowerCase())
    return token
  }

  /** From now on the token answers 401. */
  revokeToken(token: string): boolean {
    return this.#tokens.delete(token)
  }

  /** The user stars so many repositories never seen before, the last one now; gives their ids, newest first. */
  star(login: string, count = 1): number[] {
    const { stars } = this.#person(login)
    const now = this.#now()
    const newest = stars[0]?.starredAt ?? now - count * 60_000
    // Spread since the last star where the time suffices; else they tie, as imports do.
    const step = Math.floor((now - newest) / 1000 / count) * 1000
    const ids: number[] = []
    for (let i = count - 1; i >= 0; i--) {
      const at = now - i * Math.max(0, step)
      const repo = this.#newRepo(at)
      this.#insert(stars, { repo, starredAt: at, seq: ++this.#seq })
      ids.unshift(repo.id)
    }
    this.#changed()
    return ids
  }

  /** The user stars a repository that exists; a second star of the same repository changes nothing. */
  starRepo(login: string, ref: RepoRef): boolean {
    const { stars } = this.#person(login)
    const repo = this.#existing(ref)
    if (stars.some((star) => star.repo === repo)) return false
    this.#insert(stars, { repo, starredAt: this.#now(), seq: ++this.#seq })
    this.#touch(repo, { stars: repo.stars + 1 })
    return true
  }

  unstar(login: string, ref: RepoRef): boolean {
    const { stars } = this.#person(login)
    const repo = this.#existing(ref)
    const index = stars.findIndex((star) => star.repo === repo)
    if (index < 0) return false
    stars.splice(index, 1)
    this.#touch(repo, { stars: Math.max(0, repo.stars - 1) })
    return true
  }

  /** Unstars by place in the list: 0 is the newest star, -1 the oldest. Gives the repository's id. */
  unstarAt(login: string, place: number): number {
    const star = this.listing(this.#person(login), 'created', 'desc').at(place)
    if (!star) throw new RangeError(`${login} has no star at ${place}`)
    this.unstar(login, star.repo.id)
    return star.repo.id
  }

  /** Unstars and stars again: the same repository moves to the top with a new `starred_at`. */
  restar(login: string, ref: RepoRef): void {
    this.unstar(login, ref)
    this.starRepo(login, ref)
  }

  rename(ref: RepoRef, name: string): string {
    const repo = this.#existing(ref)
    repo.name = name
    return this.#renamed(repo)
  }

  /** Gives the repository to another owner, who comes into being if need be. */
  transfer(ref: RepoRef, login: string): string {
    const repo = this.#existing(ref)
    let owner = this.#owners.find((account) => account.login === login) ?? this.person(login)?.account
    if (!owner) {
      owner = { id: this.#newId(), login, type: 'Organization' }
      this.#owners.push(owner)
    }
    repo.owner = owner
    return this.#renamed(repo)
  }

  /** Deletes the repository: it drops out of every list and answers 404. */
  remove(ref: RepoRef): void {
    this.#touch(this.#existing(ref), { hidden: 'deleted' })
  }

  /** Makes it private: to everyone else that looks just like a deletion. */
  hide(ref: RepoRef): void {
    this.#touch(this.#existing(ref), { hidden: 'private' })
  }

  /** Makes a private repository public again; it is back in the lists at its old place. */
  publish(ref: RepoRef): void {
    this.#touch(this.#existing(ref), { hidden: undefined })
  }

  push(ref: RepoRef): void {
    this.#touch(this.#existing(ref), { pushedAt: this.#now() })
  }

  archive(ref: RepoRef): void {
    this.#touch(this.#existing(ref), { archived: true })
  }

  setMetrics(ref: RepoRef, metrics: { stars?: number; forks?: number; openIssues?: number }): void {
    this.#touch(this.#existing(ref), metrics)
  }

  /** So many of the user's repositories, or all, move a little: stars, forks, issues up and down, some pushes. */
  drift(login: string, count = Number.POSITIVE_INFINITY): number[] {
    const stars = this.listing(this.#person(login), 'created', 'desc')
    const chosen = count >= stars.length ? stars : this.#random.shuffle(stars).slice(0, count)
    for (const { repo } of chosen) {
      this.#touch(repo, {
        stars: Math.max(0, repo.stars + this.#random.int(-1, 1 + Math.ceil(repo.stars / 200))),
        forks: Math.max(0, repo.forks + this.#random.int(0, 1)),
        openIssues: Math.max(0, repo.openIssues + this.#random.int(-2, 2)),
        ...(this.#random.chance(0.3) && { pushedAt: this.#now() }),
      })
    }
    return chosen.map((star) => star.repo.id)
  }

  /** Gives `count` stars from place `from` (0 is the newest) one and the same `starred_at`: the oldest among them. */
  tie(login: string, from: number, count: number): void {
    const group = this.#person(login).stars.slice(from, from + count)
    const oldest = group.at(-1)
    if (!oldest) return
    for (const star of group) star.starredAt = oldest.starredAt
    this.#changed()
  }

  /** A little of everything, as a day brings it: for demos. */
  live(login: string): void {
    this.star(login, this.#random.int(0, 3))
    const size = this.starIds(login).length
    if (size > 5 && this.#random.chance(0.3)) this.unstarAt(login, this.#random.int(0, size - 1))
    this.drift(login, Math.ceil(size / 4))
  }

  // ── for the API ──────────────────────────────────────────────────────────────────────────────────────────────

  person(login: string): Person | undefined {
    return this.#people.get(login.toLowerCase())
  }

  personById(id: number): Person | undefined {
    return [...this.#people.values()].find((person) => person.account.id === id)
  }

  personByToken(token: string): Person | undefined {
    const login = this.#tokens.get(token)
    return login === undefined ? undefined : this.#people.get(login)
  }

  /** A user's visible stars in a listing's order; the same array until the world changes. */
  listing(person: Person, sort: Sort, direction: Direction): readonly Star[] {
    const key = `${person.account.id} ${sort} ${direction}`
    const known = this.#listings.get(key)
    if (known) return known
    const stars = person.stars.filter((star) => star.repo.hidden === undefined)
    if (sort === 'updated')
      stars.sort((a, b) => (b.repo.pushedAt ?? 0) - (a.repo.pushedAt ?? 0) || b.repo.id - a.repo.id)
    if (direction === 'asc') stars.reverse()
    this.#listings.set(key, stars)
    return stars
  }

  /** By id, or by a present or past name: names go on answering after a rename. */
  findRepo(ref: RepoRef): Repo | undefined {
    const id = typeof ref === 'number' ? ref : this.#names.get(ref.toLowerCase())
    return id === undefined ? undefined : this.#repos.get(id)
  }

  #person(login: string): Person {
    const person = this.person(login)
    if (!person) throw new RangeError(`there is no user ${login}`)
    return person
  }

  #existing(ref: RepoRef): Repo {
    const repo = this.findRepo(ref)
    if (!repo) throw new RangeError(`there is no repository ${ref}`)
    return repo
  }

  #newId(): number {
    this.#nextId += this.#random.int(1, 900)
    return this.#nextId
  }

  #newRepo(before: number): Repo {
    const repo = inventRepo(this.#random, this.#newId(), this.#random.pick(this.#owners), before)
    // Names are few: the id tells namesakes of one owner apart.
    if (this.#names.has(`${repo.owner.login}/${repo.name}`.toLowerCase())) repo.name += `-${repo.id}`
    this.#repos.set(repo.id, repo)
    this.#names.set(`${repo.owner.login}/${repo.name}`.toLowerCase(), repo.id)
    return repo
  }

  #renamed(repo: Repo): string {
    const fullName = `${repo.owner.login}/${repo.name}`
    this.#names.set(fullName.toLowerCase(), repo.id)
    this.#touch(repo, {})
    return fullName
  }

  #touch(repo: Repo, change: Partial<Omit<Repo, 'id'>>): void {
    Object.assign(repo, change, { version: repo.version + 1, updatedAt: this.#now() })
    this.#changed()
  }

  /** Keeps a list newest first. */
  #insert(stars: Star[], star: Star): void {
    let place = 0
    while (place < stars.length && isBefore(stars[place] as Star, star)) place++
    stars.splice(place, 0, star)
  }

  #changed(): void {
    this.#listings.clear()
  }

  #now(): number {
    return Math.floor(this.#clock.now() / 1000) * 1000
  }
}

function isBefore(a: Star, b: Star): boolean {
  return a.starredAt > b.starredAt || (a.starredAt === b.starredAt && a.seq > b.seq)
}
