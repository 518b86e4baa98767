// Owns the promise that what a run says has numbers in it that exist: where nobody can say how many records have come, the
// note says what is known instead.

import { expect, test } from 'vitest'
import { down, MovingList } from '../support/moving-list.ts'

test.each(['first', 'asked'] as const)(
  'a first page that is new each time is told without Infinity (total: %s)',
  async (totals) => {
    await using list = await MovingList.open({ pageSize: 5, totals, passes: ['newestFirst'], records: down(30) })
    await list.sync()
    let next = 31
    const arrive = () => {
      for (let i = 0; i < 5; i++) list.records.unshift(next++)
    }
    arrive()
    arrive()
    // As the walk comes to known ground, a whole page arrives above, and an old record leaves.
    list.afterwards = (asked) => {
      const first = list.records[(Number(asked.slice(1)) - 1) * 5]
      if (!asked.startsWith('p') || first === undefined || first > 30) return
      arrive()
      list.records.pop()
    }
    const { notes } = await list.sync()
    const { note } = await list.coverage()
    expect(JSON.stringify([notes, note])).toMatch(/when none of its first page stood there any more/)
    expect(JSON.stringify([notes, note])).not.toMatch(/Infinity|NaN|undefined/)
  },
)
