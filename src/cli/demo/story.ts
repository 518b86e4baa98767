// Owns the demo's story: what it does, step by step, and what it says of it. Each step is a command that a person could
// type; what is shown is what is run.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '../../connection.ts'
import type { RunReport } from '../../model/run.ts'
import { PACKAGE_FOLDER } from '../../program-files.ts'
import { runSql } from '../../store/console.ts'
import type { Tidemark } from '../../tidemark.ts'
import type { Cli } from '../cli.ts'
import { ownCommand, quoted } from '../own-command.ts'
import { complaint } from '../terminal/complaint.ts'
import { wrapped } from '../terminal/printable.ts'
import { writeRows } from '../terminal/rows.ts'
import { describeRun } from '../terminal/runs.ts'
import { runSync } from '../terminal/sync.ts'
import { BLENDED_QUESTION, blendOnce } from './blended.ts'
import type { DemoHome } from './home.ts'
import type { DemoWorld } from './world.ts'

export interface Stage {
  readonly cli: Cli
  readonly tidemark: Tidemark
  readonly world: DemoWorld
  readonly home: DemoHome
  /** Those that the story is about. */
  readonly connections: readonly Connection[]
  /** Those whose first sync takes longer than a story. */
  readonly long: readonly Connection[]
}

/** Questions to the database, as commands: what stands between the quotes is what is asked. */
const QUESTIONS = [
  {
    says: 'All of it is in one file, as tables that anything can read.',
    command: `tidemark sql "select language, count(*) stars, max(stargazers_count) most from github_stars where language is not null group by 1 order by 2 desc limit 5"`,
  },
  {
    says: 'Orders, as they stand now:',
    command: `tidemark sql "select status, count(*) orders, printf('%.2f', sum(total_amount)) amount from tiktok_shop_orders group by 1 order by 2 desc"`,
  },
  {
    says: 'The blend is a table like the others:',
    command: BLENDED_QUESTION,
  },
  {
    says: 'What is gone is kept, with the reason:',
    command: `tidemark sql "select full_name, _removed_reason reason, _removed_at removed_at from github_stars_all where _removed_at is not null order by 1"`,
  },
  {
    says: 'And everything that ever changed is a feed that programs can follow:',
    command: `tidemark sql "select stream, op, count(*) changes from changes group by 1, 2 order by 1, 2"`,
  },
]

/** What a person types for an account of their own. */
const OWN_DATA = ['connect github --id me --set user=YOUR_LOGIN', 'sync me']

/** An order's times are whole seconds, and a window ends before the second that is still going on. */
const A_SECOND_MS = 1_100

/** Tells the story, and gives the runs that were made for it. Stops early when interrupted. */
export async function tellStory(stage: Stage): Promise<readonly RunReport[]> {
  const { cli, world } = stage
  const runs: RunReport[] = []
  const isOver = () => cli.interruption.graceful().aborted
  const sync = async (text: string, order: { ids?: readonly string[]; mode?: 'full' } = {}) => {
    if (isOver()) return
    say(stage, text)
    await sleep(A_SECOND_MS, undefined, { signal: cli.interruption.graceful() }).catch(() => {})
    if (isOver()) return
    runs.push(...(await syncOnce(stage, order)))
    if (order.ids === undefined) runs.push(...(await uploadOnce(stage)))
  }
  opening(stage)
  await sync('The first sync reads everything.')
  await sync(`Meanwhile ${world.news(1)}. The next sync asks only for what is new.`)
  await sync(`Once more: ${world.news(2)}.`)
  const { says, ids } = world.removal()
  await sync(
    `Now ${says}. Reading from the top cannot notice that; a full pass does, and asks a second time before it believes it.`,
    { ids, mode: 'full' },
  )
  if (!isOver()) await blend(stage)
  if (!isOver()) await askQuestions(stage)
  if (!isOver()) closing(stage)
  return runs
}

