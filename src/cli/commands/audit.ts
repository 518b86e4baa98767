// Owns `tidemark audit`: what is missing, what waits, and what looks as if a source shows less than it has.

import type { Finding, Severity } from '../../engine/care/findings.ts'
import { plural } from '../../model/plural.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { printable } from '../printable.ts'
import type { Style } from '../terminal.ts'

export const declare: Declare = (program, run) =>
  program
    .command('audit')
    .summary('look for what is missing')
    .description(
      'Looks through what is stored for gaps, totals that are not reached, caps and round numbers, filters that nobody ' +
        'asked for, streams that have gone silent, records that could not be read, and removals that wait. Asks no source. ' +
        'Exit code 3 if anything is known to be missing or waits for a person; suspicions and notices leave it at 0.',
    )
    .argument('[connection]', 'the id of a connection (default: all of the project)')
    .addHelpText('after', examples('tidemark audit', 'tidemark audit me --json'))
    .action(run(audit))

async function audit(cli: Cli, id: string | undefined): Promise<number> {
  const [{ audit: findIn }, { auditRows }] = await Promise.all([
    import('../../engine/care/audit.ts'),
    import('../audit-rows.ts'),
  ])
  const tidemark = await cli.open()
  const rows =
    id === undefined ? await tidemark.store.connections(tidemark.project) : [(await tidemark.connection(id)).row]
  const findings = findIn(await auditRows(tidemark, rows), cli.now())
  const count = (severity: Severity) => findings.filter((one) => one.severity === severity).length
  const counts = { problems: count('problem'), suspicions: count('suspicion'), notices: count('notice') }
  if (cli.options.json) await cli.json({ findings, ...counts })
  else {
    for (const finding of findings) cli.out.line(lines(finding, cli))
    if (findings.length === 0)
      cli.out.line(rows.length === 0 ? 'Nothing is connected.' : 'Nothing is missing, and nothing looks odd.')
    else cli.note(summary(counts))
  }
  return counts.problems > 0 ? 3 : 0
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
