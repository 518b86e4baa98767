// Owns what is kept of a stream between runs, and how it is brought to the version of the engine, and of the connector,
// that reads it. Pure.

import { notPromised } from '../../connector/check-connector.ts'
import type { Stream } from '../../connector/connector.ts'
import type { Order } from '../../connector/page.ts'
import { TidemarkError } from '../../model/errors.ts'
import { isObject, type Json } from '../../model/json.ts'
import type { Key } from '../../model/record.ts'
import type { PassKind } from '../../model/run.ts'
import type { StreamState, WalkRow } from '../../store/store.ts'
import { type Pace, paceFrom } from './jobs/pace.ts'
import { type FirstKeys, firstKeysFrom } from './listing/first-keys.ts'
import { type LastRead, lastReadFrom } from './listing/settled.ts'
import { isSameReading, type Reads, reachOf, readsFrom } from './reads.ts'
import { type Turn, turnFrom } from './refresh/order.ts'
import { type LastUpload, lastUploadFrom } from './uploads/judge.ts'

/** What the passes of a stream keep between runs, beside their walks. */
export interface Kept {
  /** The cursor of a byCursor pass, in the source's unit. */
  readonly cursor?: number
  /** The last full pass missed records without a second witness; the next run is a full pass again. */
  readonly confirm?: boolean
  /** The latest time at which something that changed was asked for, or removed; see `askedNow`. */
  readonly asked?: number
  /** What the dearest page has cost that was charged for. */
  readonly dearest?: number
  /** How many pages the last paid full pass had, which went on from run to run; absent: one run read it whole. */
  readonly inParts?: number
  /**
   * When the last full pass was closed that is due by time: the stream's row tells so only when its run has ended, and a run
   * that is killed meanwhile would leave it to be read once more.
   */
  readonly fullAt?: number
  /** The greatest order value of the listing when the last full pass began. */
  readonly top?: Order
  /** A full pass has shown that the listing's order is no time: a record that changes may stand anywhere. */
  readonly strays?: boolean
  /** How many records the last full pass did not see and could not tell from records that had moved meanwhile. */
  readonly unproved?: number
  /** How many rows that could not be read, nor told by a key, were the reason; absent: they were not. */
  readonly unread?: number
  /** The last newest-first walk found the listing empty, though records are stored. */
  readonly listedNothing?: boolean
  /** How many records the last look ahead found, and when it was taken; see look-ahead.ts. */
  readonly ahead?: number
  readonly lookedAhead?: number
  /** How many of them lie beyond what is looked at every time, and when it was looked there. */
  readonly far?: number
  readonly lookedFar?: number
  /** The last newest-first walk that began at the top and was closed, of a pass that declares `settles`. */
  readonly read?: LastRead
  /** How fast records come, of a pass that pays for each that it is shown. */
  readonly pace?: Pace
  /** How far the turn of a refresh has come that could not ask for all, see refresh/order.ts. */
  readonly turn?: Turn
  /** The top of a list that shows no order, as the last closed walk read it, see listing/first-keys.ts. */
  readonly firstKeys?: FirstKeys
  /** Keys that a refresh asked for in vain, each of them or one that was asked for with it. They come last next time. */
  readonly doubtful?: readonly Key[]
  /** How many rows of the last full pass belonged to other streams; absent: none. */
  readonly others?: number
  /** The name of the stream's listing, where other streams read it, too: a run that reads several reads it once. */
  readonly listing?: string
  /** The version of the connector's own part: cursor and page tokens. @default 1 */
  readonly connector?: number
  /** The newest file that was uploaded. */
  readonly upload?: LastUpload
  /** What decided what was read, see reads.ts. */
  readonly reads?: Reads
  /** The first walk since that changed: what earlier ones have read is no ground. @default 1 */
  readonly since?: number
  /** Earlier walks that began again then: what they have read is ground once they are closed. */
  readonly again?: readonly number[]
}

/** What a stream's connection and connector declare, as far as it decides what is kept of earlier runs. */
export interface StreamDeclared {
  readonly name: string
  readonly state: Stream['state']
  readonly kinds: readonly PassKind[]
  readonly reads: Reads
}

/** What is kept, for a run. */
export interface Standing {
  readonly kept: Kept
  readonly openWalks: readonly WalkRow[]
  /** Those that stand elsewhere than the store says; what they have seen is forgotten. To be written together with `kept`. */
  readonly moved: readonly WalkRow[]
  /** Everything is read again: something has changed that decides what is read. */
  readonly isAnew: boolean
}

/** The version of the engine's part. */
export const STATE_VERSION = 1

