// Owns the look at what a connector's code returned beside pages: a failure, a signature, new credentials. What is none is
// refused by name after one request, and no field is ignored.

import { TidemarkError } from '../model/errors.ts'
import { knownNames } from '../model/near-miss.ts'
import type { Key } from '../model/record.ts'
import { checkFields, notPromised, type Refuse } from './check-connector.ts'
import type { Failure, HttpSettings, Renewal } from './connector.ts'
import { FAILURE_RULES, HINT_RULES, isObject, RENEWAL_RULES, type Rules, SIGNATURE_RULES } from './declared-fields.ts'
import type { Testimony } from './page.ts'
import type { Hint } from './webhook.ts'

type Signature = ReturnType<NonNullable<HttpSettings['sign']>>

/** What `classify` returned; undefined: nothing is wrong. A failure may lack its message. @throws TidemarkError connector_invalid */
export function checkFailure(found: unknown): (Omit<Failure, 'message'> & { readonly message?: string }) | undefined {
  if (found === undefined || found === null) return undefined
  const { message, hint, waitMs, ...failure } = checked(found, 'classify', FAILURE_RULES) as unknown as Failure
  return {
    ...failure,
    ...(isText(message) ? { message } : {}),
    ...(isText(hint) ? { hint } : {}),
    ...(typeof waitMs === 'number' ? { waitMs } : {}),
  }
}

/** What `sign` returned; nothing adds nothing. @throws TidemarkError connector_invalid */
export function checkSignature(found: unknown): Signature {
  return found === undefined || found === null ? {} : checked(found, 'sign', SIGNATURE_RULES)
}

/** What `renew` returned; `names` are those of the secret options. @throws TidemarkError connector_invalid */
export function checkRenewal(found: unknown, names: readonly string[]): Renewal<Record<string, unknown>> {
  const renewal = checked(found, 'renew', RENEWAL_RULES) as unknown as Renewal<Record<string, unknown>>
  const strange = Object.keys(renewal.secrets).find((name) => !names.includes(name))
  if (strange !== undefined) {
    refuse(`its renew gave "${strange}", which is no secret option`, knownNames(strange, names, 'Its secret options'))
  }
  return renewal
}

/** What a webhook's `hint` returned. @throws TidemarkError connector_invalid */
export function checkHint(found: unknown): Hint {
  return checked(found, 'webhook.hint', HINT_RULES)
}

const TESTIMONIES: ReadonlySet<unknown> = new Set<Testimony>(['gone', 'present', 'unknown', 'unanswered'])

/** What a witness returned. @throws TidemarkError connector_invalid */
export function checkTestimony(found: unknown): ReadonlyMap<Key, Testimony> {
  if (!(found instanceof Map)) return refuse(`its witness returned ${told(found)}`, EXAMPLES.witness)
  const isStrange = [...found.values()].some((says) => !TESTIMONIES.has(says))
  return isStrange ? refuse('its witness says something else of a key than it may', EXAMPLES.witness) : found
}

const EXAMPLES = {
  witness: "Return a Map with 'gone', 'present', 'unknown' or 'unanswered' for each key.",
  classify: 'It answers at once, with { verdict, code, message } or undefined.',
  sign: 'It answers at once, with { query, headers } of texts. createHmac of node:crypto signs without a promise.',
  'webhook.hint': 'Return { id, records: { orders: [key] } }, { streams: […] }, { job }, or undefined.',
  renew: 'Return { secrets: { token } }, with new values for secret options.',
} as const

function checked(
  found: unknown,
  by: Exclude<keyof typeof EXAMPLES, 'witness'>,
  rules: Rules,
): Readonly<Record<string, unknown>> {
  if (!isObject(found)) return refuse(`its ${by} returned ${told(found)}`, EXAMPLES[by])
  notPromised(by, found, EXAMPLES[by])
  checkFields(found, rules, `its ${by}`, refuse)
  return found
}

const refuse: Refuse = (problem, hint) => {
  throw new TidemarkError('connector_invalid', `The connector can't be used: ${problem}.`, { hint, scope: 'run' })
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

/** Never a value: it may be a secret. */
function told(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`
}
