// Owns finding secrets in a text, in whatever form they stand there: as they are, escaped as addresses, forms, HTML and
// JSON do it, packed as Base64 or hexadecimal, wrapped into lines, and any of these within any other. Services repeat
// what they were sent, and nobody knows through how many hands it went. Pure; the work grows with the text's length.

import { Matcher } from './matcher.ts'
import { joinedLayer, type Layer, PACKINGS, sourceOf, unescapedLayer, unpackedLayers } from './text-layers.ts'

/** Shorter values would hit words of the text; nothing that short protects anything. */
export const SECRET_LENGTH_MIN = 5
/** Shorter ones are not looked for across white space: two words of a sentence may be one. */
const WRAPPED_LENGTH_MIN = 12
/** Rounds of escapes that are undone, one within the other. */
const ESCAPES_MAX = 3
/** Packings that are undone, one within the other. */
const PACKINGS_MAX = 2

/** A secret in a text. */
export interface SecretSpan {
  readonly start: number
  readonly end: number
  readonly secret: string
}

/** A way in which a secret's characters may stand in a layer. */
interface Needle {
  readonly secret: string
  readonly text: string
  /** Also where white space stands between. */
  readonly isWrapped: boolean
}

interface Search {
  readonly needles: readonly Needle[]
  readonly matcher: Matcher
}

function searchFor(needles: readonly Needle[]): Search {
  return { needles, matcher: new Matcher(needles.map(({ text }) => text)) }
}

/** Knows secrets and finds them. */
export class SecretFinder {
  readonly #needles = new Map<string, readonly Needle[]>()
  #bytesMin = Number.POSITIVE_INFINITY
  /** What is looked for in a text as it stands, and in one without white space; made when it is needed. */
  #searches: { readonly plain: Search; readonly joined: Search } | undefined

  /** Adds a secret. One that is too short to be told from words is left out. */
  add(secret: string): void {
    if (secret.length < SECRET_LENGTH_MIN || this.#needles.has(secret)) return
    this.#needles.set(secret, needlesOf(secret))
    this.#searches = undefined
    this.#bytesMin = Math.min(this.#bytesMin, Buffer.byteLength(secret))
  }

  get size(): number {
    return this.#needles.size
  }

  /** Where the secrets stand, in order; those that overlap are one, which goes by the name of the longest. */
  find(text: string): readonly SecretSpan[] {
    if (this.#needles.size === 0 || text.length < SECRET_LENGTH_MIN) return []
    const found: SecretSpan[] = []
    this.#search({ text }, PACKINGS_MAX, found)
    return merged(found)
  }

  /** The text with something else in place of each secret. */
  replace(text: string, by: (secret: string) => string): string {
    let clean = ''
    let at = 0
    for (const { start, end, secret } of this.find(text)) {
      clean += text.slice(at, start) + by(secret)
      at = end
    }
    return at === 0 ? text : clean + text.slice(at)
  }

  #search(layer: Layer, packings: number, found: SecretSpan[]): void {
    let escaped: Layer | undefined = layer
    for (let round = 0; escaped && round <= ESCAPES_MAX; round++) {
      this.#searchEscaped(escaped, packings, found)
      escaped = unescapedLayer(escaped)
    }
  }

  #searchEscaped(layer: Layer, packings: number, found: SecretSpan[]): void {
    const { plain, joined: wrapped } = this.#searched()
    const joined = joinedLayer(layer)
    collect(layer, plain, found)
    if (joined) collect(joined, wrapped, found)
    if (packings === 0) return
    for (const packing of PACKINGS) {
      for (const bytes of unpackedLayers(joined ?? layer, packing, this.#bytesMin)) {
        this.#search(bytes, packings - 1, found)
      }
    }
  }

  #searched() {
    if (this.#searches) return this.#searches
    const all = [...this.#needles.values()].flat()
    this.#searches = { plain: searchFor(all), joined: searchFor(all.filter(({ isWrapped }) => isWrapped)) }
    return this.#searches
  }
}

function collect(layer: Layer, { needles, matcher }: Search, found: SecretSpan[]): void {
  matcher.each(layer.text, (number, end) => {
    const { secret, text } = needles[number]!
    found.push({ ...sourceOf(layer, end - text.length, end), secret })
  })
}

/** Forms write a space as a plus; bytes are looked for as what they are in UTF-8; a secret may look like an escape. */
function needlesOf(secret: string): readonly Needle[] {
  const texts = new Set([secret, secret.replaceAll(' ', '+'), secret.replaceAll('+', ' ')])
  const plain = unescapedLayer({ text: secret })
  if (plain) texts.add(plain.text)
  for (const text of [...texts]) texts.add(Buffer.from(text, 'utf8').toString('latin1'))
  const needles = new Map<string, Needle>()
  for (const text of texts) {
    const joined = text.replaceAll(/\s/g, '')
    const isWrapped = joined.length >= WRAPPED_LENGTH_MIN
    if (text.length >= SECRET_LENGTH_MIN) needles.set(text, { secret, text, isWrapped })
    if (isWrapped) needles.set(joined, { secret, text: joined, isWrapped })
  }
  return [...needles.values()]
}

function merged(found: readonly SecretSpan[]): readonly SecretSpan[] {
  const sorted = [...found].sort((a, b) => a.start - b.start || b.end - a.end)
  const spans: SecretSpan[] = []
  for (const span of sorted) {
    const last = spans.at(-1)
    if (!last || span.start >= last.end) spans.push(span)
    else {
      const secret = span.secret.length > last.secret.length ? span.secret : last.secret
      spans[spans.length - 1] = { start: last.start, end: Math.max(last.end, span.end), secret }
    }
  }
  return spans
}
