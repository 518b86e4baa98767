// Owns recordings as sources: the answers of a service that were recorded once (`tidemark connect … --record <folder>`),
// given again to whoever asks the same.
//
//   const tape = recording('test/recordings/notebook')
//   await testConnector(notebook, tape)
//   await openTidemark({ database: ':memory:', transport: tape.transport(), clock: tape.clock() })

import { readRecording } from '../http/recording/folder.ts'
import type { RecordedExchange, Recording } from '../http/recording/record.ts'
import { isPlaceholder } from '../http/recording/redaction.ts'
import type { Transport, TransportAnswer } from '../http/transport.ts'
import { TidemarkError } from '../model/errors.ts'
import { isObject } from '../model/json.ts'
import type { Clock } from '../model/ports.ts'
import { testClock } from './test-clock.ts'

export interface Tape {
  readonly kind: 'recording'
  readonly folder: string
  readonly connector: string
  /** The address of the service that was recorded. */
  readonly baseUrl: string
  /** Options that fit to the recording, placeholders in place of secrets. */
  readonly options: Readonly<Record<string, unknown>>
  /** When it was recorded, in milliseconds since 1970. */
  readonly recordedAt: number
  /** A transport that answers from the recording; what was not recorded is `not_found`. */
  transport(): Transport
  /** A clock that begins when the recording did, for windows and signatures that depend on the time. */
  clock(): Clock
  /** A new reader of the recording. */
  play(): Player
}

export interface Player {
  /** The recorded answer to a request; undefined: it was not recorded. */
  answer(request: AskedRequest): RecordedExchange['answer'] | undefined
  /** Begins again: what was given already may come once more. */
  rewind(): void
}

export interface AskedRequest {
  readonly method: string
  readonly url: URL
  readonly body: string | undefined
}

/**
 * Reads a recording from its folder.
 *
 * @throws TidemarkError recording_invalid
 */
export function recording(folder: string): Tape {
  const tape: Recording = readRecording(folder)
  const recordedAt = Math.min(...tape.exchanges.map(({ at }) => at))
  return {
    kind: 'recording',
    folder,
    connector: tape.connector,
    baseUrl: tape.baseUrl,
    options: tape.options,
    recordedAt,
    clock: () => testClock(recordedAt),
    play: () => player(tape.exchanges),
    transport: () => replay(folder, player(tape.exchanges)),
  }
}

function replay(folder: string, tape: Player): Transport {
  return {
    send({ method, url, body }): Promise<TransportAnswer> {
      const answer = tape.answer({ method, url, body })
      if (answer) return Promise.resolve({ status: answer.status, headers: answer.headers, text: answer.body })
      const message = `The recording in ${folder} has no answer to ${method} ${url.pathname}.` as const
      return Promise.reject(new TidemarkError('not_found', message, { hint: 'Record it again with these options.' }))
    },
    close: () => Promise.resolve(),
  }
}

// ── which answer ──────────────────────────────────────────────────────────────────────────────────────────────────

/** A request reduced to what tells it from others. */
interface Shape {
  readonly place: string
  readonly values: ReadonlyMap<string, string>
}

/** Answers that were given to the same request come in their order; the last one stays. */
function player(exchanges: readonly RecordedExchange[]): Player {
  const recorded = exchanges.map(({ at, request, answer }) => {
    const { method, url, body } = request
    return { at, answer, shape: shapeOf({ method, url: new URL(url), body: body ?? undefined }) }
  })
  const used = new Set<object>()
  return {
    answer(asked) {
      const shape = shapeOf(asked)
      const fitting = recorded.filter((one) => fits(one.shape, shape, one.at))
      const next = fitting.find((one) => !used.has(one)) ?? fitting.at(-1)
      if (next) used.add(next)
      return next?.answer
    },
    rewind: () => used.clear(),
  }
}

function shapeOf({ method, url, body }: AskedRequest): Shape {
  const values = new Map<string, string>()
  for (const [name, value] of url.searchParams) values.set(`?${name}`, value)
  collect('', parsed(body), values)
  return { place: `${method} ${url.origin}${url.pathname}`, values }
}

/** Members of a body that is JSON, each under its path; any other body is one value. */
function collect(path: string, value: unknown, values: Map<string, string>): void {
  if (value === undefined) return
  if (isObject(value)) for (const [name, member] of Object.entries(value)) collect(`${path}.${name}`, member, values)
  else values.set(path, typeof value === 'string' ? value : JSON.stringify(value))
}

function parsed(body: string | undefined): unknown {
  if (body === undefined || body === '') return undefined
  try {
    return JSON.parse(body)
  } catch {
    return Object.fromEntries(new URLSearchParams(body))
  }
}

function fits(recorded: Shape, asked: Shape, at: number): boolean {
  if (recorded.place !== asked.place) return false
  for (const name of new Set([...recorded.values.keys(), ...asked.values.keys()])) {
    const then = recorded.values.get(name)
    // What was redacted can be anything now, and a signature is another one every time.
    if (then !== undefined && isPlaceholder(then)) continue
    const now = asked.values.get(name)
    if (then === undefined || now === undefined) return false
    if (then !== now && !(isAround(then, at) && isAround(now, at))) return false
  }
  return true
}

const AROUND_MS = 3_600_000

/** Whether a value is the time of the recording, in seconds or milliseconds or as a date: then any such time will do. */
function isAround(value: string, at: number): boolean {
  const number = /^\d{10}(?:\d{3})?$/.test(value)
    ? Number(value) * (value.length === 10 ? 1_000 : 1)
    : Date.parse(value)
  return /^\d{4}-\d\d-\d\dT|^\d{10}/.test(value) && Math.abs(number - at) < AROUND_MS
}
