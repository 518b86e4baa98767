// Owns the proof that a budget is set and shown of whom it is meant for, where a connection has the name of its connector.

import { expect, test } from 'vitest'
import { apiWorld } from './api-world.ts'

test('of a connection and a connector with one name, each has its own budget', async () => {
  const { call, tokens, tidemark, github } = await apiWorld()
  const options = { token: 'token-of-ada', baseUrl: github.url, allowPrivateNetwork: true }
  await tidemark.connect('github', { id: 'github', options })
  const put = async (body: object) => (await call('/api/budgets/github', tokens.write, { method: 'PUT', body })).json
  const list = async (query: string) => (await call(`/api/budgets${query}`, tokens.read)).json.budgets
  expect(await put({ requests: '5/hour' })).toMatchObject({ scope: 'connection', name: 'github', requests: { max: 5 } })
  expect(await put({ requests: '9/hour', scope: 'connector' })).toMatchObject({
    scope: 'connector',
    requests: { max: 9 },
  })
  const limits = async (found: Promise<readonly { scope: string; requests: { max: number } | null }[]>) =>
    Object.fromEntries((await found).map(({ scope, requests }) => [scope, requests?.max]))
  expect(await limits(list(''))).toEqual({ connection: 5, connector: 9 })
  expect(await limits(list('?scope=connector'))).toEqual({ connector: 9 })
  expect(await limits(tidemark.budgets('github'))).toEqual({ connection: 5, connector: 9 })
  expect(await limits(tidemark.budgets('github', { scope: 'connection' }))).toEqual({ connection: 5 })
  // What is taken away of one stays with the other, and the answer is of the one that was meant.
  expect(await put({ requests: 'off' })).toEqual({
    ...{ scope: 'connection', name: 'github', requests: null, cost: null, currency: null },
  })
  expect(await limits(tidemark.budgets())).toEqual({ connector: 9 })
  await tidemark.setBudget('github', { scope: 'connector', requests: null })
  expect(await tidemark.budgets()).toEqual([])
  await expect(tidemark.setBudget('apify', { scope: 'connection', requests: '5/hour' })).rejects.toMatchObject({
    code: 'budget_unknown',
    message: 'There is no connection "apify".',
  })
  expect(await call('/api/budgets/github', tokens.write, { method: 'PUT', body: { scope: 'both' } })).toMatchObject({
    status: 400,
    json: { code: 'option_invalid' },
  })
})
