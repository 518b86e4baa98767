// Owns what a text says when its escapes are undone: each layer knows from where in the source each of its characters
// came. One walk undoes what addresses, HTML and JSON escape, another unpacks Base64 and hexadecimal. Linear and pure.

/** A text, and how it was made of another one. */
export interface Layer {
  readonly text: string
  readonly made?: Made
}

interface Made {
  readonly of: Layer
  /** Walks over the layer below and gives the units of this one, each with the `[from, to)` that it stands for. */
  readonly walk: (give: Give) => void
  readonly length: number
}

type Give = (unit: number, from: number, to: number) => void

/** No longer than `size`. Where its characters come from is only worked out when somebody asks: few texts hold a secret. */
function layerOf(of: Layer, size: number, walk: Made['walk']): Layer {
  const units = new Uint16Array(size)
  let length = 0
  walk((unit) => {
    units[length++] = unit
  })
  return { text: Buffer.from(units.buffer, 0, 2 * length).toString('utf16le'), made: { of, walk, length } }
}

interface Places {
  readonly starts: Int32Array
  readonly ends: Int32Array
}

const places = new WeakMap<Layer, Places>()

/** Where the characters of a layer begin and end in the source; undefined: it is the source. */
function placesOf(layer: Layer): Places | undefined {
  const { made } = layer
  if (!made) return undefined
  const known = places.get(layer)
  if (known) return known
  const below = placesOf(made.of)
  const found = { starts: new Int32Array(made.length), ends: new Int32Array(made.length) }
  let at = 0
  made.walk((_unit, from, to) => {
    found.starts[at] = below ? below.starts[from]! : from
    found.ends[at++] = below ? below.ends[to - 1]! : to
  })
  places.set(layer, found)
  return found
}

/** The place in the source of `[from, to)` of a layer. */
export function sourceOf(layer: Layer, from: number, to: number): { readonly start: number; readonly end: number } {
  const known = placesOf(layer)
  return known ? { start: known.starts[from]!, end: known.ends[to - 1]! } : { start: from, end: to }
}

const PERCENT = 0x25
const AND = 0x26
const BACKSLASH = 0x5c

/** An escape of which the end of the text has left only the beginning. */
const PARTIAL =
  /^(?:%(?:u[\da-f]{0,3}|[\da-f]?)|\\(?:u(?:\{[\da-f]{0,6}|[\da-f]{0,3})|x[\da-f]?)?|&(?:#(?:x[\da-f]{0,8}|\d{0,8})|\w{0,8}))$/i
const PARTIAL_MAX = 11

/** The layer with one round of escapes undone; undefined when it has none. `isCut`: its last escape may not be whole. */
export function unescapedLayer(layer: Layer, isCut = false): Layer | undefined {
  const { text } = layer
  if (!/[%&\\]/.test(text)) return undefined
  const unescaped = layerOf(layer, text.length, (give) => {
    for (let at = 0; at < text.length; ) {
      const unit = text.charCodeAt(at)
      const isLast = isCut && text.length - at <= PARTIAL_MAX
      if (isLast && isEscape(unit) && PARTIAL.test(text.slice(at))) break
      const escape = isEscape(unit) ? escapeAt(text, at, unit) : undefined
      const next = at + (escape?.length ?? 1)
      const code = escape?.code ?? unit
      if (code > 0xffff) {
        give(0xd800 + ((code - 0x10000) >> 10), at, next)
        give(0xdc00 + ((code - 0x10000) & 0x3ff), at, next)
      } else give(code, at, next)
      at = next
    }
  })
  return unescaped.text.length === text.length ? undefined : unescaped
}

function isEscape(unit: number): boolean {
  return unit === PERCENT || unit === AND || unit === BACKSLASH
}

interface Escape {
  readonly code: number
  readonly length: number
}

function escapeAt(text: string, at: number, unit: number): Escape | undefined {
  if (unit === PERCENT) {
    // %u0041 is what the escape() of old browsers writes.
    return text[at + 1] === 'u' ? hexAt(text, at, 2, 4) : hexAt(text, at, 1, 2)
  }
  return unit === AND ? entityAt(text, at) : backslashAt(text, at)
}

const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, b: 8, f: 12 }

function backslashAt(text: string, at: number): Escape | undefined {
  const sign = text[at + 1]
  if (sign === undefined) return undefined
  if (sign === 'u' && text[at + 2] === '{') return delimited(text, at, at + 3, '}', 16)
  if (sign === 'u') return hexAt(text, at, 2, 4)
  if (sign === 'x') return hexAt(text, at, 2, 2)
  return { code: CONTROLS[sign] ?? sign.charCodeAt(0), length: 2 }
}

/** So many hexadecimal digits, behind a head of so many characters. */
function hexAt(text: string, at: number, head: number, digits: number): Escape | undefined {
  let code = 0
  for (let i = at + head; i < at + head + digits; i++) {
    const digit = hexValue(text.charCodeAt(i))
    if (digit < 0) return undefined
    code = 16 * code + digit
  }
  return { code, length: head + digits }
}

/** The names of entities for characters that secrets are made of, and for what is escaped everywhere. */
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  Tab: '\t',
  NewLine: '\n',
  excl: '!',
  num: '#',
  dollar: '$',
  percnt: '%',
  lpar: '(',
  rpar: ')',
  ast: '*',
  midast: '*',
  plus: '+',
  comma: ',',
  hyphen: '-',
  dash: '-',
  period: '.',
  sol: '/',
  colon: ':',
  semi: ';',
  equals: '=',
  quest: '?',
  commat: '@',
  lsqb: '[',
  lbrack: '[',
  bsol: '\\',
  rsqb: ']',
  rbrack: ']',
  Hat: '^',
  lowbar: '_',
  UnderBar: '_',
  grave: '`',
  lcub: '{',
  lbrace: '{',
  verbar: '|',
  vert: '|',
  rcub: '}',
  rbrace: '}',
  tilde: '~',
} // prettier-ignore
/** These are also read without the semicolon. */
const OPEN_ENDED = ['amp', 'lt', 'gt', 'quot']
const NAME_MAX = 8
const DIGITS_MAX = 10

function entityAt(text: string, at: number): Escape | undefined {
  if (text[at + 1] === '#') {
    const isHex = text[at + 2] === 'x' || text[at + 2] === 'X'
    return delimited(text, at, at + (isHex ? 3 : 2), ';', isHex ? 16 : 10)
  }
  const name = text.slice(at + 1, at + 2 + NAME_MAX)
  const end = name.indexOf(';')
  const known = end > 0 ? NAMED[name.slice(0, end)] : undefined
  if (known !== undefined) return { code: known.charCodeAt(0), length: end + 2 }
  const open = OPEN_ENDED.find((one) => name.startsWith(one))
  return open === undefined ? undefined : { code: NAMED[open]!.charCodeAt(0), length: open.length + 1 }
}

/** A code point in digits up to a sign, which HTML may leave out. */
function delimited(text: string, at: number, from: number, sign: string, base: 10 | 16): Escape | undefined {
  let code = 0
  let i = from
  for (; i < from + DIGITS_MAX; i++) {
    const digit = hexValue(text.charCodeAt(i))
    if (digit < 0 || digit >= base) break
    code = base * code + digit
  }
  if (i === from || code > 0x10ffff || (sign === '}' && text[i] !== sign)) return undefined
  return { code, length: i - at + (text[i] === sign ? 1 : 0) }
}

/** The layer without white space, for what was wrapped into lines; undefined when it has none. */
export function joinedLayer(layer: Layer): Layer | undefined {
  const { text } = layer
  if (!/\s/.test(text)) return undefined
  return layerOf(layer, text.length, (give) => {
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      if (unit > 32 && unit !== 0xa0) give(unit, at, at + 1)
    }
  })
}

