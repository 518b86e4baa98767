// Owns what a run hands over to be written: one page, decided, with everything that belongs into its one transaction.

import type { Json } from '../model/json.ts'
import type { Incoming, Key } from '../model/record.ts'
import type { Counts, Ended, PassKind } from '../model/run.ts'
import type { IntentChange } from './port/intents.ts'
import type { Lease } from './port/leases.ts'
import type { QuarantineRow } from './port/review.ts'
import type { WalkRow } from './port/streams.ts'

/** One page, decided. Every list may be empty. No key stands in two of inserts, updates, touches, missed, removals. */
export interface Batch {
  /** Null: a write that needs no lease, because it goes by the order of versions and anchors nothing. */
  readonly lease: Lease | null
  readonly leaseUntil: number
  readonly project: string
  readonly runNo: number
  readonly streamNo: number
  /** Our clock, for `_first_seen_at`, `_updated_at`, snapshots and the feed. */
  readonly at: number
  /** The day of `at` in the project's time zone, for snapshots: YYYY-MM-DD. */
  readonly day: string
  /** Which page of the run this is, from 1; goes into every row, for `explain`. */
  readonly page: number
  /** The walk that reads the page; null for reads and writes outside of walks. */
  readonly walk: number | null
  /** The walk that anchors the inserts once it is closed; null: none does. @default walk */
  readonly anchor?: number | null
  /** Keys that the store doesn't have. A key is well-formed Unicode: no text in UTF-8 can hold a lone surrogate. */
  readonly inserts: readonly Incoming[]
  /**
   * New content for keys it has: `update` for live records, `restore` for tombstones, whose past always stays in the
   * history. `version: true` moves the old content to the versions table. Clears `_missed_by`.
   */
  readonly updates: readonly Update[]
  /**
   * Contents of known keys, live or tombstones, that came when a newer one was stored: each goes to the history, and
   * nothing else changes, the feed included. The key may stand in `touches` too. Stale when the history has this very
   * text as a superseded one already.
   */
  readonly superseded?: readonly Superseded[]
  /** Unchanged records that need their walk set, their `_missed_by` or `_unavailable_since` cleared. */
  readonly touches: readonly (Touch & { readonly walk: number | null })[]
  /** Records that a full pass did not see, now and for the first time: sets `_missed_by` to the walk. */
  readonly missed: readonly Touch[]
  /** Known records that were asked for by key and not returned: sets `_unavailable_since`, unless it stands already. */
  readonly unavailable?: readonly Touch[]
  /** Tombstones: the content moves to versions and stays, `_removed_at` and `_removed_reason` are set. */
  readonly removals: readonly (Touch & { readonly reason: string })[]
  /** Tombstones that come back with the content they had, because a person says so. */
  readonly revivals?: readonly Touch[]
  /** Live records that no full pass removes until the source has listed them again. */
  readonly keep?: readonly Key[]
  /** Values of the shape's metrics, in its order, one row per (record, run): the last one written stands. */
  readonly snapshots: readonly { readonly key: Key; readonly values: readonly (string | number | bigint | null)[] }[]
  /** Keys that a full pass has seen, for `walk`. */
  readonly seen: readonly Key[]
  /**
   * Keys that the page has shown, also where nothing of them is written. What is listed (see listed.ts) waits for no
   * decision any more.
   */
  readonly listed?: readonly Key[]
  /**
   * Records that could be read, also where nothing of them is written. A text in quarantine leaves when it was read
   * itself; older texts of the record are marked as superseded, see unread.ts.
   */
  readonly reads?: readonly RecordRead[]
  /** Walks of which is forgotten what they have seen: they are reconciled, or start again from the top. */
  readonly forgetSeen?: readonly number[]
  /** Kept once per key and text, with how often it came. What is older than what the mirror holds is superseded at once. */
  readonly quarantine: readonly Quarantined[]
  /**
   * What can be read now, in quarantine no longer. Stale when it is not as it was read: the same record has come again,
   * and its later text was not looked at.
   */
  readonly released?: readonly Pick<QuarantineRow, 'identity' | 'at' | 'times' | 'supersededAt'>[]
  /**
   * Rows that hold nothing (null, {}, []) are in quarantine no longer, if they came last before this time: their source shows none
   * any more.
   */
  readonly forgetEmpty?: number
  /**
   * A walk that has shown everything there is. Texts in quarantine that came last before it began wait no longer: those without
   * a key, and those whose key it has not shown and no live record has. They stay, as superseded ones do.
   */
  readonly unlisted?: { readonly walk: number; readonly before: number }
  /**
   * Texts in quarantine that came without a key, by their identity, and the key that can be read of them now: what is read
   * of that record from now on may supersede them.
   */
  readonly keyed?: readonly { readonly identity: string; readonly key: Key }[]
  /** What this run (`runNo`) has put on hold of these keys, or a person has kept of them, is decided anew. */
  readonly decided?: readonly Key[]
  /** Removals that wait for a person. `replace` first forgets what this stream had on hold (with no keys: lets go of all). */
  readonly hold?: { readonly reason: string; readonly keys: readonly Key[]; readonly replace: boolean }
  /**
   * Live records that a full pass missed and that no second witness has seen gone. `replace` first forgets those of before.
   * What is listed again, or removed, is one of them no longer.
   */
  readonly unconfirmed?: { readonly keys: readonly Key[]; readonly replace: boolean }
  readonly state?: Json
  readonly walks: readonly WalkRow[]
  readonly requests: readonly RequestRow[]
  /** What the vendor has charged for it, in its own currency; adds to the run's cost. */
  readonly cost?: number
  /** Fields that the source's rows show for the first time, as `name:kind`. */
  readonly fields?: readonly string[]
  /** How intents go on, with what the page counts of their bills. */
  readonly intents?: readonly IntentChange[]
  /** Which entry of the run's passes of this stream these counts belong to; the entry is made or added to. Null: none. */
  readonly pass: {
    readonly ordinal: number
    readonly kind: PassKind
    readonly ended: Ended | null
    readonly pages: number
    readonly requests: number
  } | null
  readonly counts: Counts
  /** How many records the source says there are in all; null leaves what is known. */
  readonly expected: number | null
}

