// Owns finding secrets in a text, in whatever form they stand there: as they are, escaped as addresses, forms, HTML and
// JSON do it, packed as Base64 or hexadecimal, wrapped into lines, and any of these within any other. Services repeat
// what they were sent, and nobody knows through how many hands it went. Pure; the work grows with the text's length.

import { Matcher } from './recording/matcher.ts'
import {
  joinedLayer,
  type Layer,
  PACKINGS,
  packedTails,
  sourceOf,
  unescapedLayer,
  unpackedLayer,
} from './text-layers.ts'

/** Shorter values would hit words of the text; nothing that short protects anything. */
export const SECRET_LENGTH_MIN = 5
/** Shorter ones are not looked for across white space: two words of a sentence may be one. */
const WRAPPED_LENGTH_MIN = 12
/** So many characters of a secret that stand together are a part of it that is taken for the secret. */
export const PART_LENGTH_MIN = 8
/** Longer secrets have more parts than are worth knowing, and are documents rather than tokens. */
const PARTED_LENGTH_MAX = 2_048
/** Of a beginning that is escaped or packed, the last character may be there in part. */
const PACKED_PART_MIN = PART_LENGTH_MIN - 1
/** Places of one text at which it may have been cut, at most. */
const CUTS_MAX = 16
/** Signs in a row that may close a piece which was cut before them. */
const CLOSING_MAX = 6
/** How far before a cut the beginning of a secret is looked for: by its characters, of which each may be written as so many. */
const WRITTEN_AS_MAX = 64
/** Rounds of escapes that are undone, one within the other. */
const ESCAPES_MAX = 3
/** Packings that are undone, one within the other. */
const PACKINGS_MAX = 2

