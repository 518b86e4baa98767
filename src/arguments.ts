// Owns what the library may be given, and the refusal of the rest where it comes in: a wrong or misspelt argument is told
// by name at once, instead of being taken silently or failing somewhere deep. The types of options stand here, too, so
// that one which is added without its check does not compile.

import { z } from 'zod'
import type { Connector } from './connector/connector.ts'
import type { ChangesQuery } from './engine/history/feed.ts'
import type { MetricsQuery } from './engine/history/metrics.ts'
import type { RecordsAsked } from './engine/history/read-records.ts'
import type { Decisions } from './engine/passes/decisions.ts'
import type { RunOrder } from './engine/runs/order.ts'
import type { PlanOrder } from './engine/runs/plan-report.ts'
import type { Retention } from './engine/runs/retention.ts'
import type { SchedulerOptions } from './engine/schedules/scheduler.ts'
import type { ScheduleWish } from './engine/schedules/set-schedule.ts'
import type { Transport } from './http/transport.ts'
import { TidemarkError } from './model/errors.ts'
import { isTimezone } from './model/local-time.ts'
import { knownNames } from './model/near-miss.ts'
import { plural } from './model/plural.ts'
import type { Chance, Clock, Logger } from './model/ports.ts'
import { KEY_BYTES } from './secrets/key-file.ts'
import type { KeySource } from './secrets/keys.ts'
import type { BudgetRow, Holder, Store } from './store/store.ts'

export interface OpenOptions {
  /** A file, ':memory:', or postgres://user:password@host:port/database?schema=name. @default 'tidemark.db' */
  readonly database?: string | undefined
  /** @default 'default' */
  readonly project?: string | undefined
  /** IANA name, used when the project is made: its days begin at midnight there. @default 'UTC' */
  readonly timezone?: string | undefined
  /** Connectors of one's own, beside the built-in ones. */
  readonly connectors?: readonly Connector<never>[] | undefined
  readonly logger?: Logger | undefined
  /** Instead of opening `database`. The store stays open when this is closed. */
  readonly store?: Store | undefined
  readonly clock?: Clock | undefined
  readonly chance?: Chance | undefined
  readonly transport?: Transport | undefined
  readonly decisions?: Decisions | undefined
  readonly holder?: Holder | undefined
  readonly isDead?: ((holder: Holder) => boolean) | undefined
  /** 32 bytes; else TIDEMARK_KEY, TIDEMARK_KEY_FILE, or the key file in the user's config folder. */
  readonly key?: Uint8Array | KeySource | undefined
  /** How long changes, requests and past contents are kept. @default 90 days, 30 days, for ever */
  readonly retention?: Retention | undefined
  /** Whether a database and a project that don't exist are made. @default true */
  readonly create?: boolean | undefined
  /** Nor needs the project to exist, for whoever looks at the database as a whole. @default false */
  readonly anyProject?: boolean | undefined
  /** The shortest interval that a schedule may be set to, in milliseconds. @default 60_000 */
  readonly everyMinMs?: number | undefined
}

export interface ConnectOptions<Given> {
  /** Letters, digits, dots, dashes and underscores: how the connection is called from now on. */
  readonly id: string
  readonly options?: Given | undefined
  /**
   * Ask the service once whether it takes the login, and throw what it refuses; the connection is kept all the same.
   * @default false
   */
  readonly check?: boolean | undefined
}

/** What a connection or connector may use: at most `max` within any `perMs`. Null takes the limit away. */
export type BudgetLimits = { readonly [Of in 'requests' | 'cost']?: BudgetRow[Of] | undefined }

export interface RunsQuery {
  readonly connection?: string | undefined
  /** @default 50 */
  readonly limit?: number | undefined
}

export interface ConnectionQuery {
  readonly connection?: string | undefined
}

type Fields<Options> = { readonly [Name in keyof Required<Options>]: z.ZodType }

// ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────────
// Each says what it is, for: "records: limit is a whole number from 0 up, not -1".

type Test = (value: unknown) => boolean