/** Syncs all of the demo's connections, or some, and tells what came of it. */
async function syncOnce(
  { cli, tidemark, connections }: Stage,
  { ids, mode = 'auto' }: { ids?: readonly string[]; mode?: 'auto' | 'full' },
): Promise<readonly RunReport[]> {
  command(cli, ['tidemark sync', ...(ids ?? []), ...(mode === 'auto' ? [] : ['--mode', mode])].join(' '))
  const targets = ids ?? connections.map(({ id }) => id)
  const { entries } = await runSync(cli, tidemark, { targets, mode }, (entry) => {
    if (tells(cli)) cli.out.line(indented(describeRun(entry, cli.out.paint, cli.now())))
    if (entry.error) cli.err.line(complaint(entry.error, cli.err.paint, entry.connection))
  })
  return entries.flatMap(({ id, ...entry }) => (id === null ? [] : [{ id, ...entry }]))
}

/** One record of what the sheet, the platforms and a person say of each profile. */
async function blend(stage: Stage): Promise<void> {
  const { cli, tidemark } = stage
  say(stage, 'Somebody keeps a sheet by hand. A blend makes one record of what it and the platforms say of a profile:')
  await blendOnce(cli, tidemark, tells(cli) ? (line) => command(cli, line) : undefined)
}

/** Uploads what the services without an API hand out now. */
async function uploadOnce({ cli, tidemark, world }: Stage): Promise<readonly RunReport[]> {
  const runs: RunReport[] = []
  for (const { id, stream, path } of await world.files()) {
    command(cli, `tidemark upload ${id}/${stream} ${quoted(path)}`)
    const run = await (await tidemark.connection(id)).upload(stream, path, { signal: cli.interruption.graceful() })
    if (tells(cli)) cli.out.line(indented(describeRun(run, cli.out.paint, cli.now())))
    if (run.error) cli.err.line(complaint(run.error, cli.err.paint, id))
    const { id: runId, dryRun: _dryRun, diff: _diff, ...report } = run
    if (runId !== null) runs.push({ id: runId, ...report })
  }
  return runs
}

function opening({ cli, world, home }: Stage): void {
  if (!tells(cli)) return
  const { paint } = cli.out
  const { places } = world
  cli.out.line(paint('bold', `${counted(places.length)} services, emulated on this machine; nothing leaves it.`))
  for (const { id, url, has } of places) {
    cli.out.line(wrapped(`  ${id.padEnd(8)}  ${url}  ${has}`, cli.out.width, ' '.repeat(12)))
  }
  cli.out.line(`  database  ${home.database}`)
}

async function askQuestions({ cli, tidemark, home }: Stage): Promise<void> {
  if (!tells(cli)) return
  for (const { says, command: question } of QUESTIONS) {
    say({ cli }, says)
    command(cli, question)
    const sql = question.slice(question.indexOf('"') + 1, question.lastIndexOf('"'))
    const limits = { rowsMax: 100, timeoutMs: 10_000 }
    const { columns, rows } = await runSql({ database: home.database, project: tidemark.project, sql, ...limits })
    await writeRows(cli, rows, { format: 'table', columns })
  }
}

function closing({ cli, home }: Stage): void {
  if (!tells(cli)) return
  const { environment } = cli.surroundings
  const program = ownCommand({
    root: PACKAGE_FOLDER,
    started: process.argv[1] ?? '',
    // npm starts scripts in the folder of the package, wherever the person is.
    folder: environment['INIT_CWD'] ?? process.cwd(),
    environment,
  })
  const key = home.keyFile === undefined ? '' : `TIDEMARK_KEY_FILE=${quoted(home.keyFile)} `
  const { paint } = cli.out
  cli.out.line(`\n${paint('bold', 'Look around:')} ${key}${program} status --database ${quoted(home.database)}`)
  cli.out.line(`\n${paint('bold', 'Your own data, with two commands:')}`)
  for (const words of OWN_DATA) cli.out.line(`  ${program} ${words}`)
}

function say({ cli }: Pick<Stage, 'cli'>, text: string): void {
  if (tells(cli)) cli.out.line(`\n${cli.out.paint('bold', wrapped(text, cli.out.width))}`)
}

function command(cli: Cli, line: string): void {
  if (tells(cli)) cli.out.line(cli.out.paint('dim', `$ ${line}`))
}

const NUMBERS = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten']

function counted(count: number): string {
  return NUMBERS[count] ?? String(count)
}

/** With --json the only thing on stdout is the document; with --quiet nothing but errors. */
function tells(cli: Cli): boolean {
  return !cli.options.json && !cli.options.quiet
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ')
}
