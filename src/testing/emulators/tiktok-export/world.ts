// Owns the world behind the TikTok export emulator: one account's favourites and likes, the videos in them, how they
// change, and the truth of them.
//
// As in a real file of 290 favourites: newest first, no date and no video twice. What becomes of a video is reported by those who read
// their exports again.

import type { Clock } from '../kit/clock.ts'
import { type Random, seeded } from '../kit/random.ts'

/** A private or deleted video stays in the lists of those who saved it; oEmbed says nothing of it. */
export type Visibility = 'public' | 'private' | 'deleted'

export type ListName = 'favorites' | 'likes'

/** A video in a list. */
export interface Saved {
  readonly id: string
  readonly kind: 'video' | 'photo'
  /** When it was saved, in seconds since 1970. */
  readonly at: number
}

/** What TikTok shows of a video. */
export interface VideoFacts {
  readonly id: string
  /** The name in the address. */
  readonly author: string
  readonly authorName: string
  /** Empty where the author wrote nothing. */
  readonly caption: string
}

export interface WorldSeed {
  readonly seed: number
  readonly favorites: number
  readonly likes: number
}

const FIRST = 'amber brisk calm deft early faint grand hollow inner jolly keen lunar mild north oaken plain'.split(' ')
const SECOND = 'baker dancer gardener painter runner sailor singer skater tailor potter'.split(' ')
const SUBJECTS = ['sourdough', 'a night market', 'wild garlic', 'one-pan pasta', 'my grandmother’s loom', 'low tide']
// What breaks careless storing and displaying.
const SPICE = ['', '', ' #fyp', ' 🌊🌊', ' “part 2”', ' <b>wait</b> for it', ' C:\\o/', ' – 日本語', ' &amp; more']

/** Seconds between two rows of a list, at most. */
const STEP_MAX = 40_000
/** Seconds that a list reaches back, at most: TikTok has been there since 2016, and a long list is a dense one. */
const YEARS_MAX = 8 * 365 * 86_400

export class TikTokExportWorld {
  readonly #clock: Clock
  readonly #seed: number
  readonly #random: Random
  /** Newest first. */
  readonly #lists: Record<ListName, Saved[]> = { favorites: [], likes: [] }
  /** Of every video that was ever in a list. */
  readonly #states = new Map<string, Visibility>()

  constructor(clock: Clock, { seed, favorites, likes }: WorldSeed) {
    this.#clock = clock
    this.#seed = seed
    this.#random = seeded(`tiktok export ${seed}`)
    this.#fill('favorites', favorites)
    this.#fill('likes', likes)
  }

  // ── truth ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The ids of a list, newest first. */
  ids(list: ListName): string[] {
    return this.#lists[list].map(({ id }) => id)
  }

  /** A copy of a list as it is now, newest first. */
  saved(list: ListName): readonly Saved[] {
    return [...this.#lists[list]]
  }

  /** What oEmbed tells of a video; undefined of one that is private, deleted, or in no list. */
  video(id: string): VideoFacts | undefined {
    return this.#states.get(id) === 'public' ? factsOf(this.#seed, id) : undefined
  }

  // ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** The account saves so many new videos now. Gives their ids, newest first. */
  save(list: ListName, count = 1): string[] {
    const newest = this.#lists[list][0]?.at ?? 0
    const now = Math.max(this.#clock.seconds(), newest + count)
    const fresh = Array.from({ length: count }, (_, back) => this.#invent(now - back))
    this.#lists[list].unshift(...fresh)
    return fresh.map(({ id }) => id)
  }

  /** Takes the video at a place out of a list; -1 is the oldest. Gives its id. */
  unsaveAt(list: ListName, place: number): string {
    const [gone] = this.#lists[list].splice(place, 1)
    if (!gone) throw new RangeError(`${list} has no place ${place}`)
    return gone.id
  }

  /** Saves a video of the list again, now: its date is another one. */
  resaveAt(list: ListName, place: number): string {
    const [old] = this.#lists[list].splice(place, 1)
    if (!old) throw new RangeError(`${list} has no place ${place}`)
    const newest = this.#lists[list][0]?.at ?? 0
    this.#lists[list].unshift({ ...old, at: Math.max(this.#clock.seconds(), newest + 1) })
    return old.id
  }

  /** Its author hides it, deletes it, or shows it again. */
  setState(id: string, state: Visibility): void {
    this.#states.set(id, state)
  }

  /** A little of everything. */
  live(): void {
    this.save('favorites')
    this.save('likes', 2)
    const { favorites } = this.#lists
    if (favorites.length > 60) this.unsaveAt('favorites', this.#random.int(20, favorites.length - 1))
  }

  // ── invention ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Dates fall strictly, as in real files, and no two are the same. */
  #fill(list: ListName, count: number): void {
    let at = this.#clock.seconds() - 3_600
    const step = Math.max(1, Math.min(STEP_MAX, Math.floor(YEARS_MAX / count)))
    for (let i = 0; i < count; i++) {
      at -= this.#random.int(1, step)
      this.#lists[list].push(this.#invent(at))
    }
  }

  /** The upper 32 bits of an id are the second of its making: 19 digits, beyond what a JavaScript number holds. */
  #invent(at: number): Saved {
    const made = BigInt(at - this.#random.int(60, 300 * 86_400))
    const id = String((made << 32n) | BigInt(this.#random.int(0, 0xffff_ffff)))
    this.#states.set(id, 'public')
    return { id, kind: this.#random.chance(0.04) ? 'photo' : 'video', at }
  }
}

/** The same for the same video, whenever it is asked for. */
function factsOf(seed: number, id: string): VideoFacts {
  const random = seeded(`video ${seed} ${id}`)
  const [first, second] = [random.pick(FIRST), random.pick(SECOND)]
  const caption = random.chance(0.08) ? '' : `${random.pick(SUBJECTS)}${random.pick(SPICE)}`
  return { id, author: `${first}.${second}${random.int(1, 99)}`, authorName: `${first} the ${second}`, caption }
}
