// Owns which texts in quarantine still wait for their record to be read, and which a newer content has superseded. What
// was shown is kept: a text leaves when it was read itself, and one that is superseded stays findable. Pure; both stores
// go by it.

import { hash } from 'node:crypto'
import type { Key } from '../model/record.ts'
import type { Quarantined, RecordRead } from './batch.ts'

/** A text that waits. */
export interface UnreadText {
  readonly identity: string
  readonly key: Key
  /** Its version; null: not known, or its stream has none. */
  readonly version: number | null
  readonly askedAt: number
}

/** What a batch tells of the keys of waiting texts. */
export interface Told {
  readonly reads: readonly RecordRead[]
  /** Identities of the texts that the batch itself sets aside. */
  readonly fresh: ReadonlySet<string>
  /** Order of what the mirror holds of keys that the batch sets aside. */
  readonly stored: ReadonlyMap<Key, number>
}

/** A text has one row per record, however often it comes; without a key it is told by the text alone. */
export function identityOf({ key, raw, content = raw }: Pick<Quarantined, 'key' | 'raw' | 'content'>): string {
  return key === null ? keylessIdentity(raw) : `key:${key}#${hash('sha256', content, 'hex').slice(0, 24)}`
}

/** What a text without a key is told by. */
export function keylessIdentity(raw: string): string {
  return `${KEYLESS}${hash('sha256', raw, 'hex')}`
}

/** Whether a text came without a key, also when its key is known by now. */
export function cameWithoutKey(identity: string): boolean {
  return identity.startsWith(KEYLESS)
}

const KEYLESS = 'raw:'

/** Identities of the texts that wait no longer. */
export function supersededTexts(waiting: readonly UnreadText[], { reads, fresh, stored }: Told): readonly string[] {
  const readOf = Map.groupBy(reads, ({ key }) => key)
  const waitingOf = Map.groupBy(waiting, ({ key }) => key)
  const isSuperseded = (text: UnreadText): boolean => {
    const { key, version } = text
    if (version !== null && version < (stored.get(key) ?? version)) return true
    const isFresh = fresh.has(text.identity)
    if ((readOf.get(key) ?? []).some((read) => isBehindRead(text, read, isFresh))) return true
    return (waitingOf.get(key) ?? []).some((other) => other !== text && isBehindText(text, other))
  }
  return waiting.filter(isSuperseded).map(({ identity }) => identity)
}

/** Of what one page shows, only versions tell which is newer. */
function isBehindRead({ version, askedAt }: UnreadText, read: RecordRead, isFresh: boolean): boolean {
  const isLater = !isFresh && askedAt <= read.askedAt
  if (version === null) return isLater && read.settles
  if (read.order === null) return false
  return version < read.order || (version === read.order && isLater)
}

/** Texts of which only one has a version can't be compared; then both wait. */
function isBehindText(text: UnreadText, other: UnreadText): boolean {
  if (text.version !== null && other.version !== null && text.version !== other.version)
    return text.version < other.version
  if ((text.version === null) !== (other.version === null)) return false
  return text.askedAt < other.askedAt || (text.askedAt === other.askedAt && text.identity < other.identity)
}
