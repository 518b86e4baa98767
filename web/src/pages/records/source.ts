// Owns the rows of a view as the server has them: an outline of all of them, and parts that are read when they come in sight, each
// by the cursor before it, so that the middle of a million is as near as the top. What a run changes is put in place at once, with
// the rows that a person looks at where they are.

import { api, told } from '../../api/client.ts'
import type { Answer } from '../../api/queries.ts'
import type { Rows } from '../../parts/grid/rows.ts'
import { movedTo, STILL, wantedParts } from './ahead.ts'
import { orderOf, type Place, whichOf } from './asked.ts'
import type { View } from './route.ts'

export type RecordRow = Answer<'getConnectionsIdStreamsStreamRecords'>['records'][number]
export type Outline = Answer<'getConnectionsIdStreamsStreamOutline'>

/** Rows of a part. */
const EVERY = 200
/** How long counting may take before the first rows are shown without, in milliseconds. */
const EARLY_MS = 400
/** Parts that are asked for at a time, beside those in sight. */
const ASKED_MAX = 6
/** Parts that are kept at most. */
const KEPT_MAX = 60
/** A view is not read anew more often than this part of the time, so that a large one does not keep the server busy. */
const BUSY_SHARE = 0.25

export interface Shown {
  readonly outline: Outline | undefined
  readonly rows: Rows<RecordRow>
  readonly error: unknown
  /** The first rows are there, and all are still being counted: the total is theirs alone. */
  readonly isCounting: boolean
  /** How many rows further the rows in sight stand since the reading before. */
  readonly shift: number
}

type Part = readonly RecordRow[]

interface Asked {
  readonly view: View
  readonly columns: readonly string[]
  /** What is known of the stream's columns. */
  readonly known: Outline | undefined
}

export class Source {
  #outline: Outline | undefined
  #early: Outline | undefined
  readonly #known: Outline | undefined
  #parts = new Map<number, Part>()
  /** What ends the asking, by the part. */
  readonly #asked = new Map<number, AbortController>()
  #sight: readonly [from: number, to: number] = [0, 0]
  #movement = STILL
  #shown: Shown
  #isReading = false
  #isOld = false
  #isOver = false
  #generation = 0

  readonly #place: Place
  readonly #view: View
  readonly #columns: readonly string[]
  readonly #changed: (shown: Shown) => void

