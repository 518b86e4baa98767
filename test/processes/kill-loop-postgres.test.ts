import { expect, test } from 'vitest'
import { killLoop } from '../../scripts/kill-loop.ts'
import { withPostgres } from '../support/with-postgres.ts'

withPostgres('on PostgreSQL', () => {
  test('the same, where the killed process leaves a session behind', async () => {
    const result = await killLoop({ kills: 6, orders: 10_000, seed: 5, database: 'postgres' })
    expect(result).toMatchObject({ kills: 6, lost: 0, doubled: 0, integrity: 'ok' })
    expect(result.pages - result.pagesIdeal).toBeLessThanOrEqual(2 * result.kills)
  })
})
