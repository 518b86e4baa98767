// Owns the job engine of one process: a queue in memory, and a lease in the store per key, so that of all processes that
// share a database one does a job. A key that another process holds is left to it; whoever submitted asks again if there
// is still something to do.

import { errorReport } from '../model/errors.ts'
import type { Clock, Logger } from '../model/ports.ts'
import type { Handle, Job, Jobs } from './jobs.ts'

/** The right to a key: kept alive until it is given back. */
export interface Hold {
  release(): Promise<void>
}

export interface EmbeddedPorts {
  readonly clock: Clock
  readonly logger: Logger
  /**
   * Takes the lease of a resource and prolongs it; `lost` is called when it is somebody else's. Undefined: another
   * process holds it, and lives.
   */
  readonly hold: (resource: string, lost: () => void) => Promise<Hold | undefined>
}

export function embeddedJobs(ports: EmbeddedPorts): Jobs {
  return new EmbeddedJobs(ports)
}

class EmbeddedJobs implements Jobs {
  readonly #ports: EmbeddedPorts
  readonly #waiting: Job[] = []
  /** Keys of jobs that wait or are being done. */
  readonly #known = new Set<string>()
  readonly #doing = new Set<Promise<void>>()
  readonly #stopped = new AbortController()
  #handle: Handle | undefined
  #together = 0

  constructor(ports: EmbeddedPorts) {
    this.#ports = ports
  }

  async submit(job: Job): Promise<'taken' | 'known'> {
    if (this.#known.has(job.key) || this.#stopped.signal.aborted) return 'known'
    this.#known.add(job.key)
    this.#waiting.push(job)
    this.#begin()
    return 'taken'
  }

  work(handle: Handle, { together }: { readonly together: number }): void {
    this.#handle = handle
    this.#together = together
    this.#begin()
  }

  async stop(graceMs: number): Promise<boolean> {
    this.#stopped.abort()
    for (const { key } of this.#waiting.splice(0)) this.#known.delete(key)
    const waited = new AbortController()
    const ended = Promise.all(this.#doing).then(() => waited.abort())
    await Promise.race([ended, this.#ports.clock.sleep(graceMs, waited.signal)])
    return this.#doing.size === 0
  }

  #begin(): void {
    const handle = this.#handle
    if (!handle) return
    while (!this.#stopped.signal.aborted && this.#doing.size < this.#together) {
      const job = this.#waiting.shift()
      if (!job) return
      const done = this.#do(job, handle).finally(() => {
        this.#doing.delete(done)
        this.#known.delete(job.key)
        this.#begin()
      })
      this.#doing.add(done)
    }
  }

  /** Never rejects: what goes wrong with one job is no reason not to do the next. */
  async #do(job: Job, handle: Handle): Promise<void> {
    const { clock, logger, hold } = this.#ports
    const lost = new AbortController()
    try {
      // A thousand jobs that find nothing to do must not keep the server from answering in between.
      await clock.sleep(0)
      if (this.#stopped.signal.aborted) return
      const held = await hold(`job:${job.key}`, () => lost.abort())
      if (!held) return logger.event('debug', 'job.held', { key: job.key })
      try {
        await handle(job, AbortSignal.any([lost.signal, this.#stopped.signal]))
      } finally {
        await held.release()
      }
    } catch (error) {
      const { code, message } = errorReport(error)
      logger.event('error', 'job.failed', { key: job.key, code, message })
    }
  }
}
