// Owns `tidemark doctor`: whether this machine, the database and its keys are as they should be, a line for each check.

import type { Check } from '../../engine/care/doctor.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import type { Style } from '../terminal/output.ts'
import { printable } from '../terminal/printable.ts'
import { portNumber } from '../values.ts'

const PORT = 4600

export const declare: Declare = (program, run) =>
  program
    .command('doctor')
    .summary('check this machine, the database and its keys')
    .description(
      'Checks the version of Node, the database with its permissions and integrity, the disk, the key and whether ' +
        'it opens every secret, logins that expire soon, the clock, schedules that nothing runs, runs that died, and ' +
        'whether a server is reachable from other machines. Makes no request to a source. Exit code 1 if a check ' +
        'fails, 0 if there are only warnings.',
    )
    .option('--deep', 'also compare every index with its table')
    .option('--port <port>', `the port on which to look for a server (default: ${PORT})`, portNumber)
    .addHelpText('after', examples('tidemark doctor', 'tidemark doctor --deep --json'))
    .action(run(doctor))

async function doctor(cli: Cli, { deep = false, port = PORT }: { deep?: boolean; port?: number }): Promise<number> {
  const [{ diagnose }, { gatherFacts }] = await Promise.all([
    import('../../engine/care/doctor.ts'),
    import('../doctor-facts.ts'),
  ])
  const checks = diagnose(await gatherFacts(cli, { deep, port }))
  const [failed, warnings] = (['fail', 'warn'] as const).map(
    (state) => checks.filter((one) => one.state === state).length,
  )
  if (cli.options.json) await cli.json({ checks, failed, warnings })
  else for (const check of checks) cli.out.line(line(check, cli))
  return failed ? 1 : 0
}

const LOOKS: Readonly<Record<Check['state'], { readonly sign: string; readonly style: Style }>> = {
  ok: { sign: '✓', style: 'green' },
  warn: { sign: '!', style: 'yellow' },
  fail: { sign: '✗', style: 'red' },
}

function line({ check, state, value, hint }: Check, { out: { paint } }: Cli): string {
  const { sign, style } = LOOKS[state]
  const head = `${paint(style, sign)} ${paint('bold', check.padEnd(12))} ${printable(value)}`
  return hint === null ? head : `${head}\n    ${paint('dim', printable(hint))}`
}
