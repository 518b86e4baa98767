// Owns when connections and streams are due.

export interface ScheduleStore {
  /** Sets the schedule of a connection, or of one of its streams. */
  save(schedule: ScheduleRow): Promise<void>
  /** False: there was none. */
  drop(place: SchedulePlace): Promise<boolean>
  /** Of one project (and there of one connection), or of all; in order of connection and stream. */
  list(project?: string, connectionNo?: number): Promise<readonly ScheduleRow[]>
  /** Those whose time has come by `now`, the longest overdue first; with `after`: the next ones of this order. */
  due(now: number, limit: number, after?: SchedulePosition): Promise<readonly ScheduleRow[]>
  /**
   * Moves a schedule on, if it still stands at `expect`: of two processes, one does. `lastAt` null: it did not run, and
   * what was there stays.
   */
  advance(place: SchedulePlace, move: { expect: number; nextAt: number; lastAt: number | null }): Promise<boolean>
}

/** A connection, or with `stream` other than '', one of its streams. */
export interface SchedulePlace {
  readonly connectionNo: number
  readonly stream: string
}

/** Where a schedule stands in the order of times. */
export interface SchedulePosition extends SchedulePlace {
  readonly nextAt: number
}

export interface ScheduleRow extends SchedulePlace {
  readonly project: string
  readonly connection: string
  /** `every 15m`, `cron 0 3 * * *` or `adaptive`, as it was given. */
  readonly spec: string
  /** IANA name. */
  readonly timezone: string
  /** `08:00-20:00`: no scheduled run starts within. */
  readonly quietHours: string | null
  readonly nextAt: number
  readonly lastAt: number | null
}
