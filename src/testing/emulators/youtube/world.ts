// Owns the world behind the YouTube emulator: channels, their videos, and what becomes of them.
//
// Of developers.google.com/youtube/v3/docs: a channel has a playlist of its uploads, whose id is not the channel's. A row of
// it says when the video was added to the playlist (at its upload), and when it was published, which may be much later: a
// video is uploaded, kept private, and published by schedule. Somebody who is not the owner is shown neither private nor
// unlisted videos there; an unlisted one is found by its id. That clients were given lists that are not strictly in the order
// of publishing is in their issues (jdf76/plugin.video.youtube 612).

import type { Clock } from '../kit/clock.ts'
import { type Random, seeded } from '../kit/random.ts'
import { type KeyState, Project } from './project.ts'

export type VideoState = 'public' | 'unlisted' | 'private' | 'deleted'

export interface Video {
  readonly id: string
  readonly channelId: string
  readonly categoryId: string
  /** When it was added to the list of uploads; in seconds since 1970, as all times here. */
  readonly uploadedAt: number
  readonly seconds: number
  readonly tags: readonly string[]
  readonly language: string | undefined
  readonly isLarge: boolean
  publishedAt: number
  title: string
  description: string
  state: VideoState
  views: number
  likes: number
  comments: number
  /** The channel shows nobody how many like it. */
  likesHidden: boolean
  commentsOff: boolean
}

export interface Channel {
  readonly id: string
  readonly uploads: string
  readonly createdAt: number
  readonly country: string | undefined
  handle: string
  title: string
  subscribers: number
  subscribersHidden: boolean
  terminated: boolean
  /** Views that are counted for the channel and for none of its videos any more. */
  formerViews: number
}

export interface WorldRules {
  readonly seed: number
  /** What the list of uploads is ordered by. */
  readonly order: 'published' | 'uploaded'
  readonly unitsPerDay: number
}

const DAY = 86_400
const WORDS = 'tide harbour lantern granite meadow signal compass ember quartz willow anchor cobalt'.split(' ')
const ID_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

export class YouTubeWorld {
  readonly project: Project
  readonly #clock: Clock
  readonly #random: Random
  readonly #rules: WorldRules
  readonly #channels: Channel[] = []
  readonly #videos = new Map<string, Video>()

  constructor(clock: Clock, rules: WorldRules) {
    this.#clock = clock
    this.#rules = rules
    this.#random = seeded(`youtube ${rules.seed}`)
    this.project = new Project(rules.unitsPerDay)
  }

