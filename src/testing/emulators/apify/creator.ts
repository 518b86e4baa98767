// Owns the world behind the emulated actors: creators of one service, their posts, what is pinned, hidden and deleted,
// and the numbers that grow. How an actor writes a post as a row is the service's business.
//
// Reported by readers of the services: up to three pinned posts stand first, now and then or always (Instaloader, ProxiTok issue
// 192), hidden counts are absent, and posts vanish. How fast numbers grow is invented.

import type { Clock } from '../kit/clock.ts'
import { type Random, seeded } from '../kit/random.ts'
import { type Outcome, Platform, type PlatformRules } from './platform.ts'

export interface Post {
  readonly id: string
  /** In whole seconds since 1970. */
  readonly at: number
  text: string
  /** By the service's own names; one that is missing is hidden, or off. */
  readonly metrics: Map<string, number>
  pinned: boolean
  /** Deleted, private or withheld: no actor returns it. */
  gone: boolean
}

export interface Creator {
  readonly username: string
  readonly id: string
  followers: number
  /** Newest first, those that are gone included. */
  readonly posts: Post[]
}

/** What differs between the services. */
export interface Service {
  /** Names of a post's numbers, the greatest first. */
  readonly metrics: readonly string[]
  /** The id of a post of that moment (in milliseconds since 1970); it carries the time, as the service's own do. */
  id(at: number, random: Random): string
  /** A post's text, where the service has its own way with it. */
  text(n: number, random: Random): string
}

export interface CreatorRules {
  readonly seed: number
  readonly posts: number
  /** Posts that stand above newer ones; three at most. */
  readonly pinned: number
  readonly followers: number
}

/** As many as the services let a person pin: instaloader.py skips three, TikTok shows up to three. */
export const PINS_MAX = 3
const DAY = 86_400
/** The newest three share a second: times are not unique. */
const TIED = 3

export class CreatorWorld {
  readonly platform: Platform
  readonly #clock: Clock
  readonly #random: Random
  readonly #service: Service
  readonly #creators = new Map<string, Creator>()
  #texts = 0

  constructor(clock: Clock, service: Service, rules: { readonly seed: number; readonly platform: PlatformRules }) {
    this.#clock = clock
    this.#service = service
    this.#random = seeded(`creators ${rules.seed}`)
    this.platform = new Platform(clock, rules.seed, rules.platform)
  }

  // ── truth ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Ids of the posts that there are, newest first. */
  posts(username: string): string[] {
    return this.#creator(username).posts.flatMap(({ id, gone }) => (gone ? [] : [id]))
  }

  /** A post's numbers, and whether it is pinned or gone. */
  post(id: string) {
    const { metrics, ...rest } = this.#post(id)
    return { ...rest, metrics: Object.fromEntries(metrics) }
  }

  followers(username: string): number {
    return this.#creator(username).followers
  }

  /** What the runs have cost so far, by the vendor's own account. */
  bill() {
    return this.platform.bill()
  }

  /** Every run, the first one first: what it was given, what became of it, what it was charged for. */
  runs() {
    return this.platform.list().map((run) => {
      const { id, actor, input, charged, usd } = run
      return { id, actor: actor.name, status: this.platform.statusOf(run), input, items: charged, cost: usd }
    })
  }

  // ── change ───────────────────────────────────────────────────────────────────────────────────────────────────

