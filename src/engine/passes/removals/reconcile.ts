// Owns the second half of a full pass: what the listing lacked becomes a candidate, a second witness is heard, the
// guard is asked, and only then are tombstones set. The walk is closed last, so that a crash anywhere begins it again.

import type { Order } from '../../../connector/page.ts'
import type { FullPass } from '../../../connector/passes.ts'
import { plural } from '../../../model/plural.ts'
import type { Key } from '../../../model/record.ts'
import type { PassKind } from '../../../model/run.ts'
import type { Content, UnseenRecord, WalkRow } from '../../../store/store.ts'
import { BadPages } from '../bad-pages.ts'
import { afterWalk } from '../listing/first-keys.ts'
import { positionFrom } from '../listing/position.ts'
import type { Proof } from '../listing/proof.ts'
import { lookAtTop } from '../listing/top-look.ts'
import { type ListingResult, walkListing } from '../listing/walk.ts'
import { reachOf } from '../reads.ts'
import { chunks, RECORDS_PER_CHECKPOINT_MAX } from '../rows/page-parts.ts'
import { placeIn } from '../rows/place.ts'
import type { Kept } from '../state.ts'
import { type PassEntry, type StreamRun, write } from '../stream-run.ts'
import { allInside, provedByPlace } from './place-proof.ts'
import { type Heard, hear } from './witness.ts'

/** The reason that tombstones of a full pass carry. */
export const REASON_ABSENT = 'not_listed'

/** Why records that a listing lacks stay all the same; `unread` rows of it could not be read, nor told by a key. */
export function unprovedNote({ unproved = 0, unread = 0 }: Pick<Kept, 'unproved' | 'unread'>): string {
  const [records, they] = [plural(unproved, 'record is', 'records are'), unproved === 1 ? 'it stays' : 'they stay']
  if (unread > 0) {
    const [rows, any] = [plural(unread, 'row'), unread === 1 ? 'it' : 'one of these']
    return `${records} not listed any more, but ${rows} could not be read and ${any} may be any of them, so ${they}; see tidemark quarantine`
  }
  return `${records} not listed any more, but the listing moves while it is read, so ${they}; a total or a witness by key would tell`
}

/** How often a listing is read, at most, until two readings in a row show the same. */
export const READINGS_MAX = 3

/** Records that a listing lacked. */
interface Lacking {
  readonly read: ListingResult
  /** Undefined: what the listing lacked may have moved past the reader, or stand in it unread. */
  readonly proof: Proof | undefined
  readonly records: readonly UnseenRecord[]
  /** Records of which a capped listing proves nothing: only a witness by key can tell that they are gone. */
  readonly beyond: readonly UnseenRecord[]
  /** Why a person has to decide on so many. */
  readonly reason: string | undefined
  readonly listed: number
  readonly live: number
}

