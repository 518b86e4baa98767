// Owns taking secrets out of text that people will read. Services repeat what they were sent, in errors above all.

import { DEPTH_MAX } from '../model/exact-json.ts'
import { LOG_TEXT_MAX, type Scrub, shown } from '../model/shown.ts'
import { SecretFinder } from './secret-finder.ts'

const CREDENTIAL_HEADER = /^(?:authorization|proxy-authorization|cookie)$|api-?key|token/
/** Of headers that are somebody's own. */
const CREDENTIAL_WORD = /key|secret|auth/

/**
 * Replaces each secret by an ellipsis, in whatever form it stands in the text (see SecretFinder), also where the text was cut
 * within it. `secrets` is asked every time, since renewals add to it.
 */
export function scrubber(secrets: () => Iterable<string>): Scrub {
  const finder = new SecretFinder()
  return (text) => {
    for (const secret of secrets()) {
      finder.add(secret, true)
      // The host of an address is written so. Without a digit it may be a word that others write as well.
      if (/\d/.test(secret)) finder.add(secret.toLowerCase())
    }
    return finder.replace(text, () => '…', true)
  }
}

/** The values of an event, scrubbed and cut. */
export function scrubbedEvent<V>(values: V, scrub: Scrub): V {
  return mapped(values, (text) => shown(text, scrub, LOG_TEXT_MAX), EVENT_DEPTH_MAX) as V
}

/** A value of any kind in which every text is scrubbed, the names of members too. */
export function scrubbedTexts(value: unknown, scrub: Scrub): unknown {
  return mapped(value, scrub, DEPTH_MAX)
}

/** Events are flat; nothing deeper is looked into. */
const EVENT_DEPTH_MAX = 4

function mapped(value: unknown, write: (text: string) => string, depth: number): unknown {
  if (typeof value === 'string') return write(value)
  if (typeof value !== 'object' || value === null || depth === 0) return value
  if (Array.isArray(value)) return value.map((one) => mapped(one, write, depth - 1))
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [write(name), mapped(one, write, depth - 1)]))
}

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
