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

/** White space, also as JSON inside of a string writes it. */
const GAP = String.raw`(?:\s|\\+[nrt])*`
/** A name in quotes and its colon; the backslashes say how deep in strings it stands. */
const MEMBER = new RegExp(String.raw`(\\*)(["'])([\w.$@ -]{1,64})\1\2${GAP}:${GAP}`, 'g')
/** A name without quotes before a value with them: `token: 'x'` of a script, `token="x"` of a tag. */
const ASSIGNED = /(?<![\w"'\\.:-])([\w.:-]{1,64})\s*[=:]\s*(?=\\*["'])/g
const ELEMENT = /<([\w.:-]{1,64})(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[)?([^<>]*?[^<>\s\]][^<>]*?)(?:\]\]>)?\s*<\\?\//g
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y
const QUOTE = /(\\*)(["'])/y
const COLON = new RegExp(`${GAP}:`, 'y')

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
    const from = names.lastIndex
    const values = [...valuesAt(text, from, name, isSecret)]
    yield* values
    names.lastIndex = Math.max(from, values.at(-1)?.end ?? from)
  }
}

function* inElements(text: string, isSecret: (name: string) => boolean): Generator<NamedValue> {
  for (const match of text.matchAll(ELEMENT)) {
    const [whole, name = '', value = ''] = match
    if (!isSecret(name)) continue
    const start = match.index + whole.indexOf('>') + 1 + whole.slice(whole.indexOf('>') + 1).indexOf(value)
    yield { name, start, end: start + value.length, value, isNumber: false, isInner: false, isAlone: true }
  }
}

/** The value that begins here: a text, a number, or all that is in an array or an object. */
function* valuesAt(
  text: string,
  from: number,
  name: string,
  isSecret: (name: string) => boolean,
): Generator<NamedValue> {
  const brackets: string[] = []
  let own: string | undefined
  for (let at = from; at < text.length; ) {
    const sign = text[at] as string
    const string = stringAt(text, at)
    if (string) {
      at = string.after
      if (brackets.at(-1) === '{' && matchAt(COLON, text, at)) own = string.value
      else yield { ...string, ...naming(own), isNumber: false }
    } else if (sign === '[' || sign === '{') {
      brackets.push(sign)
      at++
    } else if (sign === ']' || sign === '}') {
      brackets.pop()
      at++
    } else {
      const number = matchAt(NUMBER, text, at)?.[0]
      if (number !== undefined && (!brackets.includes('{') || isSecret(own ?? ''))) {
        yield { start: at, end: at + number.length, value: number, ...naming(own), isNumber: true }
      } else if (brackets.length === 0) return
      at += number?.length ?? 1
    }
    if (brackets.length === 0) return
  }

  function naming(inner: string | undefined): Pick<NamedValue, 'name' | 'isInner' | 'isAlone'> {
    const isAlone = brackets.length === 0
    return inner !== undefined && isSecret(inner)
      ? { name: inner, isInner: false, isAlone }
      : { name, isInner: inner !== undefined, isAlone }
  }
}

function stringAt(text: string, at: number) {
  const opening = matchAt(QUOTE, text, at)
  if (!opening) return undefined
  const [whole, { length: depth }, quote] = opening as unknown as [string, string, string]
  const start = at + whole.length
  const quotes = /(\\*)(["'])/g
  quotes.lastIndex = start
  for (let match = quotes.exec(text); match; match = quotes.exec(text)) {
    const slashes = match[1]?.length ?? 0
    // Within the string, a backslash is written as so many, and so is what escapes a quote.
    if (match[2] !== quote || slashes % (2 * (depth + 1)) !== depth) continue
    const end = match.index + slashes - depth
    return { start, end, after: quotes.lastIndex, value: unescaped(text.slice(start, end), depth) }
  }
  // It was cut off.
  return { start, end: text.length, after: text.length, value: unescaped(text.slice(start), depth) }
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
