// Owns the walk through a listing, for newestFirst and fullPass, as it acts: ask, wait, write, and go on where an earlier
// walk broke off. It decides nothing: see reducer.ts. It may start reading one page ahead, so that the source
// answers while the store writes.

import type { Page } from '../../../connector/page.ts'
import type { ListingPass } from '../../../connector/passes.ts'
import { asError } from '../../../model/errors.ts'
import type { Key } from '../../../model/record.ts'
import type { Ended } from '../../../model/run.ts'
import type { WalkRow } from '../../../store/store.ts'
import { type BadPages, tokenText } from '../bad-pages.ts'
import { ProgressGuard } from '../progress-guard.ts'
import { isOther, plainKey } from '../rows/others.ts'
import { broughtBy, type Sight, storePage } from '../rows/page.ts'
import { openWalkNumbers, writeSurely } from '../rows/page-parts.ts'
import { readBy } from '../rows/parse.ts'
import { examinerOf } from '../rows/place.ts'
import type { PassEntry, StreamRun } from '../stream-run.ts'
import type { Facts } from './end.ts'
import { onTopOf, placesOf, readsByPosition } from './first-keys.ts'
import { isLive, pageSeen } from './page-seen.ts'
import { type Position, positionFrom } from './position.ts'
import { readBelow, stuckAt } from './read-below.ts'
import { RecentKeys } from './recent-keys.ts'
import {
  type Answer,
  begin,
  goOn,
  hear,
  mayFail,
  type Next,
  openWalk,
  type PageStep,
  type Question,
  type Step,
  seePage,
  type Walk,
} from './reducer.ts'
import { canBeSwept, ShownTwice } from './shown-twice.ts'
import { type AskedListing, ListingSource } from './source.ts'
import { type Span, spanOf } from './spans.ts'
import { emptyStep } from './step.ts'
import { sweep } from './sweep.ts'
import { brokenOff } from './walk-row.ts'

export interface ListingResult {
  readonly ended: Ended
  readonly walk: WalkRow
  /** Where the walk stands: at its end, if it came to it. */
  readonly position: Position
  /** The listing had not a single record of the stream. */
  readonly empty: boolean
  /** The walk began at the top of the listing in this run. */
  readonly fromTop: boolean
  /** Of the pages that this run has read, in their order, where a full pass has one. */
  readonly spans: readonly Span[]
}

interface WalkSetup extends Around {
  readonly run: StreamRun
  readonly entry: PassEntry
  readonly pass: ListingPass
  /** The walk to go on with; undefined: a new one, from the top. */
  readonly resumed: WalkRow | undefined
}

/** What a walk has to know of those beside it. */
export interface Around {
  /** Walks whose records may stop this one, though they are open: what they have not read is theirs to remember. */
  readonly ground: ReadonlySet<number>
  readonly badPages: BadPages
  /** A new walk lists everything, whatever ground it meets. @default false */
  readonly toEnd?: boolean
}

/**
 * Walks a listing. A newestFirst walk that came to its end is closed when this returns; a full pass is left open for
 * reconcile.ts, which closes it. What is thrown leaves the walk open: a gap.
 */
export async function walkListing(
  run: StreamRun,
  entry: PassEntry,
  pass: ListingPass,
  resumed: WalkRow | undefined,
  around: Around,
): Promise<ListingResult> {
  return new ListingWalk({ run, entry, pass, resumed, ...around }).run()
}

const NOTHING_READ = { has: () => false }

/** How the top of the list was read by the walks that may stop this one. */
function stoodBefore({ run, pass, ground }: WalkSetup): ReadonlyMap<Key, number> | undefined {
  if (pass.kind !== 'newestFirst' || !readsByPosition(run.stream, pass)) return undefined
  const open = run.openWalks.filter(({ walk }) => ground.has(walk))
  const read = open.map(({ walk, position }) => ({ walk, keys: positionFrom(position).firstKeys }))
  const { firstKeys } = run.kept
  const tops = [...(firstKeys ? [firstKeys] : []), ...read].filter(({ keys }) => keys.length > 0)
  if (tops.length === 0) return undefined
  // Each has read the list above where the older ones had begun.
  const keys = tops.sort((a, b) => a.walk - b.walk).reduce<readonly Key[]>((older, top) => onTopOf(top.keys, older), [])
  return placesOf(keys)
}

class ListingWalk {
  readonly #setup: WalkSetup
  readonly #guard: ProgressGuard
  readonly #source: ListingSource
  readonly #beganMono: number
  #walk: Walk
  readonly #spans: Span[] = []
  /** Keys that this run has read in this leg, and those at which it went on. */
  #keys: RecentKeys
  /** What this run was shown in this leg. */
  #twice: ShownTwice
  /** Where the first keys of the list stood before, where they are remembered. */
  readonly #stood: ReadonlyMap<Key, number> | undefined

