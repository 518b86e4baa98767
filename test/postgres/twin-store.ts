// Owns the comparison of two stores call by call: everything that is asked of the one is asked of the other, and must get
// the same answer, or the same refusal.

import { isDeepStrictEqual } from 'node:util'
import { TidemarkError } from '../../src/model/errors.ts'
import type { Store } from '../../src/store/store.ts'
import { wrap } from '../simulation/process.ts'

export interface Twins {
  /** Answers as `first` does. */
  readonly store: Store
  /** Calls that were answered differently, in words. */
  readonly differences: string[]
  calls: number
}

/** Their clocks differ, and so do the chances of a feed's epoch. */
const FIRST_ONLY = new Set(['now', 'close'])

export function twins(first: Store, second: Store): Twins {
  const made: Twins = {
    differences: [],
    calls: 0,
    store: wrap(first, async (method, args, call) => {
      if (FIRST_ONLY.has(method)) return call(args)
      made.calls++
      const [ours, theirs] = [await outcome(() => call(args)), await outcome(() => ask(second, method, args))]
      if (!isDeepStrictEqual(comparable(ours), comparable(theirs))) {
        made.differences.push(`${method}(${shown(args)})\n  ${shown(ours)}\n  ${shown(theirs)}`)
      }
      if ('error' in ours) throw ours.error
      return ours.value
    }),
  }
  return made
}

type Method = (...args: readonly unknown[]) => unknown

type Outcome = { readonly value: unknown } | { readonly error: unknown }

async function outcome(call: () => unknown): Promise<Outcome> {
  try {
    return { value: await call() }
  } catch (error) {
    return { error }
  }
}

function ask(store: Store, method: string, args: readonly unknown[]): unknown {
  const [name = '', part] = method.split('.').toReversed()
  const owner = (part === undefined ? store : store[part as keyof Store]) as unknown as Record<string, Method>
  return owner[name]?.(...args)
}

function comparable(answer: Outcome): unknown {
  if (!('error' in answer)) return withoutEpoch(answer.value)
  const { error } = answer
  return error instanceof TidemarkError ? [error.code, error.verdict] : String(error)
}

function withoutEpoch(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'epoch' in value ? { ...value, epoch: '' } : value
}

function shown(value: unknown): string {
  const plain = (_: string, one: unknown) =>
    typeof one === 'bigint' ? `${one}n` : one instanceof Map ? [...one] : one instanceof Error ? String(one) : one
  return (JSON.stringify(value, plain) ?? String(value)).slice(0, 2_000)
}
