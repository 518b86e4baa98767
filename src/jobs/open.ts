// Owns which job engine a database has: a file the embedded one, a server pg-boss, which is loaded only there.

import { isPostgresUrl } from '../store/postgres/url.ts'
import { embeddedJobs } from './embedded.ts'
import type { JobPorts, Jobs } from './jobs.ts'

/** @throws TidemarkError as opening the store does; jobs_unavailable */
export async function openJobs(database: string, ports: JobPorts): Promise<Jobs> {
  if (!isPostgresUrl(database)) return embeddedJobs(ports)
  const { openSharedJobs } = await import('./pg-boss.ts')
  return openSharedJobs(database, ports)
}
