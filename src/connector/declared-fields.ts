// Owns what each part of a connector's declaration may say: every field by name, and what its value has to be. A field
// that is added to the types without its rule here does not compile; one that nobody declared is refused by name.

import { surplusOf } from '../model/bare-address.ts'
import { durationMs } from '../model/duration.ts'
import { SOURCE_VERDICTS } from '../model/errors.ts'
import { COLUMN_TYPES } from '../model/record.ts'
import type { CatalogOf, Embeds, Failure, HttpSettings, Limit, Renewal, Service, Stream } from './connector.ts'
import type { Job, JobPrice } from './job.ts'
import type {
  Blend,
  ByCursor,
  FullPass,
  NewestByJob,
  NewestFirst,
  Pass,
  Refresh,
  RefreshByJob,
  Summary,
  Upload,
} from './passes.ts'
import type { Hint, Webhook } from './webhook.ts'

/** What a value has to be, in words, and whether it is. */
export interface Rule {
  readonly is: string
  readonly test: (value: unknown) => boolean
  readonly isRequired: boolean
  /** What an object, or each object of a list, may say. */
  readonly fields?: Rules
}

export type Rules = Readonly<Record<string, Rule>>

/** One rule for every field of a type. */
type RulesOf<T> = { readonly [Name in keyof Required<T>]: Rule }

type Given = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function rule(is: string, test: Rule['test'], fields?: Rules): Rule {
  return { is, test, isRequired: false, ...(fields ? { fields } : {}) }
}

function required(one: Rule): Rule {
  return { ...one, isRequired: true }
}

// ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const isText = (value: unknown): value is string => typeof value === 'string'
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText)
const isWhole = (value: unknown, least: number) => Number.isSafeInteger(value) && Number(value) >= least
const isFunction = (value: unknown) => typeof value === 'function'

const text = rule('text', isText)
const texts = rule('a list of texts', isTexts)
const callable = rule('a function', isFunction)
const yesOrNo = rule('true or false', (value) => typeof value === 'boolean')
const anything = rule('a value', () => true)
const textsByName = rule('an object of texts', (value) => isObject(value) && Object.values(value).every(isText))
const amount = rule(
  'an amount from 0 up',
  (value) => typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER,
)
const positive = rule('a number above 0', (value) => typeof value === 'number' && Number.isFinite(value) && value > 0)

function whole(least: number): Rule {
  return rule(`a whole number from ${least} up`, (value) => isWhole(value, least))
}

function oneOf(...words: readonly string[]): Rule {
  return rule(words.map((word) => `'${word}'`).join(' or '), (value) => words.includes(value as string))
}

function object(fields: Rules): Rule {
  return rule('an object', isObject, fields)
}

/** Milliseconds of a duration; undefined when it is none. */
export function durationOf(value: unknown): number | undefined {
  try {
    return isText(value) ? durationMs(value) : undefined
  } catch {
    return undefined
  }
}

const DURATION = 'a number and a unit, such as 5m, 1h or 30d'
/** How far before a run's start a window may end. */
export const LAG_MAX_MS = 90_000
const duration = rule(DURATION, (value) => durationOf(value) !== undefined)
const lag = rule('at most 90s, as a number and a unit', (value) => (durationOf(value) ?? Infinity) <= LAG_MAX_MS)
const overlap = rule(
  `${DURATION}; or, where order is no time, a number in its unit`,
  (value) => durationOf(value) !== undefined || (typeof value === 'number' && Number.isFinite(value) && value >= 0),
)

const listing = rule("'complete' or { cap: … }", (value) => value === 'complete' || isObject(value), {
  cap: required(whole(1)),
})

// ── passes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const kind = anything

const READ = { kind, paid: yesOrNo, read: required(callable) }
/** Looked at last: what else is wrong says more. */
const PAGED = { pageSize: required(whole(1)) }

const JOB_RULES = {
  start: required(callable),
  find: required(callable),
  poll: required(callable),
  read: required(callable),
  price: object({ start: amount, item: required(amount) } satisfies RulesOf<JobPrice>),
  priceFor: callable,
} satisfies RulesOf<Job<unknown>>

/** A pass that reads through upstream runs, by its kind. */
export const JOB_PASS_RULES = {
  newestFirst: {
    kind,
    paid: rule('true', (value) => value === true),
    job: required(object(JOB_RULES)),
    listing,
    order: required(callable),
    pinned: callable,
    stopAfter: whole(3),
    settles: duration,
    unitMs: positive,
  } satisfies RulesOf<NewestByJob<unknown, unknown>>,
  refresh: {
    kind,
    paid: rule('true', (value) => value === true),
    job: required(object(JOB_RULES)),
    batch: required(whole(1)),
    absent: oneOf('unavailable', 'removed'),
  } satisfies Omit<RulesOf<RefreshByJob<unknown>>, 'needs' | 'enabled'>,
} as const

const LISTING_READ = {
  ...READ,
  listing,
  paging: oneOf('keyset', 'offset'),
  total: callable,
  order: callable,
  pinned: callable,
  skip: callable,
  sharedAs: callable,
}

