// Owns finding and changing the rows of an answer in its very text, so that everything else in it stays as the source
// wrote it: numbers of any length, order, white space. Pure.

/** Where the rows of an answer stand: the path to their list, and from an element of it to the row. */
export interface RowPlace {
  readonly list: readonly (string | number)[]
  readonly inner: readonly (string | number)[]
}

/** Where `rows` stand in a parsed body, found by identity; undefined when the connector composed them itself. */
export function placeOfRows(body: unknown, rows: readonly unknown[]): RowPlace | undefined {
  const [first] = rows
  if (typeof first !== 'object' || first === null) return undefined
  const path = pathTo(body, first, [])
  const index = path?.findLastIndex((part) => typeof part === 'number') ?? -1
  return path && index >= 0 ? { list: path.slice(0, index), inner: path.slice(index + 1) } : undefined
}

/** The same where the connector has copied its rows: the first list of as many objects. */
export function placeOfCopies(body: unknown, rows: readonly unknown[]): RowPlace | undefined {
  return likeRows(body, rows.length, [])
}

function likeRows(value: unknown, count: number, path: readonly (string | number)[]): RowPlace | undefined {
  if (typeof value !== 'object' || value === null || count === 0 || path.length > 3) return undefined
  if (Array.isArray(value))
    return value.length === count && typeof value[0] === 'object' ? { list: path, inner: [] } : undefined
  for (const [name, member] of Object.entries(value)) {
    const found = likeRows(member, count, [...path, name])
    if (found) return found
  }
  return undefined
}

function pathTo(value: unknown, wanted: object, path: readonly (string | number)[]): (string | number)[] | undefined {
  if (value === wanted) return [...path]
  if (typeof value !== 'object' || value === null || path.length > 12) return undefined
  const members: [string | number, unknown][] = Array.isArray(value)
    ? value.map((element, i) => [i, element])
    : Object.entries(value)
  for (const [name, member] of members) {
    const found = pathTo(member, wanted, [...path, name])
    if (found) return found
  }
  return undefined
}

/** Changes rows of a text: `change` gets each row's text and gives the new one, or null to take the element out. */
export function editRows(text: string, place: RowPlace, change: (row: string, index: number) => string | null): string {
  const list = spanAt(text, place.list)
  if (!list || text[list.start] !== '[') return text
  const elements = elementsOf(text, list.start)
  const changed = elements.flatMap((element, index) => {
    const whole = text.slice(element.start, element.end)
    const row = spanAt(whole, place.inner)
    if (!row) return [whole]
    const given = change(whole.slice(row.start, row.end), index)
    return given === null ? [] : [whole.slice(0, row.start) + given + whole.slice(row.end)]
  })
  return `${text.slice(0, list.start)}[${changed.join(',')}]${text.slice(list.end)}`
}

/** Puts other JSON in place of what stands at a path; the text as it is when nothing stands there. */
export function replaceAt(text: string, path: readonly (string | number)[], json: string): string {
  const span = spanAt(text, path)
  return span ? text.slice(0, span.start) + json + text.slice(span.end) : text
}

/** Gives the member at the end of a path another name, so that it is missing under its own. */
export function renameAt(text: string, path: readonly (string | number)[], name: string): string {
  const around = spanAt(text, path.slice(0, -1))
  const last = path.at(-1)
  if (!around || typeof last !== 'string') return text
  const key = membersOf(text, around.start).find((member) => member.name === last)?.key
  return key ? text.slice(0, key.start) + JSON.stringify(name) + text.slice(key.end) : text
}

/** The text at a path; undefined when nothing stands there. */
export function textAt(text: string, path: readonly (string | number)[]): string | undefined {
  const span = spanAt(text, path)
  return span && text.slice(span.start, span.end)
}

/** Names and texts of an object's members, in their order. */
export function membersIn(text: string): readonly { readonly name: string; readonly text: string }[] {
  const start = skipSpace(text, 0)
  if (text[start] !== '{') return []
  return membersOf(text, start).map(({ name, value }) => ({ name, text: text.slice(value.start, value.end) }))
}

// ── scanning ──────────────────────────────────────────────────────────────────────────────────────────────────────

interface Span {
  readonly start: number
  readonly end: number
}

function spanAt(text: string, path: readonly (string | number)[]): Span | undefined {
  let span: Span = valueAt(text, 0)
  for (const part of path) {
    const inside: Span | undefined =
      typeof part === 'number'
        ? text[span.start] === '['
          ? elementsOf(text, span.start)[part]
          : undefined
        : text[span.start] === '{'
          ? membersOf(text, span.start).find(({ name }) => name === part)?.value
          : undefined
    if (!inside) return undefined
    span = inside
  }
  return span
}

function elementsOf(text: string, open: number): readonly Span[] {
  const elements: Span[] = []
  let at = skipSpace(text, open + 1)
  while (at < text.length && text[at] !== ']') {
    const value = valueAt(text, at)
    elements.push(value)
    at = skipSpace(text, value.end)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return elements
}

function membersOf(text: string, open: number): readonly { name: string; key: Span; value: Span }[] {
  const members: { name: string; key: Span; value: Span }[] = []
  let at = skipSpace(text, open + 1)
  while (at < text.length && text[at] !== '}') {
    const key = valueAt(text, at)
    const value = valueAt(text, skipSpace(text, key.end) + 1)
    members.push({ name: JSON.parse(text.slice(key.start, key.end)) as string, key, value })
    at = skipSpace(text, value.end)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return members
}

/** The value that begins at or behind `from`, of a text that is valid JSON. */
function valueAt(text: string, from: number): Span {
  const start = skipSpace(text, from)
  let depth = 0
  let at = start
  do {
    const char = text[at]
    if (char === '"') at = endOfString(text, at)
    else if (char === '{' || char === '[') {
      depth++
      at++
    } else if (char === '}' || char === ']') {
      depth--
      at++
    } else if (depth === 0) {
      while (at < text.length && !/[\s,\]}]/.test(text[at] as string)) at++
    } else at++
  } while (depth > 0 && at < text.length)
  return { start, end: at }
}

function endOfString(text: string, open: number): number {
  let at = open + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && /\s/.test(text[at] as string)) at++
  return at
}
