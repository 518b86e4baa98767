// Owns the loop that keeps schedules: every second it hands what is due to the job engine, which gives each connection
// its turn. When it begins, and every minute, it also takes up runs whose process has died. Two of these loops on one database are no
// harm: a turn begins by looking whether there is anything left to do.

import type { Job, Jobs } from '../../jobs/jobs.ts'
import { errorReport } from '../../model/errors.ts'
import { isObject } from '../../model/json.ts'
import type { RunReport } from '../../model/run.ts'
import type { Holder, RunRow, SchedulePosition, ScheduleRow } from '../../store/store.ts'
import { RETRY_MAX_MS, setRight } from '../due/next-run.ts'
import { type ReadPorts, readInbox } from '../inbox/read-inbox.ts'
import { isHeld } from '../runs/lease.ts'
import type { Orders } from '../runs/orders.ts'
import { instant } from '../runs/report.ts'
import { notRun, type ScheduledPorts, type StartRun, type Turn, takeTurn } from './scheduled-run.ts'

/** How often due schedules are looked for, in milliseconds. */
export const TICK_MS = 1_000
/** How many due schedules are looked at in one tick; the next tick looks at those after them. */
export const DUE_MAX = 1_000
/** Scheduled runs at a time, in one process. */
export const RUNS_TOGETHER = 8
/** How long a connection is left alone that somebody else runs now, in milliseconds. */
export const BUSY_MS = 5_000
/** How long one is left alone at first whose connector this process does not have, twice as long each time, … */
export const AWAY_FIRST_MS = 60_000
/** … and so long at most. */
export const AWAY_MAX_MS = 600_000
/** How long runs under way may take to come to a clean end when the worker stops, in milliseconds. */
export const STOP_GRACE_MS = 10_000
/** How often runs are looked for whose process has died, in milliseconds, … */
export const TAKE_UP_MS = 5_000
/** … and how many are taken up then, at most, per project. */
export const INTERRUPTED_MAX = 1_000
/** How long one is left alone that could not be taken up, in milliseconds. */
const VAIN_MS = 60_000
/** How often a process tells that it works, in milliseconds. */
export const BEAT_MS = 5_000
/** One that has not told so is forgotten after an hour. */
const FORGOTTEN_MS = 3_600_000
/** How often schedules are looked for that lie too far ahead, in milliseconds. */
export const LOOK_AHEAD_MS = 60_000

export interface SchedulerPorts extends ScheduledPorts {
  readonly jobs: Jobs
  /** This process. */
  readonly holder: Holder
  readonly start: StartRun
  /** Throws connector_unknown for one that this process does not have. */
  readonly connectorOf: ReadPorts['connectorOf']
  /** Carries out what was ordered and nobody carries out. */
  readonly orders: Pick<Orders, 'carryOut' | 'carryOutAll' | 'workWith'>
  /** Sends the webhooks that are due. Never throws. */
  readonly sendDue: (signal: AbortSignal) => Promise<void>
  /** Whether a holder on this host is known to be dead. */
  readonly isDead: (holder: Holder) => boolean
}

/** A scheduled run that is over, and when the connection runs next. */
export interface ScheduledRun {
  readonly report: RunReport
  readonly nextAt: number | null
}

export interface SchedulerOptions {
  readonly signal: AbortSignal
  readonly onRun?: ((run: ScheduledRun) => void) | undefined
}

/** Keeps schedules until the signal aborts; resolves when the runs under way have ended, or their grace has. */
export async function keepSchedules(ports: SchedulerPorts, { signal, onRun }: SchedulerOptions): Promise<void> {
  const { clock, logger, jobs } = ports
  const scheduler = new Scheduler(ports, onRun)
  jobs.work((job, stopping) => scheduler.handle(job, stopping), { together: RUNS_TOGETHER })
  const endOrders = ports.orders.workWith((connectionNo, lane) =>
    jobs.submit({ key: `${ORDERS}:${connectionNo}`, data: { [ORDERS]: connectionNo } }, lane),
  )
  logger.event('info', 'scheduler.started', {})
  const startedAt = clock.now()
  let takeUpAt = clock.mono()
  let beatAt = takeUpAt
  for (let lookAheadAt = takeUpAt; !signal.aborted; ) {
    if (clock.mono() >= beatAt) {
      beatAt = clock.mono() + BEAT_MS
      await scheduler.careful(() => scheduler.beat(startedAt))
    }
    if (clock.mono() >= takeUpAt) {
      takeUpAt = clock.mono() + TAKE_UP_MS
      await scheduler.careful(() => scheduler.takeUpInterrupted())
    }
    if (clock.mono() >= lookAheadAt) {
      lookAheadAt = clock.mono() + LOOK_AHEAD_MS
      scheduler.lookAhead()
    }
    await scheduler.careful(() => scheduler.tick())
    await scheduler.careful(() => scheduler.lookIntoInbox())
    await scheduler.careful(() => ports.orders.carryOutAll())
    scheduler.send(signal)
    await scheduler.careful(() => scheduler.setAheadRight())
    await clock.sleep(TICK_MS, signal)
  }
  endOrders()
  const ended = await jobs.stop(STOP_GRACE_MS)
  await scheduler.sent
  await scheduler.careful(() => ports.store.workers.gone(ports.holder.id))
  logger.event('info', 'scheduler.stopped', { ended })
}

