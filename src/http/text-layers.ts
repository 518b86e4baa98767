// Owns what a text says when its escapes are undone: each layer knows from where in the source each of its characters
// came. One walk undoes what addresses, HTML and JSON escape, another unpacks Base64 and hexadecimal. Linear and pure.

/** A text, and how it was made of another one. */
export interface Layer {
  readonly text: string
  readonly made?: Made
}

interface Made {
  readonly of: Layer
  /**
   * Walks over the layer below and gives, for each unit of this one, the `[from, to)` that it stands for. Only done when
   * somebody asks where a secret stands: few texts hold one, and a text is made a piece at a time, many times faster.
   */
  readonly walk: (give: Give) => void
}

type Give = (from: number, to: number) => void

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
  const found = { starts: new Int32Array(layer.text.length), ends: new Int32Array(layer.text.length) }
  let at = 0
  made.walk((from, to) => {
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

/** An escape of which the end of the text has left only the beginning. */
const PARTIAL =
  /^(?:%(?:u[\da-f]{0,3}|[\da-f]?)|\\(?:u(?:\{[\da-f]{0,6}|[\da-f]{0,3})|x[\da-f]?)?|&(?:#(?:x[\da-f]{0,8}|\d{0,8})|\w{0,8}))$/i
const PARTIAL_MAX = 11

/** The layer with one round of escapes undone; undefined when it has none. `isCut`: its last escape may not be whole. */
export function unescapedLayer(layer: Layer, isCut = false): Layer | undefined {
  const { text } = layer
  let plain = ''
  let done = 0
  const end = eachEscape(text, isCut, (at, { code, length }) => {
    plain += text.slice(done, at) + String.fromCodePoint(code)
    done = at + length
  })
  if (done === 0 && end === text.length) return undefined
  const walk = (give: Give) => {
    let from = 0
    const giveUpTo = (at: number) => {
      for (; from < at; from++) give(from, from + 1)
    }
    eachEscape(text, isCut, (at, { code, length }) => {
      giveUpTo(at)
      // What UTF-16 writes with two units has two.
      for (let unit = 0; unit < (code > 0xffff ? 2 : 1); unit++) give(at, at + length)
      from = at + length
    })
    giveUpTo(end)
  }
  return { text: plain + text.slice(done, end), made: { of: layer, walk } }
}

/** Gives the escapes of a text, and returns where it ends: before the last one, if that is not whole. */
function eachEscape(text: string, isCut: boolean, give: (at: number, escape: Escape) => void): number {
  const signs = /[%&\\]/g
  for (let sign = signs.exec(text); sign; sign = signs.exec(text)) {
    const { index: at } = sign
    if (isCut && text.length - at <= PARTIAL_MAX && PARTIAL.test(text.slice(at))) return at
    const escape = escapeAt(text, at, text.charCodeAt(at))
    if (!escape) continue
    give(at, escape)
    signs.lastIndex = at + escape.length
  }
  return text.length
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
const NAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({
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
  }),
)
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
  const known = end > 0 ? NAMED.get(name.slice(0, end)) : undefined
  if (known !== undefined) return { code: known.charCodeAt(0), length: end + 2 }
  const open = OPEN_ENDED.find((one) => name.startsWith(one))
  return open === undefined ? undefined : { code: NAMED.get(open)!.charCodeAt(0), length: open.length + 1 }
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

/** What wraps text into lines, and control characters. */
const SPACE = /[\0-\x20\xa0]+/g

/** The layer without white space, for what was wrapped into lines; undefined when it has none. */
export function joinedLayer(layer: Layer): Layer | undefined {
  const { text } = layer
  if (!/\s/.test(text)) return undefined
  const walk = (give: Give) => {
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      if (unit > 32 && unit !== 0xa0) give(at, at + 1)
    }
  }
  return { text: text.replaceAll(SPACE, ''), made: { of: layer, walk } }
}

// ── packed runs ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** What stands between runs: no secret has it. */
const BETWEEN = '\uffff'

interface Packing {
  readonly encoding: 'base64' | 'hex'
  readonly bits: 4 | 6
  /** At how many places within a run the first whole byte may begin. */
  readonly phases: 2 | 4
  /** By unit: 1 for a sign of a run. */
  readonly signs: Uint8Array
}

function packing(encoding: Packing['encoding'], bits: 4 | 6, phases: 2 | 4, sign: RegExp): Packing {
  const signs = Uint8Array.from({ length: 128 }, (_, unit) => Number(sign.test(String.fromCharCode(unit))))
  return { encoding, bits, phases, signs }
}

export const PACKINGS: readonly Packing[] = [packing('base64', 6, 4, /[\w+/-]/), packing('hex', 4, 2, /[\da-fA-F]/)]

interface Run {
  readonly from: number
  readonly to: number
}

/** The runs of signs that hold so many bytes. Where one would have its last sign is looked first: most of a text is passed over. */
function runsOf(text: string, { signs, bits }: Packing, bytesMin: number): readonly Run[] {
  const least = Math.ceil((bytesMin * 8) / bits)
  const runs: Run[] = []
  for (let from = 0; from + least <= text.length; ) {
    let at = from + least - 1
    while (at >= from && signs[text.charCodeAt(at)]) at--
    if (at < from) {
      let to = from + least
      while (signs[text.charCodeAt(to)]) to++
      runs.push({ from, to })
      at = to
    }
    from = at + 1
  }
  return runs
}

/**
 * What the runs of at least `bytesMin` packed bytes hold, in every packing and for each place at which it may have begun, one
 * behind the other. Its units are bytes. Undefined when there is no such run.
 */
export function unpackedLayer(layer: Layer, bytesMin: number): Layer | undefined {
  const { text } = layer
  const runs = PACKINGS.flatMap((one) =>
    runsOf(text, one, bytesMin).flatMap(({ from, to }) =>
      Array.from({ length: one.phases }, (_, phase) => ({ from: from + phase, to, packing: one })),
    ),
  )
  if (runs.length === 0) return undefined
  const walk = (give: Give) => {
    for (const run of runs) {
      walkBytes(run, run.packing, give)
      give(run.to - 1, run.to)
    }
  }
  const bytes = runs.map((run) => unpacked(text.slice(run.from, run.to), run.packing) + BETWEEN)
  return { text: bytes.join(''), made: { of: layer, walk } }
}

/** The same for the run with which the text ends, of which the end may be missing. */
export function packedTails(layer: Layer, one: Packing, bytesMin: number): readonly Layer[] {
  const { text } = layer
  const to = text.length
  let start = to
  while (one.signs[text.charCodeAt(start - 1)]) start--
  if (((to - start) * one.bits) / 8 < bytesMin) return []
  return Array.from({ length: one.phases }, (_, phase) => {
    const from = start + phase
    const walk = (give: Give) => walkBytes({ from, to }, one, give)
    return { text: unpacked(text.slice(from, to), one), made: { of: layer, walk } }
  })
}

/** The bytes of a run, each as a character. */
function unpacked(signs: string, { encoding }: Packing): string {
  return Buffer.from(signs, encoding).toString('latin1')
}

/** The bytes of a run; each stands for the signs that have bits of it. */
function walkBytes({ from, to }: Run, { bits }: Packing, give: Give): void {
  let count = 0
  for (let at = from; at < to; at++) {
    count += bits
    if (count < 8) continue
    count -= 8
    give(at - 1, at + 1)
  }
}

function hexValue(unit: number): number {
  if (unit >= 48 && unit <= 57) return unit - 48
  const letter = unit | 0x20
  return letter >= 97 && letter <= 102 && unit < 128 ? letter - 87 : -1
}
