// Owns the refusal of a connector that can't work: what is wrong with its declaration is told where it comes in, with the
// names of the connector and the stream. Whatever is declared is honoured, or refused here; nothing is ignored.

import { surplusOf } from '../model/bare-address.ts'
import { TidemarkError } from '../model/errors.ts'
import { knownNames, nearest } from '../model/near-miss.ts'
import { heard } from '../model/told.ts'
import { checkNames, checkOptionsSchema, connectorInvalid } from './check-names.ts'
import type { CatalogOf, HttpSettings } from './connector.ts'
import {
  durationOf,
  FILTER_RULES,
  HTTP_RULES,
  isObject,
  JOB_PASS_RULES,
  METADATA_RULES,
  PASS_RULES,
  type Rules,
  SERVICE_RULES,
  STREAM_RULES,
} from './declared-fields.ts'

/** A connector as whoever wrote it in JavaScript may have left it. */
interface Declared {
  readonly service: {
    readonly name: string
    readonly options?: unknown
    readonly http?: unknown
    readonly catalog?: CatalogOf
  }
  readonly streams: Readonly<Record<string, unknown>>
}

type Given = Readonly<Record<string, unknown>>
export type Refuse = (problem: string, hint: string) => never

const PASSES_HINT =
  'passes is a list of byCursor({ … }), newestFirst({ … }), fullPass({ … }), refresh({ … }), summary({ … }) and upload({ … }), of at least one.'

/** Instead of a general hint, for what is often forgotten or written otherwise. */
const EXAMPLES: Readonly<Record<string, string>> = {
  key: 'Write: key: (record) => record.id',
  read: 'It reads one page of the source.',
  order: 'Write: order: (record) => record.updated',
  http: "Write: http: (options) => ({ baseUrl: 'https://…' })",
}

/**
 * Everything but the columns, and what `http` returns.
 *
 * @throws TidemarkError connector_invalid (stop)
 */
export function checkParts({ service, streams }: Declared): void {
  const { name } = service
  checkNames(name, Object.keys(streams))
  checkOptionsSchema(name, service.options)
  checkFields(service, SERVICE_RULES, 'it', (problem, hint) => {
    throw connectorInvalid(name, problem, hint)
  })
  checkMetadata(service.options, 'option', (problem, hint) => {
    throw connectorInvalid(name, problem, hint)
  })
  for (const [stream, declared] of Object.entries(streams)) {
    checkStream(declared, (problem, hint) => {
      throw connectorInvalid(name, `stream "${stream}": ${problem}`, hint)
    })
  }
  for (const [stream, declared] of Object.entries(streams)) {
    checkSummaries(declared, { name: stream, streams }, (problem, hint) => {
      throw connectorInvalid(name, `stream "${stream}": ${problem}`, hint)
    })
  }
  checkCatalog(service.catalog, streams, (problem, hint) => {
    throw connectorInvalid(name, problem, hint)
  })
}

/** A catalog names streams and columns that there are. */
function checkCatalog(catalog: CatalogOf | undefined, streams: Declared['streams'], refuse: Refuse): void {
  if (!catalog) return
  const { categories } = catalog
  for (const [stream, column] of [...Object.entries(catalog.streams), ...(categories ? [[categories, null]] : [])]) {
    const known = Object.keys(streams)
    if (!known.includes(stream as string)) {
      refuse(`its catalog names the stream "${stream}", which it has not`, knownNames(stream as string, known))
    }
    const columns = columnsOf((streams[stream as string] as Given)['schema'])
    if (column !== null && !columns.includes(column as string)) {
      refuse(`the catalog's category "${column}" is no column of ${stream}`, knownNames(column as string, columns))
    }
  }
}

function columnsOf(schema: unknown): readonly string[] {
  return isObject(schema) && isObject(schema['shape']) ? Object.keys(schema['shape']) : []
}

/** What `http` of a service returned. @throws TidemarkError connector_invalid (stop) */
export function checkHttp(service: string, settings: unknown): HttpSettings {
  const refuse: Refuse = (problem, hint) => {
    throw connectorInvalid(service, problem, hint)
  }
  notPromised('http', settings)
  if (!isObject(settings)) return refuse('its http returned no settings', EXAMPLES['http'] as string)
  checkFields(settings, HTTP_RULES, 'its http', refuse)
  return settings as unknown as HttpSettings
}