/** What the job of a connection's orders is named by. */
const ORDERS = 'orders'

interface Task {
  readonly project: string
  readonly connection: string
  readonly connectionNo: number
  /** The interrupted run to take up. */
  readonly run: string | null
}

class Scheduler {
  readonly #ports: SchedulerPorts
  readonly #onRun: ((run: ScheduledRun) => void) | undefined
  /** Connections that are left alone for a while, with the end of it by the monotonic clock. */
  readonly #later = new Map<number, number>()
  /** How long those were left alone last whose connector is not here, in milliseconds. */
  readonly #away = new Map<number, number>()
  /** Interrupted runs that could not be taken up, with the end of leaving them alone. */
  readonly #inVain = new Map<string, number>()
  /** The last due schedule that was looked at, where there were more than one tick looks at. */
  #looked: ScheduleRow | undefined
  /** Up to where it was looked for schedules that lie too far ahead; undefined: that is done for now. */
  #ahead: SchedulePosition | undefined
  #lastNow = 0
  /** What is being sent, until it is. */
  sent: Promise<void> | undefined

  constructor(ports: SchedulerPorts, onRun: SchedulerOptions['onRun']) {
    this.#ports = ports
    this.#onRun = onRun
  }

  /** A database that can't be reached now is no reason to give up. */
  async careful(act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      const { code, message } = errorReport(error)
      this.#ports.logger.event('error', 'scheduler.failed', { code, message })
    }
  }

  /** Tells that this process works. */
  async beat(startedAt: number): Promise<void> {
    const { store, clock, holder } = this.#ports
    const seenAt = clock.now()
    await store.workers.beat({ holder, startedAt, seenAt, together: RUNS_TOGETHER }, seenAt - FORGOTTEN_MS)
  }

  async tick(): Promise<void> {
    const { store, clock } = this.#ports
    for (const [no, until] of this.#later) if (until <= clock.mono()) this.#later.delete(no)
    const due = await store.schedules.due(clock.now(), DUE_MAX, this.#looked)
    // Those that can't be run here stay due: the ones behind them get their turn all the same.
    this.#looked = due.length === DUE_MAX ? due.at(-1) : undefined
    // Together, so that a job engine elsewhere is asked once.
    await Promise.all(
      due.map(({ project, connection, connectionNo }) =>
        this.#submit({ project, connection, connectionNo, run: null }),
      ),
    )
  }

  /** Sends webhooks beside everything else: who takes them slowly keeps no run waiting. */
  send(signal: AbortSignal): void {
    this.sent ??= this.#ports.sendDue(signal).finally(() => {
      this.sent = undefined
    })
  }

  /** Connections that webhooks have told of something. */
  async lookIntoInbox(): Promise<void> {
    const { store, clock } = this.#ports
    for (const place of await store.inbox.due(clock.now(), DUE_MAX)) await this.#submit({ ...place, run: null })
  }

  /** Begins to look for schedules that lie too far ahead. */
  lookAhead(): void {
    const { clock } = this.#ports
    this.#lastNow = clock.now()
    // Whatever is nearer is right, whatever it says.
    this.#ahead = { nextAt: this.#lastNow + RETRY_MAX_MS, connectionNo: 0, stream: '' }
  }

  /**
   * Schedules that were moved on by a clock that was wrong would stand still until its time came. A clock of this process
   * that is behind must not draw them back: they are moved only where the store's clock says so, too.
   */
  async setAheadRight(): Promise<void> {
    const { store, clock, logger } = this.#ports
    if (clock.now() < this.#lastNow) this.lookAhead()
    this.#lastNow = clock.now()
    if (!this.#ahead) return
    const rows = await store.schedules.due(Number.MAX_SAFE_INTEGER, DUE_MAX, this.#ahead)
    this.#ahead = rows.length === DUE_MAX ? rows.at(-1) : undefined
    const now = Math.max(clock.now(), await store.now())
    for (const row of rows) {
      const nextAt = aheadSetRight(row, now)
      if (nextAt === undefined || !(await store.schedules.advance(row, { expect: row.nextAt, nextAt, lastAt: null })))
        continue
      const { connection, stream } = row
      const why = `a clock was wrong (${instant(row.nextAt)})`
      logger.event('warn', 'schedule.moved', { connection, stream, next: instant(nextAt), why })
    }
  }

  /** Runs that are open and whose process is dead, or has lost its lease: they go on where they stood. */
  async takeUpInterrupted(): Promise<void> {
    const { store, clock } = this.#ports
    for (const [id, until] of this.#inVain) if (until <= clock.mono()) this.#inVain.delete(id)
    // Those go on with their order.
    const ordered = new Set((await store.orders.open({ begun: true, limit: INTERRUPTED_MAX })).map(({ run }) => run))
    for (const { id: project } of await store.projects.list()) {
      const open = await store.runs.list({ project, statuses: ['running'], limit: INTERRUPTED_MAX })
      for (const run of open) {
        const { id, connection, connectionNo } = run
        if (ordered.has(id) || this.#inVain.has(id) || !goesOn(run)) continue
        if (await this.#isInterrupted(run)) await this.#submit({ project, connection, connectionNo, run: id })
      }
    }
  }

  async #isInterrupted({ holder, connectionNo }: Pick<RunRow, 'holder' | 'connectionNo'>): Promise<boolean> {
    return this.#ports.isDead(holder) || !(await isHeld(this.#ports, `connection:${connectionNo}`))
  }

  async #submit(task: Task): Promise<void> {
    if (this.#later.has(task.connectionNo)) return
    await this.#ports.jobs.submit({ key: `connection:${task.connectionNo}`, data: { ...task } })
  }

  async handle(job: Job, signal: AbortSignal): Promise<void> {
    const ordered = isObject(job.data) ? job.data[ORDERS] : undefined
    if (typeof ordered === 'number') return this.#ports.orders.carryOut(ordered, signal)
    const task = taskOf(job)
    if (!task) return
    try {
      if (task.run !== null) await this.#takeUp(task, task.run, signal)
      const turn =
        (await this.#readInbox(task, signal)) ?? (await takeTurn(this.#ports, task, this.#ports.start, signal))
      if (turn.kind === 'away') this.#leaveAlone(task, this.#awayMs(task))
      else this.#away.delete(task.connectionNo)
      if (turn.kind === 'later') this.#leaveAlone(task)
      this.#tell(turn)
    } catch (error) {
      this.#leaveAlone(task)
      throw error
    }
  }

  /** What webhooks have told of is read before what is scheduled; a turn where that could not be. */
  async #readInbox(task: Task, signal: AbortSignal): Promise<Turn | undefined> {
    const start: ReadPorts['start'] = (row, order) =>
      this.#ports.start(row, { mode: 'auto', fullMayWait: true, ...order })
    try {
      const reports = await readInbox({ ...this.#ports, start }, task, signal)
      for (const report of reports) this.#tell({ kind: 'ran', report, nextAt: null })
      return undefined
    } catch (error) {
      const turn = notRun(error, signal)
      if (turn) return turn
      throw error
    }
  }

  async #takeUp(task: Task, id: string, signal: AbortSignal): Promise<void> {
    const { store, start, logger } = this.#ports
    const connection = await store.connections.find(task.project, task.connection)
    if (!connection || connection.paused.length > 0) return
    const before = await store.runs.find(task.project, id)
    if (!isOpen(before) || !(await this.#isInterrupted(before))) return
    // One that ends frees its lease afterwards.
    const interrupted = await store.runs.find(task.project, id)
    if (!isOpen(interrupted) || !goesOn(interrupted)) return
    logger.event('info', 'run.resumed', { run: id, connection: connection.id })
    const { mode, streams } = interrupted
    try {
      const report = await start(connection, { mode, streams, fullMayWait: false, signal })
      this.#tell({ kind: 'ran', report, nextAt: null })
    } catch (error) {
      // Whoever is faster goes on with it; what can't be run now is for a person or for its schedule.
      this.#inVain.set(id, this.#ports.clock.mono() + VAIN_MS)
      const { code, message } = errorReport(error)
      logger.event('warn', 'schedule.failed', { connection: connection.id, code, message })
    }
  }

  #leaveAlone({ connectionNo }: Task, ms = BUSY_MS): void {
    this.#later.set(connectionNo, this.#ports.clock.mono() + ms)
  }

  /** How long one is left alone now whose connector is not here. */
  #awayMs({ connection, connectionNo }: Task): number {
    const before = this.#away.get(connectionNo)
    const ms = before === undefined ? AWAY_FIRST_MS : Math.min(AWAY_MAX_MS, 2 * before)
    this.#away.set(connectionNo, ms)
    this.#ports.logger.event('info', 'schedule.away', { connection, waitMs: ms })
    return ms
  }

  #tell(turn: Turn): void {
    if (turn.kind === 'ran') this.#onRun?.({ report: turn.report, nextAt: turn.nextAt })
  }
}

/** See `setRight`. One that another version wrote and this one can't read is left as it is. */
function aheadSetRight(row: ScheduleRow, now: number): number | undefined {
  try {
    return setRight(row, { now, streams: [], runs: [] })
  } catch {
    return undefined
  }
}

/** What was read by a filter or a range left no state to go on from; and what a cap allowed, nobody knows any more. */
function goesOn({ partial, capped }: RunRow): boolean {
  return !partial && !capped
}

function isOpen(run: RunRow | undefined): run is RunRow {
  return run?.status === 'running'
}

/** The task of a job. What another version submitted and this one can't read is none. */
function taskOf({ data }: Job): Task | undefined {
  if (!isObject(data)) return undefined
  const { project, connection, connectionNo, run } = data
  const isTask = typeof project === 'string' && typeof connection === 'string' && typeof connectionNo === 'number'
  return isTask ? { project, connection, connectionNo, run: typeof run === 'string' ? run : null } : undefined
}
