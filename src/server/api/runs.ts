// Owns how runs are started over HTTP: in the background, so that they outlive whoever asked; one connection, or all.

import { randomUUID } from 'node:crypto'
import { Allowance, type Caps } from '../../engine/passes/allowance.ts'
import { holderIsDead } from '../../engine/runs/process.ts'
import { TidemarkError } from '../../model/errors.ts'
import { addCounts, NO_COUNTS, RUN_INTERRUPTED } from '../../model/run.ts'
import type { Ordered } from '../../operations/order-run.ts'
import { checkInput } from '../../operations/perform.ts'
import type { SyncEntry } from '../../operations/sync-all.ts'
import type { BatchRow, Holder } from '../../store/store.ts'
import { type Answerer, type Call, checkedSwitch, doFor, doRoute, given, json, jsonText } from './call.ts'
import { checkScope } from './callers.ts'
import { takeText } from './input.ts'
import { listed } from './paging.ts'

/** Answers with the run as soon as it has begun. */
export const start: Answerer = async (call) => {
  const { order, connection, status, run } = (await doRoute(
    call,
    call.id === undefined ? {} : { id: call.id },
  )) as Ordered
  if (run === null) return json({ id: null, connection, status, order }, 202)
  return json(run, status === 'joined' ? 200 : 202)
}

/** What a batch came to in one project. */
interface ProjectResult {
  readonly project: string
  readonly totalRecords: number
  readonly updatedCount: number
  readonly snapshotCount: number
  readonly errors: readonly string[]
  readonly timestamp: string
}

/** Batches of a project whose summaries are kept, the newest: the runs themselves are in the list of runs. */
export const BATCHES_MAX = 1_000

/** The batches of a server. They are in the database, so that another server, or the next one, knows them. */
export class Batches {
  readonly #holder: Holder

  constructor(holder: Holder) {
    this.#holder = holder
  }

  readonly start: Answerer = async (call) => {
    const { project, wait: asked, ...input } = given(call).options
    const { caller, tidemark } = call
    const wait = checkedSwitch('wait', asked) ?? false
    checkInput(call.operation, {}, input)
    const { maxRequests, maxCost, ...options } = input as Caps
    // One for all projects: each caps what is left by the others.
    const isCapped = maxRequests !== undefined || maxCost !== undefined
    const shared = isCapped ? { allowance: new Allowance({ maxRequests, maxCost }) } : {}
    const projects = await this.#projects(call, project)
    const id = call.id ?? randomUUID()
    const { batches } = tidemark.store
    // A call that comes again, whose server has died before it answered.
    if (call.id !== undefined && (await batches.find(caller.project, id)))
      return json(await this.#summary(call, id), 202)
    await batches.begin({ id, project: caller.project, at: Date.now(), projects, holder: this.#holder }, BATCHES_MAX)
    const each = projects.map(async (one) => {
      const result = await this.#run(call, one, { ...options, ...shared })
      await batches.finish(id, one, jsonText(result))
    })
    const done = Promise.allSettled(each)
    if (wait) await done
    return json(await this.#summary(call, id), wait ? 200 : 202)
  }

  readonly list: Answerer = async (call) => {
    const id = takeText(call.query, 'batch')
    if (id !== undefined) {
      return json(await this.#summary(call, id))
    }
    return listed(call)
  }

  async #summary({ tidemark, caller }: Call, id: string) {
    const batch = await tidemark.store.batches.find(caller.project, id)
    if (!batch) throw new TidemarkError('batch_unknown', `There is no batch "${id}".`)
    return summaryOf(batch, holderIsDead(batch.holder))
  }

  async #projects(call: Call, asked: unknown): Promise<readonly string[]> {
    const own = call.caller.project
    if (asked === undefined || asked === own) return [own]
    checkScope(call.caller, 'admin')
    const all = (await doFor(call, 'projects', {})).map(({ id }) => id)
    if (asked === 'all') return all
    if (typeof asked === 'string' && all.includes(asked)) return [asked]
    throw new TidemarkError(
      'project_unknown',
      typeof asked === 'string' ? `There is no project "${asked}".` : 'A project is named by its id.',
    )
  }

  /** One project's failure is its own. */
  async #run({ tidemark, caller: { who } }: Call, project: string, options: object): Promise<ProjectResult> {
    const timestamp = () => new Date().toISOString()
    try {
      const { runs } = await tidemark.performFor({ project, who }, 'syncAll', {}, options)
      const counts = runs.flatMap(({ streams }) => streams).reduce((sum, one) => addCounts(sum, one.counts), NO_COUNTS)
      // Blends are made of what was read before anybody hears that it was.
      await tidemark.settled()
      const states = await tidemark.performFor(project, 'status', {})
      const totals = states.flatMap(({ streams }) => streams.map(({ totalRecords }) => totalRecords))
      return {
        project,
        totalRecords: totals.reduce((sum, n) => sum + n, 0),
        updatedCount: counts.inserted + counts.updated,
        snapshotCount: counts.snapshots,
        errors: runs.flatMap(errorsOf),
        timestamp: timestamp(),
      }
    } catch (error) {
      return {
        ...nothingOf(project),
        errors: [error instanceof Error ? error.message : String(error)],
        timestamp: timestamp(),
      }
    }
  }
}

function errorsOf({ connection, error }: SyncEntry): readonly string[] {
  return error ? [`${connection}: ${error.code}: ${error.message}`] : []
}

const nothingOf = (project: string) => ({ project, totalRecords: 0, updatedCount: 0, snapshotCount: 0 })

/** What a process that has died did not come to goes on as interrupted runs do, but tells this batch nothing any more. */
function summaryOf({ id, at, projects, results: stored, finished }: BatchRow, isDead: boolean) {
  const ended = stored.map((text) => JSON.parse(text) as ProjectResult)
  const { code, message } = RUN_INTERRUPTED
  const lost = isDead ? projects.filter((project) => !finished.includes(project)) : []
  const timestamp = new Date(at).toISOString()
  const results = [
    ...ended,
    ...lost.map((project) => ({ ...nothingOf(project), errors: [`${code}: ${message}`], timestamp })),
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
