// Owns what a run may use: what its order allows (allowance.ts), and the budgets of its connector and connection, which all
// runs share through the store.

import { type ErrorCode, TidemarkError } from '../../model/errors.ts'
import { moneyText } from '../../model/money.ts'
import { plural } from '../../model/plural.ts'
import type { Clock } from '../../model/ports.ts'
import type { BudgetRow, Store } from '../../store/store.ts'
import { type Allowance, ROUNDING } from './allowance.ts'

export interface BudgetPorts {
  readonly store: Pick<Store, 'budgets'>
  readonly clock: Pick<Clock, 'now'>
}

/** Who spends. */
export interface Spender {
  readonly project: string
  readonly connector: string
  readonly connection: string
  /** In which its vendor bills, as ISO 4217 names it. @default not known */
  readonly currency?: string | null
}

/** What was taken of a shared budget; survives JSON. */
export type Taken = {
  readonly key: string
  readonly perMs: number
  readonly amount: number
  readonly at: number
}

/** So much of the order's allowance and of each budget that bounds the run. */
export interface SetAside {
  /** Infinite: nothing bounds it. */
  readonly amount: number
  readonly taken: readonly Taken[]
  /** What the cost of the run counts for the page until it is known. */
  readonly counted: number
}

/** What the shared budgets are still to be told of money that was set aside. */
export type Settlement = () => Promise<void>

/** Codes of a clean stop because something is used up: what was read is kept, the rest is a gap. */
export const BUDGET_CODES: ReadonlySet<string> = new Set<ErrorCode>(['requests_spent', 'cost_spent', 'budget_spent'])

/** Whether an error says that a limit was met or something is used up, so that nothing is broken. */
export function isCleanStop(error: unknown): boolean {
  return error instanceof TidemarkError && (error.verdict === 'wait' || BUDGET_CODES.has(error.code))
}

