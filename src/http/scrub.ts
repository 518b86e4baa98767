// Owns taking secrets out of text that people will read. Services repeat what they were sent, in errors above all.

import { secretForms } from './secret-forms.ts'

const CREDENTIAL_HEADER =
  /^(authorization|proxy-authorization|cookie|x-.*(token|key|secret|auth).*|.*(api-?key|token).*)$/

/**
 * Replaces each secret by an ellipsis, also in the forms in which URLs, JSON and Basic authentication carry it. `secrets`
 * is asked every time, since renewals add to it.
 */
export function scrubber(secrets: () => Iterable<string>): (text: string) => string {
  const known = new Map<string, readonly string[]>()
  return (text) => {
    for (const secret of secrets()) if (!known.has(secret)) known.set(secret, secretForms(secret))
    let clean = text
    // The longest first, so that one that contains another leaves no remainder.
    const forms = [...known.values()].flat().sort((a, b) => b.length - a.length)
    for (const form of forms) clean = clean.replaceAll(form, '…')
    return clean
  }
}

/** The secrets that headers carry: credentials as a whole, and without a scheme such as `Bearer`. */
export function secretsIn(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers)
    .filter(([name]) => isCredential(name))
    .flatMap(([, value]) => [value, ...value.split(/[\s;=,]+/).filter((word) => word.length >= 8)])
}

function isCredential(name: string): boolean {
  return CREDENTIAL_HEADER.test(name.toLowerCase())
}

/** Headers that mean the same to everybody; only these go along when an answer points to another origin. */
export const ANONYMOUS_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'content-type',
  'user-agent',
])
