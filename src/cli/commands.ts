// Owns the list of commands: in which order and under which headings people read them, and where each is. A command is
// loaded when it is called; help loads them all, and none of them loads the engine before it runs.

import type { Declare } from './command.ts'

interface Entry {
  readonly heading: string
  readonly load: () => Promise<{ readonly declare: Declare }>
}

const START = 'Start:'
const SYNC = 'Keep in sync:'
const LOOK = 'Look:'
const SERVE = 'Serve:'

export const COMMANDS: Readonly<Record<string, Entry>> = {
  demo: { heading: START, load: () => import('./commands/demo.ts') },
  connectors: { heading: START, load: () => import('./commands/connectors.ts') },
  connect: { heading: START, load: () => import('./commands/connect.ts') },
  connections: { heading: START, load: () => import('./commands/connections.ts') },

  sync: { heading: SYNC, load: () => import('./commands/sync.ts') },
  status: { heading: SYNC, load: () => import('./commands/status.ts') },
  runs: { heading: SYNC, load: () => import('./commands/runs.ts') },
  run: { heading: SYNC, load: () => import('./commands/run.ts') },
  cancel: { heading: SYNC, load: () => import('./commands/cancel.ts') },
  pause: { heading: SYNC, load: () => import('./commands/pause.ts') },
  resume: { heading: SYNC, load: () => import('./commands/resume.ts') },

  records: { heading: LOOK, load: () => import('./commands/records.ts') },
  history: { heading: LOOK, load: () => import('./commands/history.ts') },
  sql: { heading: LOOK, load: () => import('./commands/sql.ts') },

  serve: { heading: SERVE, load: () => import('./commands/serve.ts') },
}