export async function reconcile(
  run: StreamRun,
  entry: PassEntry,
  pass: FullPass<unknown, unknown>,
  read: ListingResult,
): Promise<void> {
  const { walk } = read
  let lacking: Lacking = await findLacking(run, pass, read)
  // What has moved to the top is found before anybody is asked about it; a witness by key answers for itself.
  // Of so many that a person has to decide, either all stood inside a page, or the whole listing is read again.
  if (lacking.reason !== undefined && lacking.proof === 'place' && !(await allInside(run, pass, read, lacking.records)))
    lacking = { ...lacking, proof: 'reading' }
  const looksFirst = lacking.reason !== undefined || (!pass.witness && lacking.proof === 'top')
  if (looksFirst) lacking = await proveByTop(run, entry, pass, lacking)
  // Nor is anybody asked about what may have slipped past the reader. Of an empty listing there is nothing more to read.
  if (lacking.reason !== undefined && lacking.proof === 'reading' && lacking.listed > 0) {
    const proved = await proveByReading(run, entry, pass, lacking)
    if (proved === 'open') return
    lacking = proved
  }
  if (lacking.reason !== undefined && lacking.proof !== undefined) return hold(run, entry, read, lacking)
  const told = await hear(run, pass, lacking.records, walk.walk)
  // What the witness does not call gone of those beyond is as it was: nobody expected the listing to show them.
  const beyond = lacking.beyond.length > 0 ? await hear(run, pass, lacking.beyond, walk.walk) : undefined
  const heard = { ...told, gone: [...told.gone, ...(beyond?.gone ?? [])] }
  const { present, unanswered } = heard
  // Those that the listing has to show wait for the next full pass as any others do; of these nothing else is told.
  if (beyond?.unheard) run.asides.push(`${run.name}: ${unheardNote(beyond.unheard)}`)
  if (present > 0) {
    run.notes.push(
      `${run.name}: the listing lacks ${plural(present, 'record')} that the source still has; something hides ${present === 1 ? 'it' : 'them'}`,
    )
  }
  if (unanswered > 0) {
    const [records, they] = [plural(unanswered, 'record'), unanswered === 1 ? 'it stays' : 'they stay']
    run.notes.push(
      `${run.name}: the source gives no answer for the part of the listing in which ${records} stood, so ${they}`,
    )
  }
  const tooMany = guardWitness(run, lacking, heard, beyond !== undefined)
  if (tooMany !== undefined) return hold(run, entry, read, { ...lacking, records: heard.gone, reason: tooMany })
  await remove(run, entry, heard.gone)
  const missed = await judgeMissed(run, entry, pass, lacking, heard)
  if (missed === 'open') return
  await remove(run, entry, missed.gone)
  await markMissed(run, entry, walk, missed.doubtful)
  if (missed.unproved > 0) tellUnproved(run, missed.unproved, read.position.unreadable)
  const confirm = missed.doubtful.length > 0
  const { listed } = lacking
  await close(run, entry, read, { confirm, unproved: missed.unproved, listed, showsAll: showsAll(pass, lacking) })
}

/** Whether what the walk has not shown is not there, also of what never could be read. */
function showsAll({ listing = 'complete' }: FullPass<unknown, unknown>, { proof, listed }: Lacking): boolean {
  return listing === 'complete' && proof === 'walk' && listed > 0
}

async function findLacking(run: StreamRun, pass: FullPass<unknown, unknown>, read: ListingResult): Promise<Lacking> {
  const { walk, position } = read
  const { store, decisions } = run.scope.world
  const { live, unseen } = await store.walks.countUnseen({ streamNo: run.row.no, walk: walk.walk })
  const listed = await store.walks.countSeen(run.row.no, walk.walk)
  // Where a listing is empty, its cap explains nothing.
  const isEmpty = listed === 0 && position.unreadable === 0
  const { found: records, beyond, kept } = await findCandidates(run, pass, read, isEmpty)
  const { page: pages, evidence, unreadable, total } = position
  const strays = run.kept.strays ?? false
  const proof = decisions.proofFor(pass, { pages, evidence, seen: listed, unreadable, total, strays })
  // Rows of another stream in the same list say nothing of whether there is anything left of this one.
  const own = run.stream.belongs ? live - unseen : listed
  const isNothing = own === 0 && position.unreadable === 0
  const reason = decisions.heldReason({ missing: records.length, live: isNothing ? live - kept : live, listed: own })
  return { read, proof, records, beyond, listed, live, reason }
}

/** What a witness by key calls gone may be too much to believe, too, where the listing itself proves nothing. */
function guardWitness(
  run: StreamRun,
  { proof, read, listed, live }: Lacking,
  { gone }: Heard,
  isBeyond: boolean,
): string | undefined {
  if ((proof !== undefined && !isBeyond) || gone.length === 0) return undefined
  const rows = listed + read.position.unreadable
  return run.scope.world.decisions.heldReason({ missing: gone.length, live, listed: rows })
}

/** Where a look at the top can tell what has moved while the walk went down: takes it. */
async function proveByTop(
  run: StreamRun,
  entry: PassEntry,
  pass: FullPass<unknown, unknown>,
  lacking: Lacking,
): Promise<Lacking> {
  const { read, records, proof, listed } = lacking
  if ((proof !== 'top' && proof !== 'place') || records.length === 0 || listed === 0) return lacking
  const look = await lookAtTop(run, entry, pass, read)
  const found = await findLacking(run, pass, read)
  const still = proof === 'top' ? 'walk' : 'place'
  return { ...found, proof: look === 'still' ? still : undefined }
}

