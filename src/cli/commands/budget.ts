// Owns `tidemark budget`: what a connector, or one connection, may use, and what of it is spent.

import { Argument } from 'commander'
import type { Budget } from '../../engine/runs/documents.ts'
import { TidemarkError } from '../../model/errors.ts'
import { moneyText } from '../../model/money.ts'
import { type BudgetScope, setBudget } from '../../operations/budgets.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { verb } from '../verb.ts'

interface Options {
  readonly requests?: string
  readonly cost?: string
  readonly scope?: BudgetScope
}

export const declare: Declare = (program, run) =>
  verb(program, 'budget', setBudget, {
    summary: 'limit requests and cost',
    says: 'Without a limit, prints the budgets and what is spent: of one name, or of all.',
    written: [new Argument('[name]', 'a connection’s id, or a connector’s name; "show" for all')],
    examples: ['tidemark budget'],
  }).action(run(budget))

async function budget(cli: Cli, asked: string | undefined, options: Options): Promise<void> {
  const { scope, ...limits } = options
  const of = scope === undefined ? {} : { scope }
  const name = asked === 'show' ? undefined : asked
  const sets = limits.requests !== undefined || limits.cost !== undefined
  if (sets && name === undefined) {
    throw new TidemarkError('option_invalid', 'A budget belongs to a connection or a connector.', {
      hint: 'Name it: tidemark budget <name> --requests 500/hour',
    })
  }
  const tidemark = await cli.open()
  if (sets && name !== undefined) await tidemark.setBudget(name, { ...limits, ...of })
  const budgets = await tidemark.budgets(name, of)
  await cli.list(
    { budgets },
    COLUMNS,
    budgets,
    name === undefined
      ? 'There are no budgets. See: tidemark budget --help'
      : `"${name}" has no budget. Set one: tidemark budget ${name} --requests 1000/hour`,
  )
}

const COLUMNS: readonly ColumnOf<Budget>[] = [
  { title: 'KIND', of: ({ scope }) => scope },
  { title: 'NAME', of: ({ name }) => name },
  { title: 'REQUESTS', of: ({ requests }) => partText(requests, null) },
  { title: 'COST', of: ({ cost, currency }) => partText(cost, currency) },
]

function partText(part: Budget['requests'], currency: string | null): string {
  if (part === null) return '-'
  return `${Math.round(part.spent * 10_000) / 10_000} of ${moneyText(part.max, currency)} per ${part.per}`
}
