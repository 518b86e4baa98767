// Owns the outcome of meeting the mirror: given a page's records and what the store knows of their keys, which are new,
// which changed, which stay, and which are older than what is there. Pure.

import { parseDigits } from '../../../model/exact-json.ts'
import { canonical } from '../../../model/json.ts'
import { type Head, type Key, REASON_BEFORE_REMOVAL, REASON_OLDER } from '../../../model/record.ts'
import type { Batch, Content, RecordRead, Superseded, Update } from '../../../store/store.ts'
import type { Parsed } from './shape.ts'

/** Numbers of walks. */
export type Walks = Pick<ReadonlySet<number>, 'has'>

export interface UpsertContext {
  readonly heads: ReadonlyMap<Key, Head>
  /** Stored content of the keys that `needContent` named. */
  readonly contents: ReadonlyMap<Key, Content>
  readonly volatile: readonly string[]
  /** The walk that is reading, or null for reads that anchor nothing. */
  readonly walk: number | null
  /** What is left as ground for the walk from the top. @default what `walk` reads, when it is closed; nothing moves */
  readonly ground?: Ground
  /** Walks that are not closed; what they stored is not anchored. */
  readonly openWalks: Walks
  /** When the page was asked for. */
  readonly askedAt: number
  /** A file shows them, which does not tell whether the source returns them by key. @default false */
  readonly isOfFile?: boolean
  /** Hashes by key of what this walk read on the page before, and may read again: it counts once. */
  readonly repeats?: ReadonlyMap<Key, string>
  /** Of keys that `needPast` named, or that this walk has shown before: hashes of the contents that are in their history. */
  readonly past?: ReadonlyMap<Key, ReadonlySet<string>>
}

/** What becomes of the ground of a newestFirst walk when something else than such a walk reads a record. */
export interface Ground {
  /** The walk whose closing makes ground of what is new, and of what stands at a new place; null: none does. */
  readonly walk: number | null
  readonly hasMoved: (read: Parsed, stored: Content | undefined) => boolean
}

export type Upserts = Pick<Batch, 'inserts' | 'updates' | 'touches' | 'snapshots'> & {
  readonly superseded: readonly Superseded[]
  readonly counts: {
    inserted: number
    updated: number
    unchanged: number
    superseded: number
    restored: number
  }
}

/** Keys whose stored text differs from the incoming one, so that only a look at the content tells whether they changed. */
export function needContent(parsed: readonly Parsed[], heads: ReadonlyMap<Key, Head>, askedAt: number): readonly Key[] {
  const keys: Key[] = []
  for (const { incoming } of parsed) {
    const head = heads.get(incoming.key)
    if (!head || head.hash === incoming.hash) continue
    if (head.removedAt === null || isOlder(incoming, head, askedAt)) keys.push(incoming.key)
  }
  return keys
}

/** What came when a newer content, or a removal, was stored already: the history may have it. */
export function needPast(parsed: readonly Parsed[], heads: ReadonlyMap<Key, Head>, askedAt: number): readonly Key[] {
  const keys: Key[] = []
  for (const { incoming } of parsed) {
    const head = heads.get(incoming.key)
    if (head && head.hash !== incoming.hash && isOlder(incoming, head, askedAt)) keys.push(incoming.key)
  }
  return keys
}

/** Stored, or seen, by a walk that is closed, and still there: the only ground that may stop a walk. */
export function isAnchored(head: Head | undefined, openWalks: Walks): boolean {
  return head !== undefined && head.removedAt === null && head.walk !== null && !openWalks.has(head.walk)
}

/** Whether this walk has read this very text on the page before. */
export function isRepeat({ incoming }: Parsed, repeats: UpsertContext['repeats']): boolean {
  return repeats?.get(incoming.key) === incoming.hash
}

/** Decides a page whose keys are distinct (see `splitDuplicates`). */
export function decideUpserts(parsed: readonly Parsed[], context: UpsertContext): Upserts {
  const { heads, openWalks, walk, contents, volatile } = context
  const ground = context.ground ?? { walk, hasMoved: () => false }
  const inserts: Parsed['incoming'][] = []
  const updates: Update[] = []
  const touches: Batch['touches'][number][] = []
  const snapshots: Batch['snapshots'][number][] = []
  const superseded: Superseded[] = []
  let unchanged = 0
  let older = 0
  let restored = 0
  for (const entry of parsed) {
    const { incoming } = entry
    const { key } = incoming
    const head = heads.get(key)
    const once = isRepeat(entry, context.repeats) ? 0 : 1
    if (head && isOlder(incoming, head, context.askedAt)) {
      const reason = supersededBy(entry, head, context)
      if (reason === 'same') unchanged += once
      else older += once
      if (reason !== 'same' && reason !== 'known') superseded.push({ ...incoming, expect: head.ordinal, reason })
      // The source shows it, whatever it says of it.
      if (head.removedAt === null && isMissed(head, context))
        touches.push({ key, expect: head.ordinal, walk: head.walk })
      continue
    }
    const stays = head !== undefined && isStored(entry, heads, contents, volatile)
    // The source shows the stored content, too, and this one is in the history: nothing is new.
    if (head?.removedAt === null && !stays && context.past?.get(key)?.has(incoming.hash)) {
      unchanged += once
      if (isMissed(head, context)) touches.push({ key, expect: head.ordinal, walk: head.walk })
      continue
    }
    if (entry.metrics && (once > 0 || !stays)) snapshots.push({ key, values: entry.metrics })
    if (!head) {
      inserts.push(incoming)
    } else if (head.removedAt !== null) {
      restored++
      updates.push({ ...incoming, expect: head.ordinal, op: 'restore', version: false, walk: ground.walk })
    } else {
      const keeps = isAnchored(head, openWalks) ? head.walk : (walk ?? head.walk)
      if (stays) {
        unchanged += once
        if (keeps !== head.walk || isMissed(head, context)) touches.push({ key, expect: head.ordinal, walk: keeps })
      } else {
        // Where it stands now, what lies below it may be unread, whoever has read what lay below its old place.
        const moved = ground.hasMoved(entry, contents.get(key))
        const anchor = moved ? ground.walk : keeps
        updates.push({ ...incoming, expect: head.ordinal, op: 'update', version: true, walk: anchor })
      }
    }
  }
  const updated = updates.length - restored
  const counts = { inserted: inserts.length, updated, unchanged, superseded: older, restored }
  return { inserts, updates, superseded, touches, snapshots, counts }
}

