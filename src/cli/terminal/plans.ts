// Owns what `sync --plan` prints: what runs would do now, as one document and as a table.

import type { Budget, BudgetPart, PlanReport } from '../../engine/runs/documents.ts'
import { durationText } from '../../model/duration.ts'
import { moneyText } from '../../model/money.ts'
import { count, plural } from '../../model/plural.ts'
import type { PlanAllReport } from '../../operations/sync-all.ts'
import type { Cli } from '../cli.ts'
import { complaint } from './complaint.ts'
import { oneLine } from './printable.ts'
import type { ColumnOf } from './table.ts'

export async function printPlans(
  cli: Cli,
  { plans, refused }: Pick<PlanAllReport, 'plans' | 'refused'>,
): Promise<void> {
  const errors = refused.flatMap(({ connection, error }) => (error ? [{ connection, error }] : []))
  if (cli.options.json) return cli.json({ plans, ...(errors.length > 0 ? { errors } : {}) })
  const { out } = cli
  for (const plan of plans) {
    const { connection, mode, streams, budgets, stop, waitMs } = plan
    const known = [mode, requestsOf(plan), costOf(plan)].filter((part) => part !== '').join(' · ')
    out.line(`${out.paint('bold', oneLine(connection))}  ${known}`)
    if (stop) out.line(`    ${out.paint('yellow', oneLine(stop.message))}${stop.hint ? ` ${oneLine(stop.hint)}` : ''}`)
    if (waitMs > 0) out.line(`    it will wait ${durationText(waitMs)} for limits of the source`)
    const rows = streams.flatMap(({ stream, passes, removalsAtRisk }) =>
      passes.map((pass) => ({ ...pass, stream, removalsAtRisk })),
    )
    await cli.table(COLUMNS, rows, '    ')
    for (const { stream, removalsHeld } of streams) {
      if (removalsHeld > 0) out.line(`    ${plural(removalsHeld, 'removal')} of ${stream} held: tidemark removals`)
    }
    for (const budget of budgets) out.line(`    budget of ${budget.scope} ${oneLine(budget.name)}: ${leftOf(budget)}`)
  }
  for (const { error } of errors) cli.err.line(complaint(error, cli.err.paint))
  if (plans.length > 0) cli.note('Nothing was asked of any source, and nothing was written.')
}

function requestsOf({ requests, fits, stop }: PlanReport): string {
  if (fits === 0) return 'nothing will be read'
  if (stop && stop.needs !== null && requests !== null)
    return `${requests} of ${plural(stop.needs, 'request')}, then it ends`
  if (requests !== null) return `about ${plural(requests, 'request')} if nothing is new`
  return `number of requests unknown until it runs${fits === null ? '' : `; a limit or budget leaves ${fits}`}`
}

function costOf({ paid, cost, fits, currency, costNote }: PlanReport): string {
  if (fits === 0) return ''
  if (!paid) return 'free'
  if (cost === null) return `cost unknown until it runs${costNote === null ? '' : `: ${costNote}`}`
  return `about ${moneyText(Math.round(cost * 10_000) / 10_000, currency)}${currency === null ? ' in cost' : ''}`
}

function leftOf({ requests, cost, currency }: Budget): string {
  const left = (part: BudgetPart, what: string) =>
    `${Math.max(0, part.max - part.spent)} of ${part.max}${what} per ${part.per} left`
  return [
    ...(requests ? [left(requests, ' requests')] : []),
    ...(cost ? [left(cost, currency === null ? ' in cost' : ` ${currency}`)] : []),
  ].join(', ')
}

type PlannedStream = PlanReport['streams'][number]
type PlannedPass = PlannedStream['passes'][number] & Pick<PlannedStream, 'stream' | 'removalsAtRisk'>

const COLUMNS: readonly ColumnOf<PlannedPass>[] = [
  { title: 'STREAM', of: ({ stream }) => stream },
  { title: 'PASS', of: ({ pass }) => pass },
  { title: 'REQUESTS', align: 'right', of: ({ requests }) => (requests === null ? '?' : count(requests)) },
  { title: 'REMOVALS, AT MOST', align: 'right', of: ({ removalsAtRisk }) => count(removalsAtRisk) },
  { title: 'WHY', of: ({ why }) => why },
]