/** Reads the listing again: what it shows now is not lacking. */
async function proveByReading(
  run: StreamRun,
  entry: PassEntry,
  pass: FullPass<unknown, unknown>,
  { read }: Lacking,
): Promise<Lacking | 'open'> {
  const reading = await readAgain(run, entry, pass, read)
  if (reading === 'open') return reading
  return { ...(await findLacking(run, pass, read)), proof: reading === 'same' ? 'walk' : undefined }
}

/** Sets the tombstones. */
export async function remove(
  run: StreamRun,
  entry: PassEntry,
  gone: readonly UnseenRecord[],
  reason = REASON_ABSENT,
): Promise<void> {
  for (const part of chunks(gone, RECORDS_PER_CHECKPOINT_MAX)) {
    const removals = part.map(({ key, ordinal }) => ({ key, expect: ordinal, reason }))
    // Stale: somebody has seen the record since. Then it is not gone, and the next full pass looks again.
    if ((await write(run, entry, { removals, counts: { removed: part.length } })) === 'stale') {
      for (const one of removals) await write(run, entry, { removals: [one], counts: { removed: 1 } })
    }
  }
}

/** What becomes of the records that only listings lack. */
interface Judged {
  readonly gone: readonly UnseenRecord[]
  /** Lacked for the first time. */
  readonly doubtful: readonly UnseenRecord[]
  readonly unproved: number
}

/** Those that an earlier full pass lacked as well are gone, if it is proved that they have not moved. */
async function judgeMissed(
  run: StreamRun,
  entry: PassEntry,
  pass: FullPass<unknown, unknown>,
  lacking: Lacking,
  { confirmed, doubtful }: Heard,
): Promise<Judged | 'open'> {
  const missed = confirmed.length + doubtful.length
  if (missed === 0) return { gone: [], doubtful: [], unproved: 0 }
  // Of what is lacked for the first time, nothing has to be proved yet.
  const isAsked = lacking.proof !== 'place' || confirmed.length > 0
  const { read, proof } = isAsked ? await proveByTop(run, entry, pass, lacking) : lacking
  const byPlace = proof === 'place' && isAsked ? await provedByPlace(run, entry, pass, read, confirmed) : undefined
  const needsReading = (proof === 'reading' || byPlace === 'reading') && confirmed.length > 0
  const reading = needsReading ? await readAgain(run, entry, pass, read) : undefined
  if (reading === 'open') return reading
  const { found } = await findCandidates(run, pass, read, false)
  const lacks = new Set(found.map(({ key }) => key))
  const still = (records: readonly UnseenRecord[]) => records.filter(({ key }) => lacks.has(key))
  if (proof === undefined || reading === 'moving') {
    return { gone: [], doubtful: [], unproved: still([...confirmed, ...doubtful]).length }
  }
  const gone = still(confirmed)
  const proved = byPlace === undefined || byPlace === 'reading' ? gone : gone.filter(({ key }) => byPlace.has(key))
  return { gone: proved, doubtful: still(doubtful), unproved: gone.length - proved.length }
}

/** Reads the listing again until two readings show the same records in the same places. */
async function readAgain(
  run: StreamRun,
  entry: PassEntry,
  pass: FullPass<unknown, unknown>,
  { walk, position }: ListingResult,
): Promise<'same' | 'moving' | 'open'> {
  let { trail } = position.evidence
  for (let reading = 2; reading <= READINGS_MAX; reading++) {
    // Less than it takes would leave the walk open, and the next run where this one began.
    if (run.scope.purse.requestsLeft <= position.page + 1) return 'moving'
    const around = { ground: new Set<number>(), badPages: new BadPages() }
    const again = await walkListing(run, entry, pass, { ...walk, position: null }, around)
    if (again.ended !== 'exhausted') return 'open'
    if (again.position.unreadable > 0) return 'moving'
    if (again.position.evidence.trail === trail) return 'same'
    trail = again.position.evidence.trail
  }
  return 'moving'
}

