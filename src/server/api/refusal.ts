// Owns what an operation refuses of its input in the words of HTTP: by the names of the route, with a call that works. Pure.

import { type ErrorCode, type Sentence, TidemarkError } from '../../model/errors.ts'
import { InputRefused } from '../../model/input-refused.ts'
import { knownNames } from '../../model/near-miss.ts'
import type { Described } from '../../operations/operation.ts'
import { fieldsOf, paramsOf } from './input.ts'
import { hasBody, inputNames } from './openapi.ts'
import type { Route } from './routes.ts'

/** The refusal as a caller of the route knows it; any other error as it is. */
export function asSent(error: unknown, route: Route, operation: Described): unknown {
  if (!(error instanceof InputRefused)) return error
  const { input, within, kind, expected, value, meant } = error.refusal
  const code = error.code as ErrorCode
  if (kind === 'unknown' && within === '') {
    const names = inputNames(route, operation)
    const hint = names.length === 0 ? 'It takes none.' : knownNames(input, names)
    return new TidemarkError(code, `The call ${route.method} ${route.path} takes no "${input}".`, { hint })
  }
  const field = fieldsOf(route, operation).find(({ name }) => name === input)
  if (!field) return error
  const { as } = field
  const place = paramsOf(route.path).includes(as) ? 'path' : hasBody(route) ? 'body' : 'query'
  const which = `${as}${within} of the ${place}`
  const said = kind === 'missing' ? `is missing: ${field.field.about}` : `${expected}, not ${value}`
  const message = kind === 'unknown' ? error.message : `The ${which} ${said}.`
  return new TidemarkError(code, message as Sentence, { hint: `${meant}For example: ${exampleOf(route, operation)}` })
}

/** A call as it is sent: `GET /api/runs?limit=10`, `POST /api/projects with {"id":"lab"}`. */
function exampleOf(route: Route, operation: Described): string {
  const fields = fieldsOf(route, operation)
  const known = new Set(fields.map(({ name }) => name))
  const isWritten = (one: object) =>
    Object.keys(one).every((name) => known.has(name) || name in (route.settles ?? {}) || route.omits?.includes(name))
  const example = (operation.examples.find(isWritten) ?? {}) as Readonly<Record<string, unknown>>
  const given = new Map(fields.flatMap(({ name, as }) => (example[name] === undefined ? [] : [[as, example[name]]])))
  const params = paramsOf(route.path)
  const path = params.reduce(
    (text, as) => text.replace(`{${as}}`, encodeURIComponent(textsOf(given.get(as) ?? as).join(','))),
    route.path,
  )
  const rest = [...given].filter(([as]) => !params.includes(as))
  if (hasBody(route)) return `${route.method} ${path} with ${JSON.stringify(Object.fromEntries(rest))}`
  const query = rest.flatMap(([as, one]) => textsOf(one).map((text) => `${as}=${encodeURIComponent(text)}`))
  return `${route.method} ${path}${query.length > 0 ? `?${query.join('&')}` : ''}`
}

function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return [value.join(',')]
  if (typeof value !== 'object' || value === null) return [String(value)]
  return Object.entries(value).map(([name, one]) => `${name}=${String(one)}`)
}
