// Owns the kind of pass that lists everything: when it is due, and how it is read to its end, run after run, before what
// the listing lacked is judged.

import { capOf, findsAtSource } from '../../../connector/passes.ts'
import { durationMs } from '../../../model/duration.ts'
import { isObject } from '../../../model/json.ts'
import { moneyText } from '../../../model/money.ts'
import { plural } from '../../../model/plural.ts'
import type { PassKind } from '../../../model/run.ts'
import type { WalkRow } from '../../../store/store.ts'
import { FULL_PATIENCE } from '../../due/full-hours.ts'
import { CLOCKS_APART_MS } from '../../due/next-run.ts'
import { type AnyPass, type PassOf, type PlanInput, WHY_ANEW } from '../../due/plan.ts'
import { past } from '../bad-pages.ts'
import { leavesTop, positionFrom, topAgain } from '../listing/position.ts'
import { lookSince } from '../listing/top-look.ts'
import { walkListing } from '../listing/walk.ts'
import { openedRow } from '../listing/walk-row.ts'
import { reconcile } from '../removals/reconcile.ts'
import { writeSurely } from '../rows/page-parts.ts'
import { beginPass, type PassEntry, type StreamRun } from '../stream-run.ts'
import { foreseeWalk, listedIn, requestsOf } from './foresee.ts'
import { inPages, isListedBefore, type Kind, listsAgain } from './kind.ts'

/** A full pass that declares no rhythm, beside passes that look for what is new, is due after so many successful runs. */
export const EVERY_RUNS = 10

export const FULL_PASS: Kind<PassOf<'fullPass'>> = {
  standsFor,

  describe(pass, all) {
    const { everyRuns, every, first } = pass
    const isAlone = readsAlone(all)
    const due = [
      first ? 'in the first run' : [],
      everyRuns === undefined ? [] : everyRunsInWords(everyRuns),
      every === undefined ? [] : `after ${every}`,
    ].flat()
    return `everything, which notices removals; ${due.join(' or ') || everyRunsInWords(isAlone ? 1 : EVERY_RUNS)}; ${inPages(pass)}`
  },

  plan(pass, input) {
    const { state, row, mode } = input
    const why = whyDue(pass, input)
    if (why === undefined) return undefined
    const beside = looksAtTop(pass, input)
    const requests = state.value === undefined ? null : requestsOf(pass, listedIn({ row, state })) + beside
    return { why, requests, beside, again: listsAgain(pass, mode) }
  },

  foresee(pass, plan, known) {
    // A walk that began long ago is followed by those that look for what has come since.
    const others = known.passes.filter(findsAtSource).filter(({ kind }) => kind !== pass.kind)
    const covered = others.filter((other) => standsFor(pass, other))
    const foreseen = foreseeWalk(pass, plan, known, others).filter(
      (one) => one.pass === pass || standsFor(pass, one.pass),
    )
    const why = 'an earlier walk broke off; it is finished, too'
    const windows = openWindows(covered, known.state.openWalks).map((other) => ({ pass: other, why, requests: null }))
    return foreseen.length > 1 ? foreseen : [...foreseen, ...windows]
  },

  async run(run, pass, { badPages, runPass, mode }) {
    const others = run.stream.passes.filter(findsAtSource).filter(({ kind }) => kind !== pass.kind)
    // The others are planned themselves.
    const covered = others.filter((other) => standsFor(pass, other))
    const runOthers = async () => {
      for (const other of covered) await past(badPages, () => runPass(other, 'auto'))
    }
    const walk = async (resumed: WalkRow | undefined) => {
      const entry = beginPass(run, pass.kind)
      return past(badPages, async () => {
        const read = await walkListing(run, entry, pass, resumed, { ground: NO_GROUND, badPages })
        if (read.ended !== 'exhausted') return { ...read, next: undefined }
        const { paid } = pass
        // A page of the look that can't be read leaves it unknown what has come since.
        const look = () => past(badPages, () => lookSince(run, entry, pass, read, badPages))
        const isOld = isListedBefore(run, mode, read)
        const isWhole = read.fromTop || (!isOld && (others.length > 0 || (await look()) === true))
        if (!isWhole && !paid && run.scope.purse.requestsLeft > read.position.page) {
          entry.ended = 'exhausted'
          return { ...read, next: await fromTheTop(run, read.walk) }
        }
        await reconcile(run, entry, pass, read)
        if (!read.fromTop && others.every(({ kind }) => kind !== 'byCursor'))
          run.remarks.push(`${run.name}: ${OLD_PAGES}`)
        // What was paid for in an earlier run is not paid for again in this one.
        if (paid) await noteParts(run, entry, isWhole ? undefined : Math.max(1, read.position.page))
        return { ...read, next: isWhole || paid ? undefined : await openedAnew(run, entry, read.walk) }
      })
    }
    const open = run.openWalks.find(({ pass: kind }) => kind === pass.kind)
    const goesOn = open !== undefined && leavesTop(positionFrom(open.position), pass)
    if (pass.paid && !goesOn && !(await affordsWhole(run))) return
    const read = await walk(open)
    if (read === undefined) {
      // A page of it can't be read. Those that look for what is new do so; where there are none, its top has to be read.
      if (others.length > 0) return runOthers()
      if (open && goesOn) await walk(await fromTheTop(run, open))
      return
    }
    // It went on where one broke off, perhaps long ago; what has come since then is for those that look for what is new,
    // also where a doubt has left it open.
    if (!read.fromTop) await runOthers()
    // What a window had to leave out is tried again, also where every run is a full one.
    else for (const other of openWindows(covered, run.openWalks)) await past(badPages, () => runPass(other, 'auto'))
    // Where there are none, and a look at the top can't tell, everything is listed again.
    if (read.next) await walk(read.next)
  },
}