export interface Update extends Incoming {
  readonly expect: number
  readonly op: 'update' | 'restore'
  readonly version: boolean
  /** The walk to keep with the record: a closed one that anchored it already, else the batch's. */
  readonly walk: number | null
}

export interface Superseded extends Incoming {
  readonly expect: number
  readonly reason: string
}

export interface Touch {
  readonly key: Key
  readonly expect: number
}

/** A record that could be read, as far as it matters to texts of it that could not be. */
export interface RecordRead {
  readonly key: Key
  readonly raw: string
  /** Texts of an older version are superseded; null: it says nothing of versions. */
  readonly order: number | null
  readonly askedAt: number
  /** Whether texts without a known version that were asked for no later are superseded, too. */
  readonly settles: boolean
}

export interface Quarantined {
  /** When the page was asked for, as the order of what it showed. @default the batch's `at` */
  readonly askedAt?: number
  readonly key: Key | null
  readonly index: number
  readonly raw: string
  /** What tells its content from others of the same record. @default its text */
  readonly content?: string
  /** Its version, where that can be read for certain. */
  readonly version?: number
  readonly code: string
  readonly message: string
}

/** A request as the ledger keeps it. The URL carries no secret: query values are dropped unless known to be harmless. */
export interface RequestRow {
  /** The page of the run that it was made for; absent or null: for none (a count, a second witness, a login). */
  readonly page?: number | null
  readonly at: number
  readonly method: string
  readonly url: string
  /** 0: no answer came. */
  readonly status: number
  readonly bytes: number
  readonly ms: number
  /** The try of the same request, from 1. */
  readonly attempt: number
  /** `ok`, or the code of what was wrong. */
  readonly outcome: string
  readonly billedItems: number
}
