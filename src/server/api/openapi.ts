// Owns the description of the API for other programs: OpenAPI 3.1, made of the routes and of what their operations declare.

import { operationNamed } from '../../operations/all.ts'
import type { Field } from '../../operations/fields.ts'
import type { Described } from '../../operations/operation.ts'
import { LINE_FORMATS } from '../../operations/row-lines.ts'
import { fieldSchema, isOptional, jsonSchema, type Schema } from '../json-schema.ts'
import { answerOf, BATCH, listOf, RUN, whole } from './answers.ts'
import { KEY_CHARS_MAX, takesKey } from './idempotency.ts'
import { fieldsOf, paramsOf } from './input.ts'
import { PAGE, PAGE_MAX } from './paging.ts'
import { ROUTES, type Route, type Special } from './routes.ts'

const TEXT = { type: 'string' } as const
const WHOLE = { type: 'integer', minimum: 0 } as const

/** What a route takes in its query beside the inputs of its operation. */
const QUERIES: Partial<Readonly<Record<Special, Readonly<Record<string, Schema>>>>> = {
  batchOf: { batch: { ...TEXT, description: 'only the summary of this batch' } },
  changes: {
    wait: { ...WHOLE, maximum: 60, description: 'seconds to wait for the first change' },
    limit: { ...WHOLE, maximum: 10_000, description: 'how many, at most' },
  },
  export: { format: { type: 'string', enum: [...LINE_FORMATS], default: 'json', description: 'of the file' } },
  endConnection: { purge: { type: 'boolean', description: 'delete all that is stored of it' } },
}
/** The same in its body. */
const BODIES: Partial<Readonly<Record<Special, Readonly<Record<string, Schema>>>>> = {
  batch: {
    project: { ...TEXT, description: 'another project, or all' },
  },
  changeConnection: { paused: { type: 'boolean', description: 'pause or resume the connection' } },
}
/** Other good answers than the usual one. */
const ALSO: Partial<Readonly<Record<Special, Schema>>> = {
  start: { 200: answered('a run that is under way already and does all that is asked', RUN) },
  batch: { 200: answered('with wait: all runs have ended', BATCH) },
  catalog: { 304: { description: 'the caller has it already' } },
}

/** Another status with the usual answer. */
const ALIKE: Partial<Readonly<Record<Special, readonly [status: number, description: string]>>> = {
  connect: [200, 'a connection that was there already, and whose options were changed'],
}

function answered(description: string, schema: Schema): Schema {
  return { description, content: { 'application/json': { schema } } }
}

/** What no operation's output describes, and is no JSON that a program reads by its parts. */
const TEXTS: Partial<Readonly<Record<Special, readonly [type: string, schema: Schema]>>> = {
  changes: ['application/x-ndjson', TEXT],
  export: ['application/octet-stream', TEXT],
  image: ['image/*', { type: 'string', format: 'binary' }],
  events: ['text/event-stream', TEXT],
  eventsOfRun: ['text/event-stream', TEXT],
}

/** Headers that a call may have. */
const HEADER = {
  key: {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'the same key gives the first answer again, and does nothing twice; kept for a day',
    schema: { ...TEXT, minLength: 1, maxLength: KEY_CHARS_MAX },
  },
  lastEvent: {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'the id of the last event that was heard: what came after it is told',
    schema: TEXT,
  },
} as const

/** The whole document. */
export async function openApi(): Promise<Schema> {
  const paths: Record<string, Record<string, Schema>> = {}
  for (const route of ROUTES) {
    const operation = await operationNamed(route.operation)
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: await describe(route, operation) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tidemark',
      version: '1',
      description: 'Every call needs a token with the scope that it names: Authorization: Bearer <token>.',
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'tidemark_session' },
      },
      schemas: { Problem: PROBLEM },
    },
  }
}

const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'hint'],
  properties: {
    type: TEXT,
    title: TEXT,
    status: { type: 'integer' },
    detail: TEXT,
    code: TEXT,
    hint: { type: ['string', 'null'] },
    issues: {
      type: 'array',
      description: 'what is wrong with each option of a connector; the option is null where it is several together',
      items: {
        type: 'object',
        required: ['option', 'message'],
        properties: { option: { type: ['string', 'null'] }, message: TEXT },
      },
    },
  },
} as const

/** A route's own id: its method, and the words of its path. */
export function operationId({ method, path }: Route): string {
  const words = path
    .replace('/api', '')
    .split(/[/{}]+/)
    .filter((word) => word !== '')
  return [method.toLowerCase(), ...words]
    .map((word, i) => (i === 0 ? word : word[0]?.toUpperCase() + word.slice(1)))
    .join('')
}

