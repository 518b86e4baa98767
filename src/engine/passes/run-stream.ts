// Owns one stream's part of a run: its planned passes in order, a walk that broke off before a new one, and what is
// said about the stream when all is done.

import type { FullPass, NewestFirst, Pass } from '../../connector/passes.ts'
import type { Reading } from '../../model/coverage.ts'
import { plural } from '../../model/plural.ts'
import { isComplete, type RunMode } from '../../model/run.ts'
import type { WalkRow } from '../../store/store.ts'
import { listsAnew, type PlannedPass } from '../due/plan.ts'
import { BadPages } from './bad-pages.ts'
import { isCleanStop } from './budget.ts'
import { leavesTop, positionFrom, topAgain } from './listing-position.ts'
import { lookAhead } from './look-ahead.ts'
import { writeSurely } from './page-parts.ts'
import { reconcile, unprovedNote } from './reconcile.ts'
import { beginPass, type PassEntry, type StreamRun, write } from './stream-run.ts'
import { lookSince } from './top-look.ts'
import { walkListing } from './walk-listing.ts'
import { openedRow } from './walk-row.ts'
import { walkWindow } from './walk-window.ts'
import { readHoles } from './window-holes.ts'

/**
 * Does the planned passes of a stream. A page that can't be read ends its pass and no other; its error is thrown when all
 * is done. What is thrown ended the last pass; see `endPass`.
 */
export async function runStream(run: StreamRun, planned: readonly PlannedPass[], mode: RunMode): Promise<void> {
  const badPages = new BadPages()
  for (const { pass } of planned) {
    await past(badPages, () => runPass(run, pass as Pass<unknown, unknown>, mode, badPages))
  }
  if (badPages.first) throw badPages.first.error
}

/** Does what may meet a page that can't be read, and goes on behind it. */
async function past<T>(badPages: BadPages, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act()
  } catch (error) {
    if (badPages.has(error)) return undefined
    // A limit or a budget that ends the run later on leaves the page what it is.
    if (badPages.first && isCleanStop(error)) throw badPages.first.error
    throw error
  }
}

async function runPass(run: StreamRun, pass: Pass<unknown, unknown>, mode: RunMode, badPages: BadPages): Promise<void> {
  switch (pass.kind) {
    case 'byCursor': {
      const fromBeginning = mode === 'full'
      // What is left of earlier runs first; a walk from the beginning reads it anyway.
      if (!fromBeginning) await readHoles(run, pass, badPages)
      const entry = beginPass(run, pass.kind)
      const ended = await walkWindow({ run, entry, pass }, { fromBeginning, badPages })
      if (ended === 'exhausted') await lookAhead(run, entry, pass)
      run.fullDone = ended === 'exhausted' && fromBeginning
      return
    }
    case 'newestFirst':
      return runNewestFirst(run, pass, mode, badPages)
    case 'fullPass':
      return runFullPass(run, pass, badPages)
  }
}

/**
 * Walks that broke off are finished before a new one starts at the top. A walk that ended at a page that can't be read
 * comes last: what is new must not wait for that page, and a new walk may stop where such a one has read. Where everything
 * is to be listed, a new walk reads to the end, and what the others lack with it; only one with that order goes on.
 */
async function runNewestFirst(
  run: StreamRun,
  pass: NewestFirst<unknown, unknown>,
  mode: RunMode,
  badPages: BadPages,
): Promise<void> {
  const toEnd = listsAnew(mode, run.openWalks)
  const walk = async (resumed: WalkRow | undefined) => {
    const around = { ground: groundFor(run, resumed), badPages, toEnd }
    return past(badPages, async () => {
      const read = await walkListing(run, beginPass(run, pass.kind), pass, resumed, around)
      if (read.position.toEnd && read.ended === 'exhausted') run.fullDone = true
      return read
    })
  }
  const open = run.openWalks.filter(({ pass: kind }) => kind === pass.kind).sort((a, b) => b.walk - a.walk)
  const isStuck = ({ position }: WalkRow) => positionFrom(position).stuck !== null
  let isTopRead = false
  for (const resumed of toEnd ? [] : open.filter((one) => !isStuck(one))) {
    const finished = await walk(resumed)
    isTopRead ||= finished?.fromTop ?? false
    if (finished?.fromTop) await checkSuspicion(run, finished, badPages)
  }
  if (!isTopRead) {
    const read = await walk(undefined)
    // A listing whose first page can't be read has no others.
    if (badPages.at({ read: pass.read, token: null })) return
    if (read) await checkSuspicion(run, read, badPages)
  }
  for (const resumed of open.filter(isStuck)) {
    const { stuck } = positionFrom(resumed.position)
    const isOpen = run.openWalks.some(({ walk: number }) => number === resumed.walk)
    if (isOpen && stuck !== null && !badPages.knows(pass.read, stuck)) await walk(resumed)
  }
}

/** Open walks below a new one whose records may stop it: what they lack lies below all that they have read. */
function groundFor(run: StreamRun, resumed: WalkRow | undefined): ReadonlySet<number> {
  const below = run.openWalks.filter(
    ({ pass, walk, position }) =>
      pass === 'newestFirst' && walk < (resumed?.walk ?? run.nextWalk) && positionFrom(position).tail.length > 0,
  )
  return new Set(below.map(({ walk }) => walk))
}

/** An empty listing of a stream that has records is no success: a full pass looks at it where there is one. */
async function checkSuspicion(run: StreamRun, read: { empty: boolean }, badPages: BadPages): Promise<void> {
  if (!read.empty || run.live === 0) return
  const full = run.stream.passes.find((pass) => pass.kind === 'fullPass')
  if (full) return runFullPass(run, full, badPages)
  run.notes.push(`${run.name}: the source listed nothing, and ${plural(run.live, 'record is', 'records are')} stored`)
}

