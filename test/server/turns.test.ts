// Owns the proof of turns: so many at a time, in their order, and none is lost with whoever leaves.

import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/model/errors.ts'
import { Turns } from '../../src/server/api/turns.ts'

const MINUTE_MS = 60_000
const busy = () => new TidemarkError('images_busy', 'Busy.')

test('a turn that is given back while somebody leaves the queue goes to the next', async () => {
  const turns = new Turns(1, 10, busy)
  const { signal } = new AbortController()
  await turns.take(MINUTE_MS, signal)
  const leaving = new AbortController()
  const left = turns.take(MINUTE_MS, leaving.signal).catch((error: unknown) => (error as TidemarkError).code)
  const next = turns.take(MINUTE_MS, signal).then(() => 'has it')
  leaving.abort()
  turns.giveBack()
  expect([await left, await next]).toEqual(['images_busy', 'has it'])
  turns.giveBack()
  // Nobody waits: it is free again.
  await turns.take(0, signal)
  await expect(turns.take(0, signal)).rejects.toThrow('Busy.')
})

test('more than may wait are refused at once', async () => {
  const turns = new Turns(1, 0, busy)
  const { signal } = new AbortController()
  await turns.take(MINUTE_MS, signal)
  await expect(turns.take(MINUTE_MS, signal)).rejects.toThrow('Busy.')
})
