// Owns `tidemark worker`: a worker alone, which runs what is scheduled and ordered, until Ctrl-C.

import { hostname } from 'node:os'
import type { ScheduledRun } from '../../engine/schedules/scheduler.ts'
import { TidemarkError } from '../../model/errors.ts'
import { isPostgresUrl } from '../../store/postgres/url.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { tellRun } from '../terminal/scheduled-runs.ts'

export const declare: Declare = (program, run) =>
  program
    .command('worker')
    .summary('run what is due, and serve nothing (PostgreSQL)')
    .description(
      'Runs what is scheduled and ordered in every project of the database, beside any number of other workers and of ' +
        'tidemark serve, on this machine or others; they share connections, limits and budgets. It needs PostgreSQL: a ' +
        'file is served and worked on by tidemark serve. Runs of a worker that dies go on elsewhere within 30 seconds. ' +
        'Ctrl-C lets runs stop after their current page; another worker goes on from there.',
    )
    .addHelpText('after', examples('tidemark worker --database postgres://tidemark@db.internal/mirror'))
    .action(run(worker))

async function worker(cli: Cli): Promise<void> {
  if (!isPostgresUrl(cli.options.database)) throw needsServer()
  const tidemark = await cli.open({ create: true })
  await cli.declareConnections(tidemark)
  const stop = cli.interruption.graceful()
  cli.staysUp = true
  const { pid } = process
  const { name } = tidemark.store
  if (cli.options.json) await cli.json({ database: name, host: hostname(), pid })
  else cli.out.line(`Working on ${name}; Ctrl-C stops it.`)
  stop.addEventListener('abort', () => cli.note('Stopping after the current page of each run.'), { once: true })
  const onRun = (scheduled: ScheduledRun) => tellRun(cli, scheduled)
  const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }))
  try {
    await Promise.race([tidemark.start({ signal: stop, onRun }), stopped])
  } finally {
    await tidemark.close()
  }
}

function needsServer(): TidemarkError {
  return new TidemarkError('worker_unsupported', 'A worker alone needs PostgreSQL, and this database is a file.', {
    hint: 'On a file, tidemark serve is server and worker in one. For workers: --database postgres://…',
  })
}
