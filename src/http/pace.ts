// Owns how many requests a client has under way at once. Like TCP it begins with one, adds one while answers come as fast as
// before, and takes back half when the service refuses, breaks off or fails, and one when it slows down. What is decided
// is pure; `Gate` keeps requests to it, in the order in which they came.

import type { Http } from '../connector/page.ts'
import type { Clock } from '../model/ports.ts'

/** When the number changes. */
export const PACE = {
  /** Good answers for each request under way until one more is tried. */
  goodPerStep: 8,
  /** Answers that take so many times as long as the fastest ones are slow. */
  slowTimes: 2,
  /** And so many milliseconds longer: below that, it may be this machine. */
  slowMs: 100,
  /** The share of a new answer in the smoothed time of answers. */
  smoothing: 1 / 8,
  /** By this share of the difference, the fastest time follows the smoothed one: a service may become slower for good. */
  drift: 1 / 256,
} as const

export interface Pace {
  /** Requests under way at once. */
  readonly width: number
  /** Good answers since it changed. */
  readonly good: number
  /** How often it was lowered. */
  readonly lowered: number
  /** How long answers take, in milliseconds, smoothed; undefined: none has come. */
  readonly ms: number | undefined
  /** How long they took when they were fastest. */
  readonly fastestMs: number
}

export const PACE_START: Pace = { width: 1, good: 0, lowered: 0, ms: undefined, fastestMs: 0 }

/** An answer, or none. */
export interface Heard {
  /** The service refused to be asked so often, failed, or gave no answer. */
  readonly strained: boolean
  readonly ms: number
  /** `lowered` when the request was sent: an answer to one sent before tells nothing of the pace of now. */
  readonly lowered: number
  /** As many requests were under way since the pace has changed as might be. */
  readonly isFull: boolean
}

export function paceAfter(pace: Pace, { strained, ms, lowered, isFull }: Heard, max: number): Pace {
  const isNow = lowered === pace.lowered
  if (strained) return isNow ? narrowed(pace, Math.floor(pace.width / 2)) : pace
  const smoothed = pace.ms === undefined ? ms : pace.ms + (ms - pace.ms) * PACE.smoothing
  const fastest =
    pace.ms === undefined ? ms : Math.min(smoothed, pace.fastestMs + (smoothed - pace.fastestMs) * PACE.drift)
  const timed = { ...pace, ms: smoothed, fastestMs: fastest }
  if (!isNow) return timed
  const isSlow = smoothed > Math.max(fastest * PACE.slowTimes, fastest + PACE.slowMs)
  if (isSlow) return pace.width > 1 ? narrowed(timed, pace.width - 1) : { ...timed, good: 0 }
  const good = isFull ? pace.good + 1 : pace.good
  return good >= PACE.goodPerStep * pace.width && pace.width < max
    ? { ...timed, width: pace.width + 1, good: 0 }
    : { ...timed, good }
}

/** The times of before were those of more requests at once. */
function narrowed(pace: Pace, width: number): Pace {
  return { ...pace, width: Math.max(1, width), good: 0, lowered: pace.lowered + 1, ms: pace.fastestMs }
}

/** A client that tells how many requests it sends at once now; more than that wait for their turn. */
export interface PacedHttp extends Http {
  readonly atOnce: number
}

/** Measures how long sending takes. */
type Timed = <T>(send: () => Promise<T>) => Promise<T>

export class Gate {
  readonly #max: number | undefined
  readonly #clock: Pick<Clock, 'mono'>
  #pace = PACE_START
  #under = 0
  /** The most requests that were under way since the pace has changed. */
  #peak = 0
  readonly #line: (() => void)[] = []

  /** Without a maximum everything goes through at once. */
  constructor(max: number | undefined, clock: Pick<Clock, 'mono'>) {
    this.#max = max
    this.#clock = clock
  }

  /** How many requests the service is asked for at once now. */
  get width(): number {
    return this.#pace.width
  }

  /** Waits for its turn, and learns from what comes of it. What is not sent tells nothing. */
  async pass<T>(act: (timed: Timed) => Promise<T>, isStrained: (sent: T) => boolean): Promise<T> {
    if (this.#max === undefined) return act((send) => send())
    if (this.#under >= this.width || this.#line.length > 0) await new Promise<void>((go) => this.#line.push(go))
    else this.#start()
    const { lowered } = this.#pace
    let ms: number | undefined
    try {
      const sent = await act(async (send) => {
        const from = this.#clock.mono()
        const answer = await send()
        ms = this.#clock.mono() - from
        return answer
      })
      if (ms !== undefined) this.#hear({ strained: isStrained(sent), ms, lowered, isFull: this.#peak >= this.width })
      return sent
    } finally {
      this.#under--
      while (this.#line.length > 0 && this.#under < this.width) {
        this.#start()
        this.#line.shift()?.()
      }
    }
  }

  #hear(heard: Heard): void {
    const { width } = this
    this.#pace = paceAfter(this.#pace, heard, this.#max ?? 1)
    if (this.width !== width) this.#peak = this.#under - 1
  }

  #start(): void {
    this.#peak = Math.max(this.#peak, ++this.#under)
  }
}
