// Owns the admin endpoint under /__emulator, by which another process steers an emulator: JSON in, JSON out.
//
//   GET    /__emulator                       what there is
//   GET    /__emulator/stats                 counts per path and status, pages, bytes, faults
//   GET    /__emulator/log?path=&limit=      the newest requests            DELETE forgets them
//   GET    /__emulator/clock                 { now }
//   POST   /__emulator/clock                 { "set": ms or ISO } | { "advance": ms } | { "run": skewMs }
//   POST   /__emulator/faults                { "next": fault, "times"? } | { "when": match, "fault": …, "times"? } |
//                                            { "random": [{ rate, fault }], "seed"? }      DELETE clears them
//   POST   /__emulator/mutate                { "name": "star", "args": ["ada", 3] }   →  { "result": … }
//   POST   /__emulator/pages                 { "after": 2, "name", "args" } | { "every": true, "name", "args" }
//   GET    /__emulator/world/{view}?args=[…] the truth, such as /__emulator/world/stars?args=["ada"]

import { type Answer, type Call, jsonAnswer } from './answer.ts'
import type { AdminMethods, Emulator } from './emulator.ts'
import type { Fault, FaultMatch } from './faults.ts'

export const ADMIN_PATH = '/__emulator'

/** Answers a request to the admin endpoint; such requests are neither logged nor faulted. */
export function adminAnswer<W>(call: Call, emulator: Emulator<W>, methods: AdminMethods<W>): Answer {
  try {
    const result = administrate(call, emulator, methods)
    return result === undefined
      ? jsonAnswer(404, { error: `nothing at ${call.method} ${call.path}` })
      : jsonAnswer(200, result)
  } catch (error) {
    return jsonAnswer(400, { error: error instanceof Error ? error.message : String(error) })
  }
}

interface AdminBody {
  readonly name?: string
  readonly args?: readonly unknown[]
  readonly set?: number | string
  readonly advance?: number
  readonly run?: number
  readonly next?: Fault
  readonly when?: FaultMatch
  readonly fault?: Fault
  readonly random?: readonly { readonly rate: number; readonly fault: Fault }[]
  readonly seed?: number | string
  readonly times?: number
  readonly after?: number
  readonly every?: boolean
}

function administrate<W>(call: Call, emulator: Emulator<W>, methods: AdminMethods<W>): unknown {
  const [, topic = '', view] = call.path.slice(1).split('/')
  const given = (call.body === '' ? {} : JSON.parse(call.body)) as AdminBody
  switch (`${call.method} ${topic}`) {
    case 'GET ':
      return { name: emulator.name, views: methods.views, mutations: methods.mutations }
    case 'GET stats':
      return emulator.stats()
    case 'GET log': {
      const path = call.query.get('path')
      const limit = Number(call.query.get('limit') ?? 1000)
      return emulator.log.all(path === null ? {} : { path }).slice(-limit)
    }
    case 'DELETE log':
      emulator.log.reset()
      return {}
    case 'POST clock':
      if (given.set !== undefined) emulator.clock.set(given.set)
      if (given.advance !== undefined) emulator.clock.advance(given.advance)
      if (given.run !== undefined) emulator.clock.run(given.run)
      return { now: emulator.clock.now() }
    case 'GET clock':
      return { now: emulator.clock.now() }
    case 'DELETE faults':
      emulator.faults.clear()
      return {}
    case 'POST faults':
      return scriptFaults(given, emulator)
    case 'POST mutate':
      return { result: invoke(emulator.world, methods.mutations, given.name, given.args) ?? null }
    case 'POST pages': {
      const change = (): void => void invoke(emulator.world, methods.mutations, given.name, given.args)
      checkName(methods.mutations, given.name)
      if (given.every) emulator.pages.every(change)
      else emulator.pages.after(given.after ?? 1, change)
      return {}
    }
    case 'GET world':
      if (!view) return { views: methods.views }
      return (
        invoke(emulator.world, methods.views, view, JSON.parse(call.query.get('args') ?? '[]') as unknown[]) ?? null
      )
    default:
      return undefined
  }
}

function scriptFaults<W>(given: AdminBody, { faults }: Emulator<W>): unknown {
  if (given.next) faults.next(given.next, given.times)
  else if (given.when && given.fault) faults.when(given.when, given.fault, given.times)
  else if (given.random) faults.random(given.random, given.seed)
  else throw new RangeError('faults: { next } or { when, fault } or { random }')
  return {}
}

function checkName(allowed: readonly string[], name: string | undefined): asserts name is string {
  if (name === undefined || !allowed.includes(name))
    throw new RangeError(`unknown "${name}": one of ${allowed.join(', ')}`)
}

function invoke(
  world: unknown,
  allowed: readonly string[],
  name: string | undefined,
  args: readonly unknown[] = [],
): unknown {
  checkName(allowed, name)
  const method = (world as Record<string, unknown>)[name]
  if (typeof method !== 'function') throw new RangeError(`"${name}" is not a method of this world`)
  return method.apply(world, args) as unknown
}
