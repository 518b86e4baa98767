// The source's clock, learned from its Date headers.

import { describe, expect, test } from 'vitest'
import { sourceClock } from '../../src/http/source-clock.ts'
import { clientWorld } from './client-world.ts'
import { ManualClock } from './manual-clock.ts'
import { json, text } from './scripted-server.ts'

const date = (ms: number) => ({ date: new Date(ms).toUTCString() })

describe('the source’s clock', () => {
  function learned(ahead: number, headers: Readonly<Record<string, string>> = {}, tookMs = 100): number {
    const clock = new ManualClock()
    const source = sourceClock(clock)
    const sentAt = clock.mono()
    clock.pass(tookMs)
    source.learn({ ...date(clock.now() + ahead), ...headers }, sentAt)
    return source.now() - clock.now()
  }

  test('is ours when the difference is within what a Date header can say', () => {
    for (const ahead of [0, 900, -900, 1_900, -1_900]) expect(learned(ahead)).toBe(0)
  })

  test.each([-3_600_000, -300_000, -31_000, -5_000, 5_000, 31_000, 86_400_000])('differs by %i ms', (ahead) => {
    expect(Math.abs(learned(ahead) - ahead)).toBeLessThanOrEqual(1_000)
  })

  test.each([
    ['garbage', { date: 'yesterday' }],
    ['another format', { date: '2020-01-01T00:00:00Z' }],
    ['a clock that was never set', { date: 'Thu, 01 Jan 1970 00:00:10 GMT' }],
    ['an answer from a cache', { age: '600' }],
  ])('is not learned from %s', (_name, headers) => {
    expect(learned(600_000, headers)).toBe(0)
  })

  test('is not learned from an answer that took long', () => {
    expect(learned(600_000, {}, 11_000)).toBe(0)
  })

  test.each([-3_600_000, -5_000, 5_000, 3_600_000])('is known when ours is set by %i ms meanwhile', (step) => {
    const clock = new ManualClock()
    const source = sourceClock(clock)
    const truth = clock.now()
    const sentAt = clock.mono()
    clock.pass(100)
    clock.step(step)
    source.learn(date(truth + 100), sentAt)
    expect(Math.abs(source.now() - (truth + 100))).toBeLessThanOrEqual(1_000)
  })

  test('follows when the source sets its clock', () => {
    const clock = new ManualClock()
    const source = sourceClock(clock)
    source.learn(date(clock.now() + 60_000), clock.mono())
    expect(source.now() - clock.now()).toBeGreaterThan(59_000)
    source.learn(date(clock.now()), clock.mono())
    expect(source.now()).toBe(clock.now())
  })
})

describe('the client', () => {
  test('tells the source’s time, also from an error, and signs by it', async () => {
    const stamps: number[] = []
    const slow = Date.UTC(2026, 0, 1) - 120_000
    await using world = await clientWorld([json({}, 500, date(slow)), text('{}', 200)], {
      settings: {
        sign: ({ now }) => {
          stamps.push(now)
          return {}
        },
      },
    })
    expect(world.http.now()).toBe(world.clock.now())
    await world.http.get('/')
    expect(Math.abs(world.http.now() - world.clock.now() + 120_000)).toBeLessThanOrEqual(1_000)
    expect(stamps[0]).toBe(Date.UTC(2026, 0, 1))
    expect(stamps[1]).toBe(world.http.now())
  })

  test('knows the source’s time also when ours is set while a request is under way', async () => {
    await using world = await clientWorld([
      (response, seen) => {
        world.clock.step(-3_600_000)
        return json({}, 200, date(Date.UTC(2026, 0, 1)))(response, seen)
      },
    ])
    await world.http.get('/')
    expect(Math.abs(world.http.now() - Date.UTC(2026, 0, 1))).toBeLessThanOrEqual(1_000)
  })
})
