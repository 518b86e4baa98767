// Owns what a person decides about removals: approving or rejecting those that a run has put on hold, undoing all that a
// run has removed, and approving after all what was rejected or undone. Each stands under the connection's lease, like
// the removals of a pass.

import { TidemarkError } from '../../model/errors.ts'
import { type Key, REASON_APPROVED } from '../../model/record.ts'
import { type Counts, NO_COUNTS, type PassKind } from '../../model/run.ts'
import type { Batch, Lease, RemovalsRow, RunRow, Store } from '../../store/store.ts'
import { dayIn } from '../due/day.ts'
import { emptyBatch } from '../passes/batch.ts'
import { RECORDS_PER_CHECKPOINT_MAX, STALE_TRIES_MAX } from '../passes/rows/page-parts.ts'
import { askedAfter } from '../passes/state.ts'
import { giveBack, LEASE_MS, type LeasePorts, takeLease } from '../runs/lease.ts'
import { runActive } from '../runs/run-active.ts'

export type Verdict = 'approve' | 'reject' | 'undo'

/** Runs whose removals are looked through for the one that is meant. */
const RUNS_LOOKED_AT = 10_000

export interface Decided {
  readonly run: string
  readonly verdict: Verdict
  readonly streams: readonly { readonly connection: string; readonly stream: string; readonly records: number }[]
}

/** One stream's part of a decision, with everything that is needed to write it. */
interface Part {
  readonly ports: LeasePorts
  readonly row: RemovalsRow
  readonly run: RunRow
  readonly lease: Lease
  readonly day: string
}

/**
 * Decides on the removals of a run.
 *
 * @throws TidemarkError run_unknown, removals_unknown (stop) when the run has none to decide on; run_active (wait)
 */
export async function decideRemovals(
  ports: LeasePorts,
  project: string,
  runId: string,
  verdict: Verdict,
): Promise<Decided> {
  const run = await ports.store.runs.find(project, runId)
  if (!run) throw runUnknown(runId, project)
  const lease = await leaseOf(ports, run)
  try {
    const all = await ports.store.review.removals(project, RUNS_LOOKED_AT)
    const { step, rows } = partsOf(run, verdict, all)
    if (rows.length === 0) throw nothingToDecide(run, verdict, all)
    const streams = []
    const timezone = (await ports.store.projects.list()).find(({ id }) => id === project)?.timezone
    for (const row of rows) {
      const day = dayIn(timezone ?? 'UTC')(ports.clock.now())
      const records = await decideStream({ ports, row, run, lease, day }, STEPS[step])
      streams.push({ connection: row.connection, stream: row.stream, records })
    }
    return { run: runId, verdict, streams }
  } finally {
    await giveBack(ports, lease)
  }
}

/**
 * What there is to decide on, and how. What a person has kept goes only when nothing of the run is on hold any more: then
 * an approval can mean nothing else.
 */
function partsOf(run: RunRow, verdict: Verdict, all: readonly RemovalsRow[]) {
  const ofRun = all.filter(({ runNo }) => runNo === run.no)
  const rows = ofRun.filter((row) => row[DECIDES_ON[verdict]] > 0)
  if (verdict !== 'approve' || rows.length > 0) return { step: verdict, rows }
  return { step: 'approveKept', rows: ofRun.filter(({ kept }) => kept > 0) } as const
}

const DECIDES_ON = { approve: 'held', reject: 'held', undo: 'removed' } as const

/** What one write says, and how many records it decides on; undefined: nothing is left to decide. */
type Step = { readonly writing: Writing; readonly records: number } | undefined

const STEPS: Readonly<Record<Verdict | 'approveKept', (part: Part) => Promise<Step>>> = {
  /** What was listed again since stands on hold no longer, so that everything that is on hold may go. */
  async approve({ row, ports: { store } }) {
    const keys = await store.review.held(row.streamNo, row.runNo, null, RECORDS_PER_CHECKPOINT_MAX)
    return remove(store, row, keys, { held: -keys.length })
  },

  /** The same holds for what was kept: a record that was listed again since is kept by its source alone. */
  async approveKept({ row, ports: { store } }) {
    return remove(store, row, await store.review.keptOf(row.streamNo, row.runNo, null, RECORDS_PER_CHECKPOINT_MAX), {})
  },

  async reject({ row, ports: { store } }) {
    const keys = await store.review.held(row.streamNo, row.runNo, null, RECORDS_PER_CHECKPOINT_MAX)
    if (keys.length === 0) return undefined
    return { writing: { keep: keys, decided: keys, counts: { held: -keys.length } }, records: keys.length }
  },

  /** What comes back is kept: else the next full pass would remove it again. */
  async undo({ row, ports: { store } }) {
    const tombstones = await store.review.tombstonesOf(row.streamNo, row.runNo, null, RECORDS_PER_CHECKPOINT_MAX)
    if (tombstones.length === 0) return undefined
    const revivals = tombstones.map(({ key, ordinal }) => ({ key, expect: ordinal }))
    const keep = tombstones.map(({ key }) => key)
    return { writing: { revivals, keep, counts: { restored: keep.length } }, records: keep.length }
  },
}