/** What waits for this pass as its second witness takes a look at the top, unless a page holds all. */
function looksAtTop({ order, pageSize, paging, total }: PassOf<'fullPass'>, input: PlanInput): number {
  const isTold = paging === 'keyset' && total !== undefined
  return order && !isTold && input.confirm && !input.isAnew && input.row.totalRecords > pageSize ? 1 : 0
}

/** A capped listing reads no more than its newest records: it stands for listings that reach no further. */
function standsFor({ listing }: PassOf<'fullPass'>, other: AnyPass): boolean {
  return capOf(listing) >= capOf('listing' in other ? other.listing : undefined)
}

/**
 * Keeps that a paid listing was read in parts, and of how many pages: what has come since the first part can only be read
 * by a run that lists everything. Undefined: it was read whole.
 */
async function noteParts(run: StreamRun, entry: PassEntry, pages: number | undefined): Promise<void> {
  const { inParts, ...rest } = run.kept
  if (pages !== undefined) run.notes.push(partsNote(run, pages))
  if (pages !== inParts)
    await writeSurely(run, entry, { kept: pages === undefined ? rest : { ...rest, inParts: pages } })
}

/** Whether the run may use as much as a listing takes that was only read in parts. Where it may not, nothing is paid. */
async function affordsWhole(run: StreamRun): Promise<boolean> {
  const { inParts, dearest = 0 } = run.kept
  if (inParts === undefined) return true
  const { purse, signal } = run.scope
  if (purse.requestsLeft >= inParts && (await purse.costLeft(signal)) >= inParts * dearest) return true
  run.notes.push(partsNote(run, inParts))
  return false
}

function partsNote({ name, kept: { dearest = 0 }, scope }: StreamRun, pages: number): string {
  const { currency } = scope
  const most = `${moneyText(pages * dearest, currency, 6)}${currency === null ? ' in cost' : ''}`
  const price = dearest > 0 ? `, up to ${most}` : ''
  const needs = `${plural(pages, 'page')}${price}`
  return `${name}: what has come since an earlier run broke off costs money to read; the next run reads it if --max-cost, --max-requests and budgets allow ${needs}`
}

const NO_GROUND: ReadonlySet<number> = new Set()

const OLD_PAGES =
  'an earlier run read the first pages of the full pass; what has changed on them since is read by the next one'

/** Passes that read by position and have walks open, which a listing does not close. */
function openWindows<P extends { readonly kind: PassKind }>(
  others: readonly P[],
  walks: readonly WalkRow[],
): readonly P[] {
  return others.filter(({ kind }) => kind === 'byCursor' && walks.some((open) => open.pass === kind))
}

/** Whether no pass of another kind reads the stream at its source. */
function readsAlone(passes: readonly AnyPass[]): boolean {
  return passes.filter(findsAtSource).every(({ kind }) => kind === 'fullPass')
}

function everyRunsInWords(runs: number): string {
  return runs === 1 ? 'every run' : `every ${plural(runs, 'run')}`
}

/** Why a full pass is due, in words; undefined when it is not. */
function whyDue({ everyRuns, every, first }: PassOf<'fullPass'>, input: PlanInput): string | undefined {
  const { passes, mode, row, state, confirm, now } = input
  if (mode === 'full') return 'ordered: everything is listed'
  if (state.openWalks.some((walk) => walk.pass === 'fullPass')) return 'an earlier full pass broke off; it goes on'
  if (confirm) return 'the last full pass missed records; absence needs a second witness'
  const alone = readsAlone(passes)
  if (alone && input.isAnew) return WHY_ANEW
  if (alone && everyRuns === undefined && every === undefined) return 'every run lists everything'
  if (state.value === undefined) return alone || first ? 'nothing is stored yet: everything is read' : undefined
  if (alone && row.lastFullAt === null) return 'everything has not been listed yet'
  const patience = input.fullMayWait && !alone ? FULL_PATIENCE : 1
  const runs = everyRuns ?? (every === undefined ? EVERY_RUNS : undefined)
  if (runs !== undefined && row.runsSinceFull >= runs * patience - 1) return everyRunsInWords(runs)
  // The first run has listed everything, too: where runs are counted as well, the second one need not be a full pass.
  const at = closedAt(row, state) ?? (everyRuns === undefined ? null : row.lastSuccessAt)
  // One that lies ahead was dated by a clock that was wrong: nobody knows when it was.
  const lastFullAt = at !== null && at <= now + CLOCKS_APART_MS ? at : 0
  if (every !== undefined && lastFullAt + durationMs(every) * patience <= now) {
    return `the last one is older than ${every}`
  }
  return undefined
}

/** When the last full pass came to its end, also in a run that was killed later on; null: not known. */
function closedAt({ lastFullAt }: PlanInput['row'], { value }: PlanInput['state']): number | null {
  const { fullAt } = isObject(value) ? value : {}
  return typeof fullAt === 'number' ? Math.max(fullAt, lastFullAt ?? fullAt) : lastFullAt
}

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
  const note = 'records added since an interrupted walk are still to be listed'
  const walk = { ...row, note }
  await writeSurely(run, entry, { walks: [walk] })
  return walk
}
