// Owns an emulator's time. Everything the emulator says about time (Date header, timestamps of its world, windows of
// its limits, expiry of its tokens) comes from here, so that a test can skew, stop or wind it.

export interface ClockOptions {
  /** Stops the clock at this moment (milliseconds since 1970 or ISO 8601). Absent: it runs with the machine's. */
  readonly at?: number | string
  /** How far the emulator's clock is ahead of the machine's, in milliseconds; negative is behind. */
  readonly skewMs?: number
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Whole seconds since 1970. */
  seconds(): number
  /** Stops the clock at a moment; only `advance` and `set` move it from then on. */
  set(at: number | string): void
  /** Moves the clock by so many milliseconds, whether it runs or stands. */
  advance(ms: number): void
  /** Lets the clock run with the machine's, so many milliseconds ahead. */
  run(skewMs?: number): void
  /** Whether the clock stands still (see `set`). */
  readonly stopped: boolean
  /** The moment as HTTP writes it, such as `Tue, 10 Oct 2017 16:00:00 GMT`. */
  httpDate(): string
}

export function startClock(options: ClockOptions = {}): Clock {
  let standing = options.at === undefined ? undefined : moment(options.at)
  let skew = options.skewMs ?? 0
  if (standing !== undefined) standing += skew
  // Made once a second: the Date header is on every answer.
  let dateOf = -1
  let dateText = ''
  const now = (): number => standing ?? Date.now() + skew
  return {
    now,
    seconds: () => Math.floor(now() / 1000),
    set: (at) => {
      standing = moment(at)
    },
    advance: (ms) => {
      if (standing === undefined) skew += ms
      else standing += ms
    },
    run: (skewMs = 0) => {
      standing = undefined
      skew = skewMs
    },
    get stopped() {
      return standing !== undefined
    },
    httpDate: () => {
      const second = Math.floor(now() / 1000)
      if (second !== dateOf) {
        dateOf = second
        dateText = new Date(second * 1000).toUTCString()
      }
      return dateText
    },
  }
}

function moment(at: number | string): number {
  const ms = typeof at === 'number' ? at : Date.parse(at)
  if (!Number.isFinite(ms)) throw new RangeError(`not a moment: ${JSON.stringify(at)}`)
  return ms
}
