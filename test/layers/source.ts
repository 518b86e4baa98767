// Owns reading our own source: which files there are, what each imports, and its text told apart into code, strings and
// comments. A scanner, not a parser: it knows the shapes of import that this project uses.

import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, sep } from 'node:path'

export interface Source {
  /** Inside src/, with forward slashes: 'engine/walk.ts'. */
  path: string
  text: string
  /** The text with comments blanked and every string replaced by its number: '#0'. Line numbers stay. */
  code: string
  strings: string[]
  imports: Import[]
}

export interface Import {
  /** As written: './walk.ts', 'node:fs', 'zod'. */
  specifier: string
  line: number
  /** The file in src/ that is meant, or null for a package or a part of Node. */
  file: string | null
}

const COMMENT = String.raw`\/\*[\s\S]*?\*\/|\/\/[^\n]*`
const STRING = String.raw`'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"`
const TEMPLATE = '`(?:\\\\[\\s\\S]|\\$\\{(?:[^{}`]|\\{[^{}]*\\}|`[^`]*`)*\\}|[^`\\\\])*`'
const PATTERN = String.raw`(?<=(?:^|[(=:,[!&|?{};>]|\breturn)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*`
const TOKEN = new RegExp([COMMENT, STRING, TEMPLATE, PATTERN].join('|'), 'gm')

const IMPORTS = [
  /\b(?:import|export)\b[^';]*?\bfrom\s*'#(\d+)'/g, // import … from, export … from, types too
  /\bimport\s*\(?\s*'#(\d+)'/g, // for its effects; dynamic; a type in place
  /\brequire\s*\(\s*'#(\d+)'/g,
  /\bnew URL\s*\(\s*'#(\d+)'\s*,\s*import\.meta\.url/g, // a thread or a process that runs another file
]

export function readSources(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => toSource(file.split(sep).join('/'), readFileSync(join(folder, file), 'utf8')))
    .toSorted((a, b) => a.path.localeCompare(b.path))
}

export function toSource(path: string, text: string): Source {
  const strings: string[] = []
  const code = text.replace(TOKEN, (token) => {
    const lines = '\n'.repeat(token.split('\n').length - 1)
    if (token.startsWith('//') || token.startsWith('/*')) return lines
    strings.push(token.startsWith('/') ? '' : token.slice(1, -1))
    return `'#${strings.length - 1}'${lines}`
  })
  return { path, text, code, strings, imports: importsIn(path, code, strings) }
}

function importsIn(path: string, code: string, strings: string[]): Import[] {
  const found = IMPORTS.flatMap((shape) => [...code.matchAll(shape)])
  // A folder, or a name that is put together, is no file that could be looked for.
  const names = found.filter((match) => !/\/$|\$\{/.test(strings[Number(match[1])] ?? ''))
  return names.map((match) => {
    const specifier = strings[Number(match[1])] ?? ''
    const file = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : null
    return { specifier, file, line: lineAt(code, match.index + match[0].length) }
  })
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
