// Owns the request to a run to stop.

import { z } from 'zod'
import { runInput } from './inputs.ts'
import { runRow } from './mirror.ts'
import { operation } from './operation.ts'

export const cancel = operation<{ readonly run: string }, Promise<boolean>>({
  name: 'cancel',
  does: 'Ask a run to stop after its current page.',
  details: 'What it has read is kept, and the next run continues from there.',
  scope: 'sync',
  input: { run: runInput },
  positional: ['run'],
  output: z.boolean().describe('false: the run is over already'),
  examples: [{ run: '01K9ZS6X1C4H8W2V7Q3M5N0B9T' }],
  async run(mirror, { run: id }) {
    const { connection } = await runRow(mirror, id)
    const isAsked = await mirror.store.runs.requestCancel(mirror.project, id)
    if (isAsked) mirror.events.tell(() => ({ type: 'run.stopping', project: mirror.project, connection, run: id }))
    return isAsked
  },
})
