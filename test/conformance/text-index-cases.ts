// Owns the promises about the index of texts: all words, each as the beginning of one; by project; the same on every store.

import { describe, expect, it } from 'vitest'
import { soughtWords, wordsOf } from '../../src/model/words.ts'
import { useWorld } from './use-world.ts'
import { type OpenDatabase, T0, World } from './world.ts'

const indexed = (key: string, title: string, body = '', more: object = {}) => ({
  key,
  title: wordsOf(title),
  body: wordsOf(body),
  at: T0,
  removed: false,
  ...more,
})

export function textIndexCases(open: OpenDatabase): void {
  describe('the index of texts', () => {
    const used = useWorld(open)
    const found = async (typed: string, more: object = {}) => {
      const query = { project: 'default', words: soughtWords(typed), removed: false, limit: 10, ...more }
      return (await used.world.store.texts.find(query)).map(({ key }) => key)
    }

    it('finds records that have all of the words, those in the title first', async () => {
      const { store, stream } = used.world
      await store.texts.put(stream.no, [
        indexed('a', 'A typed store', 'on SQLite, for Müller and others'),
        indexed('b', 'SQLite, typed'),
        indexed('c', 'Something else', 'which is not typed'),
        indexed('d', '東京都の写真'),
      ])
      expect(await found('typed sqlite')).toEqual(['b', 'a'])
      expect(await found('TYP sql')).toEqual(['b', 'a'])
      expect(await found('muller')).toEqual(['a'])
      expect(await found('東京')).toEqual(['d'])
      expect(await found('都')).toEqual(['d'])
      expect(await found('typed nothing')).toEqual([])
      expect(await found('typed', { limit: 1 })).toHaveLength(1)
      const [best] = await store.texts.find({ project: 'default', words: ['typed'], removed: false, limit: 1 })
      expect(best).toMatchObject({ streamNo: stream.no, connection: 'me', stream: 'orders', score: expect.any(Number) })
    })

    it('finds words however they are spelled, in every script', async () => {
      const { store, stream } = used.world
      const spellings = [
        ['Όσος κόσμος', 'ΌΣΟΣ ΚΌΣΜΟΣ', 'οσοσ', 'κοσμος', 'ΚΟΣ'],
        ['İstanbul', 'ISTANBUL', 'istanbul', 'ıstan'],
        ['Straße', 'STRASSE', 'STRAẞE', 'strasse', 'straß'],
        ['Ｆｕｌｌ ｗｉｄｔｈ', 'full', 'WIDTH', 'ｗｉｄ'],
        ['cre\u0300me bru\u0302le\u0301e', 'crème brûlée', 'CREME', 'brul'],
        ['soft\u00adware', 'software', 'SOFTWARE'],
        ['コーヒー', 'コーヒー', 'ｺｰﾋｰ', 'ヒー'],
        // Some tables of letters have these as marks, or not at all.
        ['ᦺᦑᦟᦹᧉ', 'ᦺ', 'ᦺᦑ', 'ᦺᦑᦟᦹᧉ'],
        ['𐔰𐔱𐔲', '𐔰𐔱'],
        ['ᏣᎳᎩ', 'ꮳꮃꭹ', 'ᏣᎳ'],
        ['𞤀𞤁𞤂', '𞤢𞤣'],
        ['𰀀𰀁𰀂', '𰀀𰀁'],
      ] as const
      await store.texts.put(
        stream.no,
        spellings.map(([title], n) => indexed(`k${n}`, title)),
      )
      for (const [n, typed] of spellings.entries())
        for (const one of typed) expect([one, await found(one)]).toEqual([one, [`k${n}`]])
    })

    it('takes words for no more than words', async () => {
      const { store, stream } = used.world
      await store.texts.put(stream.no, [indexed('a', 'and or not near select')])
      for (const typed of [
        '"',
        "'",
        'and',
        'or not',
        'NEAR(',
        'a*',
        'x:y',
        '\\',
        '!and',
        '& |',
        '--',
        '{title}: not',
      ]) {
        // What has no word is asked of nobody: see the operation.
        const answer = soughtWords(typed).length === 0 ? [] : await found(typed)
        expect([typed, Array.isArray(answer)]).toEqual([typed, true])
      }
      expect(await found('OR NOT near')).toEqual(['a'])
    })

    it('has the words of a record as they were written last, and removed ones apart', async () => {
      const { store, stream } = used.world
      await store.texts.put(stream.no, [indexed('a', 'first'), indexed('b', 'first')])
      await store.texts.put(stream.no, [
        indexed('a', 'second', '', { at: T0 + 5 }),
        indexed('b', 'first', '', { removed: true }),
      ])
      expect(await found('first')).toEqual([])
      expect(await found('first', { removed: true })).toEqual(['b'])
      expect(await found('second', { since: T0 + 5 })).toEqual(['a'])
      expect(await found('second', { since: T0 + 6 })).toEqual([])
      expect(await store.texts.forget(stream.no, 1)).toBe(1)
      expect(await store.texts.forget(stream.no, 5)).toBe(1)
      expect(await store.texts.forget(stream.no, 5)).toBe(0)
      expect(await found('second')).toEqual([])
    })

    it('is of one project, and may be asked for one connection', async () => {
      const { world } = used
      const lab = await new World(world.database, world.store, 'lab').begin('other')
      await world.store.texts.put(world.stream.no, [indexed('a', 'shared word')])
      await world.store.texts.put(lab.stream.no, [indexed('z', 'shared word')])
      expect(await found('shared')).toEqual(['a'])
      expect(await found('shared', { project: 'lab' })).toEqual(['z'])
      expect(await found('shared', { connection: 'me' })).toEqual(['a'])
      expect(await found('shared', { connection: 'nobody' })).toEqual([])
    })

    it('remembers by what each stream was indexed', async () => {
      const { store, stream } = used.world
      expect(await store.texts.streams('default')).toEqual([])
      await store.texts.saveStream({ streamNo: stream.no, declared: 'one', place: 'half' })
      expect(await store.texts.streams('default')).toEqual([{ streamNo: stream.no, declared: 'one', place: 'half' }])
      await store.texts.saveStream({ streamNo: stream.no, declared: 'two', place: null })
      expect(await store.texts.streams('default')).toEqual([{ streamNo: stream.no, declared: 'two', place: null }])
      expect(await store.texts.streams('lab')).toEqual([])
      await store.texts.dropStream(stream.no)
      expect(await store.texts.streams('default')).toEqual([])
    })
  })
}
