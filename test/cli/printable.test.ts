// Owns the proof of what reaches a terminal or a file: no control characters of strangers, right widths, tables that
// are aligned, CSV that every reader reads the same way.

import { describe, expect, test } from 'vitest'
import { wantsColors } from '../../src/cli/terminal/output.ts'
import { cut, oneLine, padStart, printable, widthOf, wrapped } from '../../src/cli/terminal/printable.ts'
import { table } from '../../src/cli/terminal/table.ts'
import { csvLine, type Field, tsvLine } from '../../src/model/delimited.ts'
import { jsonText } from '../../src/model/json-text.ts'

describe('text from outside', () => {
  test('cannot steer the terminal', () => {
    expect(oneLine('a\x1b[2Jb\x07\x9b31m\x7f')).toBe('a\\x1b[2Jb\\x07\\x9b31m\\x7f')
    expect(printable('a\x1b]0;title\x07\nb')).toBe('a\\x1b]0;title\\x07\nb')
  })

  test('cannot turn the direction of what stands beside it', () => {
    expect(oneLine('user\u202enimda\u2066')).toBe('user\\u202enimda\\u2066')
  })

  test('stays on one line where it must, and loses nothing else', () => {
    expect(oneLine('first\r\n\tsecond – 高速 👩‍💻')).toBe('first second – 高速 👩‍💻')
    expect(oneLine('half \ud83d')).toBe('half \ufffd')
  })

  test('in JSON is escaped and comes back as it was', () => {
    const value = { text: 'a\x1b\x9b\u202e\x7f "q" é', big: 12345678901234567890n, small: 7n }
    const text = jsonText(value)
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/)
    expect(JSON.parse(text)).toEqual({ text: value.text, big: '12345678901234567890', small: 7 })
  })
})

describe('width', () => {
  test.each([
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['高速', 4],
    ['한국어', 6],
    ['👍', 2],
    ['👩‍💻', 2],
    ['❤️', 2],
    ['–…·', 3],
    ['', 0],
  ])('of %s is %i', (text, width) => expect(widthOf(text)).toBe(width))

  test('is kept when a text is cut', () => {
    expect(cut('abcdef', 6)).toBe('abcdef')
    expect(cut('abcdefg', 6)).toBe('abcde…')
    expect(cut('高速な実装', 6)).toBe('高速…')
    expect(cut('👩‍💻👩‍💻👩‍💻', 5)).toBe('👩‍💻👩‍💻…')
    expect(cut('abc', 0)).toBe('')
    expect(widthOf(cut('x'.repeat(1_000_000), 20))).toBe(20)
    expect(padStart('高', 4)).toBe('  高')
  })
})

