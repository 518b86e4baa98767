// Owns the second half of a full pass: what the listing lacked becomes a candidate, a second witness is heard, the
// guard is asked, and only then are tombstones set. The walk is closed last, so that a crash anywhere begins it again.

import type { Order, Testimony } from '../../connector/page.ts'
import type { FullPass } from '../../connector/passes.ts'
import { errorReport } from '../../model/errors.ts'
import type { Key } from '../../model/record.ts'
import type { Content, UnseenRecord, WalkRow } from '../../store/store.ts'
import { askByKey } from './ask-by-key.ts'
import { readPaid } from './budget.ts'
import { chunks, RECORDS_PER_CHECKPOINT_MAX } from './page.ts'
import { type PassEntry, type StreamRun, write } from './stream-run.ts'
import type { ListingResult } from './walk-listing.ts'

/** Keys that a witness is asked about at a time, unless its pass says how many. */
export const WITNESS_KEYS_MAX = 100

/** The reason that tombstones of a full pass carry. */
export const REASON_ABSENT = 'not_listed'

export async function reconcile(
  run: StreamRun,
  entry: PassEntry,
  pass: FullPass<unknown, unknown>,
  read: ListingResult,
): Promise<void> {
  const { walk } = read
  const { world } = run.scope
  const query = { streamNo: run.row.no, walk: walk.walk, firstSeenBefore: walk.openedAt }
  const { live } = await world.store.countUnseen(query)
  const listed = await world.store.countSeen(run.row.no, walk.walk)
  const candidates = await findCandidates(run, pass, walk, read.oldest)
  const reason = world.decisions.heldReason({ missing: candidates.length, live, listed })
  if (reason !== undefined) return hold(run, entry, walk, { candidates, reason, listed })
  const { gone, doubtful, present } = await hear(run, pass, candidates, walk.walk)
  if (present > 0) {
    run.notes.push(`${run.name}: the listing lacks ${present} records that the source still has; something hides them`)
  }
  for (const part of chunks(gone, RECORDS_PER_CHECKPOINT_MAX)) {
    const removals = part.map(({ key, ordinal }) => ({ key, expect: ordinal, reason: REASON_ABSENT }))
    // Stale: somebody has seen the record since. Then it is not gone, and the next full pass looks again.
    if ((await write(run, entry, { removals, counts: { removed: part.length } })) === 'stale') {
      for (const one of removals) await write(run, entry, { removals: [one], counts: { removed: 1 } })
    }
  }
  await markMissed(run, entry, walk, doubtful)
  await close(run, entry, walk, doubtful.length > 0)
}

/** Live records first seen before the pass began that the listing lacked, as far as absence means anything for them. */
async function findCandidates(
  run: StreamRun,
  pass: FullPass<unknown, unknown>,
  walk: WalkRow,
  oldest: Order | null,
): Promise<readonly UnseenRecord[]> {
  const { store, decisions } = run.scope.world
  const listing = pass.listing ?? 'complete'
  const found: UnseenRecord[] = []
  let after: Key | null = null
  for (;;) {
    const part: readonly UnseenRecord[] = await store.unseen({
      streamNo: run.row.no,
      walk: walk.walk,
      firstSeenBefore: walk.openedAt,
      after,
      limit: RECORDS_PER_CHECKPOINT_MAX,
    })
    const last = part.at(-1)
    if (!last) return found
    after = last.key
    const keys = part.map(({ key }) => key)
    const contents = listing === 'complete' ? undefined : await store.contents(run.row.no, keys)
    const kept = await store.kept(run.row.no, keys)
    for (const absent of part) {
      if (kept.has(absent.key)) continue
      const order = contents && orderOf(pass, contents.get(absent.key))
      if (decisions.isCandidate({ missedBy: absent.missedBy, order }, listing, oldest)) found.push(absent)
    }
  }
}

function orderOf(pass: FullPass<unknown, unknown>, content: Content | undefined): Order | undefined {
  return content && pass.order ? pass.order(content.columns) : undefined
}

/** Hears the second witness: the connector's, by key, or an earlier full pass that missed the record too. */
async function hear(
  run: StreamRun,
  pass: FullPass<unknown, unknown>,
  candidates: readonly UnseenRecord[],
  walk: number,
): Promise<{ gone: readonly UnseenRecord[]; doubtful: readonly UnseenRecord[]; present: number }> {
  // Two passes of one run, moments apart, are one witness.
  const another = !run.fullDone
  const gone: UnseenRecord[] = []
  const doubtful: UnseenRecord[] = []
  let present = 0
  for (const part of chunks(candidates, WITNESS_KEYS_MAX)) {
    const testimony = await askWitness(run, pass, part)
    for (const absent of part) {
      const says = testimony.get(absent.key) ?? 'unknown'
      if (says === 'present') present++
      else if (says === 'gone' || (absent.missedBy !== null && absent.missedBy !== walk && another)) gone.push(absent)
      else doubtful.push(absent)
    }
  }
  return { gone, doubtful, present }
}

