// Owns how runs are started over HTTP: in the background, so that they outlive whoever asked; one connection, or all.

import { randomUUID } from 'node:crypto'
import { TidemarkError } from '../../model/errors.ts'
import { addCounts, NO_COUNTS } from '../../model/run.ts'
import type { SyncEntry } from '../../operations/sync-all.ts'
import { type Answerer, type Call, doFor, doRoute, given, json } from './call.ts'
import { checkScope } from './callers.ts'
import { pageOf, takePage } from './paging.ts'

/** So long a call waits for its run to begin; then it is told that the run is queued. In milliseconds. */
const BEGINS_WITHIN_MS = 2_000

interface Begun {
  readonly id: string
  /** Somebody else's, which does what is asked. */
  readonly isJoined: boolean
}

/** Answers with the run as soon as it has begun. */
export const start: Answerer = async (call) => {
  const { tidemark, caller, params } = call
  const connection = params['id'] ?? ''
  const begun = Promise.withResolvers<Begun | undefined>()
  const stop = tidemark.listen((event) => {
    const isOurs = event.project === caller.project && event.connection === connection
    if (isOurs && event.type === 'run.started') begun.resolve({ id: event.run, isJoined: false })
  })
  const queued = setTimeout(() => begun.resolve(undefined), BEGINS_WITHIN_MS)
  const onAttach = (run: { readonly id: string }) => begun.resolve({ id: run.id, isJoined: true })
  // What goes wrong before the run has begun is the answer; afterwards it is in the report.
  doRoute(call, { onAttach }).then(
    (report) => begun.resolve({ id: (report as { readonly id: string }).id, isJoined: false }),
    begun.reject,
  )
  try {
    const found = await begun.promise
    if (!found) return json({ id: null, connection, status: 'queued' }, 202)
    return json(await doFor(call, 'run', { run: found.id }), found.isJoined ? 200 : 202)
  } finally {
    clearTimeout(queued)
    stop()
  }
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

interface Batch {
  readonly owner: string
  readonly projects: readonly string[]
  readonly results: ProjectResult[]
  readonly done: Promise<unknown>
}

/** Batches whose summaries are kept, by this process: the runs themselves are in the list of runs. */
const BATCHES_MAX = 1_000

/** The batches of a server. */
export class Batches {
  readonly #all = new Map<string, Batch>()

  readonly start: Answerer = async (call) => {
    const {
      project,
      wait = false,
      ...options
    } = given(call).options as {
      readonly project?: unknown
      readonly wait?: unknown
    }
    const projects = await this.#projects(call, project)
    const results: ProjectResult[] = []
    const each = projects.map(async (one) => results.push(await this.#run(call, one, options)))
    const batch = { owner: call.caller.project, projects, results, done: Promise.allSettled(each) }
    const id = randomUUID()
    this.#all.set(id, batch)
    const [oldest] = this.#all.keys()
    if (this.#all.size > BATCHES_MAX && oldest !== undefined) this.#all.delete(oldest)
    if (wait !== true) return json(summaryOf(id, batch), 202)
    await batch.done
    return json(summaryOf(id, batch))
  }

  readonly list: Answerer = async (call) => {
    const id = call.query.get('batch')
    if (id !== null) {
      const batch = this.#all.get(id)
      if (batch?.owner === call.caller.project) return json(summaryOf(id, batch))
      throw new TidemarkError('batch_unknown', `There is no batch "${id}".`)
    }
    const page = pageOf(call.query)
    const runs = await doFor(call, 'runs', {}, { ...given(call).options, limit: page.from.place + page.limit + 1 })
    const { rows, next } = await takePage(runs, page)
    return json({ runs: rows, nextCursor: next })
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
  async #run({ tidemark }: Call, project: string, options: object): Promise<ProjectResult> {
    const nothing = { project, totalRecords: 0, updatedCount: 0, snapshotCount: 0 }
    const timestamp = () => new Date().toISOString()
    try {
      const { runs } = await tidemark.performFor(project, 'syncAll', {}, options)
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
      return { ...nothing, errors: [error instanceof Error ? error.message : String(error)], timestamp: timestamp() }
    }
  }
}

function errorsOf({ connection, error }: SyncEntry): readonly string[] {
  return error ? [`${connection}: ${error.code}: ${error.message}`] : []
}

function summaryOf(batch: string, { projects, results }: Batch) {
  const errorCount = results.filter(({ errors }) => errors.length > 0).length
  return {
    batch,
    finished: results.length === projects.length,
    success: results.length === projects.length && errorCount === 0,
    totalProjects: projects.length,
    successCount: results.length - errorCount,
    errorCount,
    results,
  }
}
