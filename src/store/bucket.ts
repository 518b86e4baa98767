// Owns what the bucket of a limit grants. Two bounds, and the tighter one holds: never more than its capacity within any
// stretch as long as its window, and never more than it holds, which a provider's own count may lower and time refills.
// Who gets nothing has a turn: those who wait are served in the order in which they first asked, in all processes
// together, each once before anybody is served twice. Whoever does not come back in time has lost the turn.
// Pure: a store reads the row, asks, and writes the row, in one transaction.

export interface Reservation {
  readonly granted: number
  readonly waitMs: number
}

/**
 * Permits granted together: when the first and the last of them were, and how many. `behind`: since when the clock has
 * stood before them, if it was set back.
 */
export type Taken = readonly [first: number, last: number, permits: number, behind?: number]

/** A turn: whose it is, when it was last asked for, and until when it is kept. */
export type Turn = readonly [who: string, asked: number, until: number]

export interface Bucket {
  /** What the last reservation said; null: nobody has reserved yet. */
  readonly capacity: number | null
  readonly perMs: number | null
  /** What it held at `at`; null: it is full, as far as anybody knows. */
  readonly tokens: number | null
  readonly at: number
  /** Nothing is granted until then; 0: it is not blocked. */
  readonly blockedUntil: number
  /** When that was said; null: nobody has. */
  readonly blockedSince: number | null
  /** Since when the clock has stood before `blockedSince`, if it was set back; else null. */
  readonly blockedBehind: number | null
  /** What was granted within the window, and for a while what was before. */
  readonly taken: readonly Taken[]
  /** Those who wait, in their order. */
  readonly turns: readonly Turn[]
}

export interface Wanted {
  readonly capacity: number
  readonly perMs: number
  readonly want: number
  readonly now: number
  /** In whose name; without it, nobody waits: what is left by those who do is granted, or nothing. */
  readonly who?: string | undefined
}

/** Grants within this share of a window are kept as one, which counts until the last of them has left the window. */
const GRAINS = 64
/** A turn is kept for as long again as was to be waited for it, within these bounds, in milliseconds. */
const KEPT_MIN_MS = 5_000
const KEPT_MAX_MS = 30_000
/** Turns of one bucket, at most; whoever comes then waits without one. */
export const TURNS_MAX = 5_000
/** By so much a clock that keeps good time is set back, at most, in milliseconds. */
const SMALL_STEP_MS = 60_000
/** What adding up parts of a permit may lose. */
const ROUNDING = 1e-6

/** What is granted, and the bucket after it; without `after` it stays as it is. */
export function take(bucket: Bucket | undefined, asked: Wanted): { reservation: Reservation; after?: Bucket } {
  const { capacity, perMs, want, now } = asked
  const turns = turnsAt(bucket, now)
  const place = turns.findIndex(([who]) => who === asked.who)
  const ahead = place < 0 ? turns.length : place
  const block = blockAt(bucket, now)
  if (bucket && block.blockedUntil > 0) {
    const waitMs = Math.ceil(endOf(block) - now + (ahead * perMs) / capacity)
    const reservation = { granted: 0, waitMs }
    const waits = waiting(turns, asked, waitMs)
    // Since when the clock has stood back is known from the first one who asks.
    return block.blockedBehind === bucket.blockedBehind && waits === turns
      ? { reservation }
      : { reservation, after: { ...bucket, ...block, turns: waits } }
  }
  const tokens = bucket ? refilled(bucket, capacity, perMs, now) : capacity
  const known = (bucket?.taken ?? []).map((one) => seenAt(one, now))
  const counted = known.filter((one) => leavesAt(one, perMs) > now)
  const room = capacity - counted.reduce((sum, [, , permits]) => sum + permits, 0)
  const free = Math.min(tokens + ROUNDING, room) - ahead
  const behind = turns.length - ahead - (place < 0 ? 0 : 1)
  const share = behind > 0 ? Math.max(1, free / (behind + 1)) : free
  const granted = Math.max(0, Math.floor(Math.min(want, free, share)))
  const waitMs = granted > 0 ? 0 : Math.ceil(untilFree(ahead + 1, { tokens, room, counted }, asked))
  return {
    reservation: { granted, waitMs },
    after: {
      capacity,
      perMs,
      tokens: Math.max(0, tokens - granted),
      at: now,
      ...block,
      taken: added(kept(known, perMs, now, bucket?.at ?? now), granted, perMs, now),
      turns: granted > 0 ? turns.filter((_, i) => i !== place) : waiting(turns, asked, waitMs),
    },
  }
}

/** The turns that stand now. One that was asked for in the future is of a clock that was wrong. */
function turnsAt(bucket: Bucket | undefined, now: number): readonly Turn[] {
  return (bucket?.turns ?? []).filter(([, asked, until]) => until > now && asked <= now + SMALL_STEP_MS)
}

/** The turns once somebody who got nothing waits for so long. */
function waiting(turns: readonly Turn[], { who, want, now }: Wanted, waitMs: number): readonly Turn[] {
  if (who === undefined || want === 0) return turns
  const until = now + waitMs + Math.min(KEPT_MAX_MS, Math.max(KEPT_MIN_MS, waitMs))
  const turn: Turn = [who, now, until]
  if (turns.some((one) => one[0] === who)) return turns.map((one) => (one[0] === who ? turn : one))
  return turns.length < TURNS_MAX ? [...turns, turn] : turns
}