// ── packed runs ───────────────────────────────────────────────────────────────────────────────────────────────────────

const BASE64 = valuesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/').also('-_', 62)

/** A code for what stands between runs: no secret has it. */
const BETWEEN = 0xffff

interface Packing {
  /** The value of a sign, or -1. */
  readonly value: (unit: number) => number
  readonly bits: 4 | 6
  /** At how many places within a run the first whole byte may begin. */
  readonly phases: 2 | 4
}

export const PACKINGS: readonly Packing[] = [
  { value: (unit) => (unit < 128 ? BASE64.values[unit]! : -1), bits: 6, phases: 4 },
  { value: hexValue, bits: 4, phases: 2 },
]

/**
 * What the runs of at least `bytesMin` packed bytes hold, one layer for each place at which packing may have begun. Its
 * units are bytes. None when there is no such run.
 */
export function unpackedLayers(layer: Layer, { value, bits, phases }: Packing, bytesMin: number): readonly Layer[] {
  const runs = runsOf(layer.text, value, Math.ceil((bytesMin * 8) / bits))
  if (runs.length === 0) return []
  const size = runs.reduce((sum, { from, to }) => sum + to - from + 1, 0)
  return Array.from({ length: phases }, (_, phase) =>
    layerOf(layer, size, (give) => {
      for (const { from, to } of runs) {
        unpack(layer.text, { from: from + phase, to }, { value, bits }, give)
        give(BETWEEN, to - 1, to)
      }
    }),
  )
}

/** The same for the run with which the text ends, of which the end may be missing. */
export function packedTails(layer: Layer, { value, bits, phases }: Packing, bytesMin: number): readonly Layer[] {
  const to = layer.text.length
  let from = to
  while (from > 0 && value(layer.text.charCodeAt(from - 1)) >= 0) from--
  if (((to - from) * bits) / 8 < bytesMin) return []
  return Array.from({ length: phases }, (_, phase) =>
    layerOf(layer, to - from, (give) => unpack(layer.text, { from: from + phase, to }, { value, bits }, give)),
  )
}

interface Run {
  readonly from: number
  readonly to: number
}

function runsOf(text: string, value: Packing['value'], lengthMin: number): readonly Run[] {
  const runs: Run[] = []
  for (let from = 0; from < text.length; from++) {
    let to = from
    while (to < text.length && value(text.charCodeAt(to)) >= 0) to++
    if (to - from >= lengthMin) runs.push({ from, to })
    from = to
  }
  return runs
}

/** Bytes of a run; each stands for the signs that have bits of it. */
function unpack(text: string, { from, to }: Run, { value, bits }: Omit<Packing, 'phases'>, give: Give): void {
  let held = 0
  let count = 0
  for (let at = from; at < to; at++) {
    held = (held << bits) | value(text.charCodeAt(at))
    count += bits
    if (count < 8) continue
    count -= 8
    give((held >> count) & 0xff, at - 1, at + 1)
    held &= (1 << count) - 1
  }
}

function valuesOf(signs: string) {
  const values = new Int8Array(128).fill(-1)
  for (let i = 0; i < signs.length; i++) values[signs.charCodeAt(i)] = i
  return {
    values,
    also(more: string, first: number) {
      for (let i = 0; i < more.length; i++) values[more.charCodeAt(i)] = first + i
      return this
    },
  }
}

function hexValue(unit: number): number {
  if (unit >= 48 && unit <= 57) return unit - 48
  const letter = unit | 0x20
  return letter >= 97 && letter <= 102 && unit < 128 ? letter - 87 : -1
}
