// What exact parsing promises: the values of JSON.parse but for numbers that come as text, the exact text of every record,
// and its exact numbers.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TidemarkError } from '../../src/model/errors.ts'
import { DEPTH_MAX, exactOf, parseDigits, parseExact, rawText, sourceText } from '../../src/model/exact-json.ts'
import { ExactNumber } from '../../src/model/exact-number.ts'
import { canonical } from '../../src/model/json.ts'

/** Whitespace as JSON allows it, in any mixture. */
const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/)

/** A JSON value as text with whitespace anywhere, escapes, and integers of any size: what services really send. */
const { document } = fc.letrec<{ document: string; list: string; object: string; scalar: string }>((tie) => ({
  scalar: fc.oneof(
    fc.constantFrom('null', 'true', 'false', '-0', '1.50', '1e400', '0.12345678901234567890', '12345678901234567890.5'),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
    fc.integer().map(String),
    fc.double({ noDefaultInfinity: true, noNaN: true }).map(String),
    fc.stringMatching(/^-?(0|[1-9][0-9]{0,20})([.][0-9]{1,20})?(e[+-]?[0-9]{1,3})?$/),
    fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
    fc.constantFrom(
      '"a\\"b"',
      '"\\\\"',
      '"]}"',
      '"{\\"x\\":[1,2"',
      '"\\u005b{"',
      '"12345678901234567890"',
      '"x: 99999999999999999999 y"',
    ),
  ),
  list: fc.array(tie('document'), { maxLength: 5 }).chain((items) => spaced('[', items, ']')),
  object: fc
    .array(
      fc.tuple(fc.oneof(fc.string(), fc.constantFrom('__proto__', '1', 'a"b', 'data', 'a')), space, tie('document')),
      {
        maxLength: 5,
      },
    )
    .chain((members) =>
      spaced(
        '{',
        members.map(([name, gap, value]) => `${JSON.stringify(name)}${gap}:${gap}${value}`),
        '}',
      ),
    ),
  document: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('scalar'), tie('list'), tie('object')),
}))

function spaced(open: string, items: readonly string[], close: string): fc.Arbitrary<string> {
  return space.map(
    (gap) => `${gap}${open}${gap}${items.map((item) => `${gap}${item}${gap}`).join(',')}${gap}${close}${gap}`,
  )
}

/** An independent reading of the promise: JSON.parse with the source of every number. */
function reference(text: string): unknown {
  return JSON.parse(text, (_name, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || context?.source === undefined) return value
    if (!Number.isFinite(value)) return context.source
    if (!/^-?\d+$/.test(context.source)) return value
    const exact = BigInt(context.source)
    const large = exact > BigInt(Number.MAX_SAFE_INTEGER) || exact < -BigInt(Number.MAX_SAFE_INTEGER)
    return large ? context.source : value
  })
}

/** Objects that a page's reader may ask for: elements of arrays, the objects around them, nothing inside of elements. */
function known(value: unknown): object[] {
  if (Array.isArray(value)) return value.flatMap((item) => (isPlain(item) ? [item] : known(item)))
  if (!isPlain(value)) return []
  return [value, ...Object.values(value).flatMap(known)]
}

/** Objects inside of records. */
function inside(value: unknown, inRecord = false): object[] {
  if (Array.isArray(value)) {
    return value.flatMap((item) => (isPlain(item) && !inRecord ? within(item) : inside(item, inRecord)))
  }
  if (!isPlain(value)) return []
  return [...(inRecord ? [value] : []), ...Object.values(value).flatMap((member) => inside(member, inRecord))]
}

