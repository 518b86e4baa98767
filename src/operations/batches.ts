// Owns ordering runs of every connection at once: accepted as a whole, carried out without whoever ordered them, and told
// what they came to.

import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import type { Allowance } from '../engine/passes/allowance.ts'
import type { ProjectResult } from '../engine/runs/batches.ts'
import { allowanceOf } from '../engine/runs/order.ts'
import type { AskedOf } from '../engine/runs/orders.ts'
import { errorReport, TidemarkError } from '../model/errors.ts'
import { RUN_INTERRUPTED } from '../model/run.ts'
import type { BatchRow, NewBatch } from '../store/store.ts'
import { optional, text, texts, yesOrNo } from './fields.ts'
import { later } from './later.ts'
import type { Mirror } from './mirror.ts'
import { operation } from './operation.ts'
import { type ReadingInput, readingFields } from './order.ts'
import { inTurn, orderOf, syncAll } from './sync-all.ts'

const ordering = later(() => import('../engine/runs/orders.ts'))
const telling = later(() => import('../engine/runs/batches.ts'))

export interface OrderAllInput extends Pick<ReadingInput, 'mode' | 'maxRequests' | 'maxCost'> {
  /** Of the database. @default this one */
  readonly projects?: readonly string[] | undefined
  /** Whether the answer comes when all runs have ended. @default false */
  readonly wait?: boolean | undefined
}

/** `id`: that of the batch. One that is there already is followed, and nothing is ordered twice. */
export interface OrderAllHooks {
  readonly id?: string | undefined
}

const n = z.number()

export const batchDocument = document({
  batch: z.string(),
  finished: z.boolean(),
  /** All have ended, and nothing went wrong. */
  success: z.boolean(),
  totalProjects: n,
  successCount: n,
  errorCount: n,
  /** Of projects in which all runs have ended. */
  results: z.array(
    document({
      project: z.string(),
      totalRecords: n,
      updatedCount: n,
      snapshotCount: n,
      errors: z.array(z.string()),
      timestamp: z.string(),
    }),
  ),
})
export type Batch = DocumentOf<typeof batchDocument>

export const orderAll = operation<OrderAllInput, Promise<Batch>, OrderAllHooks>({
  name: 'orderAll',
  does: 'Order a run of every connection, which goes on without the caller.',
  details:
    'Each is written down before it is answered: what the process leaves behind when it ends, another one carries out. With maxRequests or maxCost, which hold for all together, this process alone does, and what it leaves is left.',
  scope: 'sync',
  input: {
    projects: optional(texts('ids of projects (default: this one)', { sign: 'projects' })),
    mode: readingFields.mode,
    maxRequests: readingFields.maxRequests,
    maxCost: readingFields.maxCost,
    wait: optional(yesOrNo('answer when all runs have ended')),
  },
  hooks: { id: optional(text('the id of the batch, where the same may be ordered again')) },
  output: batchDocument,
  examples: [{ wait: true }, { projects: ['default', 'lab'], mode: 'full' }],
  async run(mirror, { projects = [mirror.project], mode, maxRequests, maxCost, wait = false }, { id: named }) {
    const { store, clock, chance, project } = mirror
    const at = clock.now()
    const id = named ?? chance.id(at)
    const orders = await mirror.orders()
    // A call that comes again, whose process has died before it answered.
    if (named === undefined || !(await store.batches.find(project, named))) {
      const known = new Set((await store.projects.list()).map((one) => one.id))
      const stranger = projects.find((one) => !known.has(one))
      if (stranger !== undefined) throw projectUnknown(stranger)
      const isCapped = maxRequests !== undefined || maxCost !== undefined
      const begun = { id, project, at, projects: [...new Set(projects)], holder: isCapped ? mirror.holder : null }
      if (isCapped) await runHere(mirror, begun, mode, allowanceOf({ maxRequests, maxCost }))
      else {
        const asked = await Promise.all(begun.projects.map((one) => askedOfAll({ ...mirror, project: one }, mode)))
        await orders.acceptAll(begun, asked.flat())
      }
    }
    if (wait) await orders.endOf({ project, id })
    return told(mirror, id)
  },
})

