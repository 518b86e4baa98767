// Owns the bounds of a walk through a window: where it begins, and where it ends by the source's clock, which the first
// answer of a run may teach us.

import type { ByCursor } from '../../../connector/passes.ts'
import { durationMs } from '../../../model/duration.ts'
import type { StreamRun } from '../stream-run.ts'
import { behindHoles, type Hole } from './position.ts'
import type { Reach } from './step.ts'

/** How well the run's start by the source's clock is known, from dates that travelled up to ten seconds. */
export const START_KNOWN_TO_MS = 10_000
/** A date says of the end of its second as much as of its beginning: so much later may the run have begun. */
const DATE_BEHIND_MS = 1_000

export interface BoundsFrom {
  /** Up to where earlier walks have read; undefined: nothing was ever read. */
  readonly cursor: number | undefined
  /** The end of the window of the walk that goes on, if there is one. */
  readonly openUntil: number | undefined
  /** Parts that are read by walks of their own. */
  readonly holes: readonly Hole[]
}

/** What decisions need to know of them. */
export type Bounds = Pick<WindowBounds, 'since' | 'until' | 'start' | 'reach' | 'holeAfter' | 'behindHoles'>

/** From the cursor, or where a walk broke off, to the run's start. */
export class WindowBounds {
  readonly #run: StreamRun
  readonly #pass: ByCursor<unknown, unknown>
  readonly #holes: readonly Hole[]
  readonly #overlap: number
  /** The end may not move before this. */
  readonly #untilMin: number
  readonly since: number | undefined
  #until: number
  #start: number
  #isFixed: boolean

  constructor(
    run: StreamRun,
    pass: ByCursor<unknown, unknown>,
    { cursor, openUntil, holes, part }: BoundsFrom & { part?: { since: number | undefined; until: number } },
  ) {
    this.#run = run
    this.#pass = pass
    this.#holes = holes
    this.#overlap = typeof pass.overlap === 'number' ? pass.overlap : this.#units(durationMs(pass.overlap))
    this.#start = this.#startBySource()
    const { windowFor } = run.scope.world.decisions
    const window = part ?? windowFor({ cursor, openUntil, overlap: this.#overlap, start: this.#start })
    this.since = behindHoles(window.since, holes)
    const least = (this.since ?? Number.NEGATIVE_INFINITY) + 1
    this.#until = Math.max(window.until, least)
    this.#untilMin = Math.max(least, openUntil ?? Number.NEGATIVE_INFINITY)
    // Without a unit the order is no time, and the end stands for all that there is.
    this.#isFixed = part !== undefined || pass.unitMs === undefined
  }

  /** Of a part of the order. */
  static ofPart(
    run: StreamRun,
    pass: ByCursor<unknown, unknown>,
    { since, until }: Pick<Hole, 'since' | 'until'>,
  ): WindowBounds {
    const part = { since: since ?? undefined, until }
    return new WindowBounds(run, pass, { cursor: undefined, openUntil: undefined, holes: [], part })
  }

  /** The end of the window, exclusive. */
  get until(): number {
    return this.#until
  }

  /** The run's start by the source's clock, in its unit, less the stream's lag. */
  get start(): number {
    return this.#start
  }

  /** The next hole behind a position: a request from there must not reach into it. */
  holeAfter(since: number | null): { readonly since: number } | undefined {
    const from = since ?? Number.NEGATIVE_INFINITY
    const begins = this.#holes.flatMap((hole) => hole.since ?? []).filter((at) => at > from && at < this.#until)
    return begins.length === 0 ? undefined : { since: Math.min(...begins) }
  }

  /** The position itself, or where the holes end in which it lies. */
  behindHoles(since: number): number {
    return behindHoles(since, this.#holes) as number
  }

  /** From where the next run reads. The run's start may yet be learned to be a little later than it seems. */
  get reach(): Reach {
    const cursorMax = Math.max(this.#start, this.#until) + this.#units(START_KNOWN_TO_MS)
    return { overlap: this.#overlap, kept: this.#run.kept.cursor, cursorMax }
  }

  /**
   * An answer may have taught us the source's clock: then the window's end moves to where it should have been, once.
   * Dates have whole seconds and travel for a while: what only that explains moves nothing, for a move costs a request.
   */
  learn(): void {
    this.#start = this.#startBySource()
    if (this.#isFixed) return
    const until = Math.max(this.#startBySource(DATE_BEHIND_MS) + 1, this.#untilMin)
    if (Math.abs(until - this.#until) <= this.#units(START_KNOWN_TO_MS)) return
    this.#until = until
    this.#isFixed = true
  }

  #startBySource(laterMs = 0): number {
    const { http, startedMono, world } = this.#run.scope
    const { unitMs, lag } = this.#pass
    if (unitMs === undefined) return Number.MAX_SAFE_INTEGER - 1
    const start = http.now() - (world.clock.mono() - startedMono) - durationMs(lag ?? '0s')
    return Math.floor((start + laterMs) / unitMs)
  }

  #units(ms: number): number {
    const { unitMs } = this.#pass
    return unitMs === undefined ? 0 : Math.ceil(ms / unitMs)
  }
}
