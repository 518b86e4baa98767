// Owns the refusal of a connector that can't work: what is wrong with its declaration is told where it comes in, with the
// names of the connector and the stream.

import { durationMs } from '../model/duration.ts'
import { TidemarkError } from '../model/errors.ts'

/** A connector as whoever wrote it in JavaScript may have left it. */
interface Declared {
  readonly service: { readonly name: string; readonly options?: unknown; readonly http?: unknown }
  readonly streams: Readonly<Record<string, unknown>>
}

type Given = Readonly<Record<string, unknown>>

const KINDS = ['byCursor', 'newestFirst', 'fullPass']
const PASSES_HINT = 'passes is a list of byCursor({ … }), newestFirst({ … }) and fullPass({ … }), of at least one.'

export function connectorInvalid(name: string, problem: string, hint: string): TidemarkError {
  return new TidemarkError('connector_invalid', `connector "${name}": ${problem}`, { hint })
}

/** Tables are named by it. @throws TidemarkError connector_invalid (stop) */
export function checkNames(service: string, streams: readonly string[]): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(service)) {
    throw connectorInvalid(service, 'its name names no table', 'Write lower-case words joined by dashes: my-shop')
  }
  const strange = streams.find((stream) => !/^[a-z][a-z0-9_]*$/.test(stream))
  if (strange === undefined) return
  throw connectorInvalid(
    service,
    `the name of stream "${strange}" names no table`,
    'Write lower-case words joined by _.',
  )
}

/** Options are the fields of an object. @throws TidemarkError connector_invalid (stop) */
export function checkOptionsSchema(service: string, options: unknown): void {
  if (isObject(options) && isObject(options['shape']) && typeof options['extend'] === 'function') return
  throw connectorInvalid(service, 'its options are not a zod object', 'Write: options: z.object({ token: secret() })')
}

/**
 * Everything but the columns.
 *
 * @throws TidemarkError connector_invalid (stop)
 */
export function checkParts({ service, streams }: Declared): void {
  const { name } = service
  checkNames(name, Object.keys(streams))
  checkOptionsSchema(name, service.options)
  if (typeof service.http !== 'function') {
    throw connectorInvalid(name, 'its http is no function', "Write: http: (options) => ({ baseUrl: 'https://…' })")
  }
  for (const [stream, declared] of Object.entries(streams)) {
    const refuse = (problem: string, hint: string): never => {
      throw connectorInvalid(name, `stream "${stream}": ${problem}`, hint)
    }
    const { key, passes } = isObject(declared) ? declared : refuse('it is no stream', 'Write: stream({ … })')
    if (typeof key !== 'function') refuse('its key is no function', 'Write: key: (record) => record.id')
    if (!Array.isArray(passes) || passes.length === 0) refuse('it has no pass, so it is never read', PASSES_HINT)
    for (const pass of passes as readonly unknown[]) checkPass(pass, refuse)
  }
}

function checkPass(pass: unknown, refuse: (problem: string, hint: string) => never): void {
  if (!isObject(pass) || !KINDS.includes(String(pass['kind']))) return refuse('one of its passes is none', PASSES_HINT)
  const { read, order } = pass
  const kind = String(pass['kind'])
  if (typeof read !== 'function') refuse(`the read of its ${kind} is no function`, 'It reads one page of the source.')
  if (order !== undefined ? typeof order !== 'function' : kind === 'byCursor') {
    refuse(`the order of its ${kind} is no function`, 'Write: order: (record) => record.updated')
  }
  for (const name of kind === 'byCursor' ? ['overlap', 'lag'] : ['every', 'settles']) {
    const needed = name === 'overlap'
    if ((needed || pass[name] !== undefined) && !isDuration(pass[name])) {
      refuse(
        `the ${name} of its ${kind} is "${String(pass[name])}"`,
        'Write a number and a unit, such as 5m, 1h or 30d.',
      )
    }
  }
}

function isDuration(value: unknown): boolean {
  try {
    return typeof value === 'string' && durationMs(value) >= 0
  } catch {
    return false
  }
}

function isObject(value: unknown): value is Given {
  return typeof value === 'object' && value !== null
}
