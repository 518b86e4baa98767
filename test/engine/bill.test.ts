import { expect, test } from 'vitest'
import { bill } from '../../scripts/bench/bill.ts'

test('daily syncs bill at least 40 % less than 5, 10, 15, 20 and so on until nothing is missed', async () => {
  const figures = await bill(90)
  expect(figures.filter(({ met }) => met === false)).toEqual([])
  expect(figures.filter(({ met }) => met)).toHaveLength(3)
})
