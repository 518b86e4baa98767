// Owns how runs are started over HTTP: in the background, so that they outlive whoever asked; one connection, or all.

import { TidemarkError } from '../../model/errors.ts'
import type { Ordered } from '../../operations/order-run.ts'
import { type Answerer, type Call, doFor, doRoute, given, json } from './call.ts'
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

/** Starts a run of every connection, of the caller's project or of others. */
export const startAll: Answerer = async (call) => {
  const { project, ...options } = given(call).options
  const projects = await projectsOf(call, project)
  const id = call.id === undefined ? {} : { id: call.id }
  const batch = await doFor(call, 'orderAll', {}, { ...options, projects, ...id })
  return json(batch, options['wait'] === true ? 200 : 202)
}

/** The list of runs, or what those came to that were started together. */
export const runs: Answerer = async (call) => {
  const batch = takeText(call.query, 'batch')
  return batch === undefined ? listed(call) : json(await doFor(call, 'batch', { batch }))
}

async function projectsOf(call: Call, asked: unknown): Promise<readonly string[]> {
  const own = call.caller.project
  if (asked === undefined || asked === own) return [own]
  checkScope(call.caller, 'admin')
  if (asked === 'all') return (await doFor(call, 'projects', {})).map(({ id }) => id)
  if (typeof asked === 'string') return [asked]
  throw new TidemarkError('project_unknown', 'A project is named by its id.')
}
