// Owns the proof of how runs and pauses are told: in words, nothing twice, and nothing that is not known.

import { expect, test } from 'vitest'
import { pausedText } from '../../src/cli/terminal/pauses.ts'
import { describePass, describeRun, statusText } from '../../src/cli/terminal/runs.ts'
import { NO_COUNTS } from '../../src/model/run.ts'

const RUN = {
  id: 'r',
  project: 'default',
  connection: 'me',
  mode: 'auto',
  status: 'failed',
  startedAt: '2026-11-21T00:00:00.000Z',
  finishedAt: '2026-11-21T00:00:01.000Z',
  requests: 1,
  billedItems: 0,
  currency: null,
  cost: null,
  error: null,
  notes: [],
  progress: null,
} as const

const error = (code: string) => ({ code, message: 'm', hint: null, verdict: 'stop' as const })

test.each([
  ['succeeded', null, 'succeeded'],
  ['incomplete', null, 'incomplete'],
  ['incomplete', error('requests_spent'), 'incomplete (requests_spent)'],
  ['failed', error('server_error'), 'failed (server_error)'],
  ['cancelled', error('cancelled'), 'cancelled'],
] as const)('a run that is %s reads as it went', (status, why, text) => {
  expect(statusText({ status, error: why })).toBe(text)
})

test.each([
  [['user'], 'paused'],
  [['login'], 'login needed'],
  [['disconnected'], 'disconnected'],
  [['user', 'login'], 'paused, login needed'],
])('%j is told in words', (reasons, text) => expect(pausedText(reasons)).toBe(text))

test.each([
  ['failed', 0, 'nothing read'],
  [null, 0, 'nothing read'],
  ['failed', 1, 'nothing new'],
  ['exhausted', 0, 'nothing new'],
] as const)('a pass that ended %s after %i pages found %s', (ended, pages, found) => {
  const passes = [{ pass: 'newestFirst', ended, pages, requests: 1 } as const]
  const run = { ...RUN, streams: [{ stream: 'stars', counts: NO_COUNTS, passes }] }
  expect(describeRun(run, (_, text) => text, 0)).toContain(`stars  ${found}  newestFirst`)
})

test.each([
  ['requests_spent', 'budget', 'stopped: the requests allowed are spent'],
  ['cost_spent', 'budget', 'stopped: the money allowed is spent'],
  ['budget_spent', 'budget', 'stopped: the budget is spent'],
  ['section_missing', 'limit', 'found nothing of the stream in the file'],
] as const)('a pass that %s has ended says so', (code, ended, says) => {
  const pass = { pass: 'newestFirst', ended, pages: 0, requests: 0 } as const
  const streams = [{ stream: 'stars', counts: NO_COUNTS, passes: [pass] }]
  const run = { ...RUN, error: error(code), notes: ['stars: m'], streams }
  expect(describeRun(run, (_, text) => text, 0)).toContain(`newestFirst ${says} (0 pages`)
})

test('where the error of the run is not known, nobody says which of the limits was reached', () => {
  const pass = { pass: 'newestFirst', ended: 'budget', pages: 0, requests: 0 } as const
  expect(describePass(pass)).toContain('newestFirst stopped: what was allowed is spent')
})
