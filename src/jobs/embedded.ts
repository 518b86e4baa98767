// Owns the job engine of one process: a queue in memory, and a lease in the store per key, so that of all processes that
// share a database one does a job. A key that another process holds is left to it; whoever submitted asks again if there
// is still something to do.

import { type Handle, type Job, type JobPorts, type Jobs, LANES, type Lane } from './jobs.ts'
import { underLease } from './under-lease.ts'

export function embeddedJobs(ports: JobPorts): Jobs {
  return new EmbeddedJobs(ports)
}

class Waiting {
  readonly jobs: Job[] = []
  /** Keys of jobs that wait or are being done. */
  readonly known = new Set<string>()
  readonly doing = new Set<Promise<void>>()
}

class EmbeddedJobs implements Jobs {
  readonly #ports: JobPorts
  readonly #lanes: Readonly<Record<Lane, Waiting>> = { due: new Waiting(), ordered: new Waiting() }
  readonly #stopped = new AbortController()
  #handle: Handle | undefined
  #together = 0

  constructor(ports: JobPorts) {
    this.#ports = ports
  }

  async submit(job: Job, lane: Lane = 'due'): Promise<'taken' | 'known'> {
    const { jobs, known } = this.#lanes[lane]
    if (known.has(job.key) || this.#stopped.signal.aborted) return 'known'
    known.add(job.key)
    jobs.push(job)
    this.#begin(lane)
    return 'taken'
  }

  work(handle: Handle, { together }: { readonly together: number }): void {
    this.#handle = handle
    this.#together = together
    for (const lane of LANES) this.#begin(lane)
  }

  async stop(graceMs: number): Promise<boolean> {
    this.#stopped.abort()
    const lanes = Object.values(this.#lanes)
    for (const { jobs, known } of lanes) for (const { key } of jobs.splice(0)) known.delete(key)
    const waited = new AbortController()
    const ended = Promise.all(lanes.flatMap(({ doing }) => [...doing])).then(() => waited.abort())
    await Promise.race([ended, this.#ports.clock.sleep(graceMs, waited.signal)])
    return lanes.every(({ doing }) => doing.size === 0)
  }

  #begin(lane: Lane): void {
    const handle = this.#handle
    const { jobs, known, doing } = this.#lanes[lane]
    if (!handle) return
    while (!this.#stopped.signal.aborted && doing.size < this.#together) {
      const job = jobs.shift()
      if (!job) return
      const done = underLease(this.#ports, job, handle, this.#stopped.signal).finally(() => {
        doing.delete(done)
        known.delete(job.key)
        this.#begin(lane)
      })
      doing.add(done)
    }
  }
}