function within(record: object): object[] {
  return Object.values(record).flatMap((member) => inside(member, true))
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

describe('values', () => {
  test('are those of JSON.parse, with large integers and what is beyond all numbers as their digits', () => {
    fc.assert(
      fc.property(document, (text) => {
        expect(parseExact(text)).toEqual(reference(text))
      }),
      { numRuns: 3_000 },
    )
  })

  test.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', '9007199254740992'],
    ['-9007199254740991', -9007199254740991],
    ['-9007199254740992', '-9007199254740992'],
    ['9007199254740993', '9007199254740993'],
    [' 7582653324450926000 ', '7582653324450926000'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['12345678901234567890.0', Number('12345678901234567890')],
    ['12345678901234567890e0', Number('12345678901234567890')],
    ['1E400', '1E400'],
    ['-1e309', '-1e309'],
    ['1e308', 1e308],
    ['1e-400', 0],
    ['0.1234567890123456789', Number('0.1234567890123456789')],
    ['1000000000000000', 1000000000000000],
    ['"9007199254740993"', '9007199254740993'],
  ])('%s', (text, value) => {
    expect(parseExact(text)).toBe(value)
  })

  test('a large integer is found wherever it stands', () => {
    // The search looks at every 16th character, so that every offset is a case of its own.
    for (let before = 0; before < 40; before++) {
      const text = `{"${'x'.repeat(before)}":9007199254740993}`
      expect(Object.values(parseExact(text) as object)).toEqual(['9007199254740993'])
      // Right behind another number, where the next look falls on its last digit at the latest.
      const list = `["${'x'.repeat(before)}",1,9007199254740993]`
      expect(parseExact(list)).toEqual(['x'.repeat(before), 1, '9007199254740993'])
    }
  })

  test.each([
    '{12345678901234567890:1}',
    '{ 12345678901234567890:1}',
    '{"a":1,12345678901234567890 :1}',
    '{12345678901234567890 :1}',
    '[012345678901234567890]',
    '[+12345678901234567890]',
    '[12345678901234567890 1]',
    '["a"12345678901234567890]',
    '[12345678901234567890"a"]',
    '[x12345678901234567890]',
    '[-]',
    '["12345678901234567890]',
    '[12345678901234567890',
    '12345678901234567890]',
    '',
    ' ',
    '\ufeff{}',
  ])('%s is no JSON, and stays none', (text) => {
    expect(() => parseExact(text)).toThrow(SyntaxError)
  })

  test('what an earlier text left behind is not read', () => {
    for (let length = 17; length < 40; length++) {
      parseExact(`{"${'a'.repeat(length - 3)}":1}`)
      expect(parseExact('1'.repeat(length))).toBe('1'.repeat(length))
    }
  })

  test('__proto__ is a member like any other', () => {
    const parsed = parseExact(
      '{"__proto__":{"polluted":1},"rows":[{"__proto__":[{"x":1}],"id":12345678901234567890}]}',
    ) as {
      rows: object[]
    }
    expect(Object.keys(parsed)).toEqual(['__proto__', 'rows'])
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype)
    expect(Object.getPrototypeOf(parsed.rows[0])).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(rawText(parsed.rows[0]!)).toBe('{"__proto__":[{"x":1}],"id":12345678901234567890}')
  })
})

