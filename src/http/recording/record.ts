// Owns recording: a transport that passes everything through and keeps a copy, and the recording that is made of the
// copies once all secrets are known, in which none of them is left.

import type { Connector } from '../../connector/connector.ts'
import { optionFields } from '../../connector/options.ts'
import { isObject } from '../../model/json.ts'
import { secretsIn } from '../scrub.ts'
import type { Transport, TransportAnswer, TransportRequest } from '../transport.ts'
import { isPersonal, placeholder, Redaction } from './redaction.ts'

/** Exchanges in one recording, at most. */
export const RECORDED_EXCHANGES_MAX = 1_000
/** Characters of one body that is kept; an exchange with a longer one is left out, for half a body is no answer. */
export const RECORDED_BODY_MAX = 4 << 20
/** Characters of all bodies together. */
export const RECORDED_TOTAL_MAX = 64 << 20

/** The version of the format; another one is not read. */
export const RECORDING_FORMAT = 1

export interface RecordedExchange {
  /** When it was sent, in milliseconds since 1970. */
  readonly at: number
  readonly request: {
    readonly method: string
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string | null
  }
  readonly answer: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    /** The text as it came, but for what was redacted. */
    readonly body: string
  }
}

export interface Recording {
  readonly format: number
  readonly connector: string
  readonly baseUrl: string
  /** Options that fit to the exchanges: placeholders for secrets and for what belongs to a person. */
  readonly options: Readonly<Record<string, unknown>>
  /** How many exchanges are not in it, because of a limit. */
  readonly leftOut: number
  readonly exchanges: readonly RecordedExchange[]
}

/** What the recording is about. */
export interface RecordedConnection {
  readonly connector: string
  readonly baseUrl: string
  /** The options of the connection, secrets included. */
  readonly options: Readonly<Record<string, unknown>>
  /** Which of the options are secrets. */
  readonly secrets: readonly string[]
}

interface Copy {
  readonly at: number
  readonly request: TransportRequest
  readonly answer: TransportAnswer
}

export interface Recorder {
  /** Sends what it is given and keeps a copy of it and its answer. */
  readonly transport: Transport
  /** How many exchanges are kept so far. */
  readonly size: number
  /** Tells whose traffic it is. What is told later stands beside it: a renewed token beside the one before. */
  about(connection: RecordedConnection): void
  /** The connector, which tells the same by itself whenever it is opened, and after every renewal. */
  watch<O>(connector: Connector<O>): Connector<O>
  /** The recording of everything so far; undefined when nothing was asked. */
  finish(): Recording | undefined
}

/** Records what goes through `inner`. `now` is milliseconds since 1970. */
export function createRecorder(inner: Transport, now: () => number): Recorder {
  const copies: Copy[] = []
  const told: RecordedConnection[] = []
  let characters = 0
  let leftOut = 0
  const keep = (copy: Copy) => {
    const size = copy.answer.text.length + (copy.request.body?.length ?? 0)
    const tooLong = size > RECORDED_BODY_MAX || characters + size > RECORDED_TOTAL_MAX
    if (tooLong || copies.length >= RECORDED_EXCHANGES_MAX) {
      leftOut++
      return
    }
    characters += size
    copies.push(copy)
  }
  const recorder: Recorder = {
    transport: {
      async send(request) {
        const at = now()
        const answer = await inner.send(request)
        keep({ at, request, answer })
        return answer
      },
      close: () => inner.close(),
    },
    get size() {
      return copies.length
    },
    about: (connection) => void told.push(connection),
    watch: (connector) => watched(connector, recorder),
    finish: () => (told.length > 0 && copies.length > 0 ? redacted(copies, told, leftOut) : undefined),
  }
  return recorder
}

function watched<O>(connector: Connector<O>, recorder: Recorder): Connector<O> {
  const { service } = connector
  const secrets = optionFields(service.options).flatMap(({ name, secret }) => (secret ? [name] : []))
  const http: typeof service.http = (options) => {
    const settings = service.http(options)
    recorder.about({ connector: service.name, baseUrl: options.baseUrl ?? settings.baseUrl, options, secrets })
    return settings
  }
  return { ...connector, service: { ...service, http } }
}

function redacted(copies: readonly Copy[], told: readonly RecordedConnection[], leftOut: number): Recording {
  const redaction = new Redaction()
  const [about] = told as [RecordedConnection]
  for (const { options, secrets } of told) {
    for (const name of secrets) redaction.secretValue(name, options[name])
  }
  const kept: Copy[] = []
  for (const copy of copies) {
    const { request, answer } = copy
    for (const value of secretsIn(request.headers)) redaction.secret('credential', value, true)
    redaction.learn(request.body ?? '')
    redaction.learn(answer.text)
    if (redaction.isFull) break
    kept.push(copy)
  }
  return {
    format: RECORDING_FORMAT,
    connector: about.connector,
    options: optionsOf(about, redaction),
    baseUrl: redaction.clean(about.baseUrl),
    leftOut: leftOut + copies.length - kept.length,
    exchanges: kept.map((copy) => exchangeOf(copy, redaction)),
  }
}

/** Options that fit to what is recorded. Where the service is says `baseUrl`. */
function optionsOf({ options, secrets }: RecordedConnection, redaction: Redaction): Record<string, unknown> {
  const fitting: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(options)) {
    if (name === 'baseUrl' || name === 'allowPrivateNetwork') continue
    fitting[name] = fittingOf(redaction, name, value, secrets.includes(name))
  }
  return fitting
}

/** The value of an option, or a part of one, as it may be shown. */
function fittingOf(redaction: Redaction, name: string, value: unknown, isSecret: boolean): unknown {
  const part = (one: unknown) => fittingOf(redaction, name, one, isSecret)
  if (Array.isArray(value)) return value.map(part)
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, part(one)]))
  if (typeof value === 'number') return isSecret ? Number(redaction.numberOf(String(value))) : value
  if (typeof value !== 'string') return value
  if (isSecret) return fallback(redaction, name, value)
  return isPersonal(name, value) ? redaction.personal(name, value) : redaction.clean(value)
}

/** A secret that is too short to be looked for in texts is not shown in the options either. */
function fallback(redaction: Redaction, name: string, value: string): string {
  const named = redaction.nameOf(value)
  return named === value ? placeholder(name) : named
}

function exchangeOf({ at, request, answer }: Copy, redaction: Redaction): RecordedExchange {
  const { body } = request
  const isForm = (request.headers['content-type'] ?? '').includes('form-urlencoded')
  return {
    at,
    request: {
      method: request.method,
      url: redaction.clean(request.url.href),
      headers: redaction.headers(request.headers),
      body: body === undefined ? null : isForm ? redaction.form(body) : redaction.clean(body),
    },
    answer: {
      status: answer.status,
      headers: redaction.headers(answer.headers),
      body: redaction.clean(answer.text),
    },
  }
}

/** Whether a parsed document is an exchange of this format. */
export function isExchange(value: unknown): value is RecordedExchange {
  if (!isObject(value) || !isObject(value['request']) || !isObject(value['answer'])) return false
  const { request, answer } = value
  return (
    typeof value['at'] === 'number' &&
    typeof request['method'] === 'string' &&
    typeof request['url'] === 'string' &&
    URL.canParse(request['url']) &&
    typeof answer['status'] === 'number' &&
    typeof answer['body'] === 'string' &&
    isObject(request['headers']) &&
    isObject(answer['headers'])
  )
}
