// Owns `tidemark sync`: runs connections once, several at a time, shows how they go, and says what came of it.

import { TidemarkError } from '../../model/errors.ts'
import type { Connection, Tidemark } from '../../open.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { complaint } from '../complaint.ts'
import { pausedText, standsStill } from '../pauses.ts'
import type { Asked, SyncOptions } from '../sync-order.ts'
import { collect, oneOf, wholeNumber } from '../values.ts'

interface Options extends SyncOptions {
  readonly plan?: boolean
}

/** Connections that are read at the same time; each waits for its own source most of the time. */
const TOGETHER = 4

export const declare: Declare = (program, run) =>
  program
    .command('sync')
    .summary('read what is new')
    .description(
      'Reads once what is new and changed at the source. Without a connection, reads all of them; if one fails, the ' +
        'others still run. Ctrl-C stops cleanly: what was read is kept, and the next sync continues from there.',
    )
    .argument('[targets...]', 'connections, or streams of them: <connection>[/<stream>]')
    .option(
      '--mode <mode>',
      'auto: what is due; full: everything is listed, and a full pass notices removals; refresh: the known records again ' +
        '(default: auto)',
      oneOf('mode', ['auto', 'full', 'refresh']),
    )
    .option(
      '--where <field=value>',
      'only what matches at the source (value,value for any of them; may be repeated); removes nothing',
      collect,
    )
    .option(
      '--since <time>',
      'read again from this time on: a day, a time, or how long ago (2026-11-01, yesterday, 7d)',
    )
    .option('--until <time>', 'read again up to this time; neither moves the cursor')
    .option('--plan', 'print what would be read, and do nothing')
    .option(
      '--max-cost <amount>',
      'the most that all connections together may cost; the rest is left to the next sync',
      amount,
    )
    .option(
      '--max-requests <n>',
      'the most requests that all connections together may make; the rest is left to the next sync',
      wholeNumber('max-requests'),
    )
    .addHelpText(
      'after',
      examples(
        'tidemark sync',
        'tidemark sync me/stars --mode full',
        'tidemark sync shop --where status=open',
        'tidemark sync shop/orders --since 7d --until 2d',
        'tidemark sync --plan --json',
      ),
    )
    .action(run(sync))

async function sync(cli: Cli, targets: readonly string[], options: Options): Promise<number> {
  // The engine is loaded here, so that help needn't wait for it.
  const [{ ordersFor }, { planSync, printPlans }, { runSync }, { describeRun }, { exitCodeOfSync }, { partOf }] =
    await Promise.all([
      import('../sync-order.ts'),
      import('../sync-plan.ts'),
      import('../sync-run.ts'),
      import('../describe-run.ts'),
      import('../exit-codes.ts'),
      import('../sync-entry.ts'),
    ])
  const declares = (cli.config?.connections.length ?? 0) > 0
  const tidemark = await cli.open({ create: declares && options.plan !== true })
  if (declares && options.plan !== true) await (await import('../declared.ts')).applyDeclared(cli, tidemark)
  const asked = await ordersFor(tidemark, targets, options, cli.now())
  const still = targets.length > 0 ? [] : await standingStill(tidemark)
  if (still.length > 0) cli.note(`passed over: ${still.join(', ')}`)
  else if (asked.length === 0) cli.note(`Nothing is connected in ${tidemark.store.name}. See: tidemark connect --help`)
  if (options.maxCost !== undefined) noteCost(cli, asked)
  if (options.plan === true) {
    const planned = await planSync(tidemark, asked, cli.now())
    await printPlans(cli, planned)
    const paused = planned.plans.filter((plan) => plan.paused.length > 0)
    const parts = [...planned.refused.map(partOf), ...paused.map(() => ({ status: 'paused', refusal: null }) as const)]
    return exitCodeOfSync(parts, false)
  }
  const { entries, interrupted } = await runSync(cli, asked, TOGETHER, (entry) => {
    if (!cli.options.json) cli.out.line(describeRun(entry, cli.out.paint, cli.now()))
    const whose = asked.length > 1 ? entry.connection : undefined
    if (entry.error) cli.err.line(complaint(entry.error, cli.err.paint, whose))
  })
  if (cli.options.json) await cli.json({ runs: entries })
  return exitCodeOfSync(entries.map(partOf), interrupted)
}

/** What a sync of all passes over, with the reason. */
async function standingStill(tidemark: Tidemark): Promise<readonly string[]> {
  const rows = await tidemark.store.connections(tidemark.project)
  return rows.filter(({ paused }) => standsStill(paused)).map(({ id, paused }) => `${id} (${pausedText(paused)})`)
}

/** A cap that caps nothing must not look as if it did. */
function noteCost(cli: Cli, asked: readonly Asked[]): void {
  const free = asked.flatMap((one) => ('connection' in one && !isPaid(one.connection) ? [one.connection] : []))
  const names = new Set(free.map(({ connector }) => connector.service.name))
  for (const name of names) cli.note(`note: ${name} bills nothing, so --max-cost has nothing to cap`)
}

function isPaid({ connector }: Connection): boolean {
  return Object.values(connector.streams).some(({ passes }) => passes.some(({ paid }) => paid === true))
}

function amount(text: string): number {
  const n = /^\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN
  if (Number.isFinite(n)) return n
  throw new TidemarkError('option_invalid', `--max-cost is an amount such as 2.50, not "${text}"`)
}
