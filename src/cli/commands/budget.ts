// Owns `tidemark budget`: what a connector, or one connection, may use, and what of it is spent.

import { perWord, WINDOWS, type WindowName } from '../../engine/passes/budget.ts'
import type { Budget } from '../../engine/runs/budget-report.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { type Cell, table } from '../terminal/table.ts'

type Amount = { readonly max: number; readonly perMs: number } | null

interface Options {
  readonly requests?: string
  readonly cost?: string
}

export const declare: Declare = (program, run) =>
  program
    .command('budget')
    .summary('limit requests and cost')
    .description(
      'Limits the requests, or the cost in the currency of the vendor, of a connection (or of all connections of a ' +
        'connector) in any minute, hour, day, week or 30 days, over all processes. A run that reaches the limit keeps ' +
        'what it has read and leaves the rest to the next run. What was used before the budget was set counts. ' +
        'Without a name, or with "show", prints all budgets and what is spent.',
    )
    .argument('[name]', 'a connection’s id, or a connector’s name; "show" for all')
    .option('--requests <n/window>', 'such as 500/hour; "off" for no limit')
    .option('--cost <amount/window>', 'such as 2.50/day; "off" for no limit')
    .addHelpText(
      'after',
      examples(
        'tidemark budget me --requests 500/hour',
        'tidemark budget apify-instagram --cost 2.50/day',
        'tidemark budget',
      ),
    )
    .action(run(budget))

async function budget(cli: Cli, name: string | undefined, options: Options): Promise<void> {
  const tidemark = await cli.open()
  const asked = { requests: parseAmount('requests', options.requests), cost: parseAmount('cost', options.cost) }
  const sets = asked.requests !== undefined || asked.cost !== undefined
  if (sets && (name === undefined || name === 'show')) {
    throw new TidemarkError('option_invalid', 'a budget belongs to a connection or a connector', {
      hint: 'Name it: tidemark budget <name> --requests 500/hour',
    })
  }
  if (sets && name !== undefined) await tidemark.setBudget(name, asked)
  const shown = await tidemark.budgets(name === 'show' ? undefined : name)
  if (cli.options.json) return cli.json({ budgets: shown })
  if (shown.length === 0)
    return cli.note(name === undefined || name === 'show' ? 'There are no budgets.' : `"${name}" has no budget.`)
  const rows = shown.map((one): Cell[] => [one.scope, one.name, told(one.requests), told(one.cost)])
  await cli.out.write(table(COLUMNS, rows, { width: cli.out.width, paint: cli.out.paint }))
}

const COLUMNS = [{ title: 'OF' }, { title: 'NAME' }, { title: 'REQUESTS' }, { title: 'COST' }] as const

function told(part: Budget['requests']): string {
  return part === null ? '-' : `${round(part.spent)} of ${part.max} per ${part.per}`
}

function round(spent: number): number {
  return Math.round(spent * 10_000) / 10_000
}

/** Undefined: not asked for; null: off. */
function parseAmount(option: 'requests' | 'cost', text: string | undefined): Amount | undefined {
  if (text === undefined) return undefined
  if (text.trim() === 'off') return null
  const [, sign, digits = '', per] = /^(-?)\s*(\d+(?:\.\d+)?)\s*(?:\/(.*))?$/.exec(text.trim()) ?? []
  const window = per?.trim()
  const max = Number(digits)
  if (digits === '' || !Number.isFinite(max)) throw refused(option, `is an amount per window, not "${text}"`)
  if (sign === '-') throw refused(option, `can't be less than nothing, as "${text}" is`)
  if (max === 0) throw refused(option, `of nothing would let nothing run`, 'To stand still: tidemark pause <id>. ')
  if (option === 'requests' && !Number.isInteger(max)) throw refused(option, `is a whole number, not "${digits}"`)
  if (window === undefined || window === '') throw refused(option, `needs its window: ${digits} in which time?`)
  if (!Object.hasOwn(WINDOWS, window)) throw refused(option, `knows no window "${window}"`)
  return { max, perMs: WINDOWS[window as WindowName] }
}

function refused(option: 'requests' | 'cost', why: string, before = ''): TidemarkError {
  const example = option === 'cost' ? '2.50/day' : '500/hour'
  const windows = Object.values(WINDOWS).map(perWord).join(', ')
  return new TidemarkError('option_invalid', `--${option} ${why}`, {
    hint: `${before}Write it such as ${example}, with one of: ${windows}; "off" takes the limit away`,
  })
}
