// Owns one round of a refresh: it asks for known records in batches, stores what comes, and takes note of what does not.

import type { KeysPage } from '../../../connector/page.ts'
import { isPaged, type Refresh, type RefreshByJob } from '../../../connector/passes.ts'
import { isPageFault, type TidemarkError } from '../../../model/errors.ts'
import { plural } from '../../../model/plural.ts'
import type { Key } from '../../../model/record.ts'
import type { IntentChange } from '../../../store/store.ts'
import { askByKey } from '../ask-by-key.ts'
import { askPage, type Paying, paying } from '../ask-page.ts'
import { storePage } from '../rows/page.ts'
import { chunks, RECORDS_PER_CHECKPOINT_MAX } from '../rows/page-parts.ts'
import { askedNow, type PassEntry, type StreamRun } from '../stream-run.ts'
import { type Absent, markUnavailable } from './absent.ts'
import { affordable, askByJob, resumeJob } from './by-job.ts'
import type { Turn, Wanted } from './order.ts'

/** What was answered for some keys. */
interface Answer extends KeysPage {
  readonly askedAt: number
  /** Written with the last of its rows. */
  readonly closing?: IntentChange | undefined
  /** What is wrong with it, told once its rows are stored. */
  readonly failure?: TidemarkError | undefined
}

export class Round {
  readonly #run: StreamRun
  readonly #entry: PassEntry
  readonly #pass: Refresh<unknown> | RefreshByJob<unknown>
  /** What was not told about yet. */
  readonly #left: Map<Key, Wanted>
  /** Asked for in vain: each of them, or one that was asked for together with it. */
  readonly #doubtful = new Set<Key>()
  #turn: Turn | undefined
  #returned = 0
  readonly #absent: Absent[] = []

  constructor(
    run: StreamRun,
    entry: PassEntry,
    pass: Refresh<unknown> | RefreshByJob<unknown>,
    wanted: readonly Wanted[],
  ) {
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
    const pass = this.#pass
    const { batch, paid } = pass
    const ask = (part: readonly Key[]) => this.#askPart(part)
    const tryLogin = () => this.#tryLogin()
    if (!('job' in pass)) return (await askByKey({ keys, batch, ask, paid, tryLogin })).failed
    for (let from = 0, size = 0; from < keys.length; from += size) {
      size = await affordable(this.#run, pass)
      await ask(keys.slice(from, from + size))
    }
    return new Map()
  }

  /** What an earlier run of ours has started is read before anything else is paid for. */
  async goOn(): Promise<void> {
    const pass = this.#pass
    const run = this.#run
    if (!('job' in pass)) return
    for (const intent of await run.scope.world.store.intents.open(run.row.no)) {
      if (intent.pass !== pass.kind) continue
      const answer = await resumeJob(run, pass, intent, (keys) => this.#stored(keys))
      if (answer) await this.#store(answer.keys, answer)
    }
  }

  async #askPart(keys: readonly Key[]): Promise<void> {
    this.#turn = keys.map((key) => this.#left.get(key)?.turn).findLast((turn) => turn !== undefined) ?? this.#turn
    const askedAt = askedNow(this.#run)
    let answer: Answer
    try {
      answer = { askedAt, ...(await this.#read(keys)) }
    } catch (error) {
      if (isPageFault(error)) for (const key of keys) this.#doubtful.add(key)
      throw error
    }
    await this.#store(keys, answer)
  }

  async #store(keys: readonly Key[], { records: rows, askedAt, partial, closing, failure }: Answer): Promise<void> {
    const run = this.#run
    const { asked, strange } = this.#askedFor(keys, rows, askedAt)
    const work = { rows: asked, askedAt, walk: null, keepSeen: false }
    const save = closing ? { intents: [closing] } : {}
    const { parsed, unread } = await storePage(run, this.#entry, work, () => ({ save, decided: undefined }))
    for (const key of keys) this.#doubtful.delete(key)
    const told = new Set([...parsed.map(({ incoming }) => incoming.key), ...unread.flatMap(({ key }) => key ?? [])])
    // An upstream run that was started earlier may lack what a listing has shown since; a file shows nothing that counts here.
    const isShown = (key: Key) => 'job' in this.#pass && run.shownKeys?.has(key) === true
    const absent = keys.filter((key) => !told.has(key) && !isShown(key))
    this.#returned += keys.length - absent.length
    for (const key of told) this.#left.delete(key)
    if (failure) throw failure
    // Of an answer that was cut short, or has a row that could not be read nor told by a key, nobody knows what it lacks.
    if (partial === true || strange > 0 || unread.some(({ key }) => key === null)) return
    for (const key of absent) this.#left.delete(key)
    for (const part of chunks(absent, RECORDS_PER_CHECKPOINT_MAX)) {
      this.#absent.push(...(await markUnavailable(run, this.#entry, part)))
    }
  }

  /**
   * The rows of an upstream run without those that nobody asked it for, and how many these are: they may be anybody's, and
   * stand in place of what was asked for.
   */
  #askedFor(keys: readonly Key[], rows: readonly unknown[], askedAt: number) {
    const { parser, name, asides } = this.#run
    if (!('job' in this.#pass)) return { asked: rows, strange: 0 }
    const wanted = new Set(keys)
    const asked = rows.filter((row, i) => {
      const read = parser.parse(row, i, askedAt)
      return !('incoming' in read) || wanted.has(read.incoming.key)
    })
    const strange = rows.length - asked.length
    if (strange > 0) asides.push(`${name}: a refresh gave ${plural(strange, 'row')} that nobody asked for; not stored`)
    return { asked, strange }
  }

  async #read(keys: readonly Key[]): Promise<KeysPage & Partial<Answer>> {
    const { http, options } = this.#run.scope
    const stored = await this.#stored(keys)
    const pass = this.#pass
    if ('job' in pass) return askByJob(this.#run, pass, keys, stored)
    // `askingAgain` has brought it into this shape.
    const read = async (means: Paying) => (await pass.read({ options, keys, stored, ...means })) as KeysPage
    return pass.paid ? paying(this.#run, http, read) : read({ http })
  }

  async #stored(keys: readonly Key[]) {
    const contents = await this.#run.scope.world.store.records.contents(this.#run.row.no, keys)
    return new Map([...contents].map(([key, { columns }]) => [key, columns] as const))
  }

  /** A page of the listing, where that costs nothing: where there is none, a refusal is one of the login. */
  async #tryLogin(): Promise<unknown> {
    const listing = this.#run.stream.passes.find((pass) => isPaged(pass) && !pass.paid)
    if (!listing || !isPaged(listing)) throw new Error('no page is free')
    return askPage(this.#run, listing, {}).page
  }
}
