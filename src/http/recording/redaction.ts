// Owns what a recording of traffic may not contain, and what stands in its place: a placeholder that is the same for the
// same value everywhere, so that a recording still fits together when it is replayed. Pure.

import { isObject } from '../../model/json.ts'
import { type NamedValue, namedValues } from '../named-secrets.ts'
import { SECRET_LENGTH_MIN, SecretFinder } from '../secret-finder.ts'

/** Stands where a secret or a person's own value was; its name says which. */
export function placeholder(name: string): string {
  return `redacted-${dashed(name)}`
}

/** Names of members and parameters whose values open something, written with underscores. */
const SECRET_NAME =
  /(^|_)(tokens?|secrets?|passwords?|passwd|pwd|cookies?|jwt|credentials?|authorization|signature|session_?id|(api|private|secret|access|signing)_?key|(auth|access|verification|security)_?code|bearer|pass_?phrase|pass_?code|pass_?word_?hash|t?otp)$|^auth$/
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
/** Shorter numbers say how many, or yes and no. */
const NUMBER_LENGTH_MIN = 3
/** Shorter texts in an object under such a name say of which kind it is. */
const INNER_LENGTH_MIN = 8
/** Names of values that have a secret in them, beside a scheme or a name: `Bearer …`, `sid=…`. */
const COMPOSED = /(authorization|auth|cookies?)$/i
/** Secrets in one recording, at most, and their characters together. */
const SECRETS_MAX = 10_000
const SECRET_CHARACTERS_MAX = 1 << 20
/** How deep a document is looked into: beyond that only as a text. */
const DEPTH_MAX = 32

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
  /** Secret numbers: a number has to stand in their place. */
  readonly #numbers = new Map<string, string>()
  /** Everything that was put in the place of something. */
  readonly #given = new Set<string>()
  readonly #finder = new SecretFinder()
  #characters = 0

  /** Whether it knows as many secrets as it can take care of. What more of them a text may have, nobody would find. */
  get isFull(): boolean {
    return this.#secrets.size + this.#numbers.size > SECRETS_MAX || this.#characters > SECRET_CHARACTERS_MAX
  }

  /**
   * Says that `value` is a secret called `name`. Too short ones are only hidden where their name stands beside them.
   * `withParts`: parts of it are hidden, too.
   */
  secret(name: string, value: string, withParts = false): void {
    if (value.length < SECRET_LENGTH_MIN || this.#secrets.has(value) || this.#isOurs(name, value)) return
    this.#secrets.set(value, this.#numbered(name))
    this.#finder.add(value, withParts)
    this.#characters += value.length
  }

  /** Says that everything in a value of any kind is secret. */
  secretValue(name: string, value: unknown): void {
    if (typeof value === 'string') this.secret(name, value, true)
    else if (typeof value === 'number' || typeof value === 'bigint') this.#secretNumber(String(value))
    else if (typeof value === 'object' && value !== null)
      for (const one of Object.values(value)) this.secretValue(name, one)
  }

  /** What stands for a secret number; too short a one stays. */
  numberOf(value: string): string {
    if (value.replaceAll(/\D/g, '').length < NUMBER_LENGTH_MIN || this.#given.has(value)) return value
    const by = this.#numbers.get(value) ?? digits(value.length, this.#numbers.size + 1)
    this.#numbers.set(value, by)
    this.#given.add(by)
    return by
  }

  /** Says that `value` belongs to a person. Returns what stands for it from now on. */
  personal(name: string, value: string): string {
    const known = this.#personal.get(value)
    if (known !== undefined) return known
    const word = this.#numbered(name)
    const by = /^\d+$/.test(value)
      ? digits(value.length, this.#personal.size + 1)
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
    for (const { name, value, isNumber, isInner, isAlone } of namedValues(text, isSecretName)) {
      if (isInner && value.length < INNER_LENGTH_MIN) continue
      if (isNumber && !(isAlone && isCount(name))) this.#secretNumber(value)
      else if (!isNumber) this.#learned(name, value)
    }
    for (const [, , name = '', value = ''] of text.matchAll(PARAMETER)) {
      if (isSecretName(decoded(name))) this.#learned(decoded(name), decoded(value))
    }
    if (FORM.test(text)) {
      for (const [name, value] of new URLSearchParams(text.trim())) {
        if (isSecretName(name)) this.#learned(name, value)
      }
    }
    for (const [, , , password = ''] of text.matchAll(USERINFO)) this.#learned('password', decoded(password))
    this.#walk(parsed(text), DEPTH_MAX)
  }

  /** The names of a document as they are read, however they are written. */
  #walk(value: unknown, depth: number): void {
    if (depth === 0) return
    if (typeof value === 'string') this.#walk(parsed(value), depth - 1)
    else if (Array.isArray(value)) for (const one of value) this.#walk(one, depth - 1)
    else if (isObject(value)) {
      for (const [name, one] of Object.entries(value)) {
        if (!isSecretName(name)) this.#walk(one, depth - 1)
        else if (typeof one === 'string') this.#learned(name, one)
        else if (Array.isArray(one)) {
          for (const each of one) if (typeof each === 'string') this.#learned(name, each)
        }
      }
    }
  }

  #learned(name: string, value: string): void {
    // A text of digits alone may stand as a number elsewhere, and within other numbers.
    if (/^\d+$/.test(value)) this.#secretNumber(value)
    else this.secret(name, value)
    if (!COMPOSED.test(name)) return
    for (const word of value.split(/[\s;=,]+/)) if (word.length >= INNER_LENGTH_MIN) this.secret(name, word)
  }

  #secretNumber(value: string): void {
    if (value.length >= SECRET_LENGTH_MIN) this.numberOf(value)
  }

  /** A text without anything that must not be seen. */
  clean(text: string): string {
    // First, because these are found as wholes, however deep in strings they stand.
    let clean = this.#finder.replace(this.#inPlace(text), (secret) => this.nameOf(secret))
    for (const [value, by] of this.#personal) {
      for (const form of plainForms(value)) clean = clean.replaceAll(wholeWord(form), () => by)
    }
    if (this.#numbers.size > 0) clean = clean.replaceAll(WORD, (word) => this.#word(word))
    if (FORM.test(clean)) clean = this.#parameters(`?${clean}`).slice(1)
    clean = this.#parameters(clean).replaceAll(
      USERINFO,
      (_, scheme: string) => `${scheme}${placeholder('user')}:${placeholder('password')}@`,
    )
    return clean.replaceAll(MAIL, (mail) =>
      mail.endsWith('@example.invalid') || mail.startsWith(`${placeholder('password')}@`) ? mail : this.#person(mail),
    )
  }

  /** A word that is a secret number, or has one on its own between dots and dashes. */
  #word(word: string): string {
    const insteadOf = (text: string) => (text.length >= SECRET_LENGTH_MIN ? this.#numbers.get(text) : undefined)
    const parts = () => word.split(/([.+-])/).map((part) => insteadOf(part) ?? part)
    return insteadOf(word) ?? parts().join('')
  }

  /** What stands under the name of a secret goes, however short it is. */
  #inPlace(text: string): string {
    let clean = ''
    let at = 0
    for (const one of namedValues(text, isSecretName)) {
      clean += text.slice(at, one.start) + this.#insteadOf(one)
      at = one.end
    }
    return clean + text.slice(at)
  }

  #insteadOf({ name, value, isNumber, isAlone }: NamedValue): string {
    if (isNumber) return isAlone && isCount(name) ? value : this.numberOf(value)
    if (value === '' || this.#isOurs(name, value)) return value
    return this.#secrets.get(value) ?? this.#numbers.get(value) ?? placeholder(name)
  }

  #parameters(text: string): string {
    return text.replaceAll(PARAMETER, (whole, mark: string, name: string, value: string) =>
      isSecretName(decoded(name), true) && !this.#isOurs(decoded(name), value)
        ? `${mark}${name}=${placeholder(decoded(name))}`
        : whole,
    )
  }

  /** Whether a value is exactly what stands for another one, from here or from an earlier recording. */
  #isOurs(name: string, value: string): boolean {
    if (this.#given.has(value)) return true
    const own = placeholder(name)
    if (!value.startsWith(own) || !/^(-\d{1,3})?$/.test(value.slice(own.length))) return false
    this.#given.add(value)
    return true
  }

  headers(headers: Readonly<Record<string, string>>): Record<string, string> {
    const kept = Object.entries(headers).filter(([name]) => HEADERS_KEPT.test(name.toLowerCase()))
    return Object.fromEntries(kept.map(([name, value]) => [name.toLowerCase(), this.clean(value)]))
  }

  /** A body in a form: `name=value&…`. */
  form(text: string): string {
    return this.clean(`?${text}`).slice(1)
  }

  #numbered(name: string): string {
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    const by = count === 1 ? placeholder(name) : `${placeholder(name)}-${count}`
    this.#given.add(by)
    return by
  }

  #person(mail: string): string {
    const known = this.#people.get(mail) ?? `person-${this.#people.size + 1}@example.invalid`
    this.#people.set(mail, known)
    return known
  }
}