describe('source text', () => {
  test('every record and every envelope has the text it was parsed from, and only they', () => {
    let records = 0
    fc.assert(
      fc.property(document, (text) => {
        const value = parseExact(text)
        for (const object of known(value)) {
          records++
          const slice = sourceText(object)
          expect(slice).toBeDefined()
          expect(text).toContain(slice)
          expect(slice).toMatch(/^\{[^]*\}$/)
          expect(reference(slice!)).toEqual(object)
        }
        for (const object of inside(value)) expect(sourceText(object)).toBeUndefined()
      }),
      { numRuns: 3_000 },
    )
    expect(records).toBeGreaterThan(2_000)
  })

  test('records of a page are exactly what stood between the commas', () => {
    const first = '{ "id" : 1.10, "tags":["}",{"deep":[]}] }'
    const second = '{"id":9007199254740993,"text":"a\\"b\\\\"}'
    const body = parseExact(` {"code": 0, "data" :{ "orders":[ ${first} ,\n${second}\t] ,"total":2}} `) as {
      data: { orders: [{ tags: [string, object] }, object] }
    }
    const [one, two] = body.data.orders
    expect(sourceText(one)).toBe(first)
    expect(sourceText(two)).toBe(second)
    // What is inside of a record belongs to it.
    expect(sourceText(one.tags[1])).toBeUndefined()
    expect(sourceText(body.data)).toBe(`{ "orders":[ ${first} ,\n${second}\t] ,"total":2}`)
  })

  test('rows that are lists have their text, too', () => {
    const body = parseExact('{"rows":[ ["a", 1.50], ["b",[2.0]] ]}') as { rows: [object, [string, object]] }
    expect(body.rows.map(sourceText)).toEqual(['["a", 1.50]', '["b",[2.0]]'])
  })

  test('rows inside of rows keep the digits that a copy would lose, as long as nobody has changed them', () => {
    const text = '[{"id":1,"lines":[{"n":0.12345678901234567891, "m":1.50},{"n":0.5}]}]'
    const [order] = parseExact(text) as [{ lines: [Record<string, unknown>, Record<string, unknown>] }]
    const [first, second] = order.lines
    expect(rawText(first)).toBe('{"n":0.12345678901234567891, "m":1.50}')
    expect(sourceText(first)).toBeUndefined()
    second['order'] = 1
    expect(rawText(second)).toBe('{"n":0.5,"order":1}')
    expect(exactOf(second)).toBeUndefined()
    first['order'] = 1
    expect(rawText(first)).toBe('{"n":0.12345678901234568,"m":1.5,"order":1}')
  })

  test('a top-level array, a list of lists, and mixed elements', () => {
    const [a, , [b]] = parseExact('[{"a":1}, null, [{"b":2.0}], 3, "x"]') as [object, null, [object]]
    expect(sourceText(a)).toBe('{"a":1}')
    expect(sourceText(b)).toBe('{"b":2.0}')
  })

  test('of members with one name the last counts', () => {
    const body = parseExact(
      '{"rows":[{"n":1.0},{"n":2.0}],"rows":[{"n":3.0}],"x":{"rows":[{"n":4.0}]},"x":[{"n":5.00}]}',
    ) as {
      rows: object[]
      x: object[]
    }
    expect(body.rows.map(sourceText)).toEqual(['{"n":3.0}'])
    expect(body.x.map(sourceText)).toEqual(['{"n":5.00}'])
  })

  test('names that a parser reorders or unescapes lead to the right member', () => {
    const body = parseExact('{"b":[{"v":1.0}],"1":[{"v":2.0}],"\\u0063\\"":[{"v":3.0}]}') as Record<string, object[]>
    expect(sourceText(body['b']![0]!)).toBe('{"v":1.0}')
    expect(sourceText(body['1']![0]!)).toBe('{"v":2.0}')
    expect(sourceText(body['c"']![0]!)).toBe('{"v":3.0}')
  })

  test.each(['é', '中', '😀', '\ud83d', 'Ģ', '\u017b\u015b'])('text with %s has the same slices', (character) => {
    // Some of these have a quote or a bracket as their low byte, which a narrow copy would take for one.
    const record = JSON.stringify({ text: character.repeat(3), n: 1 })
    const body = parseExact(`[${record}, ${record}]`) as [object, object]
    expect(body.map(sourceText)).toEqual([record, record])
  })

  test('copies and composed records have no source; their raw text is their JSON', () => {
    const [row] = parseExact('[{"n":1.50}]') as [object]
    expect(sourceText({ ...row })).toBeUndefined()
    expect(rawText({ ...row })).toBe('{"n":1.5}')
    expect(rawText(row)).toBe('{"n":1.50}')
  })

  test('a later, longer text does not disturb an earlier one', () => {
    const [small] = parseExact('[{"a":1.0}]') as [object]
    const many = parseExact(
      JSON.stringify(Array.from({ length: 50_000 }, (_, n) => ({ n, text: 'x'.repeat(30) }))),
    ) as object[]
    const [wide] = parseExact(`[{"a":"${'中'.repeat(600_000)}"}]`) as [object]
    expect(sourceText(small)).toBe('{"a":1.0}')
    expect(sourceText(many[49_999]!)).toBe(`{"n":49999,"text":"${'x'.repeat(30)}"}`)
    expect(sourceText(wide)).toHaveLength(600_008)
    expect(sourceText((parseExact('[{"b":2.0}]') as [object])[0])).toBe('{"b":2.0}')
  })
})

