// Owns one stream's part of a run: its planned passes in order, a walk that broke off before a new one, and what is
// said about the stream when all is done.

import type { FullPass, NewestFirst, Pass } from '../../connector/passes.ts'
import type { Reading } from '../../model/coverage.ts'
import { plural } from '../../model/plural.ts'
import { isComplete, type RunMode } from '../../model/run.ts'
import type { PlannedPass } from '../due/plan.ts'
import { reconcile, unprovedNote } from './reconcile.ts'
import { beginPass, type StreamRun, write } from './stream-run.ts'
import { walkListing } from './walk-listing.ts'
import { walkWindow } from './walk-window.ts'

/** Does the planned passes of a stream. What is thrown ended the last pass; see `endPass`. */
export async function runStream(run: StreamRun, planned: readonly PlannedPass[], mode: RunMode): Promise<void> {
  for (const { pass } of planned) await runPass(run, pass as Pass<unknown, unknown>, mode)
}

async function runPass(run: StreamRun, pass: Pass<unknown, unknown>, mode: RunMode): Promise<void> {
  switch (pass.kind) {
    case 'byCursor':
      run.fullDone =
        (await walkWindow(run, beginPass(run, pass.kind), pass, { fromBeginning: mode === 'full' })) === 'exhausted' &&
        mode === 'full'
      return
    case 'newestFirst':
      return runNewestFirst(run, pass)
    case 'fullPass':
      return runFullPass(run, pass)
  }
}

async function runNewestFirst(run: StreamRun, pass: NewestFirst<unknown, unknown>): Promise<void> {
  const open = run.openWalks.find((walk) => walk.pass === pass.kind)
  if (open) {
    const finished = await walkListing(run, beginPass(run, pass.kind), pass, open)
    if (finished.fromTop || finished.ended === 'limit') return checkSuspicion(run, finished)
  }
  return checkSuspicion(run, await walkListing(run, beginPass(run, pass.kind), pass, undefined))
}

/** An empty listing of a stream that has records is no success: a full pass looks at it where there is one. */
async function checkSuspicion(run: StreamRun, read: { empty: boolean }): Promise<void> {
  if (!read.empty || run.live === 0) return
  const full = run.stream.passes.find((pass) => pass.kind === 'fullPass')
  if (full) return runFullPass(run, full)
  run.notes.push(`${run.name}: the source listed nothing, and ${plural(run.live, 'record is', 'records are')} stored`)
}

async function runFullPass(run: StreamRun, pass: FullPass<unknown, unknown>): Promise<void> {
  const entry = beginPass(run, pass.kind)
  const open = run.openWalks.find((walk) => walk.pass === pass.kind)
  const read = await walkListing(run, entry, pass, open)
  if (read.ended !== 'exhausted') return
  await reconcile(run, entry, pass, read)
  if (read.fromTop) return
  // It went on where one broke off, perhaps long ago; what has come since then is for those that look for what is new.
  for (const other of run.stream.passes) {
    if (other.kind !== pass.kind) await runPass(run, other, 'auto')
  }
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
  if (open)
    return { kind: 'gap', note: `a ${open.pass} walk did not come to its end (${open.note || 'nothing read yet'})` }
  const { refusal } = run
  const wasRead = run.row.lastSuccessAt !== null || run.passes.some(({ ended }) => isComplete(ended))
  if (refusal !== undefined) return { kind: 'unavailable', note: refusal }
  if (!wasRead) return { kind: 'unread', note: 'nothing was read yet' }
  if (run.notes.length > 0) return { kind: 'gap', note: ownNotes(run, run.notes) }
  const { unproved = 0 } = run.kept
  if (unproved > 0) return { kind: 'unproved', note: unprovedNote(unproved) }
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
