// Owns what the records of a page are decided by: what the store knows of their keys, of their contents, and whether a
// content that comes is in the history already, however it is written there.

import type { Head, Key } from '../../../model/record.ts'
import type { Content, Store, VersionRow } from '../../../store/store.ts'
import type { Parsed } from './shape.ts'
import { isSameContent, isStored, needContent, needPast, splitDuplicates } from './upsert.ts'

/**
 * Versions that a content is compared with whose text is not in the history: so many of the newest that the record had,
 * and so many of those that were superseded when they came.
 */
const VERSIONS_COMPARED = 20

export interface Known {
  readonly heads: ReadonlyMap<Key, Head>
  /** What is stored of the records that came with another text. */
  readonly contents: ReadonlyMap<Key, Content>
  /** Of those that came older than what is stored, or that the walk has shown before: hashes of what is in their history. */
  readonly past: ReadonlyMap<Key, ReadonlySet<string>>
}

export interface Looked {
  readonly streamNo: number
  /** When the records were asked for. */
  readonly askedAt: number
  readonly volatile: readonly string[]
  /** Their heads, where somebody has just looked them up. @default they are looked up */
  readonly heads?: Known['heads'] | undefined
  /** Which of the keys the walk has shown before. @default none */
  readonly shownBefore?: (keys: readonly Key[]) => Promise<ReadonlySet<Key>>
}

/** What of a store tells of records that come. */
export interface Looks {
  readonly records: Pick<Store['records'], 'look' | 'contents' | 'pastHashes'>
  readonly history: Pick<Store['history'], 'versions'>
}

/** Looks up the records of a page, or of a part of it in which each key stands once. */
export async function lookUp(store: Looks, part: readonly Parsed[], looked: Looked): Promise<Known> {
  const { streamNo, askedAt, volatile, shownBefore } = looked
  const keys = part.map(({ incoming }) => incoming.key)
  const heads = looked.heads ?? (keys.length > 0 ? await store.records.look(streamNo, keys) : new Map<Key, Head>())
  const wanted = needContent(part, heads, askedAt)
  if (wanted.length === 0) return { heads, contents: new Map(), past: new Map() }
  const contents = await store.records.contents(streamNo, wanted)
  const older = new Set(needPast(part, heads, askedAt))
  const again = (await shownBefore?.(wanted)) ?? new Set<Key>()
  const hashes = await pastHashes(store, streamNo, older.union(again))
  for (const { incoming } of part) {
    const { key, hash, raw } = incoming
    const past = hashes.get(key)
    // Volatile fields, or the spelling of values, may be all that differs.
    if (!past || past.has(hash) || (volatile.length === 0 && !older.has(key))) continue
    const versions = newest(await store.history.versions(streamNo, key))
    if (versions.some((version) => isSameContent(version.raw, raw, volatile))) past.add(hash)
  }
  return { heads, contents, past: hashes }
}

/** A page in parts within which each key stands once; what is stored of a key that stands twice goes first. */
export async function partsOf(
  parsed: readonly Parsed[],
  volatile: readonly string[],
  meet: () => Promise<Known>,
): Promise<readonly (readonly Parsed[])[]> {
  const parts = splitDuplicates(parsed)
  if (parts.length <= 1) return parts
  const { heads, contents } = await meet()
  return splitDuplicates(parsed, (one) => isStored(one, heads, contents, volatile))
}

async function pastHashes(store: Looks, streamNo: number, keys: ReadonlySet<Key>): Promise<Map<Key, Set<string>>> {
  if (keys.size === 0) return new Map()
  const past = await store.records.pastHashes(streamNo, [...keys])
  return new Map([...past].map(([key, hashes]) => [key, new Set(hashes)]))
}

function newest(history: readonly VersionRow[]): readonly VersionRow[] {
  const had = history.filter(({ op }) => op !== 'superseded')
  const superseded = history.filter(({ op }) => op === 'superseded').sort((a, b) => a.ordinal - b.ordinal)
  return [...had.slice(-VERSIONS_COMPARED), ...superseded.slice(0, VERSIONS_COMPARED)]
}
