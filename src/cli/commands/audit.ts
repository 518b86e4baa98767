// Owns `tidemark audit`: what is missing, what waits, and what looks as if a source shows less than it has.

import type { Finding, Severity } from '../../engine/health/findings.ts'
import { plural } from '../../model/plural.ts'
import { audit as operation } from '../../operations/audit.ts'
import type { Tidemark } from '../../tidemark.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import type { Style } from '../terminal/output.ts'
import { printable } from '../terminal/printable.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'audit', operation, {
    says: 'Exit code 3 if anything is known to be missing or waits for a person; suspicions and notices leave it at 0.',
    examples: ['tidemark audit me --json'],
  }).action(run(audit))

async function audit(cli: Cli, id: string | undefined): Promise<number> {
  const tidemark = await cli.open()
  const report = await tidemark.audit(id)
  const { findings } = report
  if (cli.options.json) await cli.json(report)
  else {
    for (const finding of findings) cli.out.line(lines(finding, cli))
    if (findings.length > 0) cli.note(summary(report))
    else
      cli.out.line((await isEmpty(tidemark)) ? 'Nothing is connected.' : 'Nothing is missing, and nothing looks odd.')
  }
  return report.problems > 0 ? 3 : 0
}

async function isEmpty(tidemark: Tidemark): Promise<boolean> {
  return (await tidemark.listConnections({ all: true })).length === 0
}

const LOOKS: Readonly<Record<Severity, { readonly sign: string; readonly style: Style }>> = {
  problem: { sign: '✗', style: 'red' },
  suspicion: { sign: '?', style: 'yellow' },
  notice: { sign: 'i', style: 'cyan' },
}

function lines({ severity, finding, connection, stream, message, hint }: Finding, { out: { paint } }: Cli): string {
  const { sign, style } = LOOKS[severity]
  const place = stream === null ? connection : `${connection}/${stream}`
  const head = `${paint(style, sign)} ${paint('bold', place)} ${paint('dim', finding)}: ${printable(message)}`
  return hint === null ? head : `${head}\n    ${paint('dim', printable(hint))}`
}

function summary({
  problems,
  suspicions,
  notices,
}: Readonly<Record<'problems' | 'suspicions' | 'notices', number>>): string {
  const parts = [
    [problems, 'problem'],
    [suspicions, 'suspicion'],
    [notices, 'notice'],
  ] as const
  return parts.map(([n, noun]) => plural(n, noun)).join(', ')
}
