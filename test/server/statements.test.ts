// Owns the promise that statements of SQL over HTTP take turns: so many at a time, others in their order, and too many are told so.

import { expect, test } from 'vitest'
import { STATEMENTS_TOGETHER, WAITING_MAX } from '../../src/server/api/sql.ts'
import { apiWorld } from './api-world.ts'

const LONG =
  'with recursive c(x) as (select 1 union all select x + 1 from c where x < 3000000) select max(x) as x from c'

test('so many statements run at a time, others wait for their turn, and more are refused', async () => {
  const { call, tokens } = await apiWorld()
  const ask = (sql: string) => call('/api/sql', tokens.read, { method: 'POST', body: { sql, timeout: 60_000 } })
  const all = Array.from({ length: STATEMENTS_TOGETHER + WAITING_MAX }, (_, i) =>
    ask(i < STATEMENTS_TOGETHER ? LONG : 'select 1 as x'),
  )
  const more = await Promise.all(Array.from({ length: 40 }, () => ask('select 1 as x')))
  const refused = more.filter(({ status }) => status === 429)
  expect(refused.length).toBeGreaterThan(0)
  expect(refused[0]?.json).toMatchObject({ code: 'statements_busy', hint: expect.any(String) })
  const answers = await Promise.all(all)
  const said = [...answers, ...more].map(({ status, json }) => (status === 200 ? json.rows.length : json.code))
  expect(said.filter((one) => one !== 1 && one !== 'statements_busy')).toEqual([])
  // Each turn is given back.
  for (let i = 0; i < 2 * STATEMENTS_TOGETHER; i++) expect((await ask('select 1 as x')).status).toBe(200)
  expect((await ask('select nothing')).status).toBe(400)
  for (let i = 0; i < STATEMENTS_TOGETHER; i++) await ask('select nothing')
  expect((await ask('select 1 as x')).status).toBe(200)
})
