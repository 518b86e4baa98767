// Owns what a run may use: the requests and the money that it was given itself, and the budgets of its connector and
// connection, which all runs share through the store. A paid page is asked for only while there is money for it.

import type { Page } from '../connector/page.ts'
import { TidemarkError } from '../model/errors.ts'
import type { Clock } from '../model/ports.ts'
import type { BudgetRow, RequestRow, Store } from '../store/store.ts'

export interface BudgetPorts {
  readonly store: Pick<Store, 'budgets' | 'spend' | 'spent'>
  readonly clock: Pick<Clock, 'now'>
}

/** Who spends. */
export interface Spender {
  readonly project: string
  readonly connector: string
  readonly connection: string
}

/** What one run was given by whoever ordered it. */
export interface Caps {
  readonly maxRequests?: number | undefined
  readonly maxCost?: number | undefined
}

/** Codes of a clean stop because something is used up: what was read is kept, the rest is a gap. */
export const BUDGET_CODES: ReadonlySet<string> = new Set(['requests_spent', 'cost_spent', 'budget_spent'])

/** The budgets of a project that this spender draws on. */
export function budgetsOf(all: readonly BudgetRow[], spender: Omit<Spender, 'project'>): readonly BudgetRow[] {
  return all.filter(({ scope, name }) => name === spender[scope])
}

/**
 * Under which key the store counts what was spent of a budget. A window of another length is counted anew: the slots of
 * the one before mean other times.
 */
export function budgetKey(project: string, budget: BudgetRow, of: 'requests' | 'cost'): string {
  const { scope, name } = budget
  return `budget:${project}:${scope}:${name}:${of}:${budget[of]?.perMs ?? 0}`
}

export class Purse {
  readonly #ports: BudgetPorts
  readonly #spender: Spender
  readonly #caps: Caps
  readonly #budgets: readonly BudgetRow[]
  #requests = 0
  #cost = 0
  #unwritten: number | undefined

  private constructor(ports: BudgetPorts, spender: Spender, caps: Caps, budgets: readonly BudgetRow[]) {
    this.#ports = ports
    this.#spender = spender
    this.#caps = caps
    this.#budgets = budgets
  }

  static async open(ports: BudgetPorts, spender: Spender, caps: Caps): Promise<Purse> {
    const all = await ports.store.budgets(spender.project)
    return new Purse(ports, spender, caps, budgetsOf(all, spender))
  }

  /** Requests that were sent. */
  get requests(): number {
    return this.#requests
  }

  /**
   * Takes one request, before it is sent.
   *
   * @throws TidemarkError requests_spent, budget_spent
   */
  async takeRequest(): Promise<void> {
    const { maxRequests } = this.#caps
    if (maxRequests !== undefined && this.#requests >= maxRequests) throw requestsSpent(maxRequests)
    for (const budget of this.#budgets) {
      if (!budget.requests) continue
      const key = budgetKey(this.#spender.project, budget, 'requests')
      const now = this.#ports.clock.now()
      const { granted, waitMs } = await this.#ports.store.spend({ key, ...budget.requests, want: 1, now })
      if (granted < 1) throw budgetSpent(budget, 'requests', now + waitMs)
    }
    this.#requests++
  }

  /**
   * What a paid page may cost at most; undefined: as much as it takes.
   *
   * @throws TidemarkError cost_spent, budget_spent when nothing is left
   */
  async moneyLeft(): Promise<number | undefined> {
    const { maxCost } = this.#caps
    let left = maxCost === undefined ? Number.POSITIVE_INFINITY : maxCost - this.#cost
    if (left <= 0) throw costSpent(maxCost ?? 0)
    for (const budget of this.#budgets) {
      if (!budget.cost) continue
      const { max, perMs } = budget.cost
      const now = this.#ports.clock.now()
      const spent = await this.#ports.store.spent({
        key: budgetKey(this.#spender.project, budget, 'cost'),
        perMs,
        now,
      })
      if (spent >= max) throw budgetSpent(budget, 'cost', undefined)
      left = Math.min(left, max - spent)
    }
    return Number.isFinite(left) ? left : undefined
  }

  /** Notes what a vendor has charged: also what is more than was left, because it was charged. */
  async charge(cost: number): Promise<void> {
    if (!(cost >= 0)) throw new RangeError(`a page can't cost ${cost}`)
    this.#cost += cost
    this.#unwritten = (this.#unwritten ?? 0) + cost
    if (cost === 0) return
    for (const budget of this.#budgets) {
      if (!budget.cost) continue
      const key = budgetKey(this.#spender.project, budget, 'cost')
      const order = { key, max: Number.POSITIVE_INFINITY, perMs: budget.cost.perMs, want: cost, partly: false }
      await this.#ports.store.spend({ ...order, now: this.#ports.clock.now() })
    }
  }

  /** The cost that no checkpoint has written yet. */
  get unwritten(): number | undefined {
    return this.#unwritten
  }

  written(cost: number): void {
    const left = (this.#unwritten ?? 0) - cost
    this.#unwritten = left > 0 ? left : undefined
  }
}

/** Asks for a page of a pass that may cost money, and notes what it has cost, and with which request. */
export async function readPaid(
  { purse, ledger }: { readonly purse: Purse; readonly ledger: RequestRow[] },
  paid: boolean | undefined,
  read: (costLeft: number | undefined) => Promise<Page>,
): Promise<Page> {
  if (!paid) return read(undefined)
  const page = await read(await purse.moneyLeft())
  if (page.billed) {
    await purse.charge(page.billed.cost)
    const last = ledger.pop()
    if (last) ledger.push({ ...last, billedItems: last.billedItems + page.billed.items })
  }
  return page
}

function requestsSpent(max: number): TidemarkError {
  return new TidemarkError('requests_spent', `the run has made the ${max} requests that it was allowed`, {
    hint: 'What was read is kept; the next sync goes on from there.',
  })
}

function costSpent(max: number): TidemarkError {
  return new TidemarkError('cost_spent', `the run has spent the ${max} that it was allowed`, {
    hint: 'What was read is kept; the next sync goes on from there.',
  })
}

function budgetSpent(budget: BudgetRow, of: 'requests' | 'cost', until: number | undefined): TidemarkError {
  const { scope, name } = budget
  const amount = of === 'requests' ? `${budget.requests?.max} requests` : `${budget.cost?.max}`
  const perMs = (budget[of] as { perMs: number }).perMs
  const when = until === undefined ? '' : ` There is more at ${new Date(until).toISOString()}.`
  return new TidemarkError(
    'budget_spent',
    `the budget of ${scope} "${name}" is spent: ${amount} per ${perWord(perMs)}`,
    {
      hint: `What was read is kept; the next sync goes on from there.${when} Change it with: tidemark budget ${name}`,
      ...(until === undefined ? {} : { retryAt: until }),
    },
  )
}

/** Lengths of the windows that budgets have, in milliseconds. */
export const WINDOWS = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  /** 30 days. */
  month: 30 * 86_400_000,
} as const

export type WindowName = keyof typeof WINDOWS

/** The name of a window: `hour`; one without a name in seconds. */
export function perWord(perMs: number): string {
  const found = Object.entries(WINDOWS).find(([, ms]) => ms === perMs)
  return found ? found[0] : `${perMs / 1000} s`
}