export const PASS_RULES: { readonly [Kind in Pass<unknown, unknown>['kind']]: Rules } = {
  byCursor: {
    ...READ,
    order: required(callable),
    sorted: yesOrNo,
    unitMs: positive,
    overlap: required(overlap),
    lag,
    ...PAGED,
  } satisfies RulesOf<ByCursor<unknown, unknown>>,
  /** Fewer than three anchored records in a row end no walk. */
  newestFirst: {
    ...LISTING_READ,
    stopAfter: whole(3),
    settles: duration,
    unitMs: positive,
    ...PAGED,
  } satisfies RulesOf<NewestFirst<unknown, unknown>>,
  fullPass: {
    ...LISTING_READ,
    everyRuns: whole(1),
    every: duration,
    first: yesOrNo,
    witness: callable,
    witnessBatch: whole(1),
    ...PAGED,
  } satisfies RulesOf<FullPass<unknown, unknown>>,
  summary: {
    kind,
    of: required(text),
    sums: required(texts),
    make: required(callable),
  } satisfies Omit<RulesOf<Summary<unknown>>, 'paid'>,
  blend: { kind, table: required(text) } satisfies Omit<RulesOf<Blend>, 'paid'>,
  refresh: {
    ...READ,
    batch: required(whole(1)),
    absent: oneOf('unavailable', 'removed'),
    needs: callable,
    enabled: callable,
  } satisfies RulesOf<Refresh<unknown>>,
  upload: {
    kind,
    accepts: required(text),
    read: required(callable),
    order: callable,
    unitMs: positive,
  } satisfies Omit<RulesOf<Upload<unknown, unknown>>, 'paid'>,
}

// ── streams ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What `.meta({ … })` of a field may say to us. */
export const METADATA_RULES: Rules = { column: oneOf(...COLUMN_TYPES), secret: yesOrNo, description: text }

export const FILTER_RULES: Rules = { values: required(texts), open: texts }

export const STREAM_RULES: RulesOf<Stream> = {
  title: text,
  // What it is made of is looked at where its columns are.
  schema: anything,
  open: yesOrNo,
  record: callable,
  belongs: callable,
  key: required(callable),
  version: callable,
  metrics: texts,
  text: object({ title: required(text), body: texts }),
  volatile: texts,
  byKey: object({ read: required(callable), batch: required(whole(1)) }),
  filters: rule('an object, by column', isObject),
  state: object({ version: required(whole(1)), migrate: callable }),
  passes: anything,
}

// ── the service ─────────────────────────────────────────────────────────────────────────────────────────────────────

const categoryColumns = rule(
  'an object by stream, of the column that names the category, or null',
  (value) => isObject(value) && Object.values(value).every((column) => column === null || isText(column)),
)

const verify = rule("a function, or 'unsigned'", (value) => value === 'unsigned' || isFunction(value))

export const SERVICE_RULES: RulesOf<Service> = {
  name: text,
  title: text,
  version: text,
  options: anything,
  http: required(callable),
  opening: callable,
  renew: callable,
  check: callable,
  login: rule('a list of texts, or a function that gives one', (value) => isFunction(value) || isTexts(value)),
  currency: rule('three letters, as in USD', (value) => typeof value === 'string' && /^[A-Z]{3}$/.test(value)),
  embeds: object({ batch: required(whole(1)), embed: required(callable) } satisfies RulesOf<Embeds<unknown>>),
  webhook: object({ verify: required(verify), hint: required(callable) } satisfies RulesOf<Webhook>),
  catalog: object({ streams: required(categoryColumns), categories: text } satisfies RulesOf<CatalogOf>),
}

export const LIMIT_RULES: RulesOf<Limit> = {
  key: required(text),
  requests: required(whole(1)),
  per: required(rule(`${DURATION}, above 0`, (value) => (durationOf(value) ?? 0) > 0)),
}

function isBaseAddress(value: unknown): boolean {
  const protocol = URL.parse(String(value))?.protocol ?? ''
  return /^https?:$/.test(protocol) && surplusOf(String(value)) === undefined
}

export const HTTP_RULES: RulesOf<HttpSettings> = {
  baseUrl: required(rule('an http address without a user name, a query or a fragment', isBaseAddress)),
  headers: textsByName,
  limits: rule(
    'a list of { key, requests, per }',
    (value) => Array.isArray(value) && value.every(isObject),
    LIMIT_RULES,
  ),
  allowedHosts: texts,
  sign: callable,
  classify: callable,
  unwrap: callable,
  atOnce: rule(
    'a whole number from 1 to 16',
    (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 16,
  ),
}

// ── what its code returns ───────────────────────────────────────────────────────────────────────────────────────────

const verdict = oneOf(...SOURCE_VERDICTS, 'refresh')

/** What can be done without is not insisted on: a failure is told all the same. */
export const FAILURE_RULES: RulesOf<Failure> = {
  verdict: required(verdict),
  scope: oneOf('key', 'page', 'stream', 'login', 'run'),
  code: required(rule('a name, such as shop_closed', (value) => isText(value) && value.trim() !== '')),
  message: anything,
  hint: anything,
  waitMs: anything,
}

export const RENEWAL_RULES: RulesOf<Renewal<unknown>> = {
  secrets: required(textsByName),
  expiresAt: anything,
}

const keysByStream = rule(
  'an object by stream, of lists of keys',
  (value) => isObject(value) && Object.values(value).every(isTexts),
)

export const HINT_RULES: RulesOf<Hint> = { id: text, records: keysByStream, streams: texts, job: text }

export const SIGNATURE_RULES: RulesOf<ReturnType<NonNullable<HttpSettings['sign']>>> = {
  query: textsByName,
  headers: textsByName,
}