/**
 * What a connector's function returned whose answer is used at once. A promise is refused, and what it throws later ends no
 * process.
 *
 * @throws TidemarkError connector_invalid (stop)
 */
export function notPromised<T>(by: string, found: T, hint = 'It answers at once, without a promise.'): T {
  if (!isObject(found) || typeof found['then'] !== 'function') return found
  void heard(Promise.resolve(found))
  const message = `The connector can't be used: its ${by} returned a promise.` as const
  throw new TidemarkError('connector_invalid', message, { hint, scope: 'stream' })
}

/** The same function, whose answer is used at once: see `notPromised`. */
export function atOnce<F extends (...given: never[]) => unknown>(by: string, ask: F): F {
  return ((...given) => notPromised(by, ask(...given))) as F
}

function checkStream(declared: unknown, refuse: Refuse): void {
  if (!isObject(declared)) return refuse('it is no stream', 'Write: stream({ … })')
  checkFields(declared, STREAM_RULES, 'it', refuse)
  const { passes, filters, schema } = declared
  if (!Array.isArray(passes) || passes.length === 0) return refuse('it has no pass, so it is never read', PASSES_HINT)
  const kinds = new Set<string>()
  for (const pass of passes as readonly unknown[]) {
    const kind = checkPass(pass, refuse)
    if (kinds.has(kind)) refuse(`it has two passes ${kind}`, 'Declare each kind of pass once.')
    kinds.add(kind)
  }
  if (kinds.size === 1 && kinds.has('refresh')) {
    refuse(
      'it has no pass that finds records',
      'A refresh reads known records again: add a newestFirst, a fullPass or an upload.',
    )
  }
  if (declared['belongs'] !== undefined && kinds.has('byCursor')) {
    refuse('it has belongs and byCursor', 'A window of changes is filtered where it is read; belongs is for listings.')
  }
  if (passesOf(declared).some(({ needs }) => needs !== undefined) && !kinds.has('upload')) {
    refuse('it has a refresh with needs, and no upload', 'What a listing reads has to be whole: leave needs out.')
  }
  checkMetadata(schema, 'field', refuse)
  if (isObject(filters)) checkFilters(filters, schema, refuse)
}

/** A summary is made of another stream that is read from the source. */
function checkSummaries(
  declared: unknown,
  { name, streams }: { name: string } & Pick<Declared, 'streams'>,
  refuse: Refuse,
): void {
  const passes = passesOf(declared)
  for (const pass of passes.filter(({ kind }) => kind === 'summary')) {
    const others = Object.keys(streams).filter(
      (one) => one !== name && passesOf(streams[one]).some(({ kind }) => kind !== 'summary'),
    )
    const of = String(pass['of'])
    if (passes.length > 1)
      refuse('it has a summary beside other passes', 'A stream with a summary has nothing else to read.')
    if (!others.includes(of))
      refuse(`it is a summary of "${of}", which is no other stream that is read`, knownNames(of, others))
    const columns = columnsOf((streams[of] as Given)['schema'])
    const strange = (pass['sums'] as readonly string[]).find((column) => !columns.includes(column))
    if (strange !== undefined)
      refuse(`it adds up "${strange}", which is no column of "${of}"`, knownNames(strange, columns))
  }
}

function passesOf(declared: unknown): readonly Given[] {
  return isObject(declared) && Array.isArray(declared['passes']) ? (declared['passes'] as readonly Given[]) : []
}

function checkFilters(filters: Given, schema: unknown, refuse: Refuse): void {
  const columns = columnsOf(schema)
  for (const [column, filter] of Object.entries(filters)) {
    if (!columns.includes(column)) {
      refuse(`its filter "${column}" is no column of it`, knownNames(column, columns, 'Its columns'))
    }
    if (!isObject(filter)) return refuse(`its filter "${column}" is no object`, 'Write: { values: […], open: […] }')
    checkFields(filter, FILTER_RULES, `its filter "${column}"`, refuse)
    const values = filter['values'] as readonly string[]
    const strange = ((filter['open'] ?? []) as readonly string[]).find((value) => !values.includes(value))
    if (strange !== undefined) {
      refuse(
        `"${strange}", which its filter "${column}" calls open, is none of its values`,
        knownNames(strange, values),
      )
    }
  }
}

/**
 * What the fields of a zod object say of themselves: zod takes any metadata, so that only what nearly has one of our names
 * can be told from what is meant for somebody else.
 */