/** Or it is left out. */
function is(expected: string, test: Test): z.ZodType {
  return z.custom(test, expected).optional()
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const text = is('is text', (value) => typeof value === 'string')
const name = is('is text that is not empty', (value) => typeof value === 'string' && value.trim() !== '')
const yesOrNo = is('is true or false', (value) => typeof value === 'boolean')
const whole = is('is a whole number from 0 up', (value) => Number.isSafeInteger(value) && Number(value) >= 0)
const amount = is('is zero or more', (value) => typeof value === 'number' && value >= 0)
const isFrom0: Test = (value) => Number.isFinite(value) && Number(value) >= 0
const callable = is('is a function', (value) => typeof value === 'function')
const signal = is('is an AbortSignal', (value) => isRecord(value) && typeof value['aborted'] === 'boolean')
const texts = is('is a list of texts', (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'))
const moment = is('is a moment: a Date, or milliseconds since 1970', (value) =>
  Number.isFinite(value instanceof Date ? value.getTime() : value),
)
const timezone = is('is an IANA name', (value) => typeof value === 'string' && isTimezone(value))

function oneOf(...words: readonly string[]): z.ZodType {
  return is(`is one of ${words.join(', ')}`, (value) => words.includes(value as string))
}

/** Something with these members, such as a port. */
function having(expected: string, ...members: readonly string[]): z.ZodType {
  return is(`is ${expected}`, (value) => isRecord(value) && members.every((member) => member in value))
}

function object(fields: Readonly<Record<string, z.ZodType>>): z.ZodType {
  return z.strictObject(fields).optional()
}

function recordOf(expected: string, test: Test): z.ZodType {
  return is(
    expected,
    (value) => isRecord(value) && !Array.isArray(value) && Object.values(value).every((one) => test(one)),
  )
}

const isConnector: Test = (value) =>
  isRecord(value) && isRecord(value['streams']) && isRecord(value['service']) && 'name' in value['service']

const isTextOrNumber: Test = (value) => typeof value === 'string' || Number.isFinite(value)

const limitPart = object({
  max: z.custom(isFrom0, 'is a number from 0 up'),
  perMs: z.custom((value) => isFrom0(value) && value !== 0, 'is a number of milliseconds above 0'),
}).nullable()

// ── calls ───────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Call {
  readonly fields: z.ZodType
  readonly names: readonly string[]
  /** How it is written. */
  readonly example: string
}

function call<Options>(example: string, fields: Fields<Options>): Call {
  return { fields: z.strictObject(fields), names: Object.keys(fields), example }
}

const CALLS = {
  openTidemark: call<OpenOptions>("openTidemark({ database: 'tidemark.db' })", {
    database: name,
    project: name,
    timezone,
    connectors: is(
      'is a list of connectors (values of defineConnector)',
      (value) => Array.isArray(value) && value.every((one) => isConnector(one)),
    ),
    logger: having('a logger', 'event'),
    store: having('a store', 'ensureProject'),
    clock: having('a clock', 'now', 'sleep'),
    chance: having('a source of chance', 'id'),
    transport: having('a transport', 'close'),
    decisions: having('the decisions of a run', 'planStream'),
    holder: is('is a holder of leases', isRecord),
    isDead: callable,
    key: is('is 32 bytes, or a source of them', (value) =>
      value instanceof Uint8Array ? value.length === KEY_BYTES : isRecord(value) && 'find' in value,
    ),
    retention: object({ changes: text, requests: text, versions: text } satisfies Fields<Retention>),
    create: yesOrNo,
    anyProject: yesOrNo,
    everyMinMs: is('is a number of milliseconds from 0 up', isFrom0),
  }),
  connect: call<ConnectOptions<unknown>>("connect(github, { id: 'me', options: { user: 'ada' } })", {
    id: z.string('is text'),
    options: recordOf('is an object', () => true),
    check: yesOrNo,
  }),
  runs: call<RunsQuery>("runs({ connection: 'me', limit: 10 })", { connection: text, limit: whole }),
  quarantine: call<ConnectionQuery>("quarantine({ connection: 'me' })", { connection: text }),
  retryQuarantine: call<ConnectionQuery>("retryQuarantine({ connection: 'me' })", { connection: text }),
  setBudget: call<BudgetLimits>("setBudget('me', { requests: { max: 500, perMs: 3_600_000 } })", {
    requests: limitPart,
    cost: limitPart,
  }),
  changes: call<ChangesQuery>("changes({ consumer: 'mine', follow: true })", {
    after: is("is a cursor, its number, or 'now'", isTextOrNumber),
    consumer: text,
    acknowledge: oneOf('auto', 'manual'),
    limit: whole,
    follow: yesOrNo,
    signal,
  }),
  start: call<SchedulerOptions>('start({ signal })', { signal, onRun: callable }),
  sync: call<RunOrder>("sync({ streams: ['stars'], mode: 'full' })", {
    mode: oneOf('auto', 'full', 'refresh'),
    streams: texts,
    where: recordOf(
      "has a list of texts for every field, such as { status: ['open'] }",
      (values) => Array.isArray(values) && values.every((value) => typeof value === 'string'),
    ),
    range: object({ since: moment, until: moment }),
    maxRequests: is(
      'is a whole number from 0 up',
      (value) => value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && Number(value) >= 0),
    ),
    maxCost: amount,
    allowance: having('an allowance', 'takeRequest'),
    fullMayWait: yesOrNo,
    signal,
    onProgress: callable,
    whenActive: oneOf('attach', 'refuse'),
    onAttach: callable,
  }),
  plan: call<PlanOrder>("plan({ streams: ['stars'] })", {
    mode: oneOf('auto', 'full', 'refresh'),
    streams: texts,
    allowance: having('an allowance', 'takeRequest'),
    draws: having('what other plans draw on', 'set'),
  }),
  schedule: call<ScheduleWish>("schedule({ spec: 'every 15m' })", {
    spec: z.string('is text, such as every 15m'),
    stream: text,
    timezone,
    quietHours: text,
  }),
  records: call<RecordsAsked>("records('stars', { limit: 10 })", {
    removed: yesOrNo,
    asOf: moment,
    where: recordOf(
      'has one text, number or boolean for every column',
      (value) => isTextOrNumber(value) || typeof value === 'boolean',
    ),
    columns: texts,
    order: text,
    limit: whole,
  }),
  metrics: call<MetricsQuery>("metrics('stars', { metric: 'likes', by: 'day' })", {
    metric: z.string('is text, the name of a column'),
    key: text,
    by: oneOf('run', 'day'),
    since: moment,
    timezone,
  }),
} as const satisfies Readonly<Record<string, Call>>

// ── refusal ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What is wrong with these has a code of its own, wherever it is found out. */
const CODES: Readonly<Record<string, string>> = {
  asOf: 'moment_invalid',
  since: 'moment_invalid',
  timezone: 'timezone_invalid',
  retention: 'retention_invalid',
  key: 'key_invalid',
  spec: 'schedule_invalid',
  quietHours: 'quiet_hours_invalid',
  after: 'cursor_invalid',
}

/**
 * Refuses the object that a call was given when something in it is unknown, or is not what it should be.
 *
 * @throws TidemarkError option_unknown, option_invalid, argument_invalid, or the field's own code (stop)
 */
export function checkOptionsOf(of: keyof typeof CALLS, given: unknown): void {
  const { fields, names, example }: Call = CALLS[of]
  if (!isRecord(given) || Array.isArray(given) || given instanceof Date) {
    throw new TidemarkError('argument_invalid', `${of} takes its options as an object, not ${told(given, of)}`, {
      hint: `For example: ${example}`,
    })
  }
  const { error } = fields.safeParse(given)
  const issues = error?.issues ?? []
  // A name that is misspelt is missed, too: the misspelling says more.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]
  if (!issue) return
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    const stranger = [...path, ...issue.keys.slice(0, 1)].join('.')
    const hint = path.length > 0 ? `For example: ${example}` : knownNames(issue.keys[0] ?? '', names)
    throw new TidemarkError('option_unknown', `${of} has no option "${stranger}"`, { hint })
  }
  const expected = issue.code === 'invalid_type' && issue.expected === 'object' ? 'is an object' : issue.message
  const value = path.reduce<unknown>((within, step) => (isRecord(within) ? within[step] : undefined), given)
  throw new TidemarkError(
    CODES[path[0] ?? ''] ?? 'option_invalid',
    `${of}: ${path.join('.')} ${expected}, not ${told(value, of)}`,
    { hint: `For example: ${example}` },
  )
}

