// Owns the list of the parts of the store that stand on the system tables, written once for both databases.

import { bind, type Dialect, type Drive } from '../statements.ts'
import { budgets } from './budgets.ts'
import { connections } from './connections.ts'
import { feed } from './feed.ts'
import { leases } from './leases.ts'
import { limits } from './limits.ts'
import { projects } from './projects.ts'
import { pruning } from './prune.ts'
import { schedules } from './schedules.ts'

export function systemTables(dialect: Dialect, drive: Drive) {
  return {
    projects: bind(projects(dialect), drive),
    connections: bind(connections, drive),
    leases: bind(leases, drive),
    limits: bind(limits(dialect), drive),
    budgets: bind(budgets(dialect), drive),
    schedules: bind(schedules, drive),
    feed: bind(feed(dialect), drive),
    history: bind(pruning(dialect), drive),
  }
}
