// Owns orders that were accepted: each is carried out once, in the order in which they came, by the process that has the
// right to the orders of their connection. What a process leaves when it ends, the next one carries out, or another one.
// Who that is says the desk: the workers of the database, or this process where none is there.

import type { Connector } from '../../connector/connector.ts'
import { meaningOfCode } from '../../model/error-table.ts'
import { type ErrorReport, errorReport, retold, TidemarkError } from '../../model/errors.ts'
import type { Json } from '../../model/json.ts'
import type { ConnectionRow, NewBatch, OrderRow, RunRow } from '../../store/store.ts'
import { type Asked, askedJson, askedOf, leftOf } from './asked.ts'
import { attachOrStart, covers, isAnswer, LOOK_EVERY_MS } from './attach.ts'
import { settleBatches } from './batches.ts'
import { giveBack, startHeartbeat, takeLease } from './lease.ts'
import { OrderDesk } from './order-desk.ts'
import { type RunPorts, runConnection } from './run.ts'
import { connectionPaused } from './standing.ts'

/** Orders of a connection that may wait. */
export const ORDERS_MAX = 100
/** Orders of a project that are kept when they have ended, the newest. */
export const ENDED_MAX = 1_000
/** Batches of a project whose summaries are kept, the newest: the runs themselves are in the list of runs. */
export const BATCHES_MAX = 1_000
/** Runs among which one is looked for that has done what was ordered. */
const RUNS_LOOKED_AT = 20
/** How long a connection is left alone whose orders another process carries out, in milliseconds. */
const BUSY_MS = 5_000

/** An order of which somebody wants to know whether it has begun; `all` are the names of all streams of the connection. */
type Followed = Asked & Pick<OrderRow, 'id' | 'project' | 'connectionNo'> & { readonly all: readonly string[] }

export interface Begun {
  /** The id of a run. */
  readonly run: string
  /** It was under way, or was ordered by somebody else. */
  readonly isJoined: boolean
}

/** Throws connector_unknown where its code is not in this process. */
export type ConnectorOf = (row: ConnectionRow) => Promise<Connector>

/** What a batch asks of a connection; with an error, nothing can be. */
export interface AskedOf {
  readonly connectionNo: number
  readonly asked: Asked
  readonly error: ErrorReport | null
}

export interface OrdersPorts {
  readonly run: () => RunPorts
  readonly connectorOf: ConnectorOf
  /** Whether processes on other machines may work on the database. */
  readonly isShared: boolean
  /** Resolves when what follows the runs of this process is done. */
  readonly settled: () => Promise<void>
}

export class Orders {
  readonly #ports: () => RunPorts
  readonly #connectorOf: ConnectorOf
  /** Resolves when what follows the runs of this process is done. */
  readonly settled: () => Promise<void>
  readonly #desk: OrderDesk
  /** Connections whose orders are carried out here now. */
  readonly #busy = new Set<number>()
  /** Connections with orders that were not there when they were last looked for. */
  readonly #wanted = new Set<number>()
  /** Connections that are left alone, with the end of it by the clock that never steps. */
  readonly #later = new Map<number, number>()
  readonly #listeners = new Set<() => void>()

  constructor({ run, connectorOf, isShared, settled }: OrdersPorts) {
    this.#ports = run
    this.#connectorOf = connectorOf
    this.settled = settled
    this.#desk = new OrderDesk(run, isShared, (connectionNo) => this.carryOut(connectionNo))
  }

  /** From now on the workers of a job engine carry orders out, and this process with them. Returns what ends it. */
  workWith: OrderDesk['workWith'] = (submit) => this.#desk.workWith(submit)

  /** Writes an order down and begins to carry it out. @throws TidemarkError orders_full (wait) */
  async accept({ no, id: connection }: Pick<ConnectionRow, 'no' | 'id'>, asked: Asked, named?: string) {
    const { store, clock, chance } = this.#ports()
    if ((await store.orders.count(no)) >= ORDERS_MAX) {
      throw new TidemarkError('orders_full', `${ORDERS_MAX} runs of "${connection}" are ordered and wait already.`)
    }
    const at = clock.now()
    const id = named ?? chance.id(at)
    await store.orders.add({ id, connectionNo: no, at, asked: askedJson(asked) })
    this.#later.delete(no)
    await this.#desk.give([{ connectionNo: no, isOfBatch: false }])
    return id
  }