/** What the connector's witness says. Keys that it can't be asked about are missing: of them nothing is known. */
async function askWitness(
  run: StreamRun,
  { witness, witnessBatch, read, paid }: FullPass<unknown, unknown>,
  absent: readonly UnseenRecord[],
): Promise<ReadonlyMap<Key, Testimony>> {
  if (!witness) return new Map()
  const { http, options, world, runId } = run.scope
  const keys = absent.map(({ key }) => key)
  const contents = await world.store.contents(run.row.no, keys)
  const { answers, failed } = await askByKey({
    keys,
    batch: witnessBatch ?? WITNESS_KEYS_MAX,
    ask: (some) => {
      const stored = new Map(some.flatMap((key) => [...columnsOf(key, contents)]))
      return witness({ http, options, keys: some, stored })
    },
    tryLogin: () =>
      readPaid(run.scope, paid, (costLeft) => read({ http, options, page: undefined, where: {}, costLeft })),
  })
  for (const [key, error] of failed) {
    const { code, message } = errorReport(error)
    world.logger.event('warn', 'witness.failed', { run: runId, stream: run.name, key, code, message })
  }
  return new Map(answers.flatMap(({ answer }) => [...answer]))
}

function columnsOf(key: Key, contents: ReadonlyMap<Key, Content>): readonly (readonly [Key, Content['columns']])[] {
  const content = contents.get(key)
  return content ? [[key, content.columns]] : []
}

async function hold(
  run: StreamRun,
  entry: PassEntry,
  walk: WalkRow,
  found: { candidates: readonly UnseenRecord[]; reason: string; listed: number },
): Promise<void> {
  const { candidates, reason, listed } = found
  const { logger } = run.scope.world
  let replace = true
  for (const part of chunks(candidates, RECORDS_PER_CHECKPOINT_MAX)) {
    const keys = part.map(({ key }) => key)
    await write(run, entry, { hold: { reason, keys, replace }, counts: { held: keys.length } })
    replace = false
  }
  // No mark as missed: a listing that is not believed is no witness either.
  const held = candidates.length
  run.notes.push(held === 0 ? `${run.name}: ${reason}` : `${run.name}: ${held} removals are held for you: ${reason}`)
  logger.event('warn', 'removals.held', { run: run.scope.runId, stream: run.name, held, reason })
  if (listed > 0) return close(run, entry, walk, false, false)
  // Nothing was read of it: what the walk stored before anchors nothing, and the next run looks again.
  entry.ended = 'limit'
  await write(run, entry, { walks: [{ ...walk, ended: 'limit', note: reason }] })
}

async function markMissed(
  run: StreamRun,
  entry: PassEntry,
  walk: WalkRow,
  records: readonly UnseenRecord[],
): Promise<void> {
  const first = records.filter(({ missedBy }) => missedBy === null)
  for (const part of chunks(first, RECORDS_PER_CHECKPOINT_MAX)) {
    const missed = part.map(({ key, ordinal }) => ({ key, expect: ordinal }))
    if ((await write(run, entry, { walk: walk.walk, missed })) === 'stale') {
      for (const one of missed) await write(run, entry, { walk: walk.walk, missed: [one] })
    }
  }
}

/** Closes the pass and, because it has read everything, the walks that earlier passes left open. */
async function close(run: StreamRun, entry: PassEntry, walk: WalkRow, confirm: boolean, release = true): Promise<void> {
  const closed = { closedAt: run.scope.world.clock.now(), ended: 'exhausted' as const }
  const covered = run.openWalks.filter((open) => open.pass !== 'byCursor' && open.walk !== walk.walk)
  const { confirm: _before, ...kept } = run.kept
  entry.ended = 'exhausted'
  await write(run, entry, {
    walks: [{ ...walk, ...closed }, ...covered.map((open) => ({ ...open, ...closed }))],
    forgetSeen: walk.walk,
    kept: confirm ? { ...kept, confirm } : kept,
    ...(release ? { hold: { reason: '', keys: [], replace: true } } : {}),
  })
  run.fullDone = true
}
