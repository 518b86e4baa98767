// Owns the lines by which a program that keeps schedules tells of each run.

import type { ScheduledRun } from '../../engine/schedules/scheduler.ts'
import type { Cli } from '../cli.ts'
import { complaint } from './complaint.ts'
import { describeRun } from './runs.ts'
import { ago } from './times.ts'

export function tellRun(cli: Cli, { report, nextAt }: ScheduledRun): void {
  if (!cli.options.json && !cli.options.quiet) {
    const time = cli.out.paint('dim', new Date(cli.now()).toTimeString().slice(0, 8))
    const next = nextAt === null ? '' : `\n    next run ${ago(new Date(nextAt).toISOString(), cli.now())}`
    cli.out.line(`${time} ${describeRun(report, cli.out.paint, cli.now())}${next}`)
  }
  if (report.error) cli.err.line(complaint(report.error, cli.err.paint))
}
