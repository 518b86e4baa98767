// Owns the list of all operations, for what derives from every one of them.

import { audit } from './audit.ts'
import { backup, restore } from './backup.ts'
import { budgets, setBudget } from './budgets.ts'
import { cancel } from './cancel.ts'
import { changes } from './changes.ts'
import { check } from './check.ts'
import { connect } from './connect.ts'
import { connectors } from './connectors.ts'
import { declare } from './declare.ts'
import { disconnect, purge } from './disconnect.ts'
import { doctor } from './doctor.ts'
import { explain } from './explain.ts'
import { history } from './history.ts'
import { checkKey, checkSecrets, forgetOldKeys, resetKey, rotateKeys, showKey } from './keys.ts'
import { listConnections } from './list-connections.ts'
import { metrics } from './metrics.ts'
import type { Described } from './operation.ts'
import { pause, resume } from './pause.ts'
import { createProject, projects } from './projects.ts'
import { quarantine, retryQuarantine } from './quarantine.ts'
import { records } from './records.ts'
import { decideRemovals, removals, unconfirmed } from './removals.ts'
import { run } from './run.ts'
import { runs } from './runs.ts'
import { schedule, schedules } from './schedule.ts'
import { sql } from './sql.ts'
import { status } from './status.ts'
import { plan, sync } from './sync.ts'
import { planAll, syncAll } from './sync-all.ts'
import { tables } from './tables.ts'

export const OPERATIONS = [
  connectors,
  connect,
  listConnections,
  declare,
  check,
  pause,
  resume,
  disconnect,
  purge,
  sync,
  plan,
  syncAll,
  planAll,
  status,
  runs,
  run,
  cancel,
  schedules,
  schedule,
  budgets,
  setBudget,
  removals,
  unconfirmed,
  decideRemovals,
  quarantine,
  retryQuarantine,
  records,
  history,
  explain,
  metrics,
  changes,
  tables,
  sql,
  audit,
  doctor,
  backup,
  restore,
  projects,
  createProject,
  showKey,
  rotateKeys,
  forgetOldKeys,
  resetKey,
  checkKey,
  checkSecrets,
] as const satisfies readonly Described[]
