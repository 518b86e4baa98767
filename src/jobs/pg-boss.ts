// Owns the job engine of a server, shared by all processes of its database: pg-boss carries a job to one of them. It is a
// queue and nothing more. Whether a job may be done says the lease of its key in our store; when something is due says
// our store, too. So a job that is carried twice is done once, and one that is lost is submitted again.
//
// Terms of pg-boss: a job is *created*, *active* while a process has it, *completed* or *failed*. Its queues here, one for
// each lane, are `exclusive`: of jobs with one key there is one that is created or active. A process touches what it has; what nobody
// has touched for ten seconds fails, and its key is free again.

import { PgBoss } from 'pg-boss'
import { TidemarkError } from '../model/errors.ts'
import type { Json } from '../model/json.ts'
import { meaningOf, sqlState } from '../store/postgres/errors.ts'
import { type Address, addressOf } from '../store/postgres/url.ts'
import { type Handle, type Job, type JobPorts, type Jobs, LANES, type Lane } from './jobs.ts'
import { jobsSchema } from './jobs-schema.ts'
import { underLease } from './under-lease.ts'

/** A process that has not touched its jobs for so long is dead; pg-boss takes no less. In seconds. */
const HEARTBEAT_S = 10
/** How often a process touches its jobs, in milliseconds. */
const TOUCH_MS = 3_000
/** How often the processes look, one of them each time, for jobs that nobody touches. In seconds. */
const SUPERVISE_S = 2
/** A job is active for so long at most, whoever touches it; pg-boss takes no more. Our lease goes on. In seconds. */
const ACTIVE_MAX_S = 86_399
/** How long a job stays in the table when it is over, and how often such jobs are deleted, in seconds. */
const KEPT_S = 3_600
const TIDY_S = 600
/** How often a process looks for jobs of others, in milliseconds. */
const POLL_MS = 1_000
/** How long a key is known that was submitted, without asking the server again, in milliseconds. */
const KNOWN_MS = 2_000
/** One to look for jobs, one to submit some, one to look after them. */
const CONNECTIONS_MAX = 3
/** How long a connection to the server may take, in milliseconds. */
const CONNECT_MS = 10_000

/** @throws TidemarkError as opening the store does; jobs_unavailable */
export async function openSharedJobs(database: string, ports: JobPorts): Promise<Jobs> {
  const address = addressOf(database)
  const boss = new PgBoss({
    connectionString: address.url,
    schema: jobsSchema(address.schema),
    application_name: 'tidemark jobs',
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_MS,
    schedule: false,
    registerInstance: false,
    superviseIntervalSeconds: SUPERVISE_S,
    monitorIntervalSeconds: SUPERVISE_S,
    maintenanceIntervalSeconds: TIDY_S,
    // What a connection pooler can't carry, and nobody needs: due times are looked at every second.
    useListenNotify: false,
    openTelemetry: { enabled: false },
  })
  const tell = (level: 'debug' | 'warn', message: string) => ports.logger.event(level, 'jobs.trouble', { message })
  boss.on('error', ({ message }) => tell('warn', message))
  boss.on('warning', ({ message }) => tell('debug', message))
  try {
    await boss.start()
    for (const lane of LANES) {
      await boss.createQueue(lane, {
        policy: 'exclusive',
        retryLimit: 0,
        heartbeatSeconds: HEARTBEAT_S,
        expireInSeconds: ACTIVE_MAX_S,
        deleteAfterSeconds: KEPT_S,
      })
    }
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => {})
    throw unavailable(error, address)
  }
  return new SharedJobs(boss, ports)
}

/** A job as pg-boss has given it to this process. */
interface Fetched {
  readonly id: string
  /** Tells this time from one before it. */
  readonly retryCount: number
  readonly job: Job
}

interface Submitted {
  readonly job: Job
  readonly answer: (answer: 'taken' | 'known') => void
  readonly fail: (error: unknown) => void
}

class SharedJobs implements Jobs {
  readonly #boss: PgBoss
  readonly #ports: JobPorts
  readonly #lanes: Readonly<Record<Lane, SharedLane>>

  constructor(boss: PgBoss, ports: JobPorts) {
    this.#boss = boss
    this.#ports = ports
    this.#lanes = { due: new SharedLane('due', boss, ports), ordered: new SharedLane('ordered', boss, ports) }
  }

  async submit(job: Job, lane: Lane = 'due'): Promise<'taken' | 'known'> {
    return this.#lanes[lane].submit(job)
  }

  work(handle: Handle, { together }: { readonly together: number }): void {
    for (const lane of LANES) this.#lanes[lane].work(handle, together)
  }