/** What a route takes: of its path, in its query, and in its body, of the operation's fields and beside them. */
function inputsOf(route: Route, operation: Described) {
  const params = paramsOf(route.path)
  const fields = fieldsOf(route, operation)
  const named = new Map(fields.map((one) => [one.as, one.field]))
  const others = fields.filter(({ as, field }) => !params.includes(as) && field.kind !== 'hook')
  const isBody = hasBody(route)
  const more = route.special ? (QUERIES[route.special] ?? {}) : {}
  // A list takes the limit of a page, whatever its operation would.
  const isPaged = isList(route, operation)
  const isOwn = (one: string) => !(one in more) && !(isPaged && one === 'limit')
  const inQuery = isBody
    ? []
    : others.filter(({ as }) => isOwn(as)).map(({ as, field }) => parameter('query', as, field))
  const known = new Set([...inQuery.map(({ name }) => name), ...Object.keys(more)])
  const pages = isPaged && !known.has('cursor') ? pageParameters(known) : []
  const beside = Object.entries(more).map(([name, schema]) => ({ name, in: 'query', schema }))
  return {
    path: params.map((name) => parameter('path', name, named.get(name))),
    query: [...inQuery, ...beside, ...pages],
    fields: isBody ? others : [],
    besideFields: (isBody && route.special && BODIES[route.special]) || {},
  }
}

/** Everything that a route takes beside its path, by name. */
export function inputNames(route: Route, operation: Described): readonly string[] {
  const { query, fields, besideFields } = inputsOf(route, operation)
  return [...query.map(({ name }) => name), ...fields.map(({ as }) => as), ...Object.keys(besideFields)]
}

/** Whether its inputs come as a JSON body. */
export function hasBody({ method, special }: Route): boolean {
  return method !== 'GET' && method !== 'DELETE' && special !== 'upload'
}

async function describe(route: Route, operation: Described): Promise<Schema> {
  const { status = 200, special } = route
  const { path, query, fields, besideFields } = inputsOf(route, operation)
  const alike = special && ALIKE[special]
  const [type, schema] =
    (special && TEXTS[special]) ?? (['application/json', await answerSchema(route, operation)] as const)
  return {
    operationId: operationId(route),
    summary: route.does ?? operation.does,
    ...(route.does === undefined && operation.details !== undefined ? { description: operation.details } : {}),
    'x-scope': operation.scope,
    parameters: [...path, ...query, ...headersOf(route)],
    ...(hasBody(route) ? { requestBody: bodyOf(fields, besideFields) } : {}),
    ...(special === 'upload' ? { requestBody: FILE } : {}),
    responses: {
      [status]: { description: 'done', content: { [type]: { schema } } },
      ...(special && ALSO[special]),
      ...(alike && { [alike[0]]: answered(alike[1], schema) }),
      default: {
        description: 'what went wrong',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function headersOf(route: Route) {
  if (takesKey(route)) return [HEADER.key]
  return route.special === 'events' || route.special === 'eventsOfRun' ? [HEADER.lastEvent] : []
}

const FILE = {
  required: true,
  content: {
    'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
    'multipart/form-data': {
      schema: { type: 'object', properties: { file: { type: 'string', format: 'binary' } }, required: ['file'] },
    },
  },
} as const

export function isList({ method, special }: Route, { list }: Described): boolean {
  if (special === 'records' || special === 'ownProjects' || special === 'batchOf') return true
  return method === 'GET' && list !== undefined && special === undefined
}

function pageParameters(known: ReadonlySet<string>) {
  const limit = { ...WHOLE, minimum: 1, maximum: PAGE_MAX, default: PAGE }
  const all = [
    { name: 'cursor', in: 'query', schema: { ...TEXT, description: 'nextCursor of the page before' } },
    { name: 'limit', in: 'query', schema: limit },
  ]
  return all.filter(({ name }) => !known.has(name))
}

function parameter(place: 'path' | 'query', name: string, field: Field | undefined) {
  const required = place === 'path' || (field !== undefined && !isOptional(field))
  const schema = field ? textSchema(field) : TEXT
  const description = field?.about
  return { name, in: place, required, ...(description === undefined ? {} : { description }), schema }
}

/** A field as it is written in a path or a query, where everything is text. */
function textSchema({ kind, words, most, schema }: Field): Schema {
  if (kind === 'number') return numberSchema(schema, most)
  if (kind === 'switch') return { type: 'boolean' }
  if (kind === 'word') return { ...TEXT, enum: words }
  return kind === 'list' || kind === 'pairs' ? { type: 'array', items: TEXT } : TEXT
}

function numberSchema(schema: Field['schema'], most: number | undefined): Schema {
  const { type = 'number', minimum, exclusiveMinimum, maximum } = jsonSchema(schema, 'input')
  const bounds = { minimum, exclusiveMinimum, maximum: most ?? maximum }
  return { type, ...Object.fromEntries(Object.entries(bounds).filter(([, bound]) => bound !== undefined)) }
}

function bodyOf(fields: ReturnType<typeof fieldsOf>, more: Readonly<Record<string, Schema>>): Schema {
  const properties = Object.fromEntries(fields.map(({ as, field }) => [as, fieldSchema(field)]))
  const required = fields.filter(({ field }) => !isOptional(field)).map(({ as }) => as)
  const schema = {
    type: 'object',
    properties: { ...properties, ...more },
    ...(required.length > 0 ? { required } : {}),
  }
  return { required: required.length > 0, content: { 'application/json': { schema } } }
}

async function answerSchema(route: Route, { output, list }: Described): Promise<Schema> {
  const special = route.special && (await answerOf(route.special))
  if (special) return special
  const one = jsonSchema(output, 'output')
  const document = list === undefined || route.special === 'one' ? one : whole(listOf(list, one))
  return route.result === undefined ? document : whole({ [route.result]: document })
}
