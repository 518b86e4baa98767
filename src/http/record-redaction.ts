// Owns what a recording of traffic may not contain, and what stands in its place: a placeholder that is the same for the
// same value everywhere, so that a recording still fits together when it is replayed. Pure.

import { SECRET_LENGTH_MIN, secretForms } from './secret-forms.ts'

/** Stands where a secret or a person's own value was; its name says which. */
export function placeholder(name: string): string {
  return `redacted-${dashed(name)}`
}

/** Names of members and parameters whose values open something, written with underscores. */
const SECRET_NAME =
  /(^|_)(tokens?|secrets?|passwords?|passwd|pwd|cookies?|jwt|credentials?|authorization|signature|session_?id|(api|private|secret|access|signing)_?key|auth_?code)$/
/** The same for parameters of addresses, where services are briefer. */
const SECRET_PARAMETER = /^(key|code|sig|sign|hmac|sid|auth|session|app_?key|client_?id)$/
/** Tokens that only tell where in a listing one is. */
const PLACE_NAME = /(page|next|prev|previous|cursor|continuation|sync|scroll|start|end)_?tokens?$/

export function isSecretName(name: string, inAddress = false): boolean {
  const plain = dashed(name).replaceAll('-', '_')
  if (PLACE_NAME.test(plain)) return false
  return SECRET_NAME.test(plain) || (inAddress && SECRET_PARAMETER.test(plain))
}

/** Names of options whose values tell who somebody is. */
const PERSONAL_NAME =
  /(user|login|account|name|mail|phone|handle|shop|seller|store|channel|profile|owner|customer|tenant|cipher|id)$/i
const PERSONAL_LENGTH_MIN = 3

export function isPersonal(name: string, value: string): boolean {
  if (value.length < PERSONAL_LENGTH_MIN || /^https?:/i.test(value)) return false
  return PERSONAL_NAME.test(name) || value.includes('@') || /^\d{6,}$/.test(value)
}

/** Headers of requests and answers that are kept as they are; all others are left out. */
const HEADERS_KEPT =
  /^(accept|content-type|user-agent|date|link|location|etag|last-modified|retry-after|(x-)?rate-?limit.*|x-(total|page|per-page|next|prev|total-pages|total-count|count|api-version|github-(api-version|media-type)).*)$/

/** Collects what must not be seen, then takes it out of texts. The same values give the same placeholders. */
export class Redaction {
  readonly #secrets = new Map<string, string>()
  readonly #personal = new Map<string, string>()
  readonly #people = new Map<string, string>()
  readonly #counts = new Map<string, number>()
  #replacements: readonly (readonly [form: string, by: string])[] | undefined

  /** Says that `value` is a secret called `name`. Too short ones are only hidden where their name stands beside them. */
  secret(name: string, value: string): void {
    if (value.length < SECRET_LENGTH_MIN || this.#secrets.has(value) || isPlaceholder(value)) return
    this.#secrets.set(value, this.#numbered(name))
    this.#replacements = undefined
  }

  /** Says that `value` belongs to a person. Returns what stands for it from now on. */
  personal(name: string, value: string): string {
    const known = this.#personal.get(value)
    if (known !== undefined) return known
    const word = this.#numbered(name)
    const by = /^\d+$/.test(value)
      ? String(9 * 10 ** Math.min(value.length - 1, 14) + this.#personal.size + 1)
      : value.includes('@')
        ? `${word}@example.invalid`
        : word
    this.#personal.set(value, by)
    return by
  }

  /** What stands for a secret; the value itself when it is none. */
  nameOf(value: string): string {
    return this.#secrets.get(value) ?? value
  }

  /** Learns the secrets that an exchange names as such, wherever else they may stand. */
  learn(text: string): void {
    for (const [, name = '', value = ''] of text.matchAll(/"([\w.-]{1,64})"\s*:\s*"((?:[^"\\]|\\.)*)"/g)) {
      if (isSecretName(name)) this.secret(name, unescaped(value))
    }
  }

  /** A text without anything that must not be seen. */
  clean(text: string): string {
    let clean = text
    this.#replacements ??= this.#all()
    for (const [form, by] of this.#replacements) clean = clean.replaceAll(form, by)
    for (const [value, by] of this.#personal) {
      for (const form of plainForms(value)) clean = clean.replaceAll(wholeWord(form), () => by)
    }
    clean = clean.replaceAll(/"([\w.-]{1,64})"(\s*:\s*)"((?:[^"\\]|\\.)*)"/g, (whole, name: string, colon: string) =>
      isSecretName(name) && !whole.includes('redacted-') ? `"${name}"${colon}"${placeholder(name)}"` : whole,
    )
    clean = clean.replaceAll(PARAMETER, (whole, mark: string, name: string, value: string) =>
      isSecretName(decoded(name), true) && !isPlaceholder(value)
        ? `${mark}${name}=${placeholder(decoded(name))}`
        : whole,
    )
    return clean.replaceAll(MAIL, (mail) => (mail.endsWith('@example.invalid') ? mail : this.#person(mail)))
  }

  headers(headers: Readonly<Record<string, string>>): Record<string, string> {
    const kept = Object.entries(headers).filter(([name]) => HEADERS_KEPT.test(name.toLowerCase()))
    return Object.fromEntries(kept.map(([name, value]) => [name.toLowerCase(), this.clean(value)]))
  }

  /** A body in a form: `name=value&…`. */
  form(text: string): string {
    return this.clean(`?${text}`).slice(1)
  }

  #all(): readonly (readonly [string, string])[] {
    const all = [...this.#secrets].flatMap(([secret, by]) => secretForms(secret).map((form) => [form, by] as const))
    // The longest first, so that one that contains another leaves no remainder.
    return all.sort(([a], [b]) => b.length - a.length)
  }

  #numbered(name: string): string {
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    return count === 1 ? placeholder(name) : `${placeholder(name)}-${count}`
  }

  #person(mail: string): string {
    const known = this.#people.get(mail) ?? `person-${this.#people.size + 1}@example.invalid`
    this.#people.set(mail, known)
    return known
  }
}

/** A parameter in an address, also in one that stands inside of JSON or HTML. */
const PARAMETER = /([?&]|\\u0026|&amp;)([\w.%~-]{1,64})=([^&"'<>\s\\#;,]+)/g
const MAIL = /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/g

/** Whether a value stands for another one. */
export function isPlaceholder(value: string): boolean {
  return value.startsWith('redacted-')
}

/** A value as texts and addresses write it. */
function plainForms(value: string): ReadonlySet<string> {
  return new Set([value, encodeURIComponent(value), new URLSearchParams({ '': value }).toString().slice(1)])
}

function wholeWord(value: string): RegExp {
  const text = value.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  return new RegExp(`(?<![A-Za-z0-9])${text}(?![A-Za-z0-9])`, 'gi')
}

function dashed(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .toLowerCase()
}

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string
  } catch {
    return text
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
