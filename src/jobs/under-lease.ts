// Owns how every job engine does a job: under the lease of its key in the store, which is the only right to do it.

import { errorReport } from '../model/errors.ts'
import type { Handle, Job, JobPorts } from './jobs.ts'

/** Does a job if nobody else does. Never rejects: what goes wrong with one job is no reason not to do the next. */
export async function underLease(
  { clock, logger, hold }: JobPorts,
  job: Job,
  handle: Handle,
  stopped: AbortSignal,
): Promise<void> {
  const lost = new AbortController()
  try {
    // A thousand jobs that find nothing to do must not keep the server from answering in between.
    await clock.sleep(0)
    if (stopped.aborted) return
    const held = await hold(`job:${job.key}`, () => lost.abort())
    if (!held) return logger.event('debug', 'job.held', { key: job.key })
    try {
      await handle(job, AbortSignal.any([lost.signal, stopped]))
    } finally {
      await held.release()
    }
  } catch (error) {
    const { code, message } = errorReport(error)
    logger.event('error', 'job.failed', { key: job.key, code, message })
  }
}
