// Owns a provider of nothing much, for the tests of what all emulators have in common.

import { type Emulator, jsonAnswer, startClock, startEmulator } from '../../src/testing/emulators/index.ts'
import { during } from './asking.ts'

/** A provider of nothing much: it counts, and lists the count. */
export class Counter {
  count = 0
  add(by = 1): number {
    this.count += by
    return this.count
  }
  total(times: number): { total: number } {
    return { total: this.count * times }
  }
}

export const ROWS = Array.from({ length: 200 }, (_, i) => ({ id: i + 1, name: `row ${i + 1} – ü` }))

export function counting(
  options: { gzip?: boolean; clock?: ReturnType<typeof startClock> } = {},
): Promise<Emulator<Counter>> {
  const world = new Counter()
  return during(
    startEmulator({
      name: 'counting',
      world,
      clock: options.clock ?? startClock(),
      ...(options.gzip && { gzip: true }),
      handle: (call) => {
        world.add()
        if (call.path === '/broken') throw new Error('a mistake of the emulator')
        if (call.path === '/nothing') return { status: 204 }
        return { ...jsonAnswer(200, { count: world.count, body: call.body, rows: ROWS }), page: call.path === '/rows' }
      },
      refuse: (status) => jsonAnswer(status, { error: `refused ${status}` }),
      admin: { views: ['total'], mutations: ['add'] },
    }),
  )
}