/** The bucket once somebody waits no more. Undefined: nobody did. */
export function withoutTurn(bucket: Bucket | undefined, who: string): Bucket | undefined {
  const turns = bucket?.turns.filter((turn) => turn[0] !== who)
  return bucket && turns?.length !== bucket.turns.length ? { ...bucket, turns: turns ?? [] } : undefined
}

interface Held {
  readonly tokens: number
  readonly room: number
  /** What was granted within the window. */
  readonly counted: readonly Taken[]
}

/** Until so many permits can be granted, each to whoever is next, if all come when it is their turn. */
function untilFree(permits: number, { tokens, room, counted }: Held, { capacity, perMs, now }: Wanted): number {
  const most = Math.max(1, capacity)
  const windows = Math.floor((permits - 1) / most)
  const rest = permits - windows * most
  const ms = Math.max(untilTokens(rest, tokens, capacity, perMs), untilRoom(rest, counted, room, perMs, now))
  return windows * perMs + ms
}

type Block = Pick<Bucket, 'blockedUntil' | 'blockedSince' | 'blockedBehind'>

const NO_BLOCK: Block = { blockedUntil: 0, blockedSince: null, blockedBehind: null }

/**
 * The block that stands now. A clock that is set back leaves its end in the future. After a small step it lasts no longer
 * than it was said to, by the clock as it is now, and until its own time again if the clock was behind for a moment only.
 * After a large one nobody knows how long ago it was said: it is forgotten, and the next answer of the source says it anew.
 */
function blockAt(bucket: Bucket | undefined, now: number): Block {
  if (!bucket) return NO_BLOCK
  const { blockedUntil, blockedBehind, at } = bucket
  const blockedSince = Math.min(bucket.blockedSince ?? at, blockedUntil)
  if (now < blockedSince - SMALL_STEP_MS) return NO_BLOCK
  const behind = now < blockedSince ? Math.min(blockedBehind ?? now, now) : null
  const block = { blockedUntil, blockedSince, blockedBehind: behind }
  return endOf(block) > now ? block : NO_BLOCK
}

function endOf({ blockedUntil, blockedSince, blockedBehind }: Block): number {
  return blockedBehind === null ? blockedUntil : blockedBehind + blockedUntil - (blockedSince ?? blockedUntil)
}

/** The bucket once nobody may take from it until a time, and with no more in it than a provider says is left. */
export function blocked(
  bucket: Bucket | undefined,
  { until, remaining, now }: { until: number | null; remaining?: number; now: number },
): Bucket {
  const { capacity = null, perMs = null, taken = [], turns = [] } = bucket ?? {}
  const tokens =
    bucket && capacity !== null && perMs !== null ? refilled(bucket, capacity, perMs, now) : (bucket?.tokens ?? null)
  const left = Math.min(tokens ?? Number.POSITIVE_INFINITY, Math.max(0, remaining ?? Number.POSITIVE_INFINITY))
  const before = blockAt(bucket, now)
  const isLonger = until !== null && until > Math.max(now, endOf(before))
  const block = isLonger ? { blockedUntil: until, blockedSince: now, blockedBehind: null } : before
  return { capacity, perMs, tokens: Number.isFinite(left) ? left : null, at: now, ...block, taken, turns }
}

/** What the bucket holds now. A clock that stepped back refills nothing, and does not stop the refilling to come. */
function refilled({ tokens, at }: Bucket, capacity: number, perMs: number, now: number): number {
  if (tokens === null) return capacity
  return Math.min(capacity, tokens + (Math.max(0, now - at) * capacity) / perMs)
}

/**
 * A clock that is set back leaves what was granted in the future. It counts for a window by the clock as it is now, and
 * by its own time again if the clock turns out to have been behind for a moment only.
 */
function seenAt([first, last, permits, behind]: Taken, now: number): Taken {
  return last <= now ? [first, last, permits] : [first, last, permits, Math.min(behind ?? now, now)]
}

function leavesAt([, last, , behind]: Taken, perMs: number): number {
  return (behind ?? last) + perMs
}

/** A clock that is ahead for a moment must not forget: two windows more are kept before what the bucket had seen by then. */
function kept(taken: readonly Taken[], perMs: number, now: number, seen: number): readonly Taken[] {
  return taken.filter(([, last, , behind]) =>
    behind === undefined ? last + 3 * perMs > Math.min(now, seen) : behind + perMs > now,
  )
}

function added(taken: readonly Taken[], granted: number, perMs: number, now: number): readonly Taken[] {
  if (granted === 0) return taken
  const grain = taken.find(([first, last]) => last <= now && now - first < perMs / GRAINS)
  if (!grain) return [...taken, [now, now, granted]]
  return taken.map((one) => (one === grain ? [grain[0], now, grain[2] + granted] : one))
}

/** Until it holds so many permits, if nobody takes any. */
function untilTokens(permits: number, tokens: number, capacity: number, perMs: number): number {
  return Math.max(0, ((permits - ROUNDING - tokens) * perMs) / capacity)
}

/** Until so much has left the window that so many permits fit into it. */
function untilRoom(permits: number, taken: readonly Taken[], room: number, perMs: number, now: number): number {
  let free = room
  let until = now
  for (const one of taken.toSorted((a, b) => leavesAt(a, perMs) - leavesAt(b, perMs))) {
    if (free >= permits) break
    free += one[2]
    until = leavesAt(one, perMs)
  }
  return until - now
}
