import { expect, test } from 'vitest'
import { killWorkers } from '../../scripts/kill-loop/workers.ts'
import { DEEP } from '../support/depth.ts'
import { withPostgres } from '../support/with-postgres.ts'

withPostgres('on PostgreSQL', () => {
  test('two workers that are killed again and again lose nothing, double nothing and pay for nothing twice', async () => {
    const kills = DEEP ? 40 : 3
    const result = await killWorkers({ kills, orders: 3_000, seed: 2 })
    expect(result).toMatchObject({ kills, lost: 0, doubled: 0, paidTwice: 0, integrity: 'ok' })
    expect(result.paidRuns).toBeGreaterThan(0)
  })
})
