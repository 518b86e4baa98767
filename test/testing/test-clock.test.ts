// Owns the proof that the clock of connector tests skips what somebody waits for, and nothing else.

import { openTidemark } from 'tidemark'
import { expect, test } from 'vitest'
import { testClock } from '../../src/testing/test-clock.ts'
import { notebookConnector, notebookService } from './notebook.ts'

const HOUR = 3_600_000

test('who sleeps wakes at once, and the time has passed', async () => {
  const clock = testClock(Date.UTC(2020, 0, 1))
  const [now, mono] = [clock.now(), clock.mono()]
  expect(now).toBeLessThan(Date.UTC(2020, 0, 1) + HOUR)
  await clock.sleep(HOUR)
  expect(clock.now() - now).toBeGreaterThanOrEqual(HOUR)
  expect(clock.mono() - mono).toBeGreaterThanOrEqual(HOUR)
})

test('a sleep that was ended before it began takes no time', async () => {
  const clock = testClock()
  await clock.sleep(HOUR, AbortSignal.abort())
  expect(clock.now() - Date.now()).toBeLessThan(HOUR)
})

test('the heartbeat of a run does not drive the time on', async () => {
  await using notebook = await notebookService(200)
  const clock = testClock()
  await using tidemark = await openTidemark({ database: ':memory:', clock, key: new Uint8Array(32).fill(7) })
  const options = { token: notebook.token, baseUrl: notebook.url, allowPrivateNetwork: true }
  const mine = await tidemark.connect(notebookConnector(), { id: 'mine', options })
  expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
  expect(clock.now() - Date.now()).toBeLessThan(1_000)
})
