// Owns the list of the parts of the store that stand on the system tables, written once for both databases.

import { bind, type Dialect, type Drive } from '../statements.ts'
import { budgets } from './budgets.ts'
import { connections } from './connections.ts'
import { feed } from './feed.ts'
import { leases } from './leases.ts'
import { limits } from './limits.ts'
import { projects } from './projects.ts'
import { schedules } from './schedules.ts'

export function systemTables(dialect: Dialect, drive: Drive) {
  return {
    ...bind(projects(dialect), drive),
    ...bind(connections, drive),
    ...bind(leases, drive),
    ...bind(limits(dialect), drive),
    ...bind(budgets(dialect), drive),
    ...bind(schedules, drive),
    ...bind(feed(dialect), drive),
  }
}
