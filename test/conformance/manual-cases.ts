// Owns the promises about values that a person has set: the last one stands, and one that was taken away is told as gone.

import { describe, expect, it } from 'vitest'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, T0 } from './world.ts'

export function manualCases(open: OpenDatabase): void {
  describe('values set by hand', () => {
    const used = useWorld(open)

    it('stand by field until they are taken away', async () => {
      const { store, stream } = used.world
      const streamNo = stream.no
      expect(await store.manual.list(streamNo)).toEqual([])
      await store.manual.save({ streamNo, key: 'b', values: { n: 1.5, text: 'one', yes: false }, at: T0 })
      await store.manual.save({ streamNo, key: 'a', values: { n: 7 }, at: T0 })
      await store.manual.save({ streamNo, key: 'b', values: { n: 2, yes: null }, at: T0 + MINUTE })
      expect(await store.manual.list(streamNo)).toEqual([
        { key: 'a', values: { n: { value: 7, at: T0 } } },
        { key: 'b', values: { n: { value: 2, at: T0 + MINUTE }, text: { value: 'one', at: T0 } } },
      ])
      await store.manual.save({ streamNo, key: 'a', values: { n: null }, at: T0 })
      expect((await store.manual.list(streamNo))[0]).toEqual({ key: 'a', values: {} })
    })
  })
}
