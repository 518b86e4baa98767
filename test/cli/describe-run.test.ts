// Owns the proof of how runs and pauses are called in tables: in words, and nothing twice.

import { expect, test } from 'vitest'
import { statusText } from '../../src/cli/describe-run.ts'
import { pausedText } from '../../src/cli/pauses.ts'

const error = (code: string) => ({ code, message: 'm', hint: null, verdict: 'stop' as const })

test.each([
  ['succeeded', null, 'complete'],
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
