// Owns the promises about the vectors of texts: what was written is read in the order of writing, as it is now.

import { describe, expect, it } from 'vitest'
import { useWorld } from './use-world.ts'
import { type OpenDatabase, T0, World } from './world.ts'

const made = (...parts: number[]) => ({ digest: `of ${parts.join()}`, vector: Int8Array.from(parts) })
const record = (key: string, more: object = {}) => ({ key, at: T0, removed: false, ...more })

export function vectorCases(open: OpenDatabase): void {
  describe('the vectors of texts', () => {
    const used = useWorld(open)
    const noted = async () => {
      const { store, stream } = used.world
      await store.vectors.saveStream({ streamNo: stream.no, declared: 'a model', place: null })
      const one = async () => (await store.vectors.streams('default'))[0]
      return { vectors: store.vectors, no: stream.no, one }
    }
    const keysOf = (rows: readonly { key: string }[]) => rows.map(({ key }) => key)

    it('are read in the order of writing, behind any place', async () => {
      const { vectors, no, one } = await noted()
      expect(await vectors.length(no)).toBeUndefined()
      await vectors.put(no, [record('a', { made: made(1, -2) }), record('b', { made: made(-127, 127) })])
      await vectors.put(no, [record('c', { made: made(), removed: true, at: T0 + 5 })])
      const rows = await vectors.read(no, 0, 10)
      expect(rows).toEqual([
        { key: 'a', at: T0, removed: false, vector: Int8Array.from([1, -2]), written: 1 },
        { key: 'b', at: T0, removed: false, vector: Int8Array.from([-127, 127]), written: 2 },
        { key: 'c', at: T0 + 5, removed: true, vector: new Int8Array(0), written: 3 },
      ])
      expect(keysOf(await vectors.read(no, 1, 1))).toEqual(['b'])
      expect(await one()).toMatchObject({ streamNo: no, connection: 'me', stream: 'orders', written: 3 })
      // What has no vector says nothing of how long the others are.
      expect(await vectors.length(no)).toBe(2)
      // Written again, it comes last, and stands once.
      await vectors.put(no, [record('a', { made: made(5) })])
      expect(keysOf(await vectors.read(no, 0, 10))).toEqual(['b', 'c', 'a'])
      expect(keysOf(await vectors.read(no, 3, 10))).toEqual(['a'])
    })

    it('stay where the text is the same, and what else is known of the record does not', async () => {
      const { vectors, no } = await noted()
      await vectors.put(no, [record('a', { made: made(1, 2) })])
      await vectors.put(no, [record('a', { removed: true, at: T0 + 9 })])
      expect(await vectors.read(no, 1, 10)).toMatchObject([
        { key: 'a', removed: true, at: T0 + 9, vector: Int8Array.from([1, 2]) },
      ])
      expect(await vectors.digests(no, ['a', 'z'])).toEqual(new Map([['a', 'of 1,2']]))
    })

    it('are of one project, and a stream that was dropped and came back is another', async () => {
      const { vectors, no, one } = await noted()
      await vectors.put(no, [record('a', { made: made(1) })])
      const lab = await new World(used.world.database, used.world.store, 'lab').begin('other')
      await vectors.put(lab.stream.no, [record('z', { made: made(1) })])
      expect(await vectors.read(lab.stream.no, 0, 10)).toEqual([])
      expect(await vectors.streams('lab')).toEqual([])
      const before = await one()
      // What is noted anew keeps its place in the order.
      await vectors.saveStream({ streamNo: no, declared: 'another model', place: 'half' })
      expect(await one()).toEqual({ ...before, declared: 'another model', place: 'half' })
      expect(await vectors.forget(no, 5)).toBe(1)
      expect(await vectors.forget(no, 5)).toBe(0)
      await vectors.dropStream(no)
      expect(await one()).toBeUndefined()
      await vectors.saveStream({ streamNo: no, declared: 'a model', place: null })
      expect((await one())?.noteNo).not.toBe(before?.noteNo)
    })
  })
}
