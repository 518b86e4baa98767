// Owns the actor that reads X, and the rows that it makes. Each behaviour names what it is from: real rows of
// `apidojo~tweet-scraper` (2024, 2025, 2026), its page on apify.com, or what readers without a login have measured (x-tweet-scraper
// of August 2026).

import type { Creator, CreatorWorld, Post, Service } from '../apify/creator.ts'
import { count, segmentAfter, texts } from '../apify/input.ts'
import type { Actor, Row } from '../apify/platform.ts'
import { seeded } from '../kit/random.ts'

/** When X's ids begin to count, in milliseconds since 1970: they carry their time above 22 bits. */
const EPOCH = 1_288_834_974_657n

export const x: Service = {
  metrics: ['viewCount', 'likeCount', 'retweetCount', 'replyCount', 'bookmarkCount', 'quoteCount'],
  id: (at, random) => (((BigInt(at) - EPOCH) << 22n) | BigInt(random.int(0, 2 ** 22 - 1))).toString(),
  text: (n, random) => `Post ${n}: fish & chips, ${random.pick(['1 < 2', '2 > 1', 'so it goes'])}`,
}

export interface XRules {
  /** The order of a profile's rows. @default 'newest', pinned posts first */
  readonly order?: 'newest' | 'sample'
}

/** How many rows a sample of a big account has at most: 98 to 100 were measured, in no order, and without a next page. */
const SAMPLE_MAX = 100

export function xActors(world: CreatorWorld, { order = 'newest' }: XRules): readonly Actor[] {
  return [
    {
      name: 'apidojo~tweet-scraper',
      id: '61RPP7dywgiy0JPD0',
      usdPerQuery: 0,
      // Its page: $0.40 for 1,000.
      usdPerItem: 0.0004,
      run(input, run) {
        const most = count(input, 'maxItems')
        // Its page: `searchTerms`, `twitterHandles`, `startUrls`, `maxItems`.
        const names = [
          ...texts(input, 'twitterHandles'),
          ...texts(input, 'searchTerms').flatMap((term) => /\bfrom:(\w+)/.exec(term)?.[1] ?? []),
        ]
        const listed = names.flatMap((name) => list(world, name, { order, run }))
        const named = texts(input, 'startUrls').flatMap((address): readonly Found[] => {
          const one = world.seek(segmentAfter(address, 'status') ?? '')
          return one ? [[one.creator, one.post]] : []
        })
        const rows = [...listed, ...named].slice(0, most).map(([creator, post]) => row(creator, post, run))
        // Measured: a run that finds nothing succeeds, and says so in a row.
        return rows.length === 0 ? [{ noResults: true }] : rows
      },
    },
  ]
}

type Found = readonly [Creator, Post]

function list(world: CreatorWorld, name: string, { order, run }: { order: string; run: number }): readonly Found[] {
  const creator = world.find(name)
  if (!creator) return []
  const posts = world.profile(creator, true)
  // In another order each time.
  const shown = order === 'newest' ? posts : seeded(`sample ${run}`).shuffle(posts).slice(0, SAMPLE_MAX)
  return shown.map((post) => [creator, post] as const)
}

function row(creator: Creator, { id, at, text, metrics }: Post, run: number): Row {
  const { username, followers } = creator
  const url = `https://x.com/${username}/status/${id}`
  // Keys that have nothing were absent in 2024, then empty texts, then null.
  const nothing = [undefined, '', null][run % 3]
  const isQuote = BigInt(id) % QUOTES_EVERY === 0n
  return {
    type: 'tweet',
    id,
    url,
    twitterUrl: `https://twitter.com/${username}/status/${id}`,
    // Real rows are escaped for HTML.
    text: escaped(text),
    source: '',
    ...Object.fromEntries(metrics),
    createdAt: oldDate(at),
    lang: 'en',
    isReply: false,
    ...(nothing === undefined ? {} : { inReplyToId: nothing, inReplyToUserId: nothing }),
    conversationId: id,
    isRetweet: false,
    isQuote,
    ...(isQuote ? quoted(BigInt(id), run) : {}),
    // The rows of 2026 say so of a post whose id is in `author.pinnedTweetIds`.
    isPinned: false,
    isConversationControlled: false,
    author: {
      type: 'user',
      id: creator.id,
      userName: username,
      url: `https://x.com/${username}`,
      name: 'Ada by the Sea',
      description: 'Tides, every day',
      isVerified: false,
      followers,
      following: 97,
      favouritesCount: 310,
      statusesCount: 5_000 + creator.posts.length,
      mediaCount: 12,
      createdAt: 'Sun Mar 01 09:00:00 +0000 2015',
      pinnedTweetIds: creator.posts.filter(({ pinned, gone }) => pinned && !gone).map((post) => post.id),
    },
    // {} or null, in rows of the same post.
    card: run % 2 === 0 ? {} : null,
    extendedEntities: {},
    entities: { hashtags: [], urls: [], user_mentions: [] },
  }
}

/** So many posts have one that quotes another. */
const QUOTES_EVERY = 5n

/** Somebody else's post, in the row of one that quotes it: it looks like a row, and its own counts grow. */
function quoted(by: bigint, run: number): Row {
  const id = String(by - 4_000_000_000n)
  const author = { type: 'user', id: '77', userName: 'bea', name: 'Bea', followers: 900 + run }
  const counts = {
    viewCount: 7_000 + 31 * run,
    likeCount: 300 + 2 * run,
    retweetCount: 9,
    replyCount: 4,
    quoteCount: 1,
  }
  const quote = { type: 'tweet', id, url: `https://x.com/bea/status/${id}`, text: 'Low &amp; high', ...counts, author }
  return { quoteId: id, quote }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** As the API wrote dates in 2006: `Sun Sep 29 21:01:51 +0000 2024`. */
function oldDate(at: number): string {
  const [, day, date, month, year, time] =
    /^(\w+), (\d+) (\w+) (\d+) (\S+)/.exec(new Date(at * 1_000).toUTCString()) ?? []
  return `${day} ${month} ${date} ${time} +0000 ${year}`
}
