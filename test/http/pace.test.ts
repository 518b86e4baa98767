// Owns the proof of how many requests are under way at once: one more while a service bears it, half when it fails.

import { expect, test } from 'vitest'
import { Gate, type Heard, PACE, PACE_START, type Pace, paceAfter } from '../../src/http/pace.ts'
import { clientWorld } from './client-world.ts'

const MAX = 4

/** The pace after so many answers that came at once after they were asked for. */
function after(pace: Pace, answers: number, heard: Partial<Heard> = {}): Pace {
  let now = pace
  for (let i = 0; i < answers; i++) {
    now = paceAfter(now, { strained: false, ms: 200, lowered: now.lowered, isFull: true, ...heard }, MAX)
  }
  return now
}

test('one more is tried once each of those under way has brought enough good answers; the maximum stands', () => {
  const two = after(PACE_START, PACE.goodPerStep)
  expect([after(PACE_START, PACE.goodPerStep - 1).width, two.width]).toEqual([1, 2])
  expect([after(two, 2 * PACE.goodPerStep - 1).width, after(two, 2 * PACE.goodPerStep).width]).toEqual([2, 3])
  expect(after(PACE_START, 1_000).width).toBe(MAX)
})

test('answers tell nothing while fewer are under way than might be', () => {
  expect(after(PACE_START, 1_000, { isFull: false }).width).toBe(1)
})

test('a failure halves it, once for all that were sent before', () => {
  const full = after(PACE_START, 1_000)
  const sent = full.lowered
  const failed = after(full, 3, { strained: true, lowered: sent })
  expect([failed.width, failed.good]).toEqual([MAX / 2, 0])
  expect(after(failed, 100, { lowered: sent }).width).toBe(MAX / 2)
  expect(after(failed, 1, { strained: true }).width).toBe(MAX / 4)
  expect(after(failed, 9, { strained: true }).width).toBe(1)
})

test('a service that slows down is asked for fewer, and for more again once it is as fast as before', () => {
  const full = after(PACE_START, 1_000)
  const slow = after(full, 60, { ms: 900 })
  expect(slow.width).toBeLessThan(MAX)
  expect(after(slow, 1_000, { ms: 210 }).width).toBe(MAX)
})

test('a service that is slow for good is no reason to ask for one at a time for ever', () => {
  const slow = after(after(PACE_START, 1_000), 5_000, { ms: 1_000 })
  expect(slow.width).toBe(MAX)
})

test('a difference of a few milliseconds is none', () => {
  expect(after(after(PACE_START, 1_000, { ms: 2 }), 1_000, { ms: 60 }).width).toBe(MAX)
})

test('requests have their turn in the order in which they came, and one that was not sent gives its place on', async () => {
  const gate = new Gate(MAX, { mono: () => 0 })
  const order: number[] = []
  const turns = [1, 2, 3].map((n) =>
    gate.pass(
      async () => {
        order.push(n)
        await new Promise(setImmediate)
        if (n === 2) throw new RangeError('not sent')
        expect(order.at(-1)).toBe(n)
      },
      () => false,
    ),
  )
  expect((await Promise.allSettled(turns)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(order).toEqual([1, 2, 3])
})

test('a client sends no more at once than it tells, and a connector without a number sends as many as it is asked for', async () => {
  for (const atOnce of [MAX, undefined]) {
    let [under, most] = [0, 0]
    const answer = async () => {
      most = Math.max(most, ++under)
      await new Promise(setImmediate)
      under--
      return { status: 200, headers: { 'content-type': 'application/json' }, text: '{}' }
    }
    const transport = { send: answer, close: async () => {} }
    await using world = await clientWorld([], { settings: atOnce ? { atOnce } : {}, setup: { transport } })
    await Promise.all(Array.from({ length: 200 }, () => world.http.get('/')))
    expect(most).toBe(atOnce ?? 200)
  }
})
