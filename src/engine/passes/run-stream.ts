// Owns one stream's part of a run: its planned passes in order, a walk that broke off before a new one, and what is
// said about the stream when all is done.

import type { FullPass, NewestFirst, Pass } from '../../connector/passes.ts'
import { isComplete, type RunMode } from '../../model/run.ts'
import type { Coverage, StreamState } from '../../store/store.ts'
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
  run.notes.push(`${run.name}: the source listed nothing, and ${run.live} records are stored`)
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
  run.notes.push(`${run.name}: ${why}`)
}

/** What is proved of the stream, for people and for `coverage`; `state` is that at the end of the run. */
export function coverageOf(run: StreamRun, { held, kept }: Pick<StreamState, 'held' | 'kept'>): Coverage {
  const open = run.openWalks[0]
  if (open)
    return { kind: 'gap', note: `a ${open.pass} walk did not come to its end (${open.note || 'nothing read yet'})` }
  const wasRead = run.row.lastSuccessAt !== null || run.passes.some(({ ended }) => isComplete(ended))
  if (!wasRead) return { kind: 'unread', note: 'nothing was read yet' }
  for (const pass of run.stream.passes) {
    if (pass.kind !== 'byCursor' && typeof pass.listing === 'object') {
      return {
        kind: 'capped',
        note: `the source lists ${pass.listing.cap} records at most; older ones are kept, not checked`,
      }
    }
  }
  const { confirm, unproved = 0 } = run.kept
  const notes = [
    decisionsNote({ held, kept }),
    confirm === true ? UNCONFIRMED : '',
    unproved > 0 ? unprovedNote(unproved) : '',
  ]
  return { kind: 'complete', note: notes.filter((note) => note !== '').join('; ') }
}

/** Absence needs a second witness: until then the records stand as they were. */
const UNCONFIRMED = 'some records were not listed any more; the next run looks again before it removes them'

/** What waits for a person, and what a person keeps. */
export function decisionsNote({ held, kept }: Pick<StreamState, 'held' | 'kept'>): string {
  const notes = [
    ...(held > 0 ? [`${held} removals are held for you: tidemark removals`] : []),
    ...(kept > 0 ? [`${kept} records are kept by your decision, though the source no longer lists them`] : []),
  ]
  return notes.join('; ')
}
