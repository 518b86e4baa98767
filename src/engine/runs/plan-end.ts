// Owns which of the things that bound a run will end it first, and after how many requests: what its order allows, the
// budgets, and the limits of the source that are known now. Pure.

import { durationText } from '../../model/duration.ts'
import type { ErrorCode, Sentence } from '../../model/errors.ts'
import { moneyText } from '../../model/money.ts'
import { plural } from '../../model/plural.ts'
import type { PlannedPass } from '../due/plan.ts'
import type { Allowance } from '../passes/allowance.ts'
import type { Budget, PlanStop } from './documents.ts'
import type { LimitOutlook } from './known-limits.ts'

/** What plans of one order have foreseen, by what all of them draw on: `requests`, `cost`, a limit's or a budget's key. */
export type Draws = Map<string, number>

/** What a run would use if nothing bounded it. */
export interface Needs {
  readonly requests: number | null
  readonly paid: boolean
  /** What a request has cost until now. */
  readonly price: number | undefined
  /** The passes in their order, with what those cost that know it. */
  readonly steps: readonly Pick<PlannedPass, 'requests' | 'cost'>[]
}

export interface Bounds {
  readonly limit: LimitOutlook
  readonly allowance: Allowance | undefined
  readonly budgets: readonly Budget[]
  readonly draws: Draws
  readonly now: number
}

/** So many requests, and the error after them. */
interface Bound {
  readonly fits: number
  readonly stop: Omit<PlanStop, 'needs'>
}

/** Less money than this is nothing. */
const NO_MONEY = 1e-9

export function drawKey({ scope, name }: Pick<Budget, 'scope' | 'name'>, of: 'requests' | 'cost'): string {
  return `budget ${scope} ${name} ${of}`
}

/**
 * How many requests fit, at most, and what ends the run after them if they are not enough for sure. Of those that end it
 * after the same request, it is the one that a run asks first.
 */
export function firstEnd(needs: Needs, bounds: Bounds): { fits: number | null; stop: PlanStop | null } {
  const all = [...moneyBounds(needs, bounds), ...limitBounds(bounds), ...requestBounds(bounds)]
  const fits = Math.min(...all.map((bound) => bound.fits))
  if (!Number.isFinite(fits)) return { fits: null, stop: null }
  const first = all.find((bound) => bound.fits === fits) as Bound
  // Where nobody knows how much there is to read, only a run that can't begin is sure to be ended.
  const ends = fits === 0 ? needs.requests !== 0 : needs.requests !== null && needs.requests > fits
  return { fits, stop: ends ? { ...first.stop, needs: needs.requests } : null }
}

function moneyBounds({ paid, price, steps }: Needs, { allowance, budgets, draws }: Bounds): readonly Bound[] {
  if (!paid) return []
  // A page is asked for while there is any money; the last one may cost more than that.
  const pages = (money: number) => {
    if (money < NO_MONEY) return 0
    if (steps.some(({ cost }) => cost !== undefined)) return requestsBefore(steps, money)
    return price ? Math.ceil(money / price - NO_MONEY) : Number.POSITIVE_INFINITY
  }
  const own = (allowance?.left.cost ?? Number.POSITIVE_INFINITY) - (draws.get('cost') ?? 0)
  return [
    { fits: pages(own), stop: stop('cost_spent', 'The money that was allowed is spent.') },
    ...budgets.flatMap((budget): Bound[] => {
      const { cost } = budget
      if (!cost) return []
      const left = cost.max - cost.spent - (draws.get(drawKey(budget, 'cost')) ?? 0)
      return [
        {
          fits: pages(left),
          stop: budgetStop(budget, 'cost', `${moneyText(cost.max, budget.currency)} per ${cost.per}`),
        },
      ]
    }),
  ]
}

/** Requests before the first pass that is not begun, because it may cost more than there is. */
function requestsBefore(steps: Needs['steps'], money: number): number {
  let requests = 0
  let spent = 0
  for (const step of steps) {
    spent += step.cost ?? 0
    if (spent > money + NO_MONEY) return requests
    requests += step.requests ?? 0
  }
  return Number.POSITIVE_INFINITY
}

function limitBounds({ limit: { fits, key, until }, now }: Bounds): readonly Bound[] {
  if (fits === null || until === null) return []
  const message = `The limit "${key}" allows the next request in ${durationText(until - now)}.` as const
  const ends = stop('rate_limited', message, until)
  return [{ fits, stop: { ...ends, verdict: 'wait', hint: 'A sync after that goes on from there.' } }]
}

function requestBounds({ allowance, budgets, draws }: Bounds): readonly Bound[] {
  const own = Math.max(0, (allowance?.left.requests ?? Number.POSITIVE_INFINITY) - (draws.get('requests') ?? 0))
  return [
    { fits: own, stop: stop('requests_spent', 'The requests that were allowed are made.') },
    ...budgets.flatMap((budget): Bound[] => {
      const { requests } = budget
      if (!requests) return []
      const left = Math.floor(requests.max - requests.spent - (draws.get(drawKey(budget, 'requests')) ?? 0))
      return [
        {
          fits: Math.max(0, left),
          stop: budgetStop(budget, 'requests', `${plural(requests.max, 'request')} per ${requests.per}`),
        },
      ]
    }),
  ]
}

function budgetStop({ scope, name }: Budget, of: 'requests' | 'cost', amount: string): Bound['stop'] {
  const ends = stop('budget_spent', `The budget of ${scope} "${name}" is spent: ${amount}.`)
  return {
    ...ends,
    hint: `${ends.hint} Change it: tidemark budget ${name} --${of} <amount>/<time>, or off.`,
  }
}

function stop(code: ErrorCode, message: Sentence, until?: number): Bound['stop'] {
  const hint = 'What is read until then is kept; the next sync goes on from there.'
  return { code, message, hint, verdict: 'stop', until: until === undefined ? null : new Date(until).toISOString() }
}