function unheardNote({ count, why }: NonNullable<Heard['unheard']>): string {
  const records = `${plural(count, 'record')} that the listing lacks`
  return `${records} could not be asked about by key (${why}); ${count === 1 ? 'it stays as it is' : 'they stay as they are'} until a later full pass can ask`
}

function tellUnproved(run: StreamRun, unproved: number, unread: number): void {
  run.asides.push(`${run.name}: ${unprovedNote({ unproved, unread })}`)
  run.scope.world.logger.event('warn', 'removals.unproved', {
    run: run.scope.runId,
    stream: run.name,
    unproved,
    unread,
  })
}

/**
 * Live records stored before the pass began that the listing lacked: those for which absence means something, those that
 * only a witness can tell about, and how many a person keeps.
 */
async function findCandidates(
  run: StreamRun,
  pass: FullPass<unknown, unknown>,
  { walk, position }: ListingResult,
  isEmpty: boolean,
): Promise<Pick<Lacking, 'beyond'> & { readonly found: readonly UnseenRecord[]; readonly kept: number }> {
  const { store, decisions } = run.scope.world
  const listing = isEmpty ? 'complete' : (pass.listing ?? 'complete')
  const found: UnseenRecord[] = []
  const beyond: UnseenRecord[] = []
  let keptToo = 0
  let after: Key | null = null
  for (;;) {
    const part: readonly UnseenRecord[] = await store.walks.unseen({
      streamNo: run.row.no,
      walk: walk.walk,
      after,
      limit: RECORDS_PER_CHECKPOINT_MAX,
    })
    const last = part.at(-1)
    if (!last) return { found, beyond, kept: keptToo }
    after = last.key
    const keys = part.map(({ key }) => key)
    const contents = listing === 'complete' ? undefined : await store.records.contents(run.row.no, keys)
    const kept = await store.review.kept(run.row.no, keys)
    keptToo += kept.size
    for (const absent of part) {
      if (kept.has(absent.key)) continue
      const order = contents && orderOf(pass, contents.get(absent.key))
      if (decisions.isCandidate({ missedBy: absent.missedBy, order }, listing, position.oldest)) found.push(absent)
      else if (pass.witness) beyond.push(absent)
    }
  }
}

function orderOf(pass: FullPass<unknown, unknown>, content: Content | undefined): Order | undefined {
  return content && placeIn(pass, content.columns)
}

async function hold(
  run: StreamRun,
  entry: PassEntry,
  read: ListingResult,
  { records, reason = '', listed }: Lacking,
): Promise<void> {
  const { walk } = read
  await holdAll(run, entry, records, reason)
  if (listed > 0) return close(run, entry, read, { confirm: false, unproved: 0, listed, release: false })
  // Nothing was read of it: what the walk stored before anchors nothing, and the next run looks again.
  entry.ended = 'limit'
  await write(run, entry, { walks: [{ ...walk, ended: 'limit', note: reason }] })
}

/** Puts removals on hold for a person, in place of what was on hold before. */
export async function holdAll(
  run: StreamRun,
  entry: PassEntry,
  candidates: readonly UnseenRecord[],
  reason: string,
): Promise<void> {
  const { logger } = run.scope.world
  let replace = true
  for (const part of chunks(candidates, RECORDS_PER_CHECKPOINT_MAX)) {
    const keys = part.map(({ key }) => key)
    await write(run, entry, { hold: { reason, keys, replace }, counts: { held: keys.length } })
    replace = false
  }
  // No mark as missed: a listing that is not believed is no witness either.
  const held = candidates.length
  if (held === 0) run.notes.push(`${run.name}: ${reason}`)
  else run.asides.push(`${run.name}: ${plural(held, 'removal is', 'removals are')} held for you: ${reason}`)
  logger.event('warn', 'removals.held', { run: run.scope.runId, stream: run.name, held, reason })
}