/** Whether a listing, or an answer by key, has lacked a record that is shown now. */
function isMissed({ missedBy, unavailableSince }: Head, { isOfFile = false }: UpsertContext): boolean {
  return missedBy !== null || (unavailableSince !== null && !isOfFile)
}

/** A tombstone is only lifted by a page asked for after it was set; a live record only by content that is not older. */
function isOlder({ order }: Parsed['incoming'], head: Head, askedAt: number): boolean {
  return head.removedAt === null ? order < head.order : askedAt < head.removedAt
}

/**
 * Why an older content goes to the history; `same`: it is what is stored, but for its order; `known`: the history has it,
 * as what the record was or as what was superseded before. What was shown is kept once.
 */
function supersededBy({ incoming }: Parsed, head: Head, { contents, past, volatile }: UpsertContext): string {
  const { key, hash, raw } = incoming
  const content = contents.get(key)
  if (hash === head.hash || (content && isSameContent(raw, content.raw, volatile))) return 'same'
  if (past?.get(key)?.has(hash)) return 'known'
  return head.removedAt === null ? REASON_OLDER : REASON_BEFORE_REMOVAL
}

/**
 * What the records say of texts in quarantine: those older than what the mirror holds now are superseded. Where records
 * carry a version, one that is not known may be newer than anything but what is new to the mirror.
 */
export function readingsOf(
  parsed: readonly Parsed[],
  { inserts, updates }: Pick<Upserts, 'inserts' | 'updates'>,
  page: { readonly heads: ReadonlyMap<Key, Head>; readonly askedAt: number; readonly versioned: boolean },
): readonly RecordRead[] {
  const { heads, askedAt, versioned } = page
  const news = new Set([...inserts, ...updates].map(({ key }) => key))
  return parsed.map(({ incoming: { key, raw, order } }) => {
    const head = heads.get(key)
    const isNews = news.has(key)
    const isLive = isNews || head?.removedAt === null
    const stored = isNews ? order : Math.max(order, head?.order ?? order)
    const settles = isNews || (isLive && !versioned && order >= (head?.order ?? order))
    return { key, raw, order: isLive ? stored : null, askedAt, settles }
  })
}

/** Whether a live record has the content that came. */
export function isStored(
  { incoming }: Parsed,
  heads: ReadonlyMap<Key, Head>,
  contents: ReadonlyMap<Key, Content>,
  volatile: readonly string[],
): boolean {
  const head = heads.get(incoming.key)
  if (!head || head.removedAt !== null) return false
  if (incoming.hash === head.hash) return true
  const content = contents.get(incoming.key)
  return content !== undefined && isSameContent(incoming.raw, content.raw, volatile)
}

export function isSameContent(raw: string, other: string, volatile: readonly string[]): boolean {
  return contentText(raw, volatile) === contentText(other, volatile)
}

/** A content in one spelling, without its volatile fields. */
export function contentText(raw: string, volatile: readonly string[]): string {
  return canonical(parseDigits(raw), volatile)
}

/**
 * Splits a page into parts within which every key is unique, in order: a key that stands twice with different contents
 * shows them all, and all belong in the history, each once. What is stored goes first, for it is nothing new; then, where
 * the records carry a version, the older one.
 */
export function splitDuplicates(
  parsed: readonly Parsed[],
  stored: (entry: Parsed) => boolean = () => false,
): readonly (readonly Parsed[])[] {
  const keys = new Set(parsed.map(({ incoming }) => incoming.key))
  if (keys.size === parsed.length) return [parsed]
  const contents = new Map<Key, Map<string, Parsed>>()
  for (const entry of parsed) {
    const { key, hash } = entry.incoming
    const known = contents.get(key) ?? new Map<string, Parsed>()
    if (!known.has(hash)) contents.set(key, known.set(hash, entry))
  }
  const first = (entry: Parsed) => (stored(entry) ? 0 : 1)
  const parts: Parsed[][] = []
  for (const known of contents.values()) {
    const inOrder = [...known.values()].sort((a, b) => first(a) - first(b) || a.incoming.order - b.incoming.order)
    for (const [i, entry] of inOrder.entries()) (parts[i] ??= []).push(entry)
  }
  return parts
}
