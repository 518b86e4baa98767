import { expect, test } from 'vitest'
import { killLoop } from '../../scripts/kill-loop.ts'

test('a first sync that is killed again and again loses nothing, doubles nothing, and reads little twice', async () => {
  const result = await killLoop({ kills: 8, orders: 20_000, seed: 3 })
  expect(result).toMatchObject({ kills: 8, lost: 0, doubled: 0, integrity: 'ok' })
  expect(result.pages - result.pagesIdeal).toBeLessThanOrEqual(2 * result.kills)
})
