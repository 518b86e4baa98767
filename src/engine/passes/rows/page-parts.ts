// Owns how the records of a page are written: in parts in which each key stands once, decided again if somebody else wrote
// meanwhile, and without the record that the store can't hold.

import { TidemarkError } from '../../../model/errors.ts'
import type { Key } from '../../../model/record.ts'
import { isRefusedValue } from '../../../store/refused-value.ts'
import type { Quarantined, Superseded } from '../../../store/store.ts'
import { type PassEntry, type StreamRun, type Writing, write } from '../stream-run.ts'
import { type Known, lookUp, partsOf } from './known.ts'
import { groundOf } from './place.ts'
import type { Parsed } from './shape.ts'
import { readingsOf, type Walks } from './upsert.ts'

/** Records written in one transaction, at most. A larger page is written in parts; only the last moves the walk. */
export const RECORDS_PER_CHECKPOINT_MAX = 1_000

/** How often a page is decided again because other writers changed its records meanwhile. */
export const STALE_TRIES_MAX = 10

/** How the records of a page came, as far as it matters to how they are written. */
export interface PageOrigin {
  readonly askedAt: number
  readonly walk: number | null
  /** Whether the walk anchors what it stores. @default true */
  readonly anchors?: boolean
  /** Keys of which snapshots are written. @default all */
  readonly measured?: ReadonlySet<Key>
  /** Whether a full pass keeps what it saw. */
  readonly keepSeen: boolean
  /** Hashes by key of what the walk has read already and meets again because pages overlap. */
  readonly repeats?: ReadonlyMap<Key, string>
  /** Keys that the walk has shown before this page; of a walk that keeps what it saw, the store knows them. */
  readonly shown?: ReadonlySet<Key>
}

export interface PartsWork extends PageOrigin {
  readonly page: number
  /** Keys of its rows that belong to other streams: the walk has seen them. */
  readonly others: readonly Key[]
  /** Sets aside a record that the store can't hold. */
  readonly refuse: (record: Parsed, error: unknown) => void
}

/** What is written with a part, and what was decided beside that. */
type Decide<T> = (known: Known) => { readonly writing: Writing; readonly decided: T }

interface Outcome<T> {
  readonly inserted: number
  readonly unchanged: number
  readonly decided: T
}

const NONE = { inserted: 0, unchanged: 0 }
const NOTHING: Decide<undefined> = () => ({ writing: {}, decided: undefined })

export class PageParts {
  readonly #run: StreamRun
  readonly #entry: PassEntry
  readonly #work: PartsWork
  /** Keys in the parts that are written. */
  readonly #written = new Set<Key>()
  /** The page as it met the store, before any part of it was written. */
  #met: Known | undefined

  constructor(run: StreamRun, entry: PassEntry, work: PartsWork) {
    this.#run = run
    this.#entry = entry
    this.#work = work
  }

