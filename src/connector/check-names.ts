// Owns what is refused of a connector while it is being defined: names that name no table, and options without fields.

import { TidemarkError } from '../model/errors.ts'

export function connectorInvalid(name: string, problem: string, hint: string): TidemarkError {
  return new TidemarkError('connector_invalid', `Connector "${name}": ${problem}.`, { hint })
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
  const { shape, safeExtend } = (options ?? {}) as { readonly shape?: unknown; readonly safeExtend?: unknown }
  if (typeof shape === 'object' && shape !== null && typeof safeExtend === 'function') return
  throw connectorInvalid(service, 'its options are not a zod object', 'Write: options: z.object({ token: secret() })')
}