async function remove(
  store: Store,
  { streamNo }: RemovalsRow,
  keys: readonly Key[],
  counts: Partial<Counts>,
): Promise<Step> {
  if (keys.length === 0) return undefined
  const heads = await store.records.look(streamNo, keys)
  const removals = keys.flatMap((key) => {
    const head = heads.get(key)
    return head && head.removedAt === null ? [{ key, expect: head.ordinal, reason: REASON_APPROVED }] : []
  })
  const writing = { removals, decided: keys, counts: { ...counts, removed: removals.length } }
  return { writing, records: removals.length }
}

/** Decides part by part. What is decided stands there no longer; what has changed meanwhile is looked at again. */
async function decideStream(part: Part, step: (part: Part) => Promise<Step>): Promise<number> {
  let records = 0
  let tries = 0
  for (;;) {
    const next = await step(part)
    if (!next) return records
    if ((await write(part, next.writing)) === 'written') {
      records += next.records
      tries = 0
    } else if (++tries >= STALE_TRIES_MAX) throw contended(part.row)
  }
}

function contended({ connection, stream }: RemovalsRow): TidemarkError {
  return new TidemarkError(
    'store_contended',
    `Records of ${connection}/${stream} kept changing while it was decided.`,
    { hint: 'What was decided until then stands; say it once more.' },
  )
}

/** The passes that decide on removals. */
const JUDGES: ReadonlySet<PassKind> = new Set(['fullPass', 'refresh'])

type Writing = Partial<Omit<Batch, 'counts'>> & { readonly counts?: Partial<Counts> }

async function write({ ports, row, run, lease, day }: Part, writing: Writing): Promise<'written' | 'stale'> {
  const pass = run.passes.findLast(({ streamNo, kind }) => streamNo === row.streamNo && JUDGES.has(kind))
  const at = ports.clock.now()
  const isRemoval = (writing.removals?.length ?? 0) > 0
  // A record that comes back after this is newer than its removal, also when the clock is set back meanwhile.
  const { value } = isRemoval ? await ports.store.streams.state(row.streamNo) : {}
  const state = askedAfter(value, at)
  const empty = emptyBatch({
    lease,
    leaseUntil: (await ports.store.now()) + LEASE_MS,
    project: run.project,
    runNo: run.no,
    streamNo: row.streamNo,
    at,
    day,
  })
  return ports.store.checkpoint({
    ...empty,
    ...writing,
    ...(state === undefined ? {} : { state }),
    // What the run says of itself follows what was decided about it.
    pass: pass ? { ordinal: pass.ordinal, kind: pass.kind, ended: null, pages: 0, requests: 0 } : null,
    counts: { ...NO_COUNTS, ...writing.counts },
  })
}

async function leaseOf(ports: LeasePorts, run: RunRow): Promise<Lease> {
  const taken = await takeLease(ports, `connection:${run.connectionNo}`)
  if ('lease' in taken) return taken.lease
  throw await runActive(ports.store, run, taken.heldBy)
}

function runUnknown(run: string, project: string): TidemarkError {
  return new TidemarkError('run_unknown', `There is no run "${run}" in project "${project}".`, {
    hint: 'List what can be decided on with: tidemark removals',
  })
}

function nothingToDecide(run: RunRow, verdict: Verdict, all: readonly RemovalsRow[]): TidemarkError {
  const what = verdict === 'undo' ? 'has no removals that still stand' : 'has no removals on hold'
  return new TidemarkError('removals_unknown', `Run ${run.id} of "${run.connection}" ${what}.`, {
    hint: otherWay(run, verdict, all) ?? 'See: tidemark removals',
  })
}

/** What was decided the other way is taken back by the other verb; else another run may be meant. */
function otherWay(run: RunRow, verdict: Verdict, all: readonly RemovalsRow[]): string | undefined {
  const some = (what: 'removed' | 'kept') => all.some((row) => row.runNo === run.no && row[what] > 0)
  if (verdict === 'reject' && some('removed')) return `To bring back what it removed: tidemark removals undo ${run.id}`
  if (verdict !== 'approve' && some('kept')) {
    return `They are kept already; to remove them after all: tidemark removals approve ${run.id}`
  }
  const able = all.find((row) => row.connectionNo === run.connectionNo && row[DECIDES_ON[verdict]] > 0)
  return able && `The newest that has is: tidemark removals ${verdict} ${able.run}`
}