async function runFullPass(run: StreamRun, pass: FullPass<unknown, unknown>, badPages: BadPages): Promise<void> {
  const others = run.stream.passes.filter(({ kind }) => kind !== pass.kind)
  const runOthers = async () => {
    for (const other of others) await past(badPages, () => runPass(run, other, 'auto', badPages))
  }
  const walk = async (resumed: WalkRow | undefined) => {
    const entry = beginPass(run, pass.kind)
    return past(badPages, async () => {
      const read = await walkListing(run, entry, pass, resumed, { ground: NO_GROUND, badPages })
      if (read.ended !== 'exhausted') return { ...read, next: undefined }
      const { paid } = pass
      const isWhole = read.fromTop || others.length > 0 || (!paid && (await lookSince(run, entry, pass, read)))
      if (!isWhole && !paid && run.scope.purse.requestsLeft > read.position.page) {
        entry.ended = 'exhausted'
        return { ...read, next: await fromTheTop(run, read.walk) }
      }
      await reconcile(run, entry, pass, read)
      // What was paid for in an earlier run is not paid for again in this one.
      if (!isWhole && paid) run.notes.push(`${run.name}: ${UNREAD_SINCE}`)
      return { ...read, next: isWhole || paid ? undefined : await openedAnew(run, entry, read.walk) }
    })
  }
  const open = run.openWalks.find(({ pass: kind }) => kind === pass.kind)
  const read = await walk(open)
  if (read === undefined) {
    // A page of it can't be read. Those that look for what is new do so; where there are none, its top has to be read.
    if (others.length > 0) return runOthers()
    if (open && leavesTop(positionFrom(open.position), pass)) await walk(await fromTheTop(run, open))
    return
  }
  // It went on where one broke off, perhaps long ago; what has come since then is for those that look for what is new.
  if (read.ended === 'exhausted' && !read.fromTop) await runOthers()
  // Where there are none, and a look at the top can't tell, everything is listed again.
  if (read.next) await walk(read.next)
}

const UNREAD_SINCE = 'what came on top after an earlier run broke off costs money to read; the next run reads it'

const NO_GROUND: ReadonlySet<number> = new Set()

/** The same walk, which begins again; it still knows of the page that can't be read. */
async function fromTheTop(run: StreamRun, { walk }: WalkRow): Promise<WalkRow | undefined> {
  const open = run.openWalks.find((one) => one.walk === walk)
  const entry = run.passes.at(-1)
  if (!open || !entry) return undefined
  const again = { ...open, position: topAgain(positionFrom(open.position)) }
  await writeSurely(run, entry, { walks: [again], forgetSeen: walk })
  return again
}

/**
 * A new walk from the top, which is a gap until it has come to its end. Undefined where the one before it is open still: it
 * begins again at the top itself.
 */
async function openedAnew(run: StreamRun, entry: PassEntry, before: WalkRow): Promise<WalkRow | undefined> {
  if (run.openWalks.some(({ walk }) => walk === before.walk)) return undefined
  const at = run.scope.world.clock.now()
  const row = openedRow(undefined, { walk: run.nextWalk, pass: before.pass, at, fromTop: true })
  const note = 'what has come since an earlier walk broke off is still to be listed'
  const walk = { ...row, note }
  await writeSurely(run, entry, { walks: [walk] })
  return walk
}

/** Writes how the last pass ended when an error ended it, with the requests that no page has carried. */
export async function endPass(
  run: StreamRun,
  ended: 'limit' | 'budget' | 'cancelled' | 'failed',
  why: string,
): Promise<void> {
  const entry = run.passes.at(-1)
  if (!entry || entry.ended !== null) return
  entry.ended = ended
  const walks = run.openWalks.filter((open) => open.pass === entry.kind).map((open) => ({ ...open, ended }))
  await write(run, entry, { walks })
  run.asides.push(`${run.name}: ${why}`)
}

/**
 * What the run can say of its reading of the stream. What can be counted at any time (open walks, held removals, records
 * in quarantine) is added whenever somebody asks, see model/coverage.ts.
 */
export function readingOf(run: StreamRun): Reading {
  const open = run.openWalks[0]
  if (open) return { kind: 'gap', note: `a ${open.pass} walk is unfinished (${open.note || 'nothing read yet'})` }
  const { refusal } = run
  const wasRead = run.row.lastSuccessAt !== null || run.passes.some(({ ended }) => isComplete(ended))
  if (refusal !== undefined) return { kind: 'unavailable', note: refusal }
  if (!wasRead) return { kind: 'unread', note: 'nothing was read yet' }
  if (run.notes.length > 0) return { kind: 'gap', note: ownNotes(run, run.notes) }
  if (run.kept.unproved !== undefined) return { kind: 'unproved', note: unprovedNote(run.kept) }
  const caps = capNotes(run).slice(0, 1)
  return { kind: caps.length > 0 ? 'capped' : 'complete', note: ownNotes(run, [...caps, ...run.remarks]) }
}

function capNotes({ stream }: StreamRun): readonly string[] {
  return stream.passes.flatMap((pass) =>
    pass.kind !== 'byCursor' && typeof pass.listing === 'object'
      ? [`the source lists ${plural(pass.listing.cap, 'record')} at most; older ones are kept, not checked`]
      : [],
  )
}

/** Notes of a run name the stream; the coverage is the stream's own. */
function ownNotes({ name }: StreamRun, notes: readonly string[]): string {
  return notes.map((note) => (note.startsWith(`${name}: `) ? note.slice(name.length + 2) : note)).join('; ')
}
