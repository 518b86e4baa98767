// Owns the look at one run.

import { runDocument } from '../engine/runs/documents.ts'
import type { RunReport } from '../model/run.ts'
import { runInput } from './inputs.ts'
import { runRow } from './mirror.ts'
import { operation } from './operation.ts'
import { reportOf } from './reports.ts'

export const run = operation<{ readonly run: string }, Promise<RunReport>>({
  name: 'run',
  does: 'Show one run.',
  details: 'A run that is under way has its progress.',
  scope: 'read',
  input: { run: runInput },
  positional: ['run'],
  output: runDocument,
  examples: [{ run: '01K9ZS6X1C4H8W2V7Q3M5N0B9T' }],
  run: async (mirror, { run: id }) => reportOf(mirror, await runRow(mirror, id)),
})
