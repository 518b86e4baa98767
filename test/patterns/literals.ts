// Owns finding the regular expressions of a source: its literals, and where one is put together while the program runs.

export interface Literal {
  readonly line: number
  readonly source: string
  readonly flags: string
}

export interface Patterns {
  readonly literals: readonly Literal[]
  /** Lines with `new RegExp(…)` or `RegExp(…)`. */
  readonly composed: readonly number[]
}

/** A slash begins a pattern where a value may begin. */
const VALUE_BEFORE = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|delete|await|yield))$/

/** Reads a TypeScript source as far as needed: comments, strings, templates and patterns. */
export function patternsIn(text: string): Patterns {
  const literals: Literal[] = []
  const composed: number[] = []
  const templates: number[] = []
  let braces = 0
  let before = ''
  const lineAt = (at: number) => text.slice(0, at).split('\n').length
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at, at + 2)
    const sign = text[at]!
    const from = at
    if (/\s/.test(sign)) at++
    else if (rest === '//') at = ended(text.indexOf('\n', at), text)
    else if (rest === '/*') at = ended(text.indexOf('*/', at) + 2, text)
    else if (sign === '"' || sign === "'") at = after(/(?:\\.|[^\\])/sy, text, at + 1, sign).at
    else if (sign === '`' || (sign === '}' && templates.at(-1) === braces)) {
      if (sign === '}') templates.pop()
      const end = after(/(?:\\.|\$(?!\{)|[^\\$])/sy, text, at + 1, '`')
      at = end.at + (end.closed ? 0 : 2)
      if (!end.closed) templates.push(braces)
    } else if (sign === '/' && VALUE_BEFORE.test(before)) {
      at = after(/(?:\[(?:\\.|[^\]\\])*\]|\\.|[^\\/[])/y, text, at + 1, '/').at
      const flags = /[a-z]*/.exec(text.slice(at, at + 10))?.[0] ?? ''
      literals.push({ line: lineAt(from), source: text.slice(from + 1, at - 1), flags })
      at += flags.length
    } else {
      const word = /[\w$]+/y
      word.lastIndex = at
      const found = word.exec(text)?.[0]
      if (found === 'RegExp' && text[at + 6] === '(') composed.push(lineAt(at))
      if (sign === '{') braces++
      if (sign === '}') braces--
      at += found?.length ?? 1
    }
    if (!/\s/.test(sign) && rest !== '//' && rest !== '/*') before = text.slice(from, at).slice(-12)
  }
  return { literals, composed }
}

/** The place behind the closing sign, or of what no part begins at (`${` in a template). */
function after(part: RegExp, text: string, from: number, close: string): { at: number; closed: boolean } {
  let at = from
  while (at < text.length && text[at] !== close) {
    part.lastIndex = at
    const found = part.exec(text)
    if (!found) return { at, closed: false }
    at += found[0].length
  }
  return { at: at + 1, closed: true }
}

function ended(at: number, text: string): number {
  return at <= 1 ? text.length : at
}
