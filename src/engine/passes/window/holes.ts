// Owns trying again what earlier runs had to leave out of a window. A part that still fails is halved, so that what stands
// beside the fault comes in and the fault stands alone in the end.

import type { Http } from '../../../connector/page.ts'
import type { ByCursor } from '../../../connector/passes.ts'
import type { WalkRow } from '../../../store/store.ts'
import { askingOnce } from '../ask-page.ts'
import type { BadPages } from '../bad-pages.ts'
import { writeSurely } from '../rows/page-parts.ts'
import { beginPass, type PassEntry, type StreamRun } from '../stream-run.ts'
import { WindowBounds } from './bounds.ts'
import { type Hole, holeNote, holesOf, rowOfHole, rowOfRest } from './position.ts'
import { openPart } from './reducer.ts'
import { WindowWalk } from './walk.ts'

type WindowPass = ByCursor<unknown, unknown>

/** How often a run asks for parts that fail, all holes of a stream together. */
export const HOLE_TRIES_MAX = 16
/** A hole with two faults becomes two, up to so many. */
export const HOLES_SPLIT_MAX = 8

/** Tries what earlier runs had to leave out; with each run another one first, so that none waits for the others. */
export async function readHoles(run: StreamRun, pass: WindowPass, badPages: BadPages): Promise<void> {
  const holes = holesOf(run.openWalks)
  const first = run.scope.runNo % Math.max(1, holes.length)
  const tries = { left: HOLE_TRIES_MAX }
  for (const hole of [...holes.slice(first), ...holes.slice(0, first)]) {
    if (tries.left > 0) await new HoleRead(run, pass, hole, { tries, badPages }).read()
  }
}

class HoleRead {
  readonly #run: StreamRun
  readonly #pass: WindowPass
  readonly #entry: PassEntry
  readonly #tries: { left: number }
  readonly #badPages: BadPages
  /** What is left of it. */
  #hole: Hole

  constructor(run: StreamRun, pass: WindowPass, hole: Hole, shared: { tries: { left: number }; badPages: BadPages }) {
    this.#run = run
    this.#pass = pass
    this.#entry = beginPass(run, pass.kind)
    this.#tries = shared.tries
    this.#badPages = shared.badPages
    this.#hole = hole
  }

  async read(): Promise<void> {
    const run = this.#run
    const pass = this.#pass
    if ((await this.#readPart(this.#hole, run.scope.http)) !== 'failed') return
    while (!pass.paid && this.#tries.left > 0 && (await this.#narrow()));
    this.#entry.ended = 'failed'
    await writeSurely(run, this.#entry, { walks: [this.#failedRow()] })
    run.asides.push(`${run.name}: ${holeNote(this.#hole, pass.unitMs)}`)
  }

  /** Makes the hole smaller, or two of it; false: that can't be done. */
  async #narrow(): Promise<boolean> {
    const { since, until } = this.#hole
    const middle = Math.floor(((since ?? 0) + until) / 2)
    if (middle <= (since ?? 0)) return false
    const http = askingOnce(this.#run.scope.http)
    const lower = await this.#readPart({ since, until: middle }, http)
    if (lower !== 'failed') return lower === 'read'
    const upper = await this.#readPart({ since: middle, until }, http)
    return upper === 'failed' ? this.#split(middle) : upper === 'read'
  }

  async #split(middle: number): Promise<boolean> {
    const run = this.#run
    if (holesOf(run.openWalks).length >= HOLES_SPLIT_MAX) return false
    const { since, until, row } = this.#hole
    const other = { since: middle, until, row: { ...row, walk: run.nextWalk, pages: 0, records: 0 } }
    this.#hole = { since, until: middle, row }
    const walks = [this.#failedRow(), rowOfHole(other, this.#pass.unitMs)]
    await writeSurely(run, this.#entry, { walks })
    return true
  }

  /** Reads a part from its lower bound on; what has been read of it is no longer in the hole. */
  async #readPart({ since, until }: Pick<Hole, 'since' | 'until'>, http: Http): Promise<'read' | 'unsure' | 'failed'> {
    const place = { run: this.#run, entry: this.#entry, pass: this.#pass }
    const bounds = WindowBounds.ofPart(place.run, place.pass, { since, until })
    const part = since === this.#hole.since ? 'lower' : 'upper'
    const begun = openPart(bounds, this.#hole, place.pass.sorted ?? true)
    const walk = new WindowWalk({ ...place, bounds, begun, part, http, badPages: this.#badPages })
    try {
      return (await walk.run()) === 'exhausted' ? 'read' : 'unsure'
    } catch (error) {
      if (!this.#badPages.has(error)) throw error
      this.#tries.left--
      return 'failed'
    } finally {
      this.#hole = walk.hole ?? this.#hole
    }
  }

  #failedRow(): WalkRow {
    const now = this.#run.scope.world.clock.now()
    return rowOfRest(this.#hole, { ended: 'failed', unitMs: this.#pass.unitMs, now })
  }
}
