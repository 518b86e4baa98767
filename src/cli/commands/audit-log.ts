// Owns `tidemark audit-log`: who has started, changed or ended what.

import { jsonText } from '../../model/json-text.ts'
import { type AuditLogQuery, type Deed, auditLog as operation } from '../../operations/audit-log.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { ago } from '../terminal/times.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'audit-log', operation, {
    args: ['connection'],
    summary: 'list who has started, changed or ended what',
    examples: ['tidemark audit-log --json'],
  }).action(run(auditLog))

async function auditLog(
  cli: Cli,
  connection: string | undefined,
  options: Omit<AuditLogQuery, 'connection'>,
): Promise<void> {
  const deeds = await (await cli.open()).auditLog({ ...options, connection })
  await cli.list({ deeds }, COLUMNS, deeds, 'Nobody has done anything yet.')
}

const COLUMNS: readonly ColumnOf<Deed>[] = [
  { title: 'WHEN', whole: true, of: ({ at }, now) => ago(at, now) },
  { title: 'WHO', whole: true, of: ({ who }) => who },
  { title: 'WHAT', whole: true, of: ({ operation: name }) => ({ text: name, style: 'bold' }) },
  { title: 'CONNECTION', of: ({ connection }) => connection ?? '-' },
  { title: 'OUTCOME', of: ({ outcome }) => (outcome === 'done' ? outcome : { text: outcome, style: 'red' }) },
  { title: 'GIVEN', optional: true, of: ({ given }) => jsonText(given) },
]
