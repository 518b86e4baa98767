// Owns one stream's part of a run: its planned passes in order, and what is said about the stream when all is done.

import { capOf, findsAtSource, type Pass } from '../../connector/passes.ts'
import type { Reading } from '../../model/coverage.ts'
import { plural } from '../../model/plural.ts'
import { isComplete, type RunMode } from '../../model/run.ts'
import type { PlannedPass } from '../due/plan.ts'
import { BadPages, past } from './bad-pages.ts'
import { isCleanStop } from './budget.ts'
import { runPass } from './kinds/all.ts'
import { leaveUnshown } from './kinds/refresh.ts'
import { staleNote } from './refresh/stale.ts'
import { unprovedNote } from './removals/reconcile.ts'
import { writeSurely } from './rows/page-parts.ts'
import { type StreamRun, write } from './stream-run.ts'

/**
 * Does the planned passes of a stream. A page that can't be read ends its pass and no other; its error is thrown when all
 * is done. What is thrown ended the last pass; see `endPass`.
 */
export async function runStream(run: StreamRun, planned: readonly PlannedPass[], mode: RunMode): Promise<void> {
  const badPages = new BadPages()
  const runOne = (pass: Pass<unknown, unknown>, how: RunMode) =>
    runPass(run, pass, { mode: how, badPages, runPass: runOne })
  try {
    for (const { pass } of planned) await past(badPages, () => runOne(pass as Pass<unknown, unknown>, mode))
  } catch (error) {
    const due = planned.map(({ pass }) => pass as Pass<unknown, unknown>).find((pass) => pass.kind === 'refresh')
    if (due && isCleanStop(error) && run.passes.every(({ kind }) => kind !== 'refresh')) await leaveUnshown(run, due)
    throw error
  }
  run.remarks.push(...run.told.notes().map((note) => `${run.name}: ${note}`))
  if (badPages.first) throw badPages.first.error
  await forgetEmptyRows(run)
}

/**
 * Where no pass lists everything, a run that has done all that it was to do shows what the source shows. A full pass says for itself
 * that it has met no row that was null, see removals/reconcile.ts.
 */
async function forgetEmptyRows(run: StreamRun): Promise<void> {
  const { stream, passes, row, openedAt } = run
  const finds = passes.some(findsAtSource) && stream.passes.every(({ kind }) => kind !== 'fullPass')
  const entry = passes.at(-1)
  if (!finds || !entry || row.counts.quarantined === 0 || !passes.every(({ ended }) => isComplete(ended))) return
  await writeSurely(run, entry, { forgetEmpty: openedAt })
}

/** Writes how the last pass ended when an error ended it, with the requests that no page has carried. */
export async function endPass(
  run: StreamRun,
  ended: 'limit' | 'budget' | 'cancelled' | 'failed',
  why: string,
): Promise<void> {
  const entry = run.passes.at(-1)
  // An end that was decided and could not be written is none.
  if (!entry || entry.written !== null) return
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
  if (open) {
    const isGone = run.stream.passes.every(({ kind }) => kind !== open.pass)
    const why = isGone ? ', and no pass of the stream reads as far any more' : ''
    return { kind: 'gap', note: `a ${open.pass} walk is unfinished${why} (${open.note || 'nothing read yet'})` }
  }
  const { refusal, stale } = run
  // What finds records was not asked: what it left unread is unread still.
  const { reading: before } = run.row
  const findsNothing = run.passes.every(({ kind }) => kind === 'refresh')
  if (findsNothing && FINDING.includes(before.kind)) return before.kind === 'unread' ? UNREAD : before
  // What a file has told was read, though no run has completed its rows yet.
  const wasRead = findsNothing || run.row.lastSuccessAt !== null || run.passes.some(({ ended }) => isComplete(ended))
  if (refusal !== undefined) return { kind: 'unavailable', note: refusal }
  if (!wasRead) return UNREAD
  if (run.notes.length > 0) return { kind: 'gap', note: ownNotes(run, run.notes) }
  if (stale) return { kind: 'stale', note: staleNote(stale) }
  if (run.kept.unproved !== undefined) return { kind: 'unproved', note: unprovedNote(run.kept) }
  const caps = capNotes(run).slice(0, 1)
  return { kind: caps.length > 0 ? 'capped' : 'complete', note: ownNotes(run, [...caps, ...run.remarks]) }
}

const UNREAD: Reading = { kind: 'unread', note: 'nothing was read yet' }

/** Readings that only a pass which finds records can make better. */
const FINDING: readonly Reading['kind'][] = ['gap', 'unavailable', 'unread']

/**
 * A listing that shows less than half of its cap can't have reached it: rows that a source counts and does not show are fewer
 * than those that it does.
 */
const REACHES_CAP = 0.5

function capNotes({ stream, live }: StreamRun): readonly string[] {
  const isAsked = stream.passes.some((pass) => pass.kind === 'fullPass' && pass.witness !== undefined)
  const older = isAsked ? 'kept, and asked for by key' : 'kept, not checked'
  return stream.passes.flatMap((pass) => {
    const cap = 'listing' in pass ? capOf(pass.listing) : Number.POSITIVE_INFINITY
    if (live < cap * REACHES_CAP) return []
    return [`the source lists ${plural(cap, 'record')} at most; older ones are ${older}`]
  })
}

/** Notes of a run name the stream; the coverage is the stream's own. */
function ownNotes({ name }: StreamRun, notes: readonly string[]): string {
  return notes.map((note) => (note.startsWith(`${name}: `) ? note.slice(name.length + 2) : note)).join('; ')
}