function checkMetadata(schema: unknown, what: string, refuse: Refuse): void {
  const fields = isObject(schema) && isObject(schema['shape']) ? Object.entries(schema['shape']) : []
  for (const [name, field] of fields) {
    for (let one: unknown = field; isObject(one); one = isObject(one['def']) ? one['def']['innerType'] : undefined) {
      const meta: unknown = typeof one['meta'] === 'function' ? (one['meta'] as () => unknown).call(one) : undefined
      if (!isObject(meta)) continue
      for (const [key, value] of Object.entries(meta)) {
        const rule = METADATA_RULES[key]
        const meant = rule ? undefined : nearest(key, Object.keys(METADATA_RULES))
        if (meant !== undefined) {
          refuse(`its ${what} "${name}" has the metadata "${key}", which means nothing`, `Did you mean ${meant}?`)
        }
        if (rule && value !== undefined && !rule.test(value)) {
          refuse(`the metadata "${key}" of its ${what} "${name}" is ${told(value)}`, `It has to be ${rule.is}.`)
        }
      }
    }
  }
}

/** Returns the kind of the pass. */
function checkPass(pass: unknown, refuse: Refuse): string {
  const kind = isObject(pass) ? pass['kind'] : undefined
  if (!isObject(pass) || typeof kind !== 'string') return refuse('one of its passes is none', PASSES_HINT)
  if (!Object.hasOwn(PASS_RULES, kind)) return refuse(`there is no kind of pass called "${kind}"`, PASSES_HINT)
  const isByJob = 'job' in pass && Object.hasOwn(JOB_PASS_RULES, kind)
  const rules = isByJob
    ? JOB_PASS_RULES[kind as keyof typeof JOB_PASS_RULES]
    : PASS_RULES[kind as keyof typeof PASS_RULES]
  checkFields(pass, rules, `its ${kind}`, refuse)
  checkTogether(pass, kind, refuse)
  return kind
}

/** What means nothing without something else. */
function checkTogether(pass: Given, kind: string, refuse: Refuse): void {
  const { overlap, unitMs, lag, witness, witnessBatch } = pass
  if (unitMs === undefined && typeof overlap === 'string' && durationOf(overlap) !== 0) {
    refuse(
      `the overlap of its ${kind} is "${overlap}", and without unitMs nobody knows how much of its order that is`,
      'Say how many milliseconds one unit of order has (unitMs: 1000 for unix seconds), or, where order is no time, write the overlap as a number in its unit.',
    )
  }
  if (unitMs !== undefined && typeof overlap === 'number') {
    refuse(`the overlap of its ${kind} is ${overlap}, and its order is a time`, 'Write a duration, such as 5m.')
  }
  if (unitMs === undefined && lag !== undefined) {
    refuse(
      `the lag of its ${kind} means nothing without unitMs`,
      'Say how many milliseconds one unit of order has: unitMs: 1000 for unix seconds.',
    )
  }
  if (witnessBatch !== undefined && witness === undefined) {
    refuse(`the witnessBatch of its ${kind} means nothing without a witness`, 'Declare a witness, or leave it out.')
  }
}

/** Each field that is there has to be known and right, and each that has to be there is. */
export function checkFields(given: Given, rules: Rules, whose: string, refuse: Refuse): void {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(rules, name)) continue
    refuse(`${whose} has no option "${name}"`, knownNames(name, Object.keys(rules), 'Its options'))
  }
  for (const [name, rule] of Object.entries(rules)) {
    const value = given[name]
    if (value === undefined && !rule.isRequired) continue
    const wrong = value === undefined ? 'missing' : rule.is === 'a function' ? 'no function' : told(value)
    if (!rule.test(value)) refuse(`${problemOf(name, whose)} is ${wrong}`, hintOf(name, rule.is))
    const parts = rule.fields ? (Array.isArray(value) ? value : [value]) : []
    for (const part of parts) if (isObject(part)) checkFields(part, rule.fields as Rules, `${name} of ${whose}`, refuse)
  }
}

function problemOf(name: string, whose: string): string {
  return whose === 'it' ? `its ${name}` : `the ${name} of ${whose}`
}

function hintOf(name: string, is: string): string {
  return EXAMPLES[name] ?? `It has to be ${is}.`
}

/** What was given, as far as it can be told. */
function told(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'not such a list' : 'an object'
  const text = String(value)
  const surplus = surplusOf(text)
  // What is in such an address may open something.
  return surplus === undefined ? `"${text}"` : `an address with ${surplus}`
}