  async stop(graceMs: number): Promise<boolean> {
    const stopped = await Promise.all(LANES.map((lane) => this.#lanes[lane].stop(graceMs)))
    // A server that is away must not keep the process from ending.
    const closed = new AbortController()
    const ended = this.#boss.stop({ graceful: false }).catch(() => {})
    void ended.then(() => closed.abort())
    await this.#ports.clock.sleep(graceMs, closed.signal)
    return stopped.every(Boolean)
  }
}

/** A queue of pg-boss, and what this process does of it. */
class SharedLane {
  readonly #queue: Lane
  readonly #boss: PgBoss
  readonly #ports: JobPorts
  readonly #stopped = new AbortController()
  /** Keys that were submitted a moment ago, the oldest first, with the end of it by the clock that never steps. */
  readonly #known = new Map<string, number>()
  /** What is submitted together goes to the server together. */
  #submitted: Submitted[] = []
  readonly #doing = new Map<Fetched, Promise<void>>()
  /** Ends the pause between two looks. */
  #wake = new AbortController()
  #working: Promise<unknown> = Promise.resolve()

  constructor(queue: Lane, boss: PgBoss, ports: JobPorts) {
    this.#queue = queue
    this.#boss = boss
    this.#ports = ports
  }

  async submit(job: Job): Promise<'taken' | 'known'> {
    const now = this.#ports.clock.mono()
    for (const [key, until] of this.#known) {
      if (until > now) break
      this.#known.delete(key)
    }
    if (this.#known.has(job.key) || this.#stopped.signal.aborted) return 'known'
    this.#known.set(job.key, now + KNOWN_MS)
    const { promise, resolve, reject } = Promise.withResolvers<'taken' | 'known'>()
    this.#submitted.push({ job, answer: resolve, fail: reject })
    if (this.#submitted.length === 1) queueMicrotask(() => void this.#insert())
    return promise
  }

  /** Never rejects: whoever submitted is told. */
  async #insert(): Promise<void> {
    const submitted = this.#submitted.splice(0)
    const rows = submitted.map(({ job: { key, data } }) => ({
      id: crypto.randomUUID(),
      singletonKey: key,
      data: { data },
    }))
    try {
      const taken = new Set(await this.#boss.insert(this.#queue, rows, { returnId: true }))
      if (taken.size > 0) this.#wake.abort()
      for (const [i, { answer }] of submitted.entries()) answer(taken.has(rows[i]!.id) ? 'taken' : 'known')
    } catch (error) {
      for (const { job, fail } of submitted) {
        this.#known.delete(job.key)
        fail(error)
      }
    }
  }

  work(handle: Handle, together: number): void {
    this.#working = Promise.all([this.#fetchAll(handle, together), this.#touchAll()])
  }

  /** Until it is stopped, and never rejects. */
  async #fetchAll(handle: Handle, together: number): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.#wake = new AbortController()
      const free = together - this.#doing.size
      const fetched = free > 0 ? await this.#fetch(free) : []
      for (const one of fetched) this.#do(one, handle)
      // What is taken or done meanwhile ends the pause.
      if (fetched.length === 0) await this.#pause(POLL_MS)
    }
  }

  async #fetch(batchSize: number): Promise<readonly Fetched[]> {
    try {
      const rows = await this.#boss.fetch<{ data: Json }>(this.#queue, { batchSize, includeMetadata: true })
      return rows
        .toSorted((a, b) => a.createdOn.getTime() - b.createdOn.getTime())
        .map(({ id, retryCount, singletonKey, data }) => {
          return { id, retryCount, job: { key: singletonKey ?? '', data: data.data } }
        })
    } catch (error) {
      this.#tell(error)
      return []
    }
  }

  #do(fetched: Fetched, handle: Handle): void {
    const done = underLease(this.#ports, fetched.job, handle, this.#stopped.signal)
      .then(() => this.#complete(fetched))
      .finally(() => {
        this.#doing.delete(fetched)
        this.#known.delete(fetched.job.key)
        this.#wake.abort()
      })
    this.#doing.set(fetched, done)
  }

  /** One that could not be told is touched no more: it fails, and is submitted again if there is anything left to do. */
  async #complete({ id, retryCount }: Fetched): Promise<void> {
    try {
      await this.#boss.complete(this.#queue, { id, retryCount })
    } catch (error) {
      this.#tell(error)
    }
  }

  async #touchAll(): Promise<void> {
    for (;;) {
      await this.#ports.clock.sleep(TOUCH_MS, this.#stopped.signal)
      if (this.#stopped.signal.aborted) return
      const active = [...this.#doing.keys()].map(({ id, retryCount }) => ({ id, retryCount }))
      if (active.length === 0) continue
      await this.#boss.touch(this.#queue, active).catch((error: unknown) => this.#tell(error))
    }
  }

  async #pause(ms: number): Promise<void> {
    await this.#ports.clock.sleep(ms, AbortSignal.any([this.#wake.signal, this.#stopped.signal]))
  }

  #tell(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    this.#ports.logger.event('warn', 'jobs.trouble', { message })
  }

  async stop(graceMs: number): Promise<boolean> {
    this.#stopped.abort()
    const waited = new AbortController()
    const ended = this.#working.then(() => Promise.all(this.#doing.values())).then(() => waited.abort())
    await Promise.race([ended, this.#ports.clock.sleep(graceMs, waited.signal)])
    return this.#doing.size === 0
  }
}

function unavailable(error: unknown, { schema, name }: Address): unknown {
  const meaning = meaningOf(error, name)
  if (!(meaning instanceof TidemarkError) || sqlState(error) === '42501') {
    const message = error instanceof Error ? error.message : String(error)
    const jobs = jobsSchema(schema)
    return new TidemarkError('jobs_unavailable', `The job queue of ${name} can’t be opened: ${message}.`, {
      scope: 'run',
      hint: `Let the role make a schema (GRANT CREATE ON DATABASE …), or make it for the role: CREATE SCHEMA ${jobs} AUTHORIZATION …`,
      cause: error,
    })
  }
  return meaning
}