/**
 * Refuses what is no text. `example` is how the call is written.
 *
 * @throws TidemarkError argument_invalid (stop)
 */
export function checkText(example: string, what: string, given: unknown): void {
  if (typeof given !== 'string') throw wrongArgument(example, `${what} is text`, given)
}

/** @throws TidemarkError argument_invalid (stop) */
export function checkWord(example: string, words: readonly string[], given: unknown): void {
  if (!words.includes(given as string)) throw wrongArgument(example, `it takes one of ${words.join(', ')}`, given)
}

/** @throws TidemarkError argument_invalid (stop) */
export function checkLimit(example: string, given: unknown): void {
  if (!whole.safeParse(given).success) throw wrongArgument(example, 'the limit is a whole number from 0 up', given)
}

function wrongArgument(example: string, expected: string, given: unknown): TidemarkError {
  const [of = ''] = example.split('(')
  return new TidemarkError('argument_invalid', `${of}: ${expected}, not ${told(given, of)}`, {
    hint: `For example: ${example}`,
  })
}

/** @throws TidemarkError id_invalid (stop) */
export function checkConnectionId(id: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(id)) return
  throw new TidemarkError('id_invalid', `"${id}" can't be the id of a connection`, {
    hint: 'Use letters, digits, dots, dashes and underscores, 100 at most, beginning with a letter or digit.',
  })
}

/** @throws TidemarkError argument_invalid (stop) */
export function checkConnector(given: unknown): void {
  if (typeof given === 'string' || isConnector(given)) return
  const isModule = isRecord(given) && isConnector(given['default'])
  throw new TidemarkError('argument_invalid', `connect takes a connector first, not ${told(given, 'connect')}`, {
    hint: isModule
      ? "The connector is the module's default export: import github from 'tidemark/connectors/github'"
      : `Its name, or a value of defineConnector. For example: ${CALLS.connect.example}`,
  })
}

const TOLD_CHARS_MAX = 60

/** A value for a message. Text that may hold a secret is not shown. */
function told(value: unknown, of: string): string {
  if (typeof value === 'string') {
    const isOpen = of !== 'openTidemark' && of !== 'connect'
    return isOpen && value.length <= TOLD_CHARS_MAX ? `"${value}"` : 'this text'
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date'
  if (value instanceof Uint8Array) return plural(value.length, 'byte')
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}
