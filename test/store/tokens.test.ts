// Owns the proof that statements are split as the databases split them, in a time that grows with their length.

import { describe, expect, it } from 'vitest'
import { firstWords, tokensOf, withoutEnding } from '../../src/store/console/tokens.ts'

const split = (sql: string, dialect: 'sqlite' | 'postgres') =>
  [...tokensOf(sql, dialect)].filter(({ kind }) => kind !== 'space').map(({ kind, content }) => `${kind} ${content}`)

describe('a statement', () => {
  it('is split into words, texts, names and marks', () => {
    expect(split(`SELECT a.b1, 'it''s' AS "x ""y""" -- c\n/* d */;`, 'postgres')).toEqual([
      'word SELECT',
      'word a',
      'mark .',
      'word b1',
      'mark ,',
      "text it's",
      'word AS',
      'name x "y"',
      'mark ;',
    ])
  })

  it.each([
    ['sqlite', '[a b] `c``d`', ['name a b', 'name c`d']],
    ['sqlite', '/* a /* b */ c', ['word c']],
    ['postgres', '/* a /* b */ c */ d', ['word d']],
    ['postgres', String.raw`E'a\'b' x`, [String.raw`text a\'b`, 'word x']],
    ['postgres', "$t$ ; '$t$ $1 $$;$$", ["text  ; '", 'word $1', 'text ;']],
    ['postgres', String.raw`U&"t\006d" u&'x'`, [String.raw`name t\006d`, 'text x']],
    ['postgres', "name'x'", ['word name', 'text x']],
    ['postgres', 'a$b$c', ['word a$b$c']],
    ['sqlite', "'never closed", ['text never closed']],
    ['sqlite', '/* never closed', []],
  ] as const)('of %s: %s', (dialect, sql, tokens) => {
    expect(split(sql, dialect)).toEqual(tokens)
  })

  it('covers the text without a hole', () => {
    const sql = `\ufeffSELECT é, '😀', "n" -- x\n, E'\\'' /* y */ ; $a$ z`
    for (const dialect of ['sqlite', 'postgres'] as const) {
      expect([...tokensOf(sql, dialect)].map(({ from, to }) => sql.slice(from, to)).join('')).toBe(sql)
    }
  })
})

it('begins with its first words, whatever stands before them', () => {
  expect(firstWords('/* a */ -- b\n Explain QUERY /**/ plan SELECT 1', 'sqlite', 3)).toEqual([
    'explain',
    'query',
    'plan',
  ])
  expect(firstWords(' ((select 1))', 'postgres', 1)).toEqual(['select'])
  expect(firstWords("'select'", 'postgres', 1)).toEqual([])
})

it('ends before semicolons and comments, but not within a text', () => {
  expect(withoutEnding("SELECT ';--' ; -- done\n;", 'postgres')).toBe("SELECT ';--'")
  expect(withoutEnding('SELECT 1 -- done', 'sqlite')).toBe('SELECT 1')
  expect(withoutEnding(' ; /* nothing */ -- at all', 'sqlite')).toBe('')
})

// Each of them would take years if anything looked twice at what it has passed.
const MANY = 400_000
it.each(['-', '--\n', '/**/', '/*', ';', '(', ' ', "'", "''", '"', '$a', '$', 'a', '[', '`', '-- ;\n'])(
  '%j four hundred thousand times is split in one pass',
  (piece) => {
    for (const dialect of ['sqlite', 'postgres'] as const) {
      const sql = `${piece.repeat(MANY)}\nselect`
      expect([...tokensOf(sql, dialect)].at(-1)?.to).toBe(sql.length)
      withoutEnding(sql, dialect)
      firstWords(sql, dialect, 3)
    }
  },
)
