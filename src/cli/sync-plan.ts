// Owns `sync --plan`: what runs would do now, as one document and as a table.

import type { Budget, BudgetPart } from '../engine/runs/budget-report.ts'
import type { PlanReport } from '../open.ts'
import type { Cli } from './cli.ts'
import { plural } from './describe-run.ts'
import { oneLine } from './printable.ts'
import type { Asked } from './sync-order.ts'
import { type Cell, count, table } from './table.ts'

/** The plans of those that can be asked. */
export async function planSync(asked: readonly Asked[]): Promise<readonly PlanReport[]> {
  const plans: PlanReport[] = []
  for (const one of asked) {
    if ('refused' in one) continue
    const { mode = 'auto', streams = [], where, range } = one.order
    const plan = await one.connection.plan({ mode, streams })
    plans.push(
      where || range ? partPlan(plan, where ? 'what matches at the source' : 'the range that was asked for') : plan,
    )
  }
  return plans
}

/** A filter or a range reads with the stream's first pass, for so long as there are pages, and removes nothing. */
function partPlan(plan: PlanReport, why: string): PlanReport {
  const streams = plan.streams.map(({ passes, ...rest }) => {
    const pass = passes[0]?.pass ?? 'byCursor'
    return { ...rest, passes: [{ pass, why, requests: null }], removalsAtRisk: 0 }
  })
  return { ...plan, streams, requests: null, cost: plan.cost }
}

export async function printPlans(cli: Cli, plans: readonly PlanReport[]): Promise<void> {
  if (cli.options.json) return cli.json({ plans })
  const { out } = cli
  for (const { connection, mode, streams, requests, cost, budgets } of plans) {
    const known =
      requests === null
        ? 'how many requests, only reading tells'
        : `about ${plural(requests, 'request')} if nothing is new`
    out.line(
      `${out.paint('bold', oneLine(connection))}  ${mode} · ${known} · ${cost === null ? 'bills nothing' : `costs ${cost}`}`,
    )
    const rows = streams.flatMap(({ stream, passes, removalsAtRisk }) =>
      passes.map(({ pass, why, requests: each }): Cell[] => {
        return [stream, pass, each === null ? '?' : count(each), count(removalsAtRisk), why]
      }),
    )
    await out.write(table(COLUMNS, rows, { width: out.width, paint: out.paint, indent: '    ' }))
    for (const { stream, removalsHeld } of streams) {
      if (removalsHeld > 0) out.line(`    ${plural(removalsHeld, 'removal')} of ${stream} held: tidemark removals`)
    }
    for (const budget of budgets) out.line(`    budget of ${budget.scope} ${oneLine(budget.name)}: ${leftOf(budget)}`)
  }
  if (plans.length > 0) cli.note('Nothing was asked of any source, and nothing was written.')
}

function leftOf({ requests, cost }: Budget): string {
  const left = (part: BudgetPart, what: string) =>
    `${Math.max(0, part.max - part.spent)} of ${part.max}${what} per ${part.per} left`
  return [...(requests ? [left(requests, ' requests')] : []), ...(cost ? [left(cost, ' in cost')] : [])].join(', ')
}

const COLUMNS = [
  { title: 'STREAM' },
  { title: 'PASS' },
  { title: 'REQUESTS', align: 'right' },
  { title: 'MAY REMOVE', align: 'right' },
  { title: 'WHY' },
] as const
