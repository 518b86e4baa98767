import fc from 'fast-check'
import { expect, test } from 'vitest'
import { folded, snippetOf, soughtWords, wordsOf } from '../../src/model/words.ts'

test.each([
  ['Müller & Söhne', ['muller', 'sohne']],
  ['STRASSE straße', ['strasse', 'strasse']],
  ['C++ and node.js 24.1', ['c', 'and', 'node', 'js', '24', '1']],
  ['ﬁle Ångström Łódź', ['file', 'angstrom', 'lodz']],
  ['東京都', ['東京', '京都', '都']],
  ['Привет, мир', ['привет', 'мир']],
  ['مرحبا بالعالم', ['مرحبا', 'بالعالم']],
  ['mp3東京x', ['mp3', '東京', '京', 'x']],
  ['🎉 — …', []],
  // Sigma has a form of its own at the end of a word, which capitals don't show.
  ['ΌΣΟΣ όσος', ['οσοσ', 'οσοσ']],
  ['İstanbul ISPARTA ısparta', ['istanbul', 'isparta', 'isparta']],
  ['ＦＵＬＬ ｗｉｄｔｈ', ['full', 'width']],
  ['e\u0301te\u0301 été', ['ete', 'ete']],
  ['soft\u00adware می\u200cخواهم محـمد', ['software', 'میخواهم', 'محمد']],
  ['コーヒー ｶﾞｽ', ['コー', 'ーヒ', 'ヒー', 'ー', 'カス', 'ス']],
])('the words of %s', (text, words) => {
  expect(wordsOf(text)).toEqual(words)
})

test.each([
  ['東京都', ['東京', '京都']],
  ['京', ['京']],
  ['mp3東京x 東京', ['mp3', '東京', 'x']],
])('the words sought by %s', (text, words) => {
  expect(soughtWords(text)).toEqual(words)
})

test('whatever is typed has words of letters and digits alone, each once', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      const words = soughtWords(text)
      expect(new Set(words).size).toBe(words.length)
      for (const word of words) expect(word).toMatch(/^[\p{L}\p{N}]+$/u)
      expect(soughtWords(words.join(' '))).toEqual(
        expect.arrayContaining(words.filter((word) => Array.from(word).length < 3)),
      )
    }),
  )
})

test('what is typed of a text finds it: each sought word begins one of its words', () => {
  const part = fc.constantFrom('Müller', '東京都', 'node', 'straße', 'Ünïcode', 'ไทยแลนด์', '24', 'ｶﾀｶﾅ')
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), fc.nat(), (parts, n) => {
      const words = wordsOf(parts.join(' '))
      const typed = parts[n % parts.length] ?? ''
      for (const word of soughtWords(typed)) expect(words.some((one) => one.startsWith(word))).toBe(true)
    }),
  )
})

test('a snippet shows where the words stand, on one line', () => {
  const text = `${'before '.repeat(60)}the Müller thing\n${'after '.repeat(60)}`
  const snippet = snippetOf(text, ['mull'])
  expect(snippet).toMatch(/^….*the Müller thing after.*…$/)
  expect(Array.from(snippet).length).toBeLessThan(170)
  expect(snippetOf('short', ['other'])).toBe('short')
  expect(folded('É')).toBe('e')
})