type Stored = Record<string, Json>
/** Steps from each version to the next; a step is never changed once it was released. */
export type Steps = readonly ((stored: Stored) => Stored)[]

/** From version 0 on, which is what has no version. */
const STEPS: Steps = [(stored) => stored]

/**
 * What is kept, as this version of engine and connector understand it. A walk whose page tokens belong to another version
 * of the connector, or whose kind of pass is gone, begins again at the top of the listing; it stays the same walk, and a
 * gap until it is closed. Where what decides what is read has changed, so does all that was read.
 *
 * @throws TidemarkError state_newer (stop) when a newer version has written it
 */
export function readState(
  { name, state: declared, kinds, reads }: StreamDeclared,
  { value, openWalks, nextWalk }: Pick<StreamState, 'value' | 'openWalks' | 'nextWalk'>,
  steps: Steps = STEPS,
): Standing {
  const wanted = declared?.version ?? 1
  const before = keptFrom(migrated(name, value, steps))
  const found = before.connector ?? 1
  if (value !== undefined && found > wanted) throw newer(name, `version ${found} of its connector`, wanted)
  const isGone = ({ pass }: WalkRow) => !kinds.includes(pass)
  // What a pass that is gone has left unread is read by one that reaches as far, or stays unread.
  const heirOf = ({ pass }: WalkRow) =>
    kinds.find((kind) => kind !== 'upload' && reachOf(reads, kind) >= reachOf(before.reads, pass))
  const left = openWalks
    .filter(isGone)
    .flatMap(({ pass }) => Object.entries(before.reads ?? {}).filter(([kind]) => kind === pass))
  const kept: Kept = {
    ...withoutFullPass(withVersion(before, wanted), kinds),
    reads: { ...Object.fromEntries(left), ...reads },
  }
  const isOrphan = (walk: WalkRow) => isGone(walk) && heirOf(walk) !== undefined
  const isOther = !isSameReading(before.reads ?? {}, reads) || openWalks.some(isOrphan)
  if (value === undefined || (found === wanted && !isOther)) return { kept, openWalks, moved: [], isAnew: false }
  const carry = (cursor: number) => {
    const carried = isOther ? undefined : notPromised('migrate', declared?.migrate?.(cursor, found))
    return Number.isFinite(carried) ? carried : undefined
  }
  // The unit of the listing's order may be another one, too.
  const { cursor, top: _top, ...rest } = kept
  const carried = cursor === undefined ? undefined : carry(cursor)
  const isAnew = isOther || !declared?.migrate
  const moved = openWalks.map((walk) => {
    const own = isGone(walk) ? { ...walk, pass: heirOf(walk) ?? walk.pass } : walk
    const position = positionAfter(own, carry)
    return position === null ? { ...own, position, pages: 0, records: 0, note: '' } : { ...own, position }
  })
  return {
    kept: isAnew
      ? keptAnew(rest, kinds, { openWalks, nextWalk })
      : { ...rest, ...(carried === undefined ? {} : { cursor: carried }) },
    openWalks: moved,
    moved,
    isAnew,
  }
}

/** Without what only a full pass proves, where the stream has none any more. */
function withoutFullPass(kept: Kept, kinds: readonly PassKind[]): Kept {
  if (kinds.includes('fullPass') || kinds.includes('upload')) return kept
  const { confirm: _confirm, unproved: _unproved, unread: _unread, strays: _strays, inParts: _inParts, ...rest } = kept
  return rest
}

/** Where another listing begins, what is known of the old one's order, length and end says nothing. */
function keptAnew(
  kept: Kept,
  kinds: readonly PassKind[],
  { openWalks, nextWalk }: Pick<StreamState, 'openWalks' | 'nextWalk'>,
): Kept {
  const { strays: _strays, read: _read, listedNothing: _empty, again: _again, inParts: _parts, ...others } = kept
  const { firstKeys: _first, ...known } = others
  const { ahead: _ahead, lookedAhead: _looked, far: _far, lookedFar: _lookedFar, pace: _pace, ...rest } = known
  const again = openWalks.flatMap(({ pass, walk }) => (pass === 'byCursor' ? [] : [walk]))
  // Where nothing else reads, the next full pass is due at once.
  const due = kinds.every((kind) => kind === 'fullPass') ? { confirm: true } : {}
  return { ...rest, ...due, ...(again.length > 0 ? { again } : {}), since: nextWalk }
}

function migrated(name: string, value: Json | undefined, steps: Steps): Stored {
  if (!isObject(value)) return {}
  const stored: Stored = value
  const version = typeof stored['v'] === 'number' ? stored['v'] : 0
  if (version > steps.length) throw newer(name, `version ${version}`, steps.length)
  return steps.slice(version).reduce((state, step) => step(state), stored)
}

