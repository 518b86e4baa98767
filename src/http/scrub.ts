// Owns taking secrets out of text that people will read. Services repeat what they were sent, in errors above all.

import { SecretFinder } from './secret-finder.ts'

const CREDENTIAL_HEADER = /^(?:authorization|proxy-authorization|cookie)$|api-?key|token/
/** Of headers that are somebody's own. */
const CREDENTIAL_WORD = /key|secret|auth/

/**
 * Replaces each secret by an ellipsis, in whatever form it stands in the text (see SecretFinder). `secrets` is asked every
 * time, since renewals add to it.
 */
export function scrubber(secrets: () => Iterable<string>): (text: string) => string {
  const finder = new SecretFinder()
  return (text) => {
    for (const secret of secrets()) finder.add(secret)
    return finder.replace(text, () => '…')
  }
}

/** The same for a value of any kind: every text in it is scrubbed, names of members too. */
export function scrubbedValue(value: unknown, scrub: (text: string) => string, depth = DEPTH_MAX): unknown {
  if (typeof value === 'string') return scrub(value)
  if (typeof value !== 'object' || value === null || depth === 0) return value
  if (Array.isArray(value)) return value.map((one) => scrubbedValue(one, scrub, depth - 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [scrub(name), scrubbedValue(one, scrub, depth - 1)]),
  )
}

/** Events are flat; nothing deeper is looked into. */
const DEPTH_MAX = 4

/** The secrets that headers carry: credentials as a whole, and without a scheme such as `Bearer`. */
export function secretsIn(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers)
    .filter(([name]) => isCredential(name))
    .flatMap(([, value]) => [value, ...value.split(/[\s;=,]+/).filter((word) => word.length >= 8)])
}

function isCredential(name: string): boolean {
  const plain = name.toLowerCase()
  return CREDENTIAL_HEADER.test(plain) || (plain.startsWith('x-') && CREDENTIAL_WORD.test(plain))
}

/** Headers that mean the same to everybody; only these go along when an answer points to another origin. */
export const ANONYMOUS_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'content-type',
  'user-agent',
])
