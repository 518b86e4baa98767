// Owns the words of a SQL statement as each database splits them: comments, strings, names, marks. Pure. One pass over
// the text, so that the time grows with its length whatever it holds; the databases themselves decide what it means.

export type Dialect = 'sqlite' | 'postgres'

export interface Token {
  /**
   * `space` is white space or a comment; `text` a quoted string; `name` a quoted identifier; `word` a keyword, a plain
   * identifier or a number; `mark` any other single character.
   */
  readonly kind: 'space' | 'text' | 'name' | 'word' | 'mark'
  /** Offsets into the statement; `to` is exclusive. */
  readonly from: number
  readonly to: number
  /** What stands between the quotes, quotes undoubled; otherwise the token as it is. Escapes are not resolved. */
  readonly content: string
  /** Whether PostgreSQL reads it with escapes (`E'…'`, `U&'…'`, `U&"…"`): its content is not what it means. */
  readonly escaped: boolean
}

/** Splits a statement. A quote or comment that is never closed reaches to the end. */
export function* tokensOf(sql: string, dialect: Dialect): Generator<Token> {
  for (let from = 0; from < sql.length; ) {
    const token = spaceAt(sql, from, dialect) ?? quotedAt(sql, from, dialect) ?? plainAt(sql, from)
    yield token
    from = token.to
  }
}

/** The first words of a statement in lower case, at most `count`; parentheses before the first one are left out. */
export function firstWords(sql: string, dialect: Dialect, count: number): readonly string[] {
  const words: string[] = []
  for (const { kind, content } of tokensOf(sql, dialect)) {
    if (kind === 'space' || (content === '(' && words.length === 0)) continue
    if (kind !== 'word' || words.push(content.toLowerCase()) === count) break
  }
  return words
}

/** The statement without the semicolons, comments and white space behind it; empty if there is nothing else. */
export function withoutEnding(sql: string, dialect: Dialect): string {
  let end = 0
  for (const { kind, to, content } of tokensOf(sql, dialect)) {
    if (kind !== 'space' && !(kind === 'mark' && content === ';')) end = to
  }
  return sql.slice(0, end)
}

/** What both databases take for white space; a byte order mark may stand before a statement from a file. */
const SPACE = /[ \t\n\r\f\v\ufeff]/
/** What an identifier or a number is made of: to both databases everything beyond ASCII is a letter. */
const LETTER = /[\w$\u0080-\uffff]/

function spaceAt(sql: string, from: number, dialect: Dialect): Token | undefined {
  let to = from
  if (sql.startsWith('--', from)) to = endOf(sql, '\n', from)
  else if (sql.startsWith('/*', from)) to = commentEnd(sql, from, dialect)
  else while (to < sql.length && SPACE.test(sql.charAt(to))) to++
  return to > from ? { kind: 'space', from, to, content: sql.slice(from, to), escaped: false } : undefined
}

/** PostgreSQL's comments nest, SQLite's don't. */
function commentEnd(sql: string, from: number, dialect: Dialect): number {
  if (dialect === 'sqlite') return endOf(sql, '*/', from + 2)
  let depth = 0
  for (let at = from; at < sql.length; at++) {
    if (sql.startsWith('/*', at)) depth++
    else if (sql.startsWith('*/', at)) depth--
    else continue
    at++
    if (depth === 0) return at + 1
  }
  return sql.length
}

const CLOSING: Readonly<Record<string, string>> = { "'": "'", '"': '"', '`': '`', '[': ']' }

function quotedAt(sql: string, from: number, dialect: Dialect): Token | undefined {
  const prefix = dialect === 'postgres' ? prefixAt(sql, from) : ''
  if (dialect === 'postgres' && prefix === '' && sql[from] === '$') return dollarAt(sql, from)
  const start = from + prefix.length
  const open = sql.charAt(start)
  const isQuote = open === "'" || open === '"' || (dialect === 'sqlite' && (open === '`' || open === '['))
  if (!isQuote) return undefined
  const close = CLOSING[open] ?? open
  const isBackslashed = /^e/i.test(prefix)
  let to = start + 1
  while (to < sql.length) {
    const char = sql[to]
    if (isBackslashed && char === '\\') to += 2
    else if (char !== close) to++
    else if (open !== '[' && sql[to + 1] === close) to += 2
    else break
  }
  const inside = sql.slice(start + 1, to)
  const content = open === '[' ? inside : inside.replaceAll(close + close, close)
  const end = Math.min(to + 1, sql.length)
  const escaped = isBackslashed || /^u/i.test(prefix)
  return { kind: open === "'" ? 'text' : 'name', from, to: end, content, escaped }
}

/** `E'`, `B'`, `X'` and `N'` of PostgreSQL, `U&'` and `U&"`, without the quote. */
function prefixAt(sql: string, from: number): string {
  return /^(?:[ebxn](?=')|u&(?=['"]))/i.exec(sql.slice(from, from + 3))?.[0] ?? ''
}

/** PostgreSQL's `$tag$ … $tag$`. */
function dollarAt(sql: string, from: number): Token | undefined {
  let at = from + 1
  while (at < sql.length && sql[at] !== '$' && LETTER.test(sql.charAt(at))) at++
  if (sql[at] !== '$') return undefined
  const tag = sql.slice(from, at + 1)
  const to = endOf(sql, tag, at + 1)
  const content = sql.slice(at + 1, Math.max(at + 1, to - tag.length))
  return { kind: 'text', from, to, content, escaped: false }
}

function plainAt(sql: string, from: number): Token {
  let to = from
  while (to < sql.length && LETTER.test(sql.charAt(to))) to++
  const kind = to > from ? 'word' : 'mark'
  to = Math.max(to, from + 1)
  return { kind, from, to, content: sql.slice(from, to), escaped: false }
}

function endOf(sql: string, text: string, from: number): number {
  const at = sql.indexOf(text, from)
  return at < 0 ? sql.length : at + text.length
}