  /** Writes a batch down with all of its orders, and begins to have them carried out. */
  async acceptAll(batch: NewBatch, all: readonly AskedOf[]): Promise<void> {
    const { store, chance } = this.#ports()
    const orders = all.map(({ connectionNo, asked, error }) => {
      return { id: chance.id(batch.at), connectionNo, asked: askedJson(asked), error: error as unknown as Json }
    })
    await store.batches.begin(batch, orders, BATCHES_MAX)
    await settleBatches(this.#ports())
    await this.#desk.giveAll([])
  }

  /** Resolves when a batch has ended, and when this process does. */
  async endOf({ project, id }: Pick<NewBatch, 'project' | 'id'>): Promise<void> {
    const { store, clock } = this.#ports()
    for (;;) {
      const told = new AbortController()
      const listen = () => told.abort()
      this.#listeners.add(listen)
      try {
        const batch = await store.batches.find(project, id)
        if (!batch || batch.finished.length === batch.projects.length || this.#isClosing) return
        await clock.sleep(LOOK_EVERY_MS, told.signal)
      } finally {
        this.#listeners.delete(listen)
      }
    }
  }

  /**
   * What became of an order within `ms`: the run that does it has begun, or one does that somebody else has asked for.
   * Undefined: neither.
   *
   * @throws TidemarkError what the order has ended with before a run began
   */
  async begun({ id, project, connectionNo, ...asked }: Followed, ms: number): Promise<Begun | undefined> {
    const { store, clock, isDead, events } = this.#ports()
    for (const end = clock.mono() + ms; ; ) {
      const told = new AbortController()
      const listen = () => told.abort()
      this.#listeners.add(listen)
      const deaf = events.listen(({ type }) => type === 'run.started' && listen())
      try {
        const order = await store.orders.find(project, id)
        if (order?.error) throw retold(order.error as unknown as ErrorReport, {})
        if (order?.run) return { run: order.run, isJoined: false }
        const [active] = await store.runs.list({ project, connectionNo, statuses: ['running'], limit: 1 })
        const isOurs = active && !isDead(active.holder) && covers(active, asked)
        if (isOurs && (await store.orders.join(id, { at: clock.now(), run: active.id, error: null }))) {
          return { run: active.id, isJoined: true }
        }
        const left = end - clock.mono()
        if (left <= 0 || order === undefined || order.endedAt !== null) return undefined
        await clock.sleep(Math.min(left, LOOK_EVERY_MS), told.signal)
      } finally {
        this.#listeners.delete(listen)
        deaf()
      }
    }
  }

  /** Has the orders of every connection carried out that nobody does, and tells what batches came to. */
  async carryOutAll(): Promise<void> {
    const { clock } = this.#ports()
    for (const [no, until] of this.#later) if (until <= clock.mono()) this.#later.delete(no)
    await this.#desk.giveAll([...this.#busy, ...this.#later.keys()])
    await settleBatches(this.#ports())
  }

  /** Carries out the orders of a connection, one after the other, until the signal aborts. Never throws. */
  async carryOut(connectionNo: number, signal?: AbortSignal): Promise<void> {
    this.#wanted.add(connectionNo)
    if (this.#busy.has(connectionNo)) return
    this.#busy.add(connectionNo)
    const { underWay } = this.#ports()
    const done = this.#work(connectionNo, signal).finally(() => underWay?.delete(done))
    underWay?.add(done)
    await done
  }

  async #work(connectionNo: number, signal: AbortSignal | undefined): Promise<void> {
    const { logger } = this.#ports()
    try {
      while (this.#wanted.delete(connectionNo) && !this.#isClosing) await this.#underLease(connectionNo, signal)
    } catch (error) {
      const { code, message } = errorReport(error)
      logger.event('error', 'orders.failed', { code, message })
    } finally {
      this.#busy.delete(connectionNo)
    }
  }

  get #isClosing(): boolean {
    return this.#ports().closing?.aborted === true
  }

  async #underLease(connectionNo: number, signal: AbortSignal | undefined): Promise<void> {
    const ports = this.#ports()
    const taken = await takeLease(ports, `orders:${connectionNo}`)
    if ('heldBy' in taken) return this.#leaveAlone(connectionNo)
    const lost = new AbortController()
    const heartbeat = startHeartbeat(ports, taken.lease, { lost: () => lost.abort(), beat: async () => {} })
    const ends = signal ? AbortSignal.any([lost.signal, signal]) : lost.signal
    try {
      for (;;) {
        const [order] = await ports.store.orders.open({ connectionNo, limit: 1 })
        if (!order || ends.aborted || this.#isClosing) return
        if (!(await this.#carryOut(order, ends))) return this.#leaveAlone(connectionNo)
        if (order.batch !== null && !(await ports.store.batches.hasOpen(order.batch))) await settleBatches(ports)
        this.#tell()
      }
    } finally {
      heartbeat.stop()
      await giveBack(ports, taken.lease)
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  #leaveAlone(connectionNo: number): void {
    this.#later.set(connectionNo, this.#ports().clock.mono() + BUSY_MS)
  }

  /** False: it is left as it is, for another process or a later moment. */
  async #carryOut(order: OrderRow, signal: AbortSignal): Promise<boolean> {
    try {
      const run = await this.#runOf(order, signal)
      if (run && (await this.#isReleased(run, signal))) return false
      // Blends are made of what was read before anybody hears that it was.
      if (order.batch !== null) await this.settled()
      await this.#end(order, run?.id ?? order.run, null)
      return true
    } catch (error) {
      const report = errorReport(error)
      if (report.code === 'order_ended') return true
      if (this.#isClosing || signal.aborted || isForLater(report)) return false
      await this.#end(order, null, report)
      return true
    }
  }

  /** The run that has done it; undefined: nothing of it is left, or its connection is gone. */
  async #runOf(order: OrderRow, signal: AbortSignal): Promise<RunRow | undefined> {
    const ports = this.#ports()
    const { store } = ports
    const connection = await store.connections.find(order.project, order.connection)
    if (!connection) return undefined
    const before = order.run === null ? undefined : await store.runs.find(order.project, order.run)
    const asked = leftOf(askedOf(order.asked), before, before !== undefined && (await this.#isStopped(before)))
    if (!asked) return before
    const connector = await this.#connectorOf(connection)
    const all = Object.keys(connector.streams)
    const done = (await this.#runsSince(order)).find((run) => isAnswer(run) && covers(run, { ...asked, all }))
    if (done) return done
    if (connection.paused.length > 0) throw connectionPaused(connection, connector)
    const told = { ...asked, all, signal }
    const start = () => runConnection(ports, connector, connection, { ...told, order: orderOf(order, asked) })
    return attachOrStart(ports, connection, told, start)
  }

  /** Runs that began after it was given: what one of them has done, it asks for no more. */
  async #runsSince({ project, connectionNo, at, run }: OrderRow): Promise<readonly RunRow[]> {
    const runs = await this.#ports().store.runs.list({ project, connectionNo, limit: RUNS_LOOKED_AT })
    return runs.filter(({ id, startedAt }) => startedAt >= at && id !== run)
  }

  async #isStopped({ no }: RunRow): Promise<boolean> {
    return this.#ports().store.runs.cancelRequested(no)
  }

  /** Whether a run has stopped because its process ends, and nobody wanted it to. */
  async #isReleased(run: RunRow, ends: AbortSignal): Promise<boolean> {
    return (this.#isClosing || ends.aborted) && run.status === 'cancelled' && !(await this.#isStopped(run))
  }

  async #end({ id }: OrderRow, run: string | null, error: ErrorReport | null): Promise<void> {
    const { store, clock } = this.#ports()
    await store.orders.end(id, { at: clock.now(), run, error: error as Json }, ENDED_MAX)
  }
}

function orderOf({ id }: OrderRow, asked: Asked) {
  return { id, asked: askedJson(asked) }
}

/** Another process can do it, or this one later. */
function isForLater({ code, verdict }: ErrorReport): boolean {
  if (verdict === 'yield' || code === 'connector_unknown' || code === 'closed') return true
  return meaningOfCode(code).section === 'The database'
}