/** The budgets of a project that this spender draws on. */
export function budgetsOf(
  all: readonly BudgetRow[],
  spender: Pick<Spender, 'connector' | 'connection'>,
): readonly BudgetRow[] {
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
  readonly #allowance: Allowance
  readonly #budgets: readonly BudgetRow[]
  #requests = 0
  #unwritten: number | undefined
  /** What checkpoints have written. */
  #written = 0

  private constructor(ports: BudgetPorts, spender: Spender, allowance: Allowance, budgets: readonly BudgetRow[]) {
    this.#ports = ports
    this.#spender = spender
    this.#allowance = allowance
    this.#budgets = budgets
  }

  static async open(ports: BudgetPorts, spender: Spender, allowance: Allowance): Promise<Purse> {
    const all = await ports.store.budgets.list(spender.project)
    return new Purse(ports, spender, allowance, budgetsOf(all, spender))
  }

  /** Whether the order or a budget bounds the money that may be spent. */
  get isBounded(): boolean {
    return Number.isFinite(this.#allowance.left.cost) || this.#budgets.some(({ cost }) => cost)
  }

  /** Requests that were sent. */
  get requests(): number {
    return this.#requests
  }

  /** Requests that the order still allows; infinite: any number. Shared budgets are not looked at. */
  get requestsLeft(): number {
    return this.#allowance.left.requests
  }

  /**
   * Takes one request, before it is sent. What it returns gives it back, when it was not sent after all.
   *
   * @throws TidemarkError requests_spent, budget_spent
   */
  async takeRequest(): Promise<() => Promise<void>> {
    // Counted first: others may ask while the store answers.
    this.#allowance.takeRequest()
    this.#requests++
    const uncount = () => {
      this.#requests--
      this.#allowance.giveBackRequest()
    }
    try {
      const { taken } = await this.#take('requests', 1)
      return async () => {
        uncount()
        await this.#giveBack(taken, 0)
      }
    } catch (error) {
      uncount()
      throw error
    }
  }

  /**
   * Sets aside all the money that is left, before something is paid for: nobody knows what it will cost, and neither
   * another run nor the one after a crash may spend the same money.
   *
   * @throws TidemarkError cost_spent, budget_spent when nothing is left; cancelled
   */
  async hold(signal: AbortSignal): Promise<SetAside> {
    const left = await this.#allowance.setAside(signal, this.#spender.currency)
    try {
      const aside = await this.#take('cost', left)
      // What a budget does not have, another run of the order may have of another budget.
      if (aside.amount < left) this.#allowance.settle(left - aside.amount, 0)
      return { ...aside, counted: 0 }
    } catch (error) {
      this.#allowance.settle(left, 0)
      throw error
    }
  }

  /**
   * The same for a page. The cost of the run counts it until the page is answered; where nothing bounds it, it counts
   * `dearest`, what the dearest page has cost so far.
   */
  async setAside(signal: AbortSignal, dearest: number): Promise<SetAside> {
    const aside = await this.hold(signal)
    const counted = Number.isFinite(aside.amount) ? aside.amount : dearest
    this.#count(counted)
    return { ...aside, counted }
  }

  /**
   * The money that is left, of the order and of all budgets; infinite: nothing bounds it.
   *
   * @throws TidemarkError cost_spent, budget_spent when nothing is left; cancelled
   */
  async costLeft(signal: AbortSignal): Promise<number> {
    const aside = await this.hold(signal)
    await this.release(aside)
    return aside.amount
  }

  /** Gives back what was set aside for a page that has cost nothing. */
  async release(aside: SetAside): Promise<void> {
    await this.released(aside)()
  }

  /** The same, of which the shared budgets hear later: by what this returns, once the store knows why. */
  released({ amount, taken, counted }: SetAside): Settlement {
    this.#count(-counted)
    if (this.#written === 0 && Math.abs(this.#unwritten ?? 0) < ROUNDING) this.#unwritten = undefined
    this.#allowance.settle(amount, 0)
    return () => this.#giveBack(taken, 0)
  }

  /** Nobody knows what a page has cost: what was set aside for it counts as spent, and so does what the run has counted. */
  lose({ amount }: SetAside): void {
    this.#allowance.settle(amount, amount)
  }

  #count(cost: number): void {
    this.#unwritten = (this.#unwritten ?? 0) + cost
  }

  /** Notes what a vendor has charged, also what is more than was set aside for it, and gives back the rest. */
  async charge(aside: SetAside, cost: number): Promise<void> {
    await this.charged(aside, cost)()
  }

  /** The same, of which the shared budgets hear later: by what this returns, once the store knows the charge. */
  charged({ amount, taken, counted }: SetAside, cost: number): Settlement {
    this.#count(cost - counted)
    this.#allowance.settle(amount, cost)
    return async () => {
      await this.#giveBack(taken, cost)
      for (const { key, perMs, at, amount: had } of taken) {
        if (cost <= had) continue
        const over = { max: Number.POSITIVE_INFINITY, want: cost - had, fractions: true }
        await this.#ports.store.budgets.spend({ key, perMs, now: at, ...over })
      }
    }
  }

  /** Takes as much of every budget as all of them have, at most `want`. What a refused one takes is given back. */
  async #take(of: 'requests' | 'cost', want: number): Promise<Omit<SetAside, 'counted'>> {
    const taken: Taken[] = []
    let amount = want
    for (const budget of this.#budgets) {
      const window = budget[of]
      if (!window) continue
      const key = budgetKey(this.#spender.project, budget, of)
      const at = this.#ports.clock.now()
      const order = { key, ...window, want: amount, now: at, fractions: of === 'cost' }
      const { granted, waitMs } = await this.#ports.store.budgets.spend(order)
      if (granted === 0) {
        await this.#giveBack(taken, 0)
        throw budgetSpent(budget, of, of === 'requests' ? at + waitMs : undefined, this.#spender.currency)
      }
      taken.push({ key, perMs: window.perMs, amount: granted, at })
      amount = granted
    }
    await this.#giveBack(taken, amount)
    return { amount, taken: taken.map((one) => ({ ...one, amount })) }
  }

  async #giveBack(taken: readonly Taken[], used: number): Promise<void> {
    for (const { key, perMs, amount, at } of taken) {
      if (amount > used) await this.#ports.store.budgets.giveBack({ key, perMs, amount: amount - used, at })
    }
  }

  /** The cost that no checkpoint has written yet. */
  get unwritten(): number | undefined {
    return this.#unwritten
  }

  written(cost: number): void {
    this.#written += cost
    const left = (this.#unwritten ?? 0) - cost
    this.#unwritten = Math.abs(left) > ROUNDING ? left : undefined
  }

  /** What the run has cost as the store knows it: a checkpoint may have been written without our hearing of it. */
  stored(cost: number): void {
    const unheard = cost - this.#written
    if (Math.abs(unheard) > ROUNDING) this.written(unheard)
  }
}

function budgetSpent(
  budget: BudgetRow,
  of: 'requests' | 'cost',
  until: number | undefined,
  currency: string | null | undefined,
): TidemarkError {
  const { scope, name } = budget
  const amount =
    of === 'requests' ? plural(budget.requests?.max ?? 0, 'request') : moneyText(budget.cost?.max ?? 0, currency)
  const perMs = (budget[of] as { perMs: number }).perMs
  const held = ' It may be that another run holds the rest for a page that it is asking for.'
  const when = until === undefined ? held : ` There is more at ${new Date(until).toISOString()}.`
  return new TidemarkError(
    'budget_spent',
    `The budget of ${scope} "${name}" is spent: ${amount} per ${perWord(perMs)}.`,
    {
      scope: 'run',
      hint: `What was read is kept; the next sync goes on from there.${when} Change it: tidemark budget ${name} --${of} <amount>/<time>, or off.`,
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