  addCreator(username: string, { posts, pinned, followers }: Omit<CreatorRules, 'seed'>): void {
    const creator: Creator = { username, id: this.#random.digits(17), followers, posts: [] }
    this.#creators.set(username.toLowerCase(), creator)
    const now = this.#clock.seconds()
    const times: number[] = []
    for (let i = 0, at = now - DAY; i < posts; i++) {
      times.push(at)
      if (i >= TIED - 1) at -= this.#random.int(DAY / 4, 2 * DAY)
    }
    for (const at of times.toReversed()) this.#publish(creator, at, (now - at) / DAY)
    // An old one, a very old one, the oldest.
    const places = [Math.floor(posts / 2), Math.floor((posts * 4) / 5), posts - 1]
    for (const place of places.slice(0, Math.min(pinned, posts, PINS_MAX))) this.#at(creator, place).pinned = true
  }

  /** So many new posts, a minute between them, the last one now; gives their ids, newest first. */
  publish(username: string, count = 1): string[] {
    const creator = this.#creator(username)
    const newest = creator.posts[0]?.at ?? 0
    const ids: string[] = []
    for (let i = 0; i < count; i++) {
      const at = Math.max(newest + 1 + i, this.#clock.seconds() - 60 * (count - 1 - i))
      ids.unshift(this.#publish(creator, at, 0.05).id)
    }
    return ids
  }

  /** Pins a post, or takes it down again; a fourth one pushes the oldest pin out. */
  pin(id: string, pinned = true): void {
    const post = this.#post(id)
    const { posts } = this.#creatorOf(id)
    const others = posts.filter((other) => other.pinned && other !== post)
    if (pinned && others.length >= PINS_MAX) for (const other of others.slice(PINS_MAX - 1)) other.pinned = false
    post.pinned = pinned
  }

  /** A post is deleted, made private or withheld. */
  remove(id: string): void {
    this.#post(id).gone = true
  }

  /** Takes the post at a place (0 is the newest that there is) away; gives its id. */
  removeAt(username: string, place: number): string {
    const id = this.posts(username).at(place)
    if (id === undefined) throw new RangeError(`${username} has no post at ${place}`)
    this.remove(id)
    return id
  }

  restore(id: string): void {
    this.#post(id).gone = false
  }

  edit(id: string, text: string): void {
    this.#post(id).text = text
  }

  /** One of its numbers is hidden, or switched off: rows lack it from now on. */
  hide(id: string, metric: string): void {
    this.#post(id).metrics.delete(metric)
  }

  setMetric(id: string, metric: string, value: number): void {
    this.#post(id).metrics.set(metric, value)
  }

  /** Every number grows, that of younger posts faster. */
  grow(username: string): void {
    const creator = this.#creator(username)
    creator.followers += this.#random.int(0, 12)
    const now = this.#clock.seconds()
    for (const { at, metrics } of creator.posts) {
      const age = Math.max(0, now - at) / DAY
      for (const [name, value] of metrics) {
        metrics.set(name, value + Math.ceil((value * this.#random.next()) / (10 * (age + 1))))
      }
    }
  }

  /** What becomes of the next run, other than what it is asked for. */
  nextRun(outcome: Outcome): void {
    this.platform.next(outcome)
  }

  /** A little of everything: for demos. */
  live(username: string): void {
    if (this.#random.chance(0.15)) this.publish(username)
    const { length } = this.posts(username)
    if (length > 20 && this.#random.chance(0.03)) this.removeAt(username, this.#random.int(5, length - 1))
    this.grow(username)
  }

  // ── for actors ───────────────────────────────────────────────────────────────────────────────────────────────

  find(username: string): Creator | undefined {
    return this.#creators.get(username.toLowerCase())
  }

  /** The post and whose it is; undefined where there is none that anybody may see. */
  seek(id: string): { readonly creator: Creator; readonly post: Post } | undefined {
    for (const creator of this.#creators.values()) {
      const post = creator.posts.find((one) => one.id === id && !one.gone)
      if (post) return { creator, post }
    }
    return undefined
  }

  /** A profile's posts, newest first; where pins are shown, they come first and once. */
  profile({ posts }: Creator, withPins: boolean): readonly Post[] {
    const seen = posts.filter(({ gone }) => !gone)
    return withPins ? [...seen.filter(({ pinned }) => pinned), ...seen.filter(({ pinned }) => !pinned)] : seen
  }

  #publish(creator: Creator, at: number, days: number): Post {
    const random = this.#random
    const metrics = new Map<string, number>()
    let value = Math.ceil(random.int(400, 40_000) * Math.log2(2 + days))
    for (const name of this.#service.metrics) {
      metrics.set(name, value)
      value = Math.floor(value * (0.05 + random.next() * 0.4))
    }
    const text = this.#service.text(this.#texts++, random)
    const post = { id: this.#service.id(at * 1_000, random), at, text, metrics, pinned: false, gone: false }
    creator.posts.unshift(post)
    return post
  }

  #at({ posts }: Creator, place: number): Post {
    const post = posts[place]
    if (!post) throw new RangeError(`there is no post at ${place}`)
    return post
  }

  #creator(username: string): Creator {
    const creator = this.find(username)
    if (!creator) throw new RangeError(`there is no creator ${username}`)
    return creator
  }

  #creatorOf(id: string): Creator {
    for (const creator of this.#creators.values()) if (creator.posts.some((post) => post.id === id)) return creator
    throw new RangeError(`there is no post ${id}`)
  }

  #post(id: string): Post {
    return this.#creatorOf(id).posts.find((post) => post.id === id) as Post
  }
}
