// Owns the proof that the first sync of a portal's catalogue survives being killed, in processes of its own: the benchmark
// `catalogue`, with fewer titles.

import { expect, test } from 'vitest'
import { catalogue } from '../../scripts/bench/catalogue.ts'

test('a first sync that is killed three times lacks nothing, and later ones read what is new', {
  timeout: 120_000,
}, async () => {
  const figures = await catalogue(2_000)
  expect(figures).toHaveLength(7)
  // How long an answer takes is for the benchmark: a loaded machine takes longer.
  expect(figures.filter(({ met, unit }) => met === false && unit !== 'ms')).toEqual([])
})