  /** `changed` is told of every new state, until `end`. */
  constructor(place: Place, { view, columns, known }: Asked, changed: (shown: Shown) => void) {
    this.#known = known
    this.#place = place
    this.#view = view
    this.#columns = columns
    this.#changed = changed
    this.#shown = {
      outline: undefined,
      rows: { total: 0, at: () => undefined, need: () => {} },
      error: null,
      isCounting: true,
      shift: 0,
    }
    void this.renew()
  }

  end(): void {
    this.#isOver = true
  }

  /** Reads it anew: the outline, and the parts in sight. What is shown stays until all of that is there. */
  async renew(): Promise<void> {
    this.#isOld = true
    if (this.#isReading) return
    this.#isReading = true
    while (this.#isOld && !this.#isOver) {
      this.#isOld = false
      const begun = performance.now()
      await this.#read().catch((error: unknown) => this.#tell({ error }))
      const rest = ((performance.now() - begun) * (1 - BUSY_SHARE)) / BUSY_SHARE
      if (rest > 400) await new Promise((resolve) => setTimeout(resolve, rest))
    }
    this.#isReading = false
  }

  async #read(): Promise<void> {
    const { id, stream } = this.#place
    const query = { ...whichOf(this.#view), ...orderOf(this.#view), every: EVERY }
    const path = { id, stream }
    const first = this.#outline === undefined ? this.#fetch(undefined) : undefined
    if (first) {
      const rows = await first
      setTimeout(() => this.#showEarly(rows), EARLY_MS)
    }
    const outline = await told(
      api.GET('/api/connections/{id}/streams/{stream}/outline', { params: { path, query: query as never } }),
    )
    const at = (i: number) => (i === 0 ? undefined : outline.cursors[i - 1])
    const wanted = this.#partsOf(this.#sight).filter((i) => i === 0 || at(i) !== undefined)
    const read = await Promise.all(
      wanted.map(async (i) => [i, await (i === 0 && first ? first : this.#fetch(at(i)))] as const),
    )
    const parts = new Map(read)
    const shift = this.#shiftTo(parts)
    this.#generation++
    this.#outline = outline
    this.#parts = parts
    this.#endAsking(() => true)
    this.#tell({ error: null, shift })
  }

  /** The first rows, where counting all of them takes long. */
  #showEarly(rows: Part): void {
    if (this.#outline !== undefined || this.#known === undefined) return
    this.#early = { ...this.#known, total: rows.length, cursors: [] }
    this.#parts.set(0, rows)
    this.#tell({})
  }

  /** By how many rows the first row in sight has moved; 0 at the top, where new rows are to be seen. */
  #shiftTo(parts: ReadonlyMap<number, Part>): number {
    const [from] = this.#sight
    const key = this.#at(from, this.#parts)?._key
    if (from === 0 || key === undefined) return 0
    for (const [i, rows] of parts) {
      const at = rows.findIndex((row) => row._key === key)
      if (at >= 0) return i * EVERY + at - from
    }
    return 0
  }

  #at(row: number, parts: ReadonlyMap<number, Part>): RecordRow | undefined {
    return parts.get(Math.floor(row / EVERY))?.[row % EVERY]
  }

  /** Parts of these rows, with one before and one behind. */
  #partsOf([from, to]: readonly [number, number]): readonly number[] {
    const first = Math.max(0, Math.floor(from / EVERY) - 1)
    return Array.from({ length: Math.floor(to / EVERY) + 2 - first }, (_, i) => first + i)
  }

  async #fetch(cursor: string | undefined, signal?: AbortSignal): Promise<Part> {
    const { id, stream } = this.#place
    const query = {
      ...whichOf(this.#view),
      ...orderOf(this.#view),
      columns: ['_key', ...this.#columns].join(','),
      limit: EVERY,
      ...(cursor === undefined ? {} : { cursor }),
    }
    const params = { path: { id, stream }, query: query as never }
    const asked = signal === undefined ? { params } : { params, signal }
    return (await told(api.GET('/api/connections/{id}/streams/{stream}/records', asked))).records
  }

  #need(from: number, to: number): void {
    this.#movement = movedTo(this.#movement, from, performance.now())
    this.#sight = [from, to]
    const outline = this.#outline
    if (!outline) return
    const { inSight, around } = wantedParts(this.#sight, this.#movement, EVERY)
    // A hand that flies by leaves parts behind that nobody waits for: a browser asks for few at a time.
    this.#endAsking((i) => !inSight.includes(i) && !around.includes(i))
    for (const i of inSight) void this.#ask(i, outline)
    for (const i of around) if (i >= 0 && this.#asked.size < ASKED_MAX) void this.#ask(i, outline)
  }

  #endAsking(isOver: (part: number) => boolean): void {
    for (const [part, asked] of this.#asked) {
      if (!isOver(part)) continue
      this.#asked.delete(part)
      asked.abort()
    }
  }

  async #ask(i: number, outline: Outline): Promise<void> {
    const cursor = i === 0 ? undefined : outline.cursors[i - 1]
    if (this.#parts.has(i) || this.#asked.has(i) || (i > 0 && cursor === undefined) || i * EVERY >= outline.total)
      return
    const generation = this.#generation
    const own = new AbortController()
    this.#asked.set(i, own)
    try {
      const rows = await this.#fetch(cursor, own.signal)
      if (generation !== this.#generation || this.#isOver) return
      this.#parts.set(i, rows)
      const kept = this.#partsOf(this.#sight)
      for (const one of this.#parts.keys())
        if (this.#parts.size > KEPT_MAX && !kept.includes(one)) this.#parts.delete(one)
      this.#tell({ shift: 0 })
    } catch (error) {
      if (!own.signal.aborted) this.#tell({ error })
    } finally {
      if (this.#asked.get(i) === own) this.#asked.delete(i)
    }
  }

  #tell(change: Partial<Pick<Shown, 'error' | 'shift'>>): void {
    if (this.#isOver) return
    const parts = this.#parts
    const outline = this.#outline ?? this.#early
    const rows: Rows<RecordRow> = {
      total: outline?.total ?? 0,
      at: (row) => this.#at(row, parts),
      need: (from, to) => this.#need(from, to),
    }
    this.#shown = { ...this.#shown, outline, rows, isCounting: this.#outline === undefined, ...change }
    this.#changed(this.#shown)
  }
}
