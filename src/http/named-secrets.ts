// Owns finding what stands under the name of a secret in a text: in JSON, also in JSON inside of its strings, in scripts,
// in attributes and in XML. It works on the text and not on a parsed document, so that all else stays as it came. Pure.

/** A value under the name of a secret. */
export interface NamedValue {
  readonly name: string
  /** Where it stands, without its quotes. */
  readonly start: number
  readonly end: number
  /** Its text, without the escapes of JSON. */
  readonly value: string
  readonly isNumber: boolean
  /** Whether it stands in an object that has the name, under another name of its own. */
  readonly isInner: boolean
  /** Whether it stands in no array and no object that has the name. */
  readonly isAlone: boolean
}

/**
 * A name in quotes and its colon; the backslashes say how deep in strings it stands. White space is also what JSON inside of
 * a string writes for it.
 */
const MEMBER = /(?<!\\)(\\*)(["'])([\w.$@ -]{1,64})\1\2(?:\s|\\+[nrt])*:(?:\s|\\+[nrt])*/g
/** A name without quotes before a value with them: `token: 'x'` of a script, `token="x"` of a tag. */
const ASSIGNED = /(?<![\w"'\\.:-])([\w.:-]{1,64})\s*[=:]\s*(?=\\*["'])/g
const ELEMENT_NAME = /[\w.:-]{1,64}/y
const CDATA = '<![CDATA['
const CDATA_END = ']]>'
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y
const COLON = /(?:\s|\\+[nrt])*:/y
const BACKSLASH = 0x5c
const DOUBLE_QUOTE = 0x22
const SINGLE_QUOTE = 0x27

/** Every value under such a name, in their order, each once. */
export function* namedValues(text: string, isSecret: (name: string) => boolean): Generator<NamedValue> {
  const found = [
    ...underNames(text, MEMBER, 3, isSecret),
    ...underNames(text, ASSIGNED, 1, isSecret),
    ...inElements(text, isSecret),
  ].sort((a, b) => a.start - b.start || b.end - a.end)
  let end = 0
  for (const one of found) {
    if (one.start < end) continue
    yield one
    end = one.end
  }
}

function* underNames(
  text: string,
  pattern: RegExp,
  group: number,
  isSecret: (name: string) => boolean,
): Generator<NamedValue> {
  const names = new RegExp(pattern)
  for (let match = names.exec(text); match; match = names.exec(text)) {
    const name = match[group] ?? ''
    if (!isSecret(name)) continue
    // What was walked over is not walked over again, whether values were found in it or not.
    names.lastIndex = Math.max(names.lastIndex, yield* valuesAt(text, names.lastIndex, name, isSecret))
  }
}

/** `<name …>value</name>`, its value in CDATA or not; each sign is looked at once. */
function* inElements(text: string, isSecret: (name: string) => boolean): Generator<NamedValue> {
  const lastCdata = text.lastIndexOf(CDATA_END)
  for (let at = text.indexOf('<'); at >= 0; ) {
    const name = matchAt(ELEMENT_NAME, text, at + 1)?.[0]
    const close = name === undefined ? -1 : headEnd(text, at + 1 + name.length)
    if (name === undefined || close < 0 || text[close] === '<') {
      at = text.indexOf('<', at + 1)
      continue
    }
    const { start, end, next } = contentAt(text, close + 1, lastCdata)
    if (next >= 0 && isClosing(text, next) && end > start && isSecret(name)) {
      yield { name, start, end, value: text.slice(start, end), isNumber: false, isInner: false, isAlone: true }
    }
    at = next
  }
}

/** Where the head of a tag ends, which has attributes behind white space, or none: at `>`, at another `<`, or never. */
function headEnd(text: string, from: number): number {
  if (text[from] !== '>' && !/\s/.test(text[from] ?? '')) return -1
  for (let at = from; at < text.length; at++) if (text[at] === '>' || text[at] === '<') return at
  return -1
}

/** The content that begins here, without white space around it, and where the next tag begins (-1: nowhere). */
function contentAt(text: string, from: number, lastCdata: number): { start: number; end: number; next: number } {
  let start = from
  while (isBlank(text, start)) start++
  if (text.startsWith(CDATA, start)) {
    start += CDATA.length
    // One without an end is no CDATA; looking for it again and again would take long.
    if (start > lastCdata) return { start, end: start, next: text.indexOf('<', start) }
    const end = text.indexOf(CDATA_END, start)
    return { ...trimmed(text, start, end), next: text.indexOf('<', end) }
  }
  const next = text.indexOf('<', start)
  return { ...trimmed(text, start, next < 0 ? text.length : next), next }
}

function trimmed(text: string, from: number, to: number): { start: number; end: number } {
  let [start, end] = [from, to]
  while (start < end && isBlank(text, start)) start++
  while (end > start && isBlank(text, end - 1)) end--
  return { start, end }
}

function isBlank(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  return unit <= 32 || unit === 0xa0 || unit === 0xfeff
}

/** A closing tag, whose slash JSON may have escaped. */
function isClosing(text: string, at: number): boolean {
  return text[at + 1] === '/' || (text[at + 1] === '\\' && text[at + 2] === '/')
}

/**
 * The value that begins here: a text, a number, or all that is in an array or an object. Returns where it ends.
 */
function* valuesAt(
  text: string,
  from: number,
  name: string,
  isSecret: (name: string) => boolean,
): Generator<NamedValue, number> {
  const brackets: string[] = []
  let objects = 0
  let own: string | undefined
  for (let at = from; at < text.length; ) {
    const sign = text[at] as string
    const slashes = slashesAt(text, at)
    const string = stringAt(text, at, slashes)
    if (string) {
      at = string.after
      if (brackets.at(-1) === '{' && matchAt(COLON, text, at)) own = string.value()
      else yield { start: string.start, end: string.end, value: string.value(), ...naming(own), isNumber: false }
    } else if (sign === '[' || sign === '{') {
      brackets.push(sign)
      if (sign === '{') objects++
      at++
    } else if (sign === ']' || sign === '}') {
      if (brackets.pop() === '{') objects--
      at++
    } else {
      const number = matchAt(NUMBER, text, at)?.[0]
      if (number !== undefined && (objects === 0 || isSecret(own ?? ''))) {
        yield { start: at, end: at + number.length, value: number, ...naming(own), isNumber: true }
      } else if (brackets.length === 0) return at
      at += number?.length ?? Math.max(1, slashes, wordLength(text, at))
    }
    if (brackets.length === 0) return at
  }
  return text.length

  function naming(inner: string | undefined): Pick<NamedValue, 'name' | 'isInner' | 'isAlone'> {
    const isAlone = brackets.length === 0
    return inner !== undefined && isSecret(inner)
      ? { name: inner, isInner: false, isAlone }
      : { name, isInner: inner !== undefined, isAlone }
  }
}

/** How long the word is that begins here: what is no number as a whole has none in it. */
function wordLength(text: string, from: number): number {
  let at = from
  while (/[\w.]/.test(text[at] ?? '')) at++
  return at - from
}

function slashesAt(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) === BACKSLASH) at++
  return at - from
}

function isQuote(unit: number): boolean {
  return unit === DOUBLE_QUOTE || unit === SINGLE_QUOTE
}

/** The string that begins here, behind so many backslashes; they say how deep in other strings it stands. */
function stringAt(text: string, from: number, depth: number) {
  const quote = text.charCodeAt(from + depth)
  if (!isQuote(quote)) return undefined
  const start = from + depth + 1
  for (let at = start; at < text.length; at++) {
    const slashes = slashesAt(text, at)
    at += slashes
    // Within the string, a backslash is written as so many, and so is what escapes a quote.
    if (text.charCodeAt(at) !== quote || slashes % (2 * (depth + 1)) !== depth) continue
    const end = at - depth
    return { start, end, after: at + 1, value: () => unescaped(text.slice(start, end), depth) }
  }
  // It was cut off.
  return { start, end: text.length, after: text.length, value: () => unescaped(text.slice(start), depth) }
}

function matchAt(sticky: RegExp, text: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at
  return sticky.exec(text)
}

/** A raw text of JSON, as deep in strings as so many backslashes before its quotes say. */
function unescaped(raw: string, depth: number): string {
  let text = raw
  for (let left = depth; left >= 0; left = left === 0 ? -1 : (left - 1) / 2) {
    try {
      text = JSON.parse(`"${text}"`) as string
    } catch {
      return text
    }
  }
  return text
}