  constructor(setup: WalkSetup) {
    const { run, pass, resumed, toEnd = false } = setup
    const { clock } = run.scope.world
    this.#setup = setup
    this.#guard = new ProgressGuard(run.name)
    this.#source = new ListingSource(run, pass, setup.badPages)
    this.#beganMono = clock.mono()
    this.#walk = openWalk(pass, resumed, { walk: run.nextWalk, at: clock.now(), toEnd })
    this.#keys = this.#keysOfLeg()
    this.#twice = new ShownTwice(pass)
    this.#stood = stoodBefore(setup)
  }

  async run(): Promise<ListingResult> {
    try {
      await this.#source.open()
      let next = await this.#do(begin(this.#facts, this.#walk))
      while (next.ask !== 'nothing')
        next = await this.#do(
          next.ask === 'page' ? await this.#page() : hear(this.#facts, this.#walk, next, await this.#answer(next)),
        )
      if ('error' in next) throw next.error
      return this.#result(next.ended)
    } catch (error) {
      await this.#breakOff(error)
      throw error
    }
  }

  get #facts(): Facts {
    const { run, pass, resumed } = this.#setup
    const { scope, live, stateExists, kept, openWalks } = run
    const { clock, decisions } = scope.world
    const means = { left: scope.purse.requestsLeft, live, stateExists }
    const began = Math.min(scope.http.now() - (clock.mono() - this.#beganMono), this.#source.oldest)
    return { pass, decisions, isResumed: resumed !== undefined, means, kept, openWalks, now: clock.now(), began }
  }

  #keysOfLeg(): RecentKeys {
    // A newest-first walk counts what it reads; a full pass has the store count.
    return new RecentKeys(this.#walk.walking.position.tail, this.#setup.pass.kind === 'newestFirst')
  }

  async #do({ walk, next, save, again, note }: Step): Promise<Next> {
    const { run, entry } = this.#setup
    this.#walk = walk
    if (again !== undefined) {
      // What is being read ahead stands below a place that no longer counts, and pages may come a second time.
      this.#source.forget()
      this.#guard.forget()
    }
    if (again === 'leg') {
      this.#keys = this.#keysOfLeg()
      this.#twice = new ShownTwice(this.#setup.pass)
      this.#guard.restart()
    }
    if (save) {
      entry.ended = walk.row.ended
      await writeSurely(run, entry, save)
    }
    if (note !== undefined) run.notes.push(`${run.name}: ${note}`)
    return next
  }

  async #answer(question: Question): Promise<Answer> {
    const { run, entry, pass, badPages } = this.#setup
    const { row, walking } = this.#walk
    if (question.ask === 'total') {
      try {
        return { total: await this.#source.count() }
      } catch (error) {
        if (!mayFail(question) || !badPages.has(error)) throw error
        return { failed: asError(error) }
      }
    }
    // A newest-first walk that began at the top in this run knows what it has read; of others, the mirror does.
    const isNewest = pass.kind === 'newestFirst'
    if (question.ask === 'read') {
      if (isNewest) return { read: this.#keys.count }
      const { repeats } = this.#twice
      return { read: await run.scope.world.store.walks.countSeen(run.row.no, row.walk), repeats }
    }
    if (question.ask === 'twice') {
      const { total: first, totals, unreadable } = walking.position
      const { total, least } = totals
      const isStill = first === total && first === least
      const leg = { run, entry, pass, source: this.#source, walk: row.walk, twice: this.#twice, isStill }
      return { swept: await sweep({ ...leg, total: total ?? 0, least: isNewest ? null : (least ?? 0) - unreadable }) }
    }
    const isOwn = walking.fromTop && isNewest
    const isOld = (key: Key, heads: Sight['heads']) =>
      isOwn || isOther(key) ? this.#keys.has(key) : isLive(heads, key)
    return { top: await this.#source.lookAtTop(entry, isOld) }
  }

  async #page(): Promise<Step> {
    const { pass } = this.#setup
    const asked = this.#source.ask(this.#walk.token)
    const page = await asked.page
    this.#expect(page)
    const { walking, go } = emptyStep(pass, this.#walk.walking, page, this.#walk.row.records > 0)
    this.#walk = { ...this.#walk, walking }
    if (go) return goOn(this.#facts, this.#walk, go)
    const step = await this.#store(page, asked)
    this.#source.done()
    return goOn(this.#facts, this.#walk, step.go)
  }

  /** Of what a source says that it lists, the records of other streams are none of ours; which they are, only their rows tell. */
  #expect({ total, next }: Page): void {
    const { run, pass } = this.#setup
    if (total === undefined) return
    const { others: read } = this.#walk.walking.position
    const isAlone = !run.stream.belongs || (pass.kind === 'fullPass' && run.listing === undefined && read === 0)
    if (isAlone) run.expected = total
    else if (pass.kind !== 'fullPass') run.expected = null
    else {
      // How many they are tells the full pass before, or the end of this one: a total that falls with each page is none.
      const others = next === undefined ? read : run.kept.others
      run.expected = others === undefined ? null : Math.max(0, total - Math.max(others, read))
    }
  }

  async #store(page: Page, asked: AskedListing): Promise<PageStep> {
    const { run, entry, pass } = this.#setup
    const before = this.#walk
    const early = await asked.early
    const work = {
      ...broughtBy(page, asked.at, readBy(run, early)),
      walk: before.row.walk,
      keepSeen: pass.kind === 'fullPass',
      shown: this.#keys.all,
      examine: examinerOf(pass),
      number: asked.number,
    }
    const stored = await storePage(run, entry, work, (sight) => {
      const decided = seePage(this.#facts, before, this.#seen(page, asked, sight))
      entry.ended = decided.walk.row.ended
      if (decided.ahead !== undefined) this.#source.askAhead(decided.ahead)
      return { save: decided.save, decided }
    })
    const step = stored.decided
    this.#walk = step.walk
    this.#expect(page)
    if (pass.kind === 'fullPass' && pass.order) {
      const span = spanOf(pass, { token: asked.token, next: page.next ?? undefined, parsed: stored.parsed })
      if (span) this.#spans.push(span)
    }
    // A page in doubt is stored, and counts as read when it has been read behind the page before it once more.
    if (step.go.to !== 'next' && step.go.to !== 'end') return step
    if (canBeSwept(pass) && !before.walking.seeks) {
      // What is new may push records down that were read; only equals are read again for that alone.
      const isAgain = pass.kind === 'fullPass' || step.walk.walking.equals > before.walking.equals
      this.#twice.see(asked.token, stored.parsed, isAgain ? this.#keys : NOTHING_READ)
    }
    const unread = stored.unread.flatMap(({ key }) => key ?? [])
    // Its end may be that of a page that was read before, and counts now.
    const { tail } = step.walk.walking.position
    this.#keys.add([...stored.parsed.map(({ incoming }) => incoming.key), ...unread, ...tail])
    if (step.go.to === 'next') this.#guard.see(asked.token ?? undefined, page.next, stored)
    return step
  }

  #seen(page: Page, { token }: AskedListing, sight: Sight) {
    const { run, pass, ground } = this.#setup
    const { walking, row } = this.#walk
    const { top: topBefore, read } = run.kept
    // One that lies ahead was dated while the clock was: nobody knows when it was.
    const lastRead = read && read.at <= run.scope.http.now() ? read : undefined
    const open = openWalkNumbers(run, row.walk, ground)
    const { decisions } = run.scope.world
    const viewer = { pass, stream: run.stream, walk: row.walk, open, decisions, lastRead, stood: this.#stood }
    const { position, unknown, fromTop, pages } = walking
    const goesOn = !fromTop && pages === 0
    const isFull = pass.kind === 'fullPass'
    const last = isFull ? (position.evidence.last ?? undefined) : fromTop ? this.#twice.last : undefined
    return pageSeen(page, token, sight, viewer, { position, keys: this.#keys, topBefore, unknown, last, goesOn })
  }

  #result(ended: Ended): ListingResult {
    const { run } = this.#setup
    const { runId, world } = run.scope
    const { walking, row: walk } = this.#walk
    const { position, fromTop, rows } = walking
    const { different, others, unreadable } = position
    // Rows of another stream in the same list say nothing of whether there is anything left of this one.
    const isAllOthers = ended === 'exhausted' && others > 0 && different === others && unreadable === 0
    const last = position.tail.at(-1)
    world.logger.event('info', 'walk.stopped', {
      run: runId,
      stream: run.name,
      key: last === undefined ? null : plainKey(last),
      why: ended,
    })
    return { ended, walk, position, empty: fromTop && (rows === 0 || isAllOthers), fromTop, spans: this.#spans }
  }

  /** Keeps which page could not be read, and reads what lies below it when it could not be read before either. */
  async #breakOff(error: unknown): Promise<void> {
    const { run, entry, pass, resumed, badPages } = this.#setup
    if (run.scope.signal.aborted) return
    const { current: token } = this.#source
    if (token !== undefined) badPages.note({ read: pass.read, token }, error)
    if (!badPages.has(error)) return
    const { walking, row } = this.#walk
    const before = token === undefined ? undefined : stuckAt(tokenText(token), run, row, walking.position)
    const left = brokenOff(row, walking.position, { isResumed: resumed !== undefined, token, before })
    if (!left) return
    entry.ended = 'failed'
    await writeSurely(run, entry, { walks: [left] })
    if (!before || token === undefined || token === null || !pass.skip) return
    await readBelow({ run, entry, pass, row: left, position: left.position, token, badPages })
    entry.ended = 'failed'
  }
}
