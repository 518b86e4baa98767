// Owns the X connector: the posts of a profile with their counts, and the profile's own, through an actor of Apify.
//
// Facts (real rows of 2024, 2025 and 2026): `apidojo~tweet-scraper` takes `searchTerms` ("from:name") with `sort`, or
// `startUrls`, and `maxItems`. Ids are text, `createdAt` is "Sun Sep 29 21:01:51 +0000 2024", texts are escaped for HTML.
// Pinned is what is in `author.pinnedTweetIds`; `isPinned` may be false on the very same row. Where there is nothing, a key
// was absent, then an empty text, then null. Big accounts may be shown as a sample in no order. A post that a post quotes or
// repeats stands in its row, whole, with counts of its own that grow.

import { defineConnector, stream } from '../connector/connector.ts'
import { flag, id, integer, text } from '../connector/fields.ts'
import { instantOf } from '../connector/instants.ts'
import { z } from '../connector/options.ts'
import { newestFirst, refresh } from '../connector/passes.ts'
import { isObject } from '../model/json.ts'
import { accountStream, type Profile } from './apify/account.ts'
import {
  type Actors,
  actorOption,
  apifyAccount,
  apifyHttp,
  apifyToken,
  CURRENCY,
  newestJob,
  REFRESH_BATCH,
  refreshJob,
  usernameOption,
} from './apify/platform.ts'
import { countOf, firstOf, madeAt, STOP_AFTER, textOf, unescaped } from './apify/values.ts'
import { apifyWebhook } from './apify/webhook.ts'

const USUAL = 'apidojo~tweet-scraper'
const isUsual = (actor: string) => [USUAL, '61RPP7dywgiy0JPD0'].includes(actor)

type Row = Readonly<Record<string, unknown>>

const actors: Actors = {
  usual: USUAL,
  price: (actor) => (isUsual(actor) ? { newest: { item: 0.0004 }, byAddress: { item: 0.0004 } } : undefined),
  newest: (_, username, count) => ({ searchTerms: [`from:${username}`], sort: 'Latest', maxItems: count }),
  byAddress: (_, addresses) => ({ startUrls: addresses, maxItems: addresses.length }),
  address: (key, { url }, username) => (typeof url === 'string' ? url : `https://x.com/${username}/status/${key}`),
  ownerOf: (row) => profileOf(row).username,
  // Some actors fill up with rows of their own, whose id is -1.
  isPost: (row) => /^\d+$/.test(String(row['id'])) && firstOf(row, 'createdAt', 'fullText', 'text') !== undefined,
}

const post = z.object({
  id: id(),
  url: text(),
  text: text(),
  created_at: text(),
  lang: text(),
  view_count: integer(),
  like_count: integer(),
  retweet_count: integer(),
  reply_count: integer(),
  quote_count: integer(),
  bookmark_count: integer(),
  is_reply: flag(),
  is_retweet: flag(),
  is_quote: flag(),
  is_pinned: flag(),
  in_reply_to_id: text(),
  conversation_id: text(),
  quote_id: text(),
  author_id: text(),
  author_user_name: text(),
})

const authorOf = (row: Row): Row => (isObject(row['author']) ? row['author'] : {})

function postOf(row: Row) {
  const author = authorOf(row)
  return {
    id: row['id'],
    url: firstOf(row, 'url', 'twitterUrl'),
    text: unescaped(firstOf(row, 'fullText', 'text')),
    created_at: dateOf(row['createdAt']),
    lang: row['lang'],
    view_count: countOf(row['viewCount']),
    like_count: countOf(row['likeCount']),
    retweet_count: countOf(row['retweetCount']),
    reply_count: countOf(row['replyCount']),
    quote_count: countOf(row['quoteCount']),
    bookmark_count: countOf(row['bookmarkCount']),
    is_reply: row['isReply'],
    is_retweet: row['isRetweet'],
    is_quote: row['isQuote'],
    is_pinned: isPinned(row),
    in_reply_to_id: textOf(firstOf(row, 'inReplyToId')),
    conversation_id: textOf(firstOf(row, 'conversationId')),
    quote_id: textOf(firstOf(row, 'quoteId')),
    author_id: textOf(author['id']),
    author_user_name: author['userName'],
  }
}

/** By the author's list; the row's own word is not to be relied on. Null where neither is there. */
function isPinned(row: Row): unknown {
  const pinned = authorOf(row)['pinnedTweetIds']
  if (!Array.isArray(pinned)) return row['isPinned']
  return row['isPinned'] === true || pinned.some((one) => String(one) === String(row['id']))
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** ISO 8601 of the API's old form of a date, or of a date as it is written today; anything else is null, and nothing is guessed. */
function dateOf(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const old = /^\w{3} (\w{3}) (\d{2}) (\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2}) (\d{4})$/.exec(value.trim())
  const [, month = '', day, time, hours, minutes, year] = old ?? []
  const number = String(MONTHS.indexOf(month) + 1).padStart(2, '0')
  const at = instantOf(old ? `${year}-${number}-${day}T${time}${hours}:${minutes}` : value)
  return at === undefined ? null : new Date(at).toISOString()
}

/** When ids begin to count, in milliseconds since 1970, and how many bits of them tell no time. */
const IDS = { epoch: 1_288_834_974_657n, rest: 22n }

function profileOf(row: Row): Profile {
  const author = authorOf(row)
  return {
    username: author['userName'],
    id: author['id'],
    name: unescaped(author['name']),
    verified: firstOf(author, 'isBlueVerified', 'isVerified'),
    followers: author['followers'],
    following: author['following'],
  }
}

export default defineConnector(
  {
    name: 'x',
    title: 'Posts of an X profile and their counts, through Apify',
    options: z.object({
      username: usernameOption('X', 'x.com', 'twitter.com'),
      apifyToken,
      actor: actorOption(USUAL, 'actors of the same form'),
    }),
    http: apifyHttp,
    check: apifyAccount,
    webhook: apifyWebhook,
    currency: CURRENCY,
  },
  {
    posts: stream({
      title: 'Posts, newest first',
      schema: post,
      text: { title: 'text' },
      record: postOf,
      key: (row) => row.id,
      metrics: ['view_count', 'like_count', 'retweet_count', 'reply_count', 'quote_count', 'bookmark_count'],
      // The author's own counts and pins, other people's posts in a row, and keys that come and go without meaning anything.
      volatile: [
        'author',
        'quote',
        'retweet',
        'quoted_tweet',
        'retweeted_tweet',
        'card',
        'source',
        'isPinned',
        'inReplyToId',
        'inReplyToUserId',
        'inReplyToUsername',
        'media',
        'extendedEntities',
      ],
      passes: [
        newestFirst({
          job: newestJob(actors),
          order: (row) => (row.created_at === null ? madeAt(row.id, IDS) : Date.parse(row.created_at)),
          unitMs: 1,
          settles: '1d',
          pinned: (row) => row.is_pinned === true,
          stopAfter: STOP_AFTER,
        }),
        refresh({ job: refreshJob(actors), batch: REFRESH_BATCH }),
      ],
    }),
    account: accountStream({
      of: 'posts',
      profileUrl: (username) => `https://x.com/${username}`,
      profileOf,
      sums: { views: 'view_count', likes: 'like_count', comments: 'reply_count' },
    }),
  },
)
