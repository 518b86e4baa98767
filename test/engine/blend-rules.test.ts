// Owns the properties of the rules of blends: what does not depend on an order, what never falls, what changes nothing when it
// is done once more. Values are drawn from seeds, so that a failure can be repeated.

import { describe, expect, test } from 'vitest'
import {
  type Chosen,
  choose,
  outlasting,
  parseRule,
  RULE_NAMES,
  type Rule,
  type Shown,
} from '../../src/engine/passes/blends/rules.ts'
import { chanceOf } from '../support/blend-values.ts'

const SEEDS = Array.from({ length: 200 }, (_, i) => i + 1)

const rule = (text: string) => parseRule(text) as Rule

/** So many values of as many sources, each shown at some time. */
function shownOf(seed: number): readonly Shown[] {
  const draw = chanceOf(seed)
  return Array.from({ length: draw(6) }, (_, i) => ({
    source: `s${i}/account`,
    key: `k${i}`,
    column: 'followers',
    value: draw(20) - 5,
    at: draw(8),
  }))
}

/** Another order of the same. */
function shuffled<V>(seed: number, all: readonly V[]): readonly V[] {
  const draw = chanceOf(seed * 31)
  return all
    .map((one) => [draw(1000), one] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, one]) => one)
}

const value = (chosen: Chosen | undefined) => chosen?.value

describe('the rules of blends', () => {
  test.each(['max', 'max-current', 'min', 'sum', 'latest', 'first'])(
    '%s: the order of the sources decides nothing but who is named',
    (name) => {
      for (const seed of SEEDS) {
        const shown = shownOf(seed)
        // Of equal times, the order of the sources decides: those are told apart.
        const told = shown.map((one, i) => ({ ...one, at: one.at * 10 + i }))
        expect(value(choose(rule(name), shuffled(seed, told), undefined))).toBe(
          value(choose(rule(name), told, undefined)),
        )
      }
    },
  )

  test.each(RULE_NAMES)('%s: done once more with its own result, it gives the same', (name) => {
    for (const seed of SEEDS) {
      const shown = shownOf(seed)
      const once = choose(rule(name), shown, undefined)
      expect(choose(rule(name), shown, once)).toEqual(once)
    }
  })

  test('max never falls, is never below what is shown, and is what somebody has shown', () => {
    for (const seed of SEEDS) {
      let before: Chosen | undefined
      const ever: number[] = []
      for (let step = 0; step < 8; step++) {
        const shown = shownOf(seed * 100 + step)
        ever.push(...shown.map((one) => Number(one.value)))
        const now = choose(rule('max'), shown, before)
        expect(value(now)).toBe(ever.length === 0 ? undefined : Math.max(...ever))
        before = now
      }
    }
  })

  test('max names who showed the largest first', () => {
    const one = { source: 'a/x', key: '1', column: 'n', value: 5, at: 2 }
    const earlier = { ...one, source: 'b/x', at: 1 }
    expect(choose(rule('max'), [one, earlier], undefined)).toMatchObject({ value: 5, source: 'b/x', at: 1 })
    const before = { value: 5, rule: 'max', at: 3, source: 'c/x', key: '1', column: 'n' }
    expect(choose(rule('max'), [one, earlier], before)).toBe(before)
  })

  test('what is remembered of a past that was seen at once is what it is where each moment was seen', () => {
    for (const name of ['max', 'first']) {
      for (const seed of SEEDS) {
        const all = shownOf(seed).map((one, at) => ({ ...one, at }))
        const [last, ...earlier] = all.toReversed()
        if (!last) continue
        let each: Chosen | undefined
        for (const one of all) each = choose(rule(name), [one], each)
        const past = earlier
          .toReversed()
          .reduce<Shown | undefined>((one, later) => (one ? outlasting(rule(name), one, later) : later), undefined)
        expect(choose(rule(name), past ? [past, last] : [last], undefined)).toEqual(each)
      }
    }
  })

  test('max-current and min are of what is shown now alone, and sum is all of it', () => {
    for (const seed of SEEDS) {
      const shown = shownOf(seed)
      const numbers = shown.map((one) => Number(one.value))
      const before = { value: 1_000, rule: 'max', at: 0 }
      const none = numbers.length === 0
      expect(value(choose(rule('max-current'), shown, before))).toBe(none ? undefined : Math.max(...numbers))
      expect(value(choose(rule('min'), shown, before))).toBe(none ? undefined : Math.min(...numbers))
      expect(value(choose(rule('sum'), shown, before))).toBe(none ? undefined : numbers.reduce((a, b) => a + b, 0))
    }
  })

  test('first stays what it was, and latest follows', () => {
    for (const seed of SEEDS) {
      const [one, ...more] = shownOf(seed)
      if (!one) continue
      const first = choose(rule('first'), [one], undefined)
      expect(choose(rule('first'), more, first)).toEqual(first)
      const newer = { ...one, value: 99, at: 100 }
      expect(value(choose(rule('latest'), [...more, one, newer], first))).toBe(99)
    }
  })

  test('manual-wins and source-order go by the source that is named, and else by the order', () => {
    const shown = ['a/x', 'b/x', 'c/x'].map((source, i) => ({ source, key: '1', column: 'n', value: i, at: 9 - i }))
    expect(value(choose(rule('source-order'), shown, undefined))).toBe(0)
    expect(value(choose(rule('source-order=c/x,b/x'), shown, undefined))).toBe(2)
    expect(value(choose(rule('manual-wins=b/x'), shown, undefined))).toBe(1)
    expect(value(choose(rule('manual-wins=b/x'), shown.slice(2), undefined))).toBe(2)
  })

  test.each(['best', 'max=a/x', '', 'MAX'])('"%s" is no rule', (text) => expect(parseRule(text)).toBeUndefined())
})
