// Owns who carries orders out. Where this process works, its job engine does: it gives them to any worker of the database.
// Else workers elsewhere find them; and where none is there, or none can be, this process carries them out itself.

import type { Lane } from '../../jobs/jobs.ts'
import { errorReport } from '../../model/errors.ts'
import { tick } from '../../model/ports.ts'
import type { OrderPlace } from '../../store/store.ts'
import { SEEN_MS } from './process.ts'
import type { RunPorts } from './run.ts'

/** How many orders are looked at in one go. */
const LOOK_MAX = 1_000
/** How many runs of batches a process has at a time that has no job engine. */
const TOGETHER = 4
/** How often a process whose orders are left to workers looks whether one of them lives, in milliseconds. */
const WATCH_MS = 5_000

/** Hands the orders of a connection to a job engine. */
export type SubmitOrders = (connectionNo: number, lane: Lane) => Promise<unknown>

type Place = Pick<OrderPlace, 'connectionNo' | 'isOfBatch'>

export class OrderDesk {
  readonly #ports: () => RunPorts
  readonly #isShared: boolean
  readonly #carryOut: (connectionNo: number) => Promise<void>
  #submit: SubmitOrders | undefined
  /** The last order of a batch that was looked at, where there were more than are looked at in one go. */
  #looked = 0
  /** Connections whose orders are of batches and wait for this process. */
  readonly #waiting = new Set<number>()
  #together = 0
  #watching: Promise<void> | undefined

  constructor(ports: () => RunPorts, isShared: boolean, carryOut: (connectionNo: number) => Promise<void>) {
    this.#ports = ports
    this.#isShared = isShared
    this.#carryOut = carryOut
  }

  workWith(submit: SubmitOrders): () => void {
    this.#submit = submit
    return () => {
      this.#submit = undefined
    }
  }

  /** Finds orders that have not ended, and has them carried out; but for those of some connections. */
  async giveAll(except: Iterable<number>): Promise<void> {
    const left = new Set(except)
    do {
      const found = await this.#ports().store.orders.places({ behind: this.#looked, limit: LOOK_MAX })
      const last = found.at(-1)
      this.#looked = found.length === LOOK_MAX && last?.isOfBatch ? last.no : 0
      const fresh = found.filter(({ connectionNo }) => !left.has(connectionNo))
      // One for each connection: the first, for what a person asks for stands before what is of a batch.
      const seen = new Set<number>()
      await this.give(fresh.filter(({ connectionNo }) => !seen.has(connectionNo) && seen.add(connectionNo)))
      // A job engine is asked again every second; else nobody is.
    } while (this.#looked > 0 && !this.#submit)
  }

  /** Returns when it has begun. Never throws: what can't be given now is given when it is looked for again. */
  async give(places: readonly Place[]): Promise<void> {
    if (places.length === 0) return
    try {
      const submit = this.#submit
      if (submit) {
        await Promise.all(
          places.map(({ connectionNo, isOfBatch }) => submit(connectionNo, isOfBatch ? 'due' : 'ordered')),
        )
      } else if (await this.#othersWork()) this.#watch()
      else for (const place of places) this.#here(place)
    } catch (error) {
      const { code, message } = errorReport(error)
      this.#ports().logger.event('error', 'orders.failed', { code, message })
    }
  }

  #here({ connectionNo, isOfBatch }: Place): void {
    if (!isOfBatch) return void this.#carryOut(connectionNo)
    this.#waiting.add(connectionNo)
    this.#next(this.#ports().closing)
  }

  #next(closing: AbortSignal | undefined): void {
    for (const connectionNo of this.#waiting) {
      if (this.#together >= TOGETHER || closing?.aborted) return
      this.#waiting.delete(connectionNo)
      this.#together++
      void this.#carryOut(connectionNo).finally(() => {
        this.#together--
        this.#next(closing)
      })
    }
  }

  /** Whether a worker that is not this process lives, as far as can be known. */
  async #othersWork(): Promise<boolean> {
    if (!this.#isShared) return false
    const { store, clock, holder, isDead } = this.#ports()
    const workers = await store.workers.list(clock.now() - SEEN_MS)
    return workers.some(({ holder: other }) => other.id !== holder.id && !isDead(other))
  }

  /** Orders are done, also where the workers that they were left to have gone. */
  #watch(): void {
    if (this.#watching) return
    const { underWay } = this.#ports()
    const watching = this.#untilOthersGo().finally(() => {
      underWay?.delete(watching)
      this.#watching = undefined
    })
    this.#watching = watching
    underWay?.add(watching)
  }

  async #untilOthersGo(): Promise<void> {
    const { clock, closing } = this.#ports()
    for (;;) {
      await tick(clock, WATCH_MS, closing)
      if (closing?.aborted || this.#submit) return
      try {
        const { store } = this.#ports()
        if ((await store.orders.places({ behind: 0, limit: 1 })).length === 0) return
        if (await this.#othersWork()) continue
        return await this.giveAll([])
      } catch {
        // The database is away; looked at again.
      }
    }
  }
}
