// Owns the list of commands: in which order and under which headings people read them, and where each is. A command is
// loaded when it is called; help loads them all, and none of them loads the engine before it runs.

import type { Declare } from './command.ts'

interface Entry {
  readonly heading: string
  readonly load: () => Promise<{ readonly declare: Declare }>
  /** Needs no database, and therefore neither configuration nor `.env`: nothing that is wrong with them is in its way. */
  readonly standalone?: true
  /** Has to know all the commands, not itself alone. */
  readonly whole?: true
}

const START = 'Start:'
const SYNC = 'Keep in sync:'
const DECIDE = 'Decide:'
const LOOK = 'Look:'
const SERVE = 'Serve:'
const CARE = 'Care:'

export const COMMANDS: Readonly<Record<string, Entry>> = {
  demo: { heading: START, load: () => import('./commands/demo.ts'), standalone: true },
  connectors: { heading: START, load: () => import('./commands/connectors.ts') },
  connect: { heading: START, load: () => import('./commands/connect.ts') },
  connections: { heading: START, load: () => import('./commands/connections.ts') },
  new: { heading: START, load: () => import('./commands/new.ts'), standalone: true },
  disconnect: { heading: START, load: () => import('./commands/disconnect.ts') },
  projects: { heading: START, load: () => import('./commands/projects.ts') },

  sync: { heading: SYNC, load: () => import('./commands/sync.ts') },
  upload: { heading: SYNC, load: () => import('./commands/upload.ts') },
  status: { heading: SYNC, load: () => import('./commands/status.ts') },
  runs: { heading: SYNC, load: () => import('./commands/runs.ts') },
  log: { heading: SYNC, load: () => import('./commands/log.ts') },
  run: { heading: SYNC, load: () => import('./commands/run.ts') },
  cancel: { heading: SYNC, load: () => import('./commands/cancel.ts') },
  pause: { heading: SYNC, load: () => import('./commands/pause.ts') },
  resume: { heading: SYNC, load: () => import('./commands/resume.ts') },
  schedule: { heading: SYNC, load: () => import('./commands/schedule.ts') },

  budget: { heading: SYNC, load: () => import('./commands/budget.ts') },

  blend: { heading: DECIDE, load: () => import('./commands/blend.ts') },
  set: { heading: DECIDE, load: () => import('./commands/set.ts') },
  unset: { heading: DECIDE, load: () => import('./commands/unset.ts') },
  removals: { heading: DECIDE, load: () => import('./commands/removals.ts') },
  quarantine: { heading: DECIDE, load: () => import('./commands/quarantine.ts') },

  records: { heading: LOOK, load: () => import('./commands/records.ts') },
  history: { heading: LOOK, load: () => import('./commands/history.ts') },
  explain: { heading: LOOK, load: () => import('./commands/explain.ts') },
  metrics: { heading: LOOK, load: () => import('./commands/metrics.ts') },
  movers: { heading: LOOK, load: () => import('./commands/movers.ts') },
  catalog: { heading: LOOK, load: () => import('./commands/catalog.ts') },
  coverage: { heading: LOOK, load: () => import('./commands/coverage.ts') },
  activity: { heading: LOOK, load: () => import('./commands/activity.ts') },
  changes: { heading: LOOK, load: () => import('./commands/changes.ts') },
  export: { heading: LOOK, load: () => import('./commands/export.ts') },
  search: { heading: LOOK, load: () => import('./commands/search.ts') },
  tables: { heading: LOOK, load: () => import('./commands/tables.ts') },
  sql: { heading: LOOK, load: () => import('./commands/sql.ts') },

  serve: { heading: SERVE, load: () => import('./commands/serve.ts') },
  worker: { heading: SERVE, load: () => import('./commands/worker.ts') },
  workers: { heading: SERVE, load: () => import('./commands/workers.ts') },
  mcp: { heading: SERVE, load: () => import('./commands/mcp.ts') },
  token: { heading: SERVE, load: () => import('./commands/token.ts') },
  webhook: { heading: SERVE, load: () => import('./commands/webhook.ts') },
  push: { heading: SERVE, load: () => import('./commands/push.ts') },

  doctor: { heading: CARE, load: () => import('./commands/doctor.ts') },
  'audit-log': { heading: CARE, load: () => import('./commands/audit-log.ts') },
  audit: { heading: CARE, load: () => import('./commands/audit.ts') },
  backup: { heading: CARE, load: () => import('./commands/backup.ts') },
  restore: { heading: CARE, load: () => import('./commands/restore.ts') },
  migrate: { heading: CARE, load: () => import('./commands/migrate.ts') },
  keys: { heading: CARE, load: () => import('./commands/keys.ts') },
  completion: { heading: CARE, load: () => import('./commands/completion.ts'), whole: true },
}