  /**
   * `decide` goes with the last part, and sees the page as it met the store. `ahead`: rows that could not be read, in parts
   * that are written before that.
   */
  async store<T>(
    parsed: readonly Parsed[],
    ahead: readonly (readonly Quarantined[])[],
    decide: Decide<T>,
  ): Promise<Outcome<T>> {
    const parts = [...(await this.#split(parsed))]
    let before = NONE
    if (ahead.length > 0) {
      await this.#meet(parsed)
      parts.push([])
    }
    for (const part of parts.slice(0, -1)) {
      stopIfOver(this.#run, this.#entry)
      before = added(before, await this.#storeAll(part, NOTHING, parsed))
    }
    for (const quarantine of ahead) {
      stopIfOver(this.#run, this.#entry)
      await this.#storePart([], () => ({ writing: { quarantine }, decided: undefined }))
    }
    const last = await this.#storeAll(parts.at(-1) ?? [], (known) => decide(this.#met ?? known), parsed)
    return added(before, last)
  }

  /** Each key once in a part, and not too much in one transaction. There is always one part at least. */
  async #split(parsed: readonly Parsed[]): Promise<readonly (readonly Parsed[])[]> {
    const parts = await partsOf(parsed, this.#run.stream.volatile ?? [], () => this.#meet(parsed))
    const chunked = parts.flatMap((part) => chunks(part, RECORDS_PER_CHECKPOINT_MAX))
    if (chunked.length > 1) await this.#meet(parsed)
    return chunked.length > 0 ? chunked : [[]]
  }

  async #meet(parsed: readonly Parsed[]): Promise<Known> {
    this.#met ??= await this.#lookUp(parsed)
    return this.#met
  }

  /** A record that the store can't hold must not keep the others out of it: it is looked for by halves. */
  async #storeAll<T>(part: readonly Parsed[], decide: Decide<T>, page: readonly Parsed[]): Promise<Outcome<T>> {
    try {
      return await this.#storePart(part, decide)
    } catch (error) {
      if (!isRefusedValue(error) || part.length === 0) throw error
      await this.#meet(page)
      const [only] = part
      if (part.length === 1 && only) {
        this.#work.refuse(only, error)
        return this.#storePart([], decide)
      }
      // Both before either is stored: what is refused leaves the list that the part may be.
      const [upper, lower] = [part.slice(0, part.length >> 1), part.slice(part.length >> 1)]
      return added(await this.#storeAll(upper, NOTHING, page), await this.#storeAll(lower, decide, page))
    }
  }

  async #storePart<T>(part: readonly Parsed[], decide: Decide<T>): Promise<Outcome<T>> {
    const run = this.#run
    const { walk, page, keepSeen, askedAt, repeats, anchors = true, measured, others } = this.#work
    const keys = part.map(({ incoming }) => incoming.key)
    const ground = groundOf(run.stream, { kind: this.#entry.kind, walk, records: part.map(({ record }) => record) })
    for (let tries = 0; tries < STALE_TRIES_MAX; tries++) {
      const known = await this.#lookUp(part)
      const { counts, ...upserts } = run.scope.world.decisions.decideUpserts(part, {
        ...known,
        volatile: run.stream.volatile ?? [],
        walk: anchors ? walk : null,
        ground,
        openWalks: openWalkNumbers(run, walk),
        askedAt,
        isOfFile: this.#entry.kind === 'upload',
        ...(repeats ? { repeats } : {}),
      })
      const snapshots = upserts.snapshots.filter(({ key }) => measured?.has(key) ?? true)
      const { writing: decision, decided } = decide(known)
      // What could not be read was listed all the same.
      const listed = [...keys, ...(decision.quarantine ?? []).flatMap(({ key }) => key ?? [])]
      const writing: Writing = {
        ...upserts,
        snapshots,
        ...decision,
        walk,
        anchor: anchors ? ground.walk : null,
        page,
        seen: keepSeen ? [...listed, ...others] : [],
        listed,
        reads: readingsOf(part, upserts, { heads: known.heads, askedAt, versioned: run.stream.version !== undefined }),
        counts: { ...counts, ...decision.counts },
      }
      if ((await write(run, this.#entry, writing)) === 'stale') continue
      this.#tellSuperseded(upserts.superseded)
      for (const key of keys) this.#written.add(key)
      return { inserted: counts.inserted, unchanged: counts.unchanged, decided }
    }
    throw contended(run.name)
  }

  #lookUp(part: readonly Parsed[]): Promise<Known> {
    const { scope, row, stream } = this.#run
    return lookUp(scope.world.store, part, {
      streamNo: row.no,
      askedAt: this.#work.askedAt,
      volatile: stream.volatile ?? [],
      shownBefore: (keys) => this.#shownBefore(keys),
    })
  }

  /** Which of the keys the walk has shown: on earlier pages, or in the parts of this one that are written. */
  async #shownBefore(keys: readonly Key[]): Promise<ReadonlySet<Key>> {
    const { scope, row } = this.#run
    const { keepSeen, walk, shown } = this.#work
    const before = keepSeen && walk !== null ? await scope.world.store.walks.seenOf(row.no, walk, keys) : shown
    return new Set(keys.filter((key) => this.#written.has(key) || before?.has(key)))
  }

  #tellSuperseded(superseded: readonly Superseded[]): void {
    const { scope, name } = this.#run
    for (const { key, reason } of superseded) {
      const place = { run: scope.runId, stream: name, page: this.#work.page }
      scope.world.logger.event('info', 'record.superseded', { ...place, key, reason })
    }
  }
}

/**
 * Called where much of a page is left: a run that is over does not come to the end of it. One that was paid for is kept.
 *
 * @throws TidemarkError cancelled
 */
export function stopIfOver({ scope, stream }: StreamRun, { kind }: PassEntry): void {
  if (!scope.signal.aborted || stream.passes.some((pass) => pass.kind === kind && pass.paid)) return
  throw new TidemarkError('cancelled', 'The run ended in the middle of a page.', { scope: 'run' })
}

/** Writes what must be written before anything else is done. @throws TidemarkError store_contended (retry) */
export async function writeSurely(run: StreamRun, entry: PassEntry, writing: Writing): Promise<void> {
  for (let tries = 0; tries < STALE_TRIES_MAX; tries++) {
    if ((await write(run, entry, writing)) === 'written') return
  }
  throw contended(run.name)
}

export function contended(stream: string): TidemarkError {
  return new TidemarkError('store_contended', `Records of stream "${stream}" kept changing while a page was written.`)
}

function added<T>(before: typeof NONE, last: Outcome<T>): Outcome<T> {
  const { inserted, unchanged, decided } = last
  return { inserted: before.inserted + inserted, unchanged: before.unchanged + unchanged, decided }
}

/** Walks whose records anchor nothing: those that are open, the one that is reading included, and those of another listing. */
export function openWalkNumbers(
  { openWalks, kept }: StreamRun,
  walk: number | null,
  ground: ReadonlySet<number> = new Set(),
): Walks {
  const numbers = new Set(openWalks.map((open) => open.walk)).difference(ground)
  if (walk !== null) numbers.add(walk)
  const { since, again = [] } = kept
  const isOther = (number: number) => since !== undefined && number < since && !again.includes(number)
  return since === undefined ? numbers : { has: (number) => isOther(number) || numbers.has(number) }
}

export function chunks<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  if (list.length <= size) return list.length === 0 ? [] : [list]
  const parts: (readonly T[])[] = []
  for (let i = 0; i < list.length; i += size) parts.push(list.slice(i, i + size))
  return parts
}