  // ── truth ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Ids of the videos that the list of uploads shows to everybody, in its order. */
  listed(handle: string): string[] {
    return this.uploads(this.#channel(handle))
      .filter(({ state }) => state === 'public')
      .map(({ id }) => id)
  }

  video(id: string): Video | undefined {
    return this.#videos.get(id)
  }

  channel(handle: string): Channel | undefined {
    return this.#channels.find((one) => one.handle === handle.toLowerCase().replace(/^@?/, '@'))
  }

  /** Units of the quota that are used up today. */
  spent(): number {
    return this.project.spent(this.#clock.now())
  }

  // ── change ───────────────────────────────────────────────────────────────────────────────────────────────────

  addChannel(handle: string, videos = 0): string {
    const random = this.#random
    const rest = this.#id(22)
    const channel: Channel = {
      id: `UC${rest}`,
      uploads: `UU${rest}`,
      createdAt: this.#clock.seconds() - 3_000 * DAY,
      country: random.chance(0.7) ? random.pick(['US', 'DE', 'BR']) : undefined,
      handle: handle.toLowerCase().replace(/^@?/, '@'),
      title: handle.replace(/^@/, ''),
      subscribers: random.int(2_000, 900_000),
      subscribersHidden: false,
      terminated: false,
      formerViews: random.int(0, 5_000),
    }
    this.#channels.push(channel)
    this.#invent(channel, videos)
    return channel.id
  }

  /** Publishes so many new videos, one after the other; gives their ids, the last one first. */
  publish(handle: string, count = 1): string[] {
    const channel = this.#channel(handle)
    const now = this.#clock.seconds()
    return Array.from({ length: count }, (_, i) => this.#add(channel, now - i, now - i).id)
  }

  /** Publishes a video now that was uploaded so many days ago. */
  publishLate(handle: string, days: number): string {
    const now = this.#clock.seconds()
    return this.#add(this.#channel(handle), now - days * DAY, now).id
  }

  /** Makes a video public, unlisted or private, or deletes it. One that is public again keeps its time. */
  setState(id: string, state: VideoState): void {
    this.#video(id).state = state
  }

  edit(id: string, title: string): void {
    this.#video(id).title = title
  }

  hideLikes(id: string): void {
    this.#video(id).likesHidden = true
  }

  turnOffComments(id: string): void {
    this.#video(id).commentsOff = true
  }

  /** So many of the listed videos are watched, liked and commented on. */
  drift(handle: string, count: number): string[] {
    const channel = this.#channel(handle)
    const chosen = this.#random.shuffle(this.listed(handle)).slice(0, count)
    for (const id of chosen) {
      const video = this.#video(id)
      video.views += this.#random.int(1, 900)
      video.likes += this.#random.int(0, 40)
      video.comments += this.#random.int(0, 6)
    }
    channel.subscribers += this.#random.int(-2, 30)
    return chosen
  }

  hideSubscribers(handle: string): void {
    this.#channel(handle).subscribersHidden = true
  }

  terminate(handle: string): void {
    this.#channel(handle).terminated = true
  }

  /** What the API says from now on to whoever uses the key. */
  setKey(key: string, state: KeyState): void {
    this.project.setKey(key, state)
  }

  /** Others who use the project use up so many units today. */
  spend(units: number): void {
    for (let i = 0; i < units; i++) this.project.take(this.#clock.now())
  }

  /** A little of everything, as a day brings it: for demos. */
  live(handle: string): void {
    if (this.#random.chance(0.5)) this.publish(handle)
    const listed = this.listed(handle)
    if (listed.length > 20 && this.#random.chance(0.1)) this.setState(this.#random.pick(listed.slice(5)), 'private')
    this.drift(handle, Math.ceil(listed.length / 2))
  }

  // ── for the API ──────────────────────────────────────────────────────────────────────────────────────────────

  channelBy(ask: { readonly id?: string | null; readonly handle?: string | null }): Channel | undefined {
    const found = ask.id ? this.#channels.find(({ id }) => id === ask.id) : this.channel(ask.handle ?? '')
    return found?.terminated ? undefined : found
  }

  channelOfList(playlist: string | null): Channel | undefined {
    return this.#channels.find(({ uploads, terminated }) => uploads === playlist && !terminated)
  }

  /** All that was ever uploaded, deleted videos included, in the order of the list. */
  uploads({ id }: Channel): Video[] {
    const by = this.#rules.order === 'published' ? 'publishedAt' : 'uploadedAt'
    return [...this.#videos.values()]
      .filter(({ channelId }) => channelId === id)
      .toSorted((a, b) => b[by] - a[by] || (a.id < b.id ? -1 : 1))
  }

  /** A copy in an order that nobody promises. */
  shuffled<T>(values: readonly T[]): T[] {
    return this.#random.shuffle(values)
  }

  #channel(handle: string): Channel {
    const channel = this.channel(handle)
    if (!channel) throw new RangeError(`there is no channel ${handle}`)
    return channel
  }

  #video(id: string): Video {
    const video = this.#videos.get(id)
    if (!video) throw new RangeError(`there is no video ${id}`)
    return video
  }

  /** Videos of the past, the newest an hour old. Some were published together, or long after their upload. */
  #invent(channel: Channel, count: number): void {
    let at = this.#clock.seconds() - 3_600
    for (let i = 0; i < count; i++) {
      const late = this.#random.chance(0.1) ? this.#random.int(1, 20) * DAY : 0
      const video = this.#add(channel, at - late, at)
      const unusual = this.#random.int(0, 19)
      if (unusual === 0) video.likesHidden = true
      if (unusual === 1) video.commentsOff = true
      if (i > 5 && this.#random.chance(0.02)) video.state = this.#random.pick(['private', 'deleted', 'unlisted'])
      if (this.#random.chance(0.9)) at -= this.#random.int(3_600, 5 * DAY)
    }
  }

  #add(channel: Channel, uploadedAt: number, publishedAt: number): Video {
    const random = this.#random
    const words = random.shuffle(WORDS)
    const views = random.int(50, 400_000)
    const video: Video = {
      id: this.#id(11),
      channelId: channel.id,
      categoryId: random.pick(['22', '24', '28']),
      uploadedAt,
      publishedAt,
      seconds: random.int(15, 5_400),
      tags: random.chance(0.7) ? words.slice(0, 4) : [],
      language: random.chance(0.5) ? 'en' : undefined,
      isLarge: random.chance(0.7),
      title: `The ${words[0]} & the ${words[1]}`,
      description: `About a ${words[2]}.\n\nMore → https://example.com/${words[3]}`,
      state: 'public',
      views,
      likes: Math.floor(views / random.int(15, 60)),
      comments: Math.floor(views / random.int(150, 900)),
      likesHidden: false,
      commentsOff: false,
    }
    this.#videos.set(video.id, video)
    return video
  }

  #id(length: number): string {
    return Array.from({ length }, () => ID_CHARACTERS[this.#random.int(0, 63)]).join('')
  }
}