export const batch = operation<{ readonly batch: string }, Promise<Batch>>({
  name: 'batch',
  does: 'Show what runs came to that were ordered together.',
  details: 'The last thousand of a project are kept.',
  scope: 'read',
  input: { batch: text('the id of a batch, as it was answered', { sign: 'batch' }) },
  positional: ['batch'],
  output: batchDocument,
  examples: [{ batch: '01K9ZS6X1C4H8W2V7Q3M5N0B9T' }],
  run: async (mirror, { batch: id }) => told(mirror, id),
})

/** What is asked of each connection of a project. What can't be asked of one is told, and keeps no other from running. */
async function askedOfAll(mirror: Mirror, mode: ReadingInput['mode']): Promise<readonly AskedOf[]> {
  const rows = await mirror.store.connections.list(mirror.project)
  const asked = { mode: mode ?? 'auto', streams: [] }
  try {
    const order = await orderOf(mirror, { mode })
    const numbers = new Map(rows.map(({ id, no }) => [id, no]))
    return (await inTurn(mirror, order.asked)).flatMap(([, one]) => {
      if (!('refused' in one))
        return { connectionNo: one.row.no, asked: { ...asked, streams: one.streams }, error: null }
      const connectionNo = numbers.get(one.refused.connection)
      return connectionNo === undefined ? [] : { connectionNo, asked, error: one.refused.error }
    })
  } catch (error) {
    // A mode that no connection has.
    const report = errorReport(error)
    return rows.map(({ no }) => ({ connectionNo: no, asked, error: report }))
  }
}

/** What all may use together is known in this process alone: it carries the batch out. */
async function runHere(
  mirror: Mirror,
  begun: NewBatch,
  mode: ReadingInput['mode'],
  allowance: Allowance,
): Promise<void> {
  const { store, clock } = mirror
  const { id, projects } = begun
  const [{ BATCHES_MAX }, { resultOf }] = await Promise.all([ordering(), telling()])
  await store.batches.begin(begun, [], BATCHES_MAX)
  const one = async (project: string) => {
    const finish = async (ended: Parameters<typeof resultOf>[2]) => {
      const now = clock.now()
      const result = JSON.stringify(await resultOf(store, project, ended, now))
      await store.batches.finish(id, project, { result, at: now })
    }
    try {
      const { runs } = await syncAll.run({ ...mirror, project }, { mode }, { allowance })
      await (await mirror.orders()).settled()
      await finish(runs)
    } catch (error) {
      await finish([{ connection: project, streams: [], error: errorReport(error) }])
    }
  }
  for (const project of projects) {
    const done: Promise<void> = one(project)
      .catch(() => {})
      .finally(() => mirror.underWay?.delete(done))
    mirror.underWay?.add(done)
  }
}

async function told({ store, project, isDead }: Mirror, id: string): Promise<Batch> {
  const row = await store.batches.find(project, id)
  if (!row) throw new TidemarkError('batch_unknown', `There is no batch "${id}".`)
  return summaryOf(row, row.holder !== null && isDead(row.holder))
}

/** What a process that has died did not come to goes on as interrupted runs do, but tells this batch nothing any more. */
function summaryOf({ id, at, projects, results: stored, finished }: BatchRow, isDead: boolean): Batch {
  const ended = stored.map((one) => JSON.parse(one) as ProjectResult)
  const { code, message } = RUN_INTERRUPTED
  const lost = isDead ? projects.filter((project) => !finished.includes(project)) : []
  const timestamp = new Date(at).toISOString()
  const nothing = { totalRecords: 0, updatedCount: 0, snapshotCount: 0 }
  const results = [
    ...ended,
    ...lost.map((project) => ({ project, ...nothing, errors: [`${code}: ${message}`], timestamp })),
  ]
  const errorCount = results.filter(({ errors }) => errors.length > 0).length
  return {
    batch: id,
    finished: results.length === projects.length,
    success: results.length === projects.length && errorCount === 0,
    totalProjects: projects.length,
    successCount: results.length - errorCount,
    errorCount,
    results,
  }
}

function projectUnknown(project: string): TidemarkError {
  return new TidemarkError('project_unknown', `There is no project "${project}".`)
}