/** Texts without a secret that are known again, at most, and their characters: names of streams, codes, ids of runs. */
const CLEAN_MAX = 500
const CLEAN_LENGTH_MAX = 100

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
  #lengthMax = 0
  /** What is looked for in a text as it stands, and in one without white space; made when it is needed. */
  #searches: { readonly plain: Search; readonly joined: Search } | undefined
  /** Short texts in which none was found, though they may have been cut: logs say the same again and again. */
  readonly #clean = new Set<string>()

  /**
   * Adds a secret. One that is too short to be told from words is left out. `withParts`: a token is also found where only a
   * part of it stands, because somebody cut the text on its way.
   */
  add(secret: string, withParts = false): void {
    if (secret.length < SECRET_LENGTH_MIN || this.#needles.has(secret)) return
    const parts = withParts ? partsOf(secret) : []
    this.#needles.set(secret, [...needlesOf(secret), ...parts.map((text) => ({ secret, text, isWrapped: false }))])
    this.#searches = undefined
    this.#clean.clear()
    this.#lengthMax = Math.max(this.#lengthMax, secret.length)
    const bytes = Buffer.byteLength(secret)
    this.#bytesMin = Math.min(this.#bytesMin, parts.length > 0 ? PART_LENGTH_MIN : bytes)
  }

  get size(): number {
    return this.#needles.size
  }

  /**
   * Where the secrets stand, in order; those that overlap are one, which goes by the name of the longest. `isCut`: also
   * where the text, or a piece of it before an ellipsis, ends with the beginning of one.
   */
  find(text: string, isCut = false): readonly SecretSpan[] {
    if (this.#needles.size === 0 || text.length < SECRET_LENGTH_MIN || this.#clean.has(text)) return []
    const found: SecretSpan[] = []
    this.#search({ text }, PACKINGS_MAX, found)
    if (isCut) for (const end of cutsOf(text)) this.#findCut(text, end, found)
    if (isCut && found.length === 0 && text.length <= CLEAN_LENGTH_MAX) this.#keepClean(text)
    return merged(found)
  }

  /** The text with something else in place of each secret. */
  replace(text: string, by: (secret: string) => string, isCut = false): string {
    let clean = ''
    let at = 0
    for (const { start, end, secret } of this.find(text, isCut)) {
      clean += text.slice(at, start) + by(secret)
      at = end
    }
    return at === 0 ? text : clean + text.slice(at)
  }

  #keepClean(text: string): void {
    if (this.#clean.size >= CLEAN_MAX) this.#clean.clear()
    this.#clean.add(text)
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
    const bytes = unpackedLayer(joined ?? layer, this.#bytesMin)
    if (bytes) this.#search(bytes, packings - 1, found)
  }

  /** The beginning of a secret with which the text before `end` ends. */
  #findCut(text: string, end: number, found: SecretSpan[]): void {
    const from = Math.max(0, end - WRITTEN_AS_MAX * (this.#lengthMax + PART_LENGTH_MIN))
    const cut = (start: number, secret: string) => void found.push({ start: from + start, end, secret })
    this.#searchEnd({ text: text.slice(from, end) }, PACKINGS_MAX, cut)
  }

  #searchEnd(layer: Layer, packings: number, cut: Cut): void {
    let escaped: Layer | undefined = layer
    for (let round = 0; escaped && round <= ESCAPES_MAX; round++) {
      const { plain, joined: wrapped } = this.#searched()
      const joined = joinedLayer(escaped)
      collectEnd(escaped, plain, cut)
      if (joined) collectEnd(joined, wrapped, cut)
      for (const packing of packings > 0 ? PACKINGS : []) {
        for (const bytes of packedTails(joined ?? escaped, packing, PACKED_PART_MIN)) {
          this.#searchEnd(bytes, packings - 1, cut)
        }
      }
      escaped = unescapedLayer(escaped, true)
    }
  }

  #searched() {
    if (this.#searches) return this.#searches
    const all = [...this.#needles.values()].flat()
    this.#searches = { plain: searchFor(all), joined: searchFor(all.filter(({ isWrapped }) => isWrapped)) }
    return this.#searches
  }
}

/** Up to so many needles, asking for each of them first costs less than the walk that finds all. */
const ASKED_FIRST_MAX = 32

function collect(layer: Layer, { needles, matcher }: Search, found: SecretSpan[]): void {
  if (needles.length <= ASKED_FIRST_MAX && !needles.some(({ text }) => layer.text.includes(text))) return
  matcher.each(layer.text, (number, end) => {
    const { secret, text } = needles[number]!
    found.push({ ...sourceOf(layer, end - text.length, end), secret })
  })
}

/** Told of the beginning of a secret: where in the source it starts, to the source's end. */
type Cut = (start: number, secret: string) => void

function collectEnd(layer: Layer, { needles, matcher }: Search, cut: Cut): void {
  const { length: size } = layer.text
  const { needle, length } = matcher.ending(layer.text)
  const least = layer.made ? PACKED_PART_MIN : PART_LENGTH_MIN
  if (length >= least) cut(sourceOf(layer, size - length, size).start, needles[needle]!.secret)
}

/** What may stand behind a piece that was cut: quotes, brackets, a full stop. */
const CLOSING = new Set('"\'`)]}>.,;: \\…')

/** Where a text may have been cut: at its end and before an ellipsis, or before what closes it there. */
function cutsOf(text: string): ReadonlySet<number> {
  const cuts = new Set<number>()
  const add = (end: number) => {
    for (let at = end; at >= 0 && end - at <= CLOSING_MAX; at--) {
      cuts.add(at)
      if (!CLOSING.has(text[at - 1] ?? '')) break
    }
  }
  add(text.length)
  for (const { index } of text.matchAll(/…|\.{3}/g)) {
    if (cuts.size > CUTS_MAX) break
    add(index)
  }
  return cuts
}

/** All parts of a token by which it is known: where letters and digits mix, nobody else has written them. */
function partsOf(secret: string): readonly string[] {
  if (secret.length <= PART_LENGTH_MIN || secret.length > PARTED_LENGTH_MAX || !TOKEN.test(secret)) return []
  const parts = new Set<string>()
  for (let at = 0; at + PART_LENGTH_MIN <= secret.length; at++) parts.add(secret.slice(at, at + PART_LENGTH_MIN))
  return [...parts].filter(isTelling)
}

/** What tokens are made of; addresses, documents and sentences have other characters, too. */
const TOKEN = /^[\w.+/=~-]+$/

function isTelling(part: string): boolean {
  if (/\d/.test(part)) return /[a-zA-Z]/.test(part)
  return part.split(/[a-z][A-Z]/).length > 2
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