/** What is missed for the first time is marked with the walk; all that waits for a second witness is kept by its key. */
async function markMissed(
  run: StreamRun,
  entry: PassEntry,
  walk: WalkRow,
  records: readonly UnseenRecord[],
): Promise<void> {
  let replace = true
  const mark = (part: readonly UnseenRecord[]) => {
    const first = part.filter(({ missedBy }) => missedBy === null)
    const missed = first.map(({ key, ordinal }) => ({ key, expect: ordinal }))
    const unconfirmed = { keys: part.map(({ key }) => key), replace }
    return write(run, entry, { walk: walk.walk, missed, unconfirmed, counts: { unconfirmed: part.length } })
  }
  for (const part of chunks(records, RECORDS_PER_CHECKPOINT_MAX)) {
    // Stale: somebody has seen one of the records since. Then that one is not missing.
    if ((await mark(part)) === 'stale') {
      for (const one of part) if ((await mark([one])) === 'written') replace = false
    }
    replace = false
  }
}

/** What a full pass that has read everything leaves behind. */
interface Ended {
  readonly confirm: boolean
  readonly unproved: number
  /** How many records of the stream the listing showed; what the walk read in earlier runs may be more. */
  readonly listed: number
  readonly release?: boolean
  /** Texts in quarantine that it has not shown wait no longer. @default false */
  readonly showsAll?: boolean
}

/** Closes the pass and, because it has read everything, the walks that earlier passes left open. */
async function close(
  run: StreamRun,
  entry: PassEntry,
  { walk, position, fromTop }: ListingResult,
  { confirm, unproved, listed, release = unproved === 0, showsAll: isAll = false }: Ended,
): Promise<void> {
  const closed = { closedAt: run.scope.world.clock.now(), ended: 'exhausted' as const }
  const { reads } = run.kept
  const isCovered = (kind: PassKind) => kind !== 'byCursor' && reachOf(reads, kind) <= reachOf(reads, 'fullPass')
  // A listing that shows nothing covers nothing: it may be an outage, also where a person keeps all that is stored. With
  // nothing stored, no walk stops before the end.
  const covers = listed + position.unreadable > 0 || run.live === 0
  const covered = covers ? run.openWalks.filter((open) => isCovered(open.pass) && open.walk !== walk.walk) : []
  const { confirm: _before, unproved: _too, unread: _also, others: _last, ...kept } = run.kept
  const { unreadable, others } = position
  const isTimed = run.stream.passes.some((pass) => pass.kind === 'fullPass' && pass.every !== undefined)
  const { top, strays } = position.evidence
  const leg = { walk: walk.walk, keys: position.firstKeys, isNew: fromTop, isWhole: true }
  // A walk from the top that is closed with it has read the top, and what lies below it is read now.
  const legs = covered.map((open) => {
    const { firstKeys: keys } = positionFrom(open.position)
    return { walk: open.walk, keys, isNew: false, isWhole: false }
  })
  const firstKeys = [leg, ...legs.sort((a, b) => a.walk - b.walk)].reduce(afterWalk, kept.firstKeys)
  entry.ended = 'exhausted'
  await write(run, entry, {
    walks: [{ ...walk, ...closed }, ...covered.map((open) => ({ ...open, ...closed }))],
    forgetSeen: walk.walk,
    forgetEmpty: walk.openedAt,
    ...(isAll ? { unlisted: { walk: walk.walk, before: walk.openedAt } } : {}),
    kept: {
      ...kept,
      ...(confirm ? { confirm } : {}),
      ...(unproved > 0 ? { unproved } : {}),
      ...(unproved > 0 && unreadable > 0 ? { unread: unreadable } : {}),
      ...(others > 0 ? { others } : {}),
      ...(isTimed ? { fullAt: closed.closedAt } : {}),
      ...(top === null ? {} : { top }),
      ...(strays ? { strays } : {}),
      ...(firstKeys ? { firstKeys } : {}),
    },
    ...(confirm ? {} : { unconfirmed: { keys: [], replace: true } }),
    ...(release ? { hold: { reason: '', keys: [], replace: true } } : {}),
  })
  run.fullDone = true
}
