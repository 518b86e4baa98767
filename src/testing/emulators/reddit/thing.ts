// Owns what the Reddit emulator's posts and comments are, and the JSON that shows them.
//
// Members and their types are those of recorded answers of 2016 (GET /user/{name}/saved and /api/info), and of the API
// documentation where Reddit has added some since (reddit.com/dev/api).

import type { Random } from '../kit/random.ts'

/**
 * `deleted`: by its author, who and whose words then read `[deleted]`. `removed`: by a moderator, `[removed]`. `banned`: with
 * its subreddit, so that nothing shows it any more.
 */
export type ThingState = 'live' | 'deleted' | 'removed' | 'banned'

/** A post (`t3`) or a comment (`t1`). */
export interface Thing {
  /** Kind and id, such as `t3_1abcde`: what Reddit calls a fullname. */
  readonly fullname: string
  readonly kind: 't1' | 't3'
  readonly id: string
  readonly author: string
  readonly subreddit: string
  /** Of the post; of a comment, that of the post it is under. */
  readonly title: string
  readonly isSelf: boolean
  /** The post that a comment is under, as a fullname. */
  readonly link: string
  readonly adult: boolean
  readonly flair: string | null
  /** In seconds since 1970. */
  readonly createdAt: number
  text: string
  editedAt: number | undefined
  score: number
  comments: number
  state: ThingState
}

/** How somebody stands to a thing. */
export interface View {
  readonly saved: boolean
}

const SUBREDDITS = ['AskHistorians', 'typescript', 'woodworking', 'space', 'Cooking', 'selfhosted', 'bicycletouring']
const AUTHORS = ['tidal_notes', 'PyAPITestUser2', 'quiet-harbour', 'm_okafor', 'long_way_home', 'fernweh_42']
const TITLES = [
  'What the tide tables of 1840 got right',
  'Show & tell: a <canvas> for slow maps',
  'How do you keep what you have read?',
  'Joinery without glue, after ten years',
  'The night train, and what it taught me',
]
const TEXTS = [
  'Long, and worth it: **measure** twice.\n\nThen measure again.',
  'I kept 3 < 5 notes & lost none of them.',
  'Have some unicode: (Ð, Ý) and 🌊',
  '',
]

const DAY = 86_400

/** Somebody has written it in the eight years before `now` (in seconds); when it is saved tells nothing of that. */
export function inventThing(random: Random, number: number, now: number): Thing {
  const kind = random.chance(0.3) ? 't1' : 't3'
  const id = (1_600_000_000 + number * 97 + random.int(0, 90)).toString(36)
  const isSelf = random.chance(0.6)
  const text = random.pick(TEXTS)
  return {
    fullname: `${kind}_${id}`,
    kind,
    id,
    author: random.pick(AUTHORS),
    subreddit: random.pick(SUBREDDITS),
    title: random.pick(TITLES),
    isSelf,
    link: kind === 't3' ? `t3_${id}` : `t3_${(1_500_000_000 + number * 31).toString(36)}`,
    adult: random.chance(0.05),
    flair: random.chance(0.2) ? 'Meta' : null,
    createdAt: now - random.int(1, 8 * 365) * DAY - random.int(0, DAY),
    text: kind === 't1' || isSelf ? text || (kind === 't1' ? 'This.' : '') : '',
    editedAt: undefined,
    score: random.int(-3, 9_000),
    comments: random.int(0, 400),
    state: 'live',
  }
}

/** A child of a listing. */
export function thingObject(thing: Thing, view: View) {
  return { kind: thing.kind, data: thing.kind === 't1' ? commentObject(thing, view) : postObject(thing, view) }
}

/** What a thing says, to whoever asks now. Of a comment that was removed, the author is hidden, too. */
function shownText({ kind, state, text, author }: Thing): { readonly text: string; readonly author: string } {
  if (state === 'deleted') return { text: '[deleted]', author: '[deleted]' }
  if (state === 'removed') return { text: '[removed]', author: kind === 't1' ? '[deleted]' : author }
  return { text, author }
}

function common(thing: Thing, { saved }: View) {
  const { subreddit, createdAt, score, editedAt, state } = thing
  const isGone = state === 'deleted'
  return {
    subreddit_id: `t5_2${subreddit.length.toString(36)}qkxs`,
    subreddit,
    subreddit_name_prefixed: `r/${subreddit}`,
    id: thing.id,
    name: thing.fullname,
    author: shownText(thing).author,
    author_flair_css_class: null,
    author_flair_text: !isGone && thing.flair !== null ? 'foobar' : null,
    created: createdAt + 28_800,
    created_utc: createdAt,
    // False, or when: the type changes with the first edit.
    edited: editedAt ?? false,
    score,
    ups: score,
    downs: 0,
    likes: score % 3 === 0 ? true : null,
    saved,
    gilded: 0,
    all_awardings: [],
    archived: false,
    locked: false,
    stickied: false,
    distinguished: null,
    over_18: thing.adult,
    quarantine: false,
    approved_by: null,
    banned_by: null,
    mod_reports: [],
    user_reports: [],
    report_reasons: null,
    num_reports: null,
    removal_reason: null,
  }
}

function commentObject(thing: Thing, view: View) {
  const { id, link, title, subreddit, score, comments } = thing
  const { text } = shownText(thing)
  const permalink = `/r/${subreddit}/comments/${link.slice(3)}/_/`
  return {
    ...common(thing, view),
    body: text,
    body_html: html(text),
    // Empty text where there are none, not an empty list.
    replies: '',
    parent_id: link,
    link_id: link,
    link_title: title,
    link_author: 'PyAPITestUser2',
    link_permalink: `https://www.reddit.com${permalink}`,
    link_url: `https://www.reddit.com${permalink}`,
    permalink: `${permalink}${id}/`,
    num_comments: comments,
    controversiality: score < 0 ? 1 : 0,
    score_hidden: false,
  }
}

function postObject(thing: Thing, view: View) {
  const { id, title, subreddit, isSelf, flair, comments, state, score } = thing
  const text = isSelf ? shownText(thing).text : ''
  const permalink = `/r/${subreddit}/comments/${id}/_/`
  return {
    ...common(thing, view),
    title,
    selftext: text,
    selftext_html: text === '' ? null : html(text),
    url: isSelf ? `https://www.reddit.com${permalink}` : `https://example.com/${id}?a=1&b=2`,
    domain: isSelf ? `self.${subreddit}` : 'example.com',
    permalink,
    is_self: isSelf,
    num_comments: comments,
    upvote_ratio: 0.5 + (Math.abs(score) % 50) / 100,
    subreddit_subscribers: 20_000 + Math.abs(score),
    link_flair_text: flair,
    link_flair_css_class: null,
    thumbnail: isSelf ? 'self' : 'default',
    media: null,
    media_embed: {},
    secure_media: null,
    secure_media_embed: {},
    removed_by_category: state === 'deleted' ? 'deleted' : state === 'removed' ? 'moderator' : null,
    suggested_sort: null,
    contest_mode: false,
    spoiler: false,
    hidden: false,
    hide_score: false,
    clicked: false,
    visited: false,
  }
}

function html(text: string): string {
  const escaped = escapeHtml(text).replaceAll('\n\n', '</p>\n\n<p>')
  return `<!-- SC_OFF --><div class="md"><p>${escaped}</p>\n</div><!-- SC_ON -->`
}

/** What Reddit does to every text of an answer that was asked for without `raw_json=1`. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
