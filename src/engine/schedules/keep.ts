// Owns the keeping of schedules in one process, alone or beside others: the loop, the job engine of the database over
// leases of the store, and runs that are started here.

import type { Connector } from '../../connector/connector.ts'
import type { Hold } from '../../jobs/jobs.ts'
import { openJobs } from '../../jobs/open.ts'
import type { ConnectionRow } from '../../store/store.ts'
import { type SendPorts, sendDue } from '../outbox/send.ts'
import { giveBack, type LeasePorts, startHeartbeat, takeLease } from '../runs/lease.ts'
import type { Orders } from '../runs/orders.ts'
import { runReport } from '../runs/report.ts'
import { type RunPorts, runConnection } from '../runs/run.ts'
import type { StartRun } from './scheduled-run.ts'
import { keepSchedules, type SchedulerOptions } from './scheduler.ts'

/** See `keepSchedules`. `connectorOf` throws connector_unknown for one that this process does not have. */
export async function keep(
  ports: RunPorts & { readonly database: string; readonly orders: () => Promise<Orders> } & Pick<SendPorts, 'push'>,
  connectorOf: (row: ConnectionRow) => Promise<Connector>,
  options: SchedulerOptions,
): Promise<void> {
  const jobs = await openJobs(ports.database, { ...ports, hold: holdLeases(ports) })
  // Not by way of `Connection.sync`, which waits for a run that is under way: a schedule asks again.
  const start: StartRun = async (row, order) => {
    return runReport(await runConnection(ports, await connectorOf(row), row, order))
  }
  const send = (signal: AbortSignal) => sendDue(ports, signal)
  const orders = await ports.orders()
  return keepSchedules({ ...ports, jobs, start, orders, connectorOf, sendDue: send, hours: new Map() }, options)
}

/** See `JobPorts.hold`. */
export function holdLeases(ports: LeasePorts): (resource: string, lost: () => void) => Promise<Hold | undefined> {
  return async (resource, lost) => {
    const taken = await takeLease(ports, resource)
    if ('heldBy' in taken) return undefined
    const heartbeat = startHeartbeat(ports, taken.lease, { lost, beat: async () => {} })
    return {
      async release() {
        heartbeat.stop()
        await giveBack(ports, taken.lease)
      },
    }
  }
}
