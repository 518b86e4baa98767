// Runs the job engine's suite against the embedded one, over leases in a SQLite file.

import { holdLeases } from '../../src/engine/schedules/keep.ts'
import { systemClock } from '../../src/engine/system.ts'
import { embeddedJobs } from '../../src/jobs/embedded.ts'
import type { Jobs } from '../../src/jobs/jobs.ts'
import { silentLogger } from '../../src/model/ports.ts'
import type { Holder } from '../../src/store/store.ts'
import { SqliteFile } from '../store/sqlite-file.ts'
import { jobsSuite } from './jobs-suite.ts'

jobsSuite('The embedded engine', async () => {
  const file = new SqliteFile()
  const holders = new Map<Jobs, Holder>()
  const dead = new Set<string>()
  return {
    async connect() {
      const holder: Holder = { id: `holder-${holders.size}`, host: 'host', pid: 4_711, startedAt: 0 }
      const isDead = ({ id }: Holder) => dead.has(id)
      const store = await file.connect({ clock: systemClock })
      const hold = holdLeases({ store, clock: systemClock, holder, isDead })
      const jobs = embeddedJobs({ clock: systemClock, logger: silentLogger, hold })
      holders.set(jobs, holder)
      return jobs
    },
    async kill(jobs) {
      dead.add(holders.get(jobs)?.id ?? '')
    },
    drop: () => file.drop(),
  }
})