function keptFrom({
  cursor,
  confirm,
  asked,
  dearest,
  inParts,
  fullAt,
  top,
  strays,
  listedNothing,
  unproved,
  unread,
  read,
  pace,
  turn,
  firstKeys,
  doubtful,
  others,
  listing,
  connector,
  ahead,
  lookedAhead,
  far,
  lookedFar,
  upload,
  reads,
  since,
  again,
}: Stored): Kept {
  const last = lastReadFrom(read)
  const uploaded = lastUploadFrom(upload)
  const known = readsFrom(reads)
  const learned = paceFrom(pace)
  const refreshed = turnFrom(turn)
  const first = firstKeysFrom(firstKeys)
  return {
    ...(typeof cursor === 'number' ? { cursor } : {}),
    ...(confirm === true ? { confirm } : {}),
    ...(typeof asked === 'number' ? { asked } : {}),
    ...(typeof dearest === 'number' ? { dearest } : {}),
    ...(typeof inParts === 'number' ? { inParts } : {}),
    ...(typeof fullAt === 'number' ? { fullAt } : {}),
    ...(typeof top === 'number' || typeof top === 'string' ? { top } : {}),
    ...(strays === true ? { strays } : {}),
    ...(listedNothing === true ? { listedNothing } : {}),
    ...(typeof unproved === 'number' ? { unproved } : {}),
    ...(typeof unread === 'number' ? { unread } : {}),
    ...(typeof others === 'number' ? { others } : {}),
    ...(typeof listing === 'string' ? { listing } : {}),
    ...(typeof ahead === 'number' ? { ahead } : {}),
    ...(typeof lookedAhead === 'number' ? { lookedAhead } : {}),
    ...(typeof far === 'number' ? { far } : {}),
    ...(typeof lookedFar === 'number' ? { lookedFar } : {}),
    ...(last ? { read: last } : {}),
    ...(learned ? { pace: learned } : {}),
    ...(refreshed ? { turn: refreshed } : {}),
    ...(first ? { firstKeys: first } : {}),
    ...(Array.isArray(doubtful) ? { doubtful: doubtful.filter((key) => typeof key === 'string') } : {}),
    ...(uploaded ? { upload: uploaded } : {}),
    ...(typeof connector === 'number' ? { connector } : {}),
    ...(known ? { reads: known } : {}),
    ...(typeof since === 'number' ? { since } : {}),
    ...(Array.isArray(again) ? { again: again.filter((walk) => typeof walk === 'number') } : {}),
  }
}

/**
 * The state after something was dated `at` that no pass has written: what is asked for after that is no older, whatever
 * the clock says then. Undefined: nothing was read yet.
 */
export function askedAfter(value: Json | undefined, at: number): Json | undefined {
  return isObject(value) ? { ...value, asked: Math.max(keptFrom(value).asked ?? 0, at) } : undefined
}

/** How many records a stream keeps only because nobody could tell that they are gone, and whether unread rows are why. */
export function unprovedIn(value: Json | undefined): Pick<Kept, 'unproved' | 'unread'> {
  return isObject(value) ? keptFrom(value) : {}
}

/** How many records the last look found that are dated ahead of the source's clock. */
export function aheadIn(value: Json | undefined): number {
  return isObject(value) ? (keptFrom(value).ahead ?? 0) : 0
}

function withVersion(kept: Kept, version: number): Kept {
  return version === 1 ? kept : { ...kept, connector: version }
}

/**
 * A window goes on at its bounds, if those can be carried over; a listing begins at its top. The end of a window is
 * exclusive: what stands just before it may share its place in a coarser unit, so that the window ends one unit later.
 */
function positionAfter({ pass, position }: WalkRow, carry: (cursor: number) => number | undefined): Json {
  if (pass !== 'byCursor' || !isObject(position)) return null
  const { since, until, isHole }: Stored = position
  const end = carry(Number(until))
  const bounds = { since: typeof since === 'number' ? carry(since) : null, until: end === undefined ? end : end + 1 }
  // A hole whose bounds are lost is a walk from the beginning.
  const isCarried = bounds.since !== undefined && bounds.until !== undefined
  const hole = isHole === true && isCarried ? { isHole } : {}
  return { since: bounds.since ?? null, until: bounds.until ?? 0, ...hole }
}

function newer(name: string, written: string, known: number): TidemarkError {
  return new TidemarkError(
    'state_newer',
    `The state of stream "${name}" was written by ${written}; this one knows ${known}.`,
  )
}
