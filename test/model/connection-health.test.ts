// Owns the proof of which of five words a connection's health is, where several hold.

import { expect, test } from 'vitest'
import { connectionHealth } from '../../src/model/connection-health.ts'

const WELL = { needsLogin: false, isUnavailable: false, isRunning: false, lastStatus: 'succeeded', todos: 0 }

test.each([
  ['good', {}],
  ['idle', { lastStatus: null }],
  ['busy', { isRunning: true }],
  ['busy', { isRunning: true, lastStatus: null }],
  ['busy', { isRunning: true, todos: 2 }],
  ['warn', { todos: 1 }],
  ['warn', { todos: 1, lastStatus: null }],
  ['bad', { lastStatus: 'failed' }],
  // What a person must mend is told while the next run goes on, too.
  ['bad', { lastStatus: 'failed', isRunning: true }],
  ['bad', { needsLogin: true, todos: 1 }],
  ['bad', { isUnavailable: true, isRunning: true }],
])('%s: %o', (word, seen) => {
  expect(connectionHealth({ ...WELL, ...seen })).toBe(word)
})