/** A word with the signs of numbers. */
const WORD = /[A-Za-z0-9.+-]+/g
/** A parameter in an address, also in one that stands inside of JSON or HTML. */
const PARAMETER = /([?&]|\\u0026|&amp;)([\w.%~-]{1,64})=([^&"'<>\s\\#;,]+)/g
/** A whole text that is a form. */
const FORM = /^\s*[\w.%~+[\]-]{1,128}=[^&\s]*(?:&[\w.%~+[\]-]{1,128}=[^&\s]*)*\s*$/
/** Who signs in, within an address. */
const USERINFO = /(\b[a-z][a-z\d+.-]{1,20}:\\?\/\\?\/)([^\s/:@"'<>\\]{0,128}):([^\s/@"'<>\\]{1,256})@/gi
const MAIL = /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/g

/** Whether a value stands for another one. */
export function isPlaceholder(value: string): boolean {
  return /^redacted-[a-z\d-]*(@example\.invalid)?$/.test(value)
}

/** Whether a number under this name says how many there are: `prompt_tokens`. */
function isCount(name: string): boolean {
  return /s$/i.test(name)
}

/** A number of so many digits that no service gives. */
function digits(length: number, nth: number): string {
  return String(9 * 10 ** Math.min(length - 1, 14) + nth)
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

/** A document that a text is; undefined for any other text. */
function parsed(text: string): unknown {
  if (!/^\s*[[{"]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
