// Owns one round of a refresh: it asks for known records in batches, stores what comes, and takes note of what does not.

import type { KeysPage } from '../../../connector/page.ts'
import { isPaged, type Refresh } from '../../../connector/passes.ts'
import { isPageFault } from '../../../model/errors.ts'
import type { Key } from '../../../model/record.ts'
import { askByKey } from '../ask-by-key.ts'
import { askPage, paying } from '../ask-page.ts'
import { storePage } from '../rows/page.ts'
import { chunks, RECORDS_PER_CHECKPOINT_MAX } from '../rows/page-parts.ts'
import { askedNow, type PassEntry, type StreamRun } from '../stream-run.ts'
import { type Absent, markUnavailable } from './absent.ts'
import type { Turn, Wanted } from './order.ts'

export class Round {
  readonly #run: StreamRun
  readonly #entry: PassEntry
  readonly #pass: Refresh<unknown>
  /** What was not told about yet. */
  readonly #left: Map<Key, Wanted>
  /** Asked for in vain: each of them, or one that was asked for together with it. */
  readonly #doubtful = new Set<Key>()
  #turn: Turn | undefined
  #returned = 0
  readonly #absent: Absent[] = []

  constructor(run: StreamRun, entry: PassEntry, pass: Refresh<unknown>, wanted: readonly Wanted[]) {
    this.#run = run
    this.#entry = entry
    this.#pass = pass
    this.#left = new Map(wanted.map((one) => [one.key, one]))
  }

  /** Records of which nothing is known yet, in their order. */
  get left(): readonly Wanted[] {
    return [...this.#left.values()]
  }

  get doubtful(): ReadonlySet<Key> {
    return this.#doubtful
  }

  /** How far the turn has come; undefined: as far as before. */
  get turn(): Turn | undefined {
    return this.#turn
  }

  /** How many records came. */
  get returned(): number {
    return this.#returned
  }

  /** Those that were asked for and not returned. */
  get absent(): readonly Absent[] {
    return this.#absent
  }

  /**
   * Asks for records, and returns those that could not be asked for, with the reason.
   *
   * @throws what keeps the rest from being asked for
   */
  async ask(keys: readonly Key[]): Promise<ReadonlyMap<Key, unknown>> {
    const { batch, paid } = this.#pass
    const ask = (part: readonly Key[]) => this.#askPart(part)
    return (await askByKey({ keys, batch, ask, paid, tryLogin: () => this.#tryLogin() })).failed
  }

  async #askPart(keys: readonly Key[]): Promise<void> {
    const run = this.#run
    const askedAt = askedNow(run)
    this.#turn = keys.map((key) => this.#left.get(key)?.turn).findLast((turn) => turn !== undefined) ?? this.#turn
    let answer: KeysPage
    try {
      answer = await this.#read(keys)
    } catch (error) {
      if (isPageFault(error)) for (const key of keys) this.#doubtful.add(key)
      throw error
    }
    const rows = answer.records
    const { parsed, unread } = await storePage(run, this.#entry, { rows, askedAt, walk: null, keepSeen: false })
    for (const key of keys) this.#doubtful.delete(key)
    const told = new Set([...parsed.map(({ incoming }) => incoming.key), ...unread.flatMap(({ key }) => key ?? [])])
    const absent = keys.filter((key) => !told.has(key))
    this.#returned += keys.length - absent.length
    for (const key of told) this.#left.delete(key)
    // Of an answer that was cut short, or has a row that could not be read nor told by a key, nobody knows what it lacks.
    if (answer.partial === true || unread.some(({ key }) => key === null)) return
    for (const key of absent) this.#left.delete(key)
    for (const part of chunks(absent, RECORDS_PER_CHECKPOINT_MAX)) {
      this.#absent.push(...(await markUnavailable(run, this.#entry, part)))
    }
  }

  async #read(keys: readonly Key[]): Promise<KeysPage> {
    const { http, options, world } = this.#run.scope
    const contents = await world.store.records.contents(this.#run.row.no, keys)
    const stored = new Map([...contents].map(([key, { columns }]) => [key, columns] as const))
    const pass = this.#pass
    // `askingAgain` has brought it into this shape.
    const read = async (means: { http: typeof http; costLeft?: number | undefined }) =>
      (await pass.read({ options, keys, stored, ...means })) as KeysPage
    return pass.paid ? paying(this.#run, http, read) : read({ http })
  }

  /** A page of the listing, where that costs nothing: where there is none, a refusal is one of the login. */
  async #tryLogin(): Promise<unknown> {
    const listing = this.#run.stream.passes.find((pass) => isPaged(pass) && !pass.paid)
    if (!listing || !isPaged(listing)) throw new Error('no page is free')
    return askPage(this.#run, listing, {}).page
  }
}