describe('a table', () => {
  const look = { width: 60, paint: (_: unknown, text: string) => text }
  const columns = [{ title: 'NAME' }, { title: 'COUNT', align: 'right' }] as const

  test('is aligned, numbers on the right', () => {
    expect(
      table(
        columns,
        [
          ['高速', '1'],
          [{ text: 'plain', style: 'bold' }, '83,183'],
        ],
        look,
      ),
    ).toBe(['NAME    COUNT', '高速        1', 'plain  83,183', ''].join('\n'))
  })

  test('never is wider than the terminal while its columns can shrink', () => {
    const rows = [
      ['x'.repeat(100), '1'],
      ['y\nz\x1b[31m', '22'],
    ]
    const lines = table(columns, rows, { ...look, width: 30, indent: '  ' })
      .trimEnd()
      .split('\n')
    expect(Math.max(...lines.map(widthOf))).toBe(30)
    expect(lines[1]).toMatch(/^ {2}x+… {6}1$/)
    expect(lines[2]).toMatch(/^ {2}y z\\x1b\[31m +22$/)
  })

  test('leaves out what is optional where there is no room, and never cuts what is to be copied', () => {
    const wide = [
      { title: 'RUN', whole: true },
      { title: 'STATUS' },
      { title: 'MODE', optional: true },
      { title: 'TOOK', optional: true },
    ]
    const rows = [['01K9ZS6X1C4H8W2V7Q3M5N0B9T', 'failed because of something long', 'automatic', '1.5 s']]
    const at = (width: number) => table(wide, rows, { ...look, width }).split('\n')
    expect(at(80)[1]).toBe('01K9ZS6X1C4H8W2V7Q3M5N0B9T  failed because of something long  automatic  1.5 s')
    // A column that may go goes before the others become unreadable.
    expect(at(55)[1]).toBe('01K9ZS6X1C4H8W2V7Q3M5N0B9T  failed because …  automatic')
    const more = '2 more columns: MODE, TOOK'
    expect(at(40)).toEqual(['RUN                         STATUS', '01K9ZS6X1C4H8W2V7Q3M5N0B9T  failed beca…', more, ''])
  })

  test('stands on end where its columns do not fit beside each other', () => {
    const wide = [{ title: 'RUN', whole: true }, { title: 'STATUS' }, { title: 'MODE', optional: true }]
    const rows = [
      ['01K9ZS6X1C4H8W2V7Q3M5N0B9T', 'failed because of something long', '-'],
      ['01K9ZS6X1C4H8W2V7Q3M5N0B9U', 'complete', 'auto'],
    ]
    expect(table(wide, rows, { ...look, width: 30 }).split('\n')).toEqual([
      'RUN     01K9ZS6X1C4H8W2V7Q3M5N0B9T',
      'STATUS  failed because of som…',
      '',
      'RUN     01K9ZS6X1C4H8W2V7Q3M5N0B9U',
      'STATUS  complete',
      'MODE    auto',
      '',
    ])
  })

  test('without rows is nothing', () => expect(table(columns, [], look)).toBe(''))
})

describe('CSV', () => {
  const CASES: readonly [what: string, values: readonly Field[], line: string][] = [
    ['plain text', ['a', 'b'], 'a,b'],
    [
      'what has to be quoted',
      ['a,b', 'say "hi"', 'two\nlines', ' padded '],
      '"a,b","say ""hi""","two\nlines"," padded "',
    ],
    ['nothing, and numbers', [null, undefined, '', 0, false, 12n], ',,,0,false,12'],
    ['JSON', [{ a: 1 }, ['x']], '"{""a"":1}","[""x""]"'],
    ['one empty field', [''], '""'],
    [
      'formulas, which are disarmed',
      ['=1+1', '+cmd|x', '-2+3', '@sum', '=HYPERLINK("a")'],
      `'=1+1,'+cmd|x,'-2+3,'@sum,"'=HYPERLINK(""a"")"`,
    ],
    [
      'formulas behind a tab or a line end, which are disarmed and quoted',
      ['\t=1+1', '\r=1+1', '\n=1+1', 'a\tb'],
      `"'\t=1+1","'\r=1+1","'\n=1+1","a\tb"`,
    ],
    ['formulas in full-width signs, which are disarmed', ['＝1+1', '＋1', '－1', '＠sum'], "'＝1+1,'＋1,'－1,'＠sum"],
    ['numbers with a sign, which are left alone', ['-12.50', '+3', '-1e9', -5], '-12.50,+3,-1e9,-5'],
  ]
  test.each(CASES)('of %s', (_, values, line) => expect(csvLine(values)).toBe(`${line}\n`))
  test('with the line ends of RFC 4180, where these are asked for', () => expect(csvLine(['a'], '\r\n')).toBe('a\r\n'))
})

describe('TSV', () => {
  const CASES: readonly [what: string, values: readonly Field[], line: string][] = [
    ['plain text', ['a', 'b'], 'a\tb'],
    ['what would break a line, which is escaped', ['a\tb', 'c\nd\r', 'C:\\x'], 'a\\tb\tc\\nd\\r\tC:\\\\x'],
    ['nothing, and numbers', [null, undefined, '', 0, false, 12n], '\t\t\t0\tfalse\t12'],
    ['JSON', [{ a: 'x\ty' }, ['"']], '{"a":"x\\\\ty"}\t["\\\\""]'],
    ['what looks like a formula, exactly', ['=1+1', '@sum', '"quoted"'], '=1+1\t@sum\t"quoted"'],
  ]
  test.each(CASES)('of %s', (_, values, line) => expect(tsvLine(values)).toBe(`${line}\n`))
})

describe('colors', () => {
  test.each([
    [{ isTTY: true }, {}, true, true],
    [{ isTTY: false }, {}, true, false],
    [{ isTTY: true }, {}, false, false],
    [{ isTTY: true }, { NO_COLOR: '1' }, true, false],
    [{ isTTY: true }, { NO_COLOR: '' }, true, true],
    [{ isTTY: true }, { TERM: 'dumb' }, true, false],
    [{ isTTY: false }, { FORCE_COLOR: '1' }, true, true],
    [{ isTTY: true }, { FORCE_COLOR: '0' }, true, false],
    [{ isTTY: false }, { FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
  ])('on %j with %j, asked %s: %s', (stream, environment, asked, wanted) => {
    expect(wantsColors(stream, environment, asked)).toBe(wanted)
  })
})

test.each([
  ['short enough', 20, 'short enough'],
  ['broken between its words', 12, 'broken\n  between\n  its words'],
  ['avery-long-word stands alone', 8, 'avery-long-word\n  stands\n  alone'],
  ['  a list keeps its indent', 14, '  a list keeps\n  its indent'],
  ['without a terminal', Number.POSITIVE_INFINITY, 'without a terminal'],
])('"%s" in %i columns', (text, width, lines) => expect(wrapped(text, width, '  ')).toBe(lines))
