// Owns the job engine of one process: a queue in memory, and a lease in the store per key, so that of all processes that
// share a database one does a job. A key that another process holds is left to it; whoever submitted asks again if there
// is still something to do.

import type { Handle, Job, JobPorts, Jobs } from './jobs.ts'
import { underLease } from './under-lease.ts'

export function embeddedJobs(ports: JobPorts): Jobs {
  return new EmbeddedJobs(ports)
}

class EmbeddedJobs implements Jobs {
  readonly #ports: JobPorts
  readonly #waiting: Job[] = []
  /** Keys of jobs that wait or are being done. */
  readonly #known = new Set<string>()
  readonly #doing = new Set<Promise<void>>()
  readonly #stopped = new AbortController()
  #handle: Handle | undefined
  #together = 0

  constructor(ports: JobPorts) {
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
      const done = underLease(this.#ports, job, handle, this.#stopped.signal).finally(() => {
        this.#doing.delete(done)
        this.#known.delete(job.key)
        this.#begin()
      })
      this.#doing.add(done)
    }
  }
}