describe('depth', () => {
  const shapes = {
    lists: (n: number) => '['.repeat(n) + ']'.repeat(n),
    objects: (n: number) => `${'{"a":'.repeat(n - 1)}{}${'}'.repeat(n - 1)}`,
    'inside of a record': (n: number) => `[{"a":${'['.repeat(n - 2)}${']'.repeat(n - 2)}}]`,
    mixed: (n: number) => `${'[{"a":'.repeat(n / 2)}1${'}]'.repeat(n / 2)}`,
  }
  test.each(Object.entries(shapes))('%s', (_name, nested) => {
    expect(() => parseExact(nested(DEPTH_MAX))).not.toThrow()
    let error: unknown
    try {
      parseExact(nested(DEPTH_MAX + 2))
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(TidemarkError)
    expect(error).toMatchObject({ code: 'json_too_deep', verdict: 'stop' })
  })

  test('a hundred thousand levels do not exhaust the stack', () => {
    expect(() => parseExact(shapes.lists(100_000))).toThrow(TidemarkError)
    expect(() => parseExact(shapes.objects(100_000))).toThrow(TidemarkError)
  })

  test('brackets in strings are no depth', () => {
    const text = `[{"a":"${'[{'.repeat(2_000)}"}]`
    expect((parseExact(text) as [object]).map(sourceText)).toEqual([text.slice(1, -1)])
  })
})

describe('exact numbers', () => {
  /** Every number of a value by its exact digits, where these are not those of a JavaScript number. */
  const digits = (value: unknown): unknown => {
    if (value instanceof ExactNumber) return { digits: value.text }
    if (Array.isArray(value)) return value.map(digits)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, digits(member)]))
  }

  test('of a record are those that its source wrote', () => {
    const [row, plain, large] = parseExact(
      '[{"a":0.1234567890123456789,"b":0.5,"c":[12345678901234567890,{"d":1e400}]},{"a":0.25},{"a":9007199254740993}]',
    ) as object[]
    expect(digits(exactOf(row!))).toEqual({
      a: { digits: '0.1234567890123456789' },
      b: 0.5,
      c: [{ digits: '12345678901234567890' }, { d: { digits: '1e400' } }],
    })
    expect(exactOf(plain!)).toBeUndefined()
    expect(exactOf({ ...row })).toBeUndefined()
    expect(digits(exactOf(large!))).toEqual({ a: { digits: '9007199254740993' } })
    // Where no fraction has lost digits, the record has all of its digits already.
    const [alone] = parseExact('[{"a":9007199254740993}]') as [object]
    expect(exactOf(alone)).toBeUndefined()
  })

  test('are found wherever they stand, and nothing else is', () => {
    for (let before = 0; before < 40; before++) {
      for (const number of [
        '0.1234567890123456789',
        '-12345678.1234567891',
        '1234567890123456.78e5',
        '4.9e-324',
        '1e-400',
      ]) {
        const [row] = parseExact(`[{"${'x'.repeat(before)}":${number}}]`) as [object]
        expect(Object.values(exactOf(row) as object).map(String)).toEqual([number])
      }
      for (const held of [
        '0.30000000000000004',
        '-1234.567890123456e-2',
        '1.7976931348623157e308',
        '1e22',
        '"1e400"',
      ]) {
        const [row] = parseExact(`[{"${'x'.repeat(before)}":${held}}]`) as [object]
        expect(exactOf(row)).toBeUndefined()
      }
    }
  })

  test('an exact number calculates as the nearest one, and is text as it was written', () => {
    const number = new ExactNumber('1234567890123456.78')
    expect(Number(number)).toBe(Number('1234567890123456.78'))
    expect((number as unknown as number) / 2).toBe(Number('1234567890123456.78') / 2)
    expect(String(number)).toBe('1234567890123456.78')
    expect(JSON.stringify({ number })).toBe('{"number":"1234567890123456.78"}')
  })

  test.each([
    ['[1.0,1e2,-0,10e-1]', '[1,100,0.0,1]', true],
    ['9007199254740992', '9007199254740992.0', true],
    ['9007199254740993', '9007199254740993.0', true],
    ['9007199254740993.0', '900719925474099300e-2', true],
    ['0.12345678901234567890', '0.1234567890123456789', true],
    ['1e400', '10e399', true],
    ['9007199254740992', '9007199254740993', false],
    ['9007199254740993', '"9007199254740993"', false],
    ['1234567890.123456781', '1234567890.123456799', false],
    ['0.1', '0.10000000000000001', false],
    ['1e400', '2e400', false],
    ['1e400', 'null', false],
    ['1e-400', '0', false],
    ['{"a":1e400,"a":2}', '{"a":2.0}', true],
    ['{"__proto__":{"n":0.10000000000000001}}', '{"__proto__":{"n":0.1}}', false],
    ['{"__proto__":{"n":0.10000000000000001}}', '{}', false],
  ])('%s and %s are the same content: %s', (one, other, same) => {
    expect(canonical(parseDigits(one)) === canonical(parseDigits(other))).toBe(same)
  })

  test('are those of JSON.parse but for numbers that it loses', () => {
    fc.assert(
      fc.property(document, (text) => {
        expect(parseDigits(text, Number)).toEqual(JSON.parse(text))
      }),
      { numRuns: 2_000 },
    )
  })
})
