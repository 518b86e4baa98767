// Owns answers that are put together of documents: what an operation gives, in the form that the contract of HTTP has.

import { TidemarkError } from '../../model/errors.ts'
import { streamRows } from '../../operations/documents/stream-rows.ts'
import { mayDo } from '../../operations/tokens.ts'
import { type Answerer, type Call, checkedSwitch, doFor, doRoute, given, json } from './call.ts'
import { takeSwitch } from './input.ts'
import { listed } from './paging.ts'

export const status: Answerer = async (call) => {
  const connections = await doFor(call, 'status', {}, given(call).options)
  return json({ connections, streams: connections.flatMap(streamRows) })
}

/** An operation gives a list of the one that was asked for. */
export const one: Answerer = async (call) => {
  const [found] = (await doRoute(call)) as readonly unknown[]
  return json(found)
}

/** A caller sees its own project; one that may do everything, all of them. */
export const ownProjects: Answerer = async (call) => {
  const all = await doFor(call, 'projects', {})
  return listed(call, mayDo(call.caller, 'admin') ? all : all.filter(({ id }) => id === call.caller.project))
}

export const setBudget: Answerer = async (call) => {
  const { options } = given(call)
  await doRoute(call)
  const name = call.params['name'] ?? ''
  const both = await doFor(call, 'budgets', { name })
  // The same that it has set: of a name that both have, the connection's.
  const scope = options['scope'] ?? ((await isConnection(call, name)) ? 'connection' : 'connector')
  const budget = both.find((found) => found.scope === scope)
  return json(budget ?? { scope, name, requests: null, cost: null, currency: null })
}

async function isConnection(call: Call, id: string): Promise<boolean> {
  return (await doFor(call, 'listConnections', {}, { all: true })).some((connected) => connected.id === id)
}

/** The body is the values, by field; `{ values }` says the same. */
export const setValues: Answerer = async (call) => {
  const { name: blend = '', key = '' } = call.params
  const { values = call.body } = call.body
  return json(await doFor(call, 'setValues', { blend, key, values: values as never }))
}

export const connection: Answerer = async (call) => json(await wholeConnection(call, given(call).options))

async function wholeConnection(call: Call, options: object = {}) {
  const id = call.params['id'] ?? ''
  const [of] = await doFor(call, 'status', {}, { ...options, connection: id })
  const document = (await doFor(call, 'listConnections', {}, { all: true })).find((other) => other.id === id)
  if (!of || !document) throw new TidemarkError('connection_unknown', `There is no connection "${id}".`)
  const totals = Object.fromEntries(of.streams.map(({ stream, totalRecords }) => [stream, totalRecords]))
  const { activeRun, lastRun, nextRunAt, health, todo, schedules, streams: states } = of
  return { ...document, totals, activeRun, lastRun, nextRunAt, health, todo, schedules, states }
}

/** Whoever gives an id that is taken changes that connection, and is told so by the status. */
export const connect: Answerer = async (call) => {
  const { tidemark, caller } = call
  const { id } = call.body
  const before = typeof id === 'string' ? await tidemark.store.connections.find(caller.project, id) : undefined
  return json(await doRoute(call), before ? 200 : 201)
}

export const changeConnection: Answerer = async (call) => {
  const { id = '' } = call.params
  const { paused: asked, ...rest } = call.body
  const paused = checkedSwitch('paused', asked)
  const { connector } = await wholeConnection(call)
  if (Object.keys(rest).length > 0) await doFor(call, 'connect', { connector, id }, rest)
  if (paused !== undefined) await doFor(call, paused ? 'pause' : 'resume', { connection: id })
  return json(await wholeConnection(call))
}

export const endConnection: Answerer = async (call) => {
  const { id = '' } = call.params
  const isPurged = takeSwitch(call.query, 'purge')
  const { options } = given(call)
  if (isPurged) {
    return json({ id, purged: true, rows: await doFor(call, 'purge', { connection: id }, options) })
  }
  return json({ id, purged: false, secrets: await doFor(call, 'disconnect', { connection: id }, options) })
}
