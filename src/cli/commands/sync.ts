// Owns `tidemark sync`: runs connections once, several at a time, shows how they go, and says what came of it.

import type { Connector } from '../../connector/connector.ts'
import { yesOrNo } from '../../operations/fields.ts'
import { type Order, syncAll as operation, type SyncAllHooks, type SyncAllInput } from '../../operations/sync-all.ts'
import type { Tidemark } from '../../tidemark.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { exitCodeOfSync, partOf } from '../exit-codes.ts'
import { complaint } from '../terminal/complaint.ts'
import { pausedText } from '../terminal/pauses.ts'
import { describeRun } from '../terminal/runs.ts'
import { nothingToRead } from '../terminal/streamless.ts'
import { runSync } from '../terminal/sync.ts'
import { parseWhere } from '../values.ts'
import { verb } from '../verb.ts'

interface Options extends Omit<SyncAllInput, 'targets' | 'where'> {
  readonly where?: readonly string[]
  readonly plan?: boolean
}

export const declare: Declare = (program, run) =>
  verb(program, 'sync', operation, {
    summary: 'read what is new',
    args: ['targets'],
    says: 'Ctrl-C stops cleanly: what was read is kept, and the next sync continues from there.',
    extra: { plan: yesOrNo('print what would be read, and do nothing') },
    examples: ['tidemark sync --plan --json'],
  }).action(run(sync))

async function sync(cli: Cli, targets: readonly string[], options: Options): Promise<number> {
  const { plan = false, where, ...reading } = options
  const declares = (cli.config?.connections.length ?? 0) > 0
  const tidemark = await cli.open({ create: declares && !plan })
  if (declares && !plan) await cli.declareConnections(tidemark)
  const onOrder = (order: Pick<Order, 'asked' | 'passedOver' | 'streamless'>) => {
    const { asked, passedOver, streamless } = order
    const still = passedOver.map(({ connection, paused }) => `${connection} (${pausedText(paused)})`)
    if (still.length > 0) cli.note(`skipped: ${still.join(', ')}`)
    else if (asked.length === 0 && streamless.length > 0) cli.note(nothingToRead(streamless))
    else if (asked.length === 0)
      cli.note(`Nothing is connected in ${tidemark.store.name}. See: tidemark connect --help`)
    // A person wants it to stand still; that it could not run either, a person may not know.
    for (const { connection, mend } of passedOver.filter(({ paused }) => paused.includes('login'))) {
      cli.note(`To read ${connection} again, run: ${mend}`)
    }
    if (options.maxCost !== undefined) noteCost(cli, asked)
  }
  const order = { ...reading, targets, onOrder, ...(where ? { where: parseWhere(where) } : {}) }
  return plan ? printPlan(cli, tidemark, order) : runAll(cli, tidemark, order)
}

type Ordered = SyncAllInput & Pick<SyncAllHooks, 'onOrder'>

async function printPlan(cli: Cli, tidemark: Tidemark, order: Ordered): Promise<number> {
  const { printPlans } = await import('../terminal/plans.ts')
  const planned = await tidemark.plan(order)
  await printPlans(cli, planned)
  const paused = planned.plans.filter((plan) => plan.paused.length > 0)
  const parts = [...planned.refused.map(partOf), ...paused.map(() => ({ status: 'paused', refusal: null }) as const)]
  return exitCodeOfSync(parts, false)
}

async function runAll(cli: Cli, tidemark: Tidemark, order: Ordered): Promise<number> {
  let asked = 0
  const onOrder: Ordered['onOrder'] = (known) => {
    asked = known.asked.length
    order.onOrder?.(known)
  }
  const { entries, interrupted } = await runSync(cli, tidemark, { ...order, onOrder }, (entry) => {
    if (!cli.options.json) cli.out.line(describeRun(entry, cli.out.paint, cli.now()))
    const whose = asked > 1 ? entry.connection : undefined
    if (entry.error) cli.err.line(complaint(entry.error, cli.err.paint, whose))
  })
  if (cli.options.json) await cli.json({ runs: entries })
  return exitCodeOfSync(entries.map(partOf), interrupted)
}

/** A cap that caps nothing must not look as if it did. */
function noteCost(cli: Cli, asked: Order['asked']): void {
  const free = asked.flatMap((one) => ('connector' in one && !isPaid(one.connector) ? [one.connector] : []))
  const names = new Set(free.map(({ service }) => service.name))
  for (const name of names) cli.note(`note: ${name} is free, so --max-cost has no effect`)
}

function isPaid({ streams }: Connector): boolean {
  return Object.values(streams).some(({ passes }) => passes.some(({ paid }) => paid === true))
}
