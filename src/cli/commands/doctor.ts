// Owns `tidemark doctor`: whether this machine, the database and its keys are as they should be, a line for each check.

import type { Check } from '../../engine/health/doctor.ts'
import { errorReport } from '../../model/errors.ts'
import { type DoctorInput, doctor as operation } from '../../operations/doctor.ts'
import { perform } from '../../operations/perform.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import type { Style } from '../terminal/output.ts'
import { printable } from '../terminal/printable.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'doctor', operation, {
    says: 'Exit code 1 if a check fails, 0 if there are only warnings.',
    examples: ['tidemark doctor --deep --json'],
  }).action(run(doctor))

async function doctor(cli: Cli, options: DoctorInput): Promise<number> {
  const { findKey } = await import('../../secrets/keys.ts')
  // The finding is told with the others, and not as a warning before them.
  const key = findKey(cli.surroundings.environment)
  const opened = await cli.open({ anyProject: true, key }).catch(errorReport)
  const report =
    'verdict' in opened
      ? await perform(operation, { ...(await cli.database()), key, error: opened }, {}, options)
      : await opened.doctor(options)
  if (cli.options.json) await cli.json(report)
  else for (const check of report.checks) cli.out.line(line(check, cli))
  return report.failed > 0 ? 1 : 0
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
