// Owns the judgement: what must hold of a mirror, from the source's truth and from what was shown on the wire, and from
// nothing that the engine keeps or thinks. Brute force over plain lists, so that its mistakes are not the engine's.
//
// Where a style of API cannot prove something, the oracle asks for less, and a comment beginning "Weaker:" says why.

import { isComplete, type RunReport } from '../../src/model/run.ts'
import { type Row, revOf, type Shown } from './api.ts'
import type { Export } from './files.ts'
import { Uploads } from './judge-files.ts'
import type { Mirror } from './mirror.ts'
import type { Exchange } from './network.ts'
import { People } from './people.ts'
import { type Item, type Source, streamOf } from './source.ts'
import { Violation } from './violation.ts'

/** Words of coverage that say that something was not read. */
const LACKING: ReadonlySet<string> = new Set(['gap', 'unread', 'unavailable', 'stale'])

const LISTED: ReadonlySet<Shown['kind']> = new Set(['newest', 'full', 'window'])

/** What is said of a sync that has ended. */
export interface RunFact {
  readonly sync: number
  /** The id of its run. */
  readonly id: string
  readonly status: string
  /** By its own account, each of its passes came to its end. */
  readonly hasRead: boolean
  /** The streams that it has come to. */
  readonly streams: readonly string[]
  /** It was not told to read a part only. */
  readonly whole: boolean
  /** The world's count of events when it began and when it ended. */
  readonly fromTick: number
  readonly toTick: number
  /** The source's clock when it began, in seconds. */
  readonly startedAt: number
}

/** Whether each stream was read, and each of its passes came to its end. */
export function hasReadAll(streams: RunReport['streams']): boolean {
  return (
    streams.length > 0 &&
    streams.every(({ passes }) => passes.length > 0 && passes.every(({ ended }) => isComplete(ended)))
  )
}

export interface Removal {
  readonly key: string
  readonly tick: number
  readonly sync: number
  /** A person has approved it. */
  readonly approved?: boolean
  /** The file that lacked it. */
  readonly file?: Export | undefined
}

export { Violation }

export interface Sighting {
  readonly kind: Shown['kind'] | 'file'
  readonly content: string
  readonly sync: number
  readonly servedTick: number
  readonly deliveredTick: number
}

export class Oracle {
  /** What people have decided. */
  readonly people = new People((key) => this.#sightings.get(key) ?? [])
  readonly uploads = new Uploads()
  readonly #source: Source
  #undelivered: readonly Exchange[] = []
  #known = 0
  /** Delivered pages of listings and windows. */
  readonly #pages: Exchange[] = []
  readonly #shown = new Map<string, Set<string>>()
  readonly #sightings = new Map<string, Sighting[]>()
  #removalsChecked = 0
  /** Syncs that came to an end of their own. */
  readonly #ended = new Set<number>()

  constructor(source: Source) {
    this.#source = source
  }

  /** After every sync, whatever became of it. */
  check(mirror: Mirror, exchanges: readonly Exchange[], removals: readonly Removal[], run: RunFact | undefined): void {
    this.#source.settle()
    this.#read(exchanges)
    if (run?.status === 'succeeded' || run?.status === 'incomplete') this.#ended.add(run.sync)
    // A run over held removals, or over records that are set aside, is incomplete, and has read everything all the same.
    const hasRead = run?.hasRead === true && this.#ended.has(run.sync) && !LACKING.has(mirror.coverage)
    if (hasRead) this.people.complete.add(run.sync)
    this.#noInvention(mirror)
    this.#history(mirror)
    this.#feed(mirror)
    for (const removal of removals.slice(this.#removalsChecked)) {
      if (removal.file) this.uploads.judgeRemoval(removal.key, removal.file)
      else this.#removal(removal)
    }
    this.#removalsChecked = removals.length
    if (this.#source.style.files === 'alone')
      this.uploads.judgeAsked(exchanges, (sync) => this.#ended.has(sync), mirror)
    if (this.#source.style.shared) this.#apart(mirror)
    if (mirror.doubleSnapshots > 0) throw new Violation('I12', `${mirror.doubleSnapshots} second snapshots of one run`)
    this.#patience(exchanges)
    if (!run || !this.#ended.has(run.sync)) return
    this.#nothingLost(mirror, run)
    if (run.whole && hasRead) this.#honest(mirror, run)
    if (run.whole && hasRead && this.#source.style.refreshed) this.#refreshed(mirror, run, exchanges)
  }

  #read(exchanges: readonly Exchange[]): void {
    const waiting: Exchange[] = []
    const known = this.#pages.length
    for (const exchange of [...this.#undelivered, ...exchanges.slice(this.#known)]) {
      const { shown, sync, servedTick, deliveredTick } = exchange
      if (deliveredTick === 0) waiting.push(exchange)
      else if (shown && (LISTED.has(shown.kind) || (shown.kind === 'keys' && this.#readsByKey))) {
        this.#pages.push(exchange)
        const { kind, rows } = shown
        for (const { key, content } of rows) this.#see(key, { kind, content, sync, servedTick, deliveredTick })
      }
    }
    if (this.#pages.slice(known).some((page) => this.#isSecondOutage(page))) {
      for (const item of this.#source.items.values()) if (!this.#sightings.has(item.key)) item.buried = true
    }
    this.#undelivered = waiting
    this.#known = exchanges.length
  }

  get #readsByKey(): boolean {
    const { refreshed, files } = this.#source.style
    return refreshed || files === 'alone'
  }

  #see(key: string, sighting: Sighting): void {
    if (!this.#shown.has(key)) this.#shown.set(key, new Set())
    this.#shown.get(key)!.add(sighting.content)
    if (!this.#sightings.has(key)) this.#sightings.set(key, [])
    this.#sightings.get(key)!.push(sighting)
  }

  /** Somebody uploads a file, by the act of this number. */
  uploading(sync: number, file: Export): void {
    this.uploads.begin(sync, file)
    const ticks = { servedTick: file.tick, deliveredTick: ++this.#source.tick }
    for (const { key, content } of [...file.rows, ...file.merged])
      this.#see(key, { kind: 'file', content, sync, ...ticks })
  }

  /** Weaker: where an empty page is looked at twice and is an outage both times, with a good page in between, it is the
   * end to whoever looks; what was never shown is then below known ground. */
  #isSecondOutage({ sync, path, shown }: Exchange): boolean {
    if (!shown!.outage) return false
    const alike = this.#pages.filter((page) => page.sync === sync && page.path === path && page.shown!.outage)
    return alike.length > 1
  }

  /** I3: every stored version was shown for that key. */
  #noInvention(mirror: Mirror): void {
    for (const [key, versions] of mirror.versions) {
      for (const { op, content } of versions) {
        if (op !== 'remove' && !this.#shown.get(key)?.has(content)) {
          throw new Violation('I3', `${key} has a version that was never shown: ${content}`)
        }
      }
    }
  }

  /** I10: versions in order, older never over newer, none twice in a row. */
  #history(mirror: Mirror): void {
    for (const [key, versions] of mirror.versions) {
      let before: (typeof versions)[number] | undefined
      // What was superseded when it came is no part of what the record was.
      for (const version of versions.filter(({ op }) => op !== 'superseded')) {
        if (before) {
          if (version.ordinal <= before.ordinal) throw new Violation('I10', `${key}: versions out of order`)
          if (version.op === 'update' && version.content === before.content) {
            throw new Violation('I10', `${key} has the same content twice in a row: ${version.content}`)
          }
          // Weaker: a record that was removed comes back as the source shows it, which may be as an older version.
          const comesBack = version.op === 'restore' && this.#source.style.lagging
          if (!comesBack && revOf(version.content) < revOf(before.content)) {
            throw new Violation('I10', `${key}: ${version.content} was written over ${before.content}`)
          }
        }
        before = version
      }
    }
  }

  /** I11: the feed has no gap, and replayed it gives the state. */
  #feed(mirror: Mirror): void {
    const state = new Map<string, boolean>()
    let seq = 0
    for (const change of mirror.changes) {
      if (change.seq !== ++seq) throw new Violation('I11', `after change ${seq - 1} comes ${change.seq}`)
      if (change.stream === 'about') continue
      const was = state.get(change.key)
      const fits = { insert: was === undefined, update: was === true, remove: was === true, restore: was === false }
      if (!fits[change.op as keyof typeof fits]) {
        throw new Violation('I11', `change ${seq} of ${change.key} is ${change.op}, which was ${String(was)}`)
      }
      state.set(change.key, change.op !== 'remove')
    }
    for (const [key, live] of state) {
      if (live !== mirror.live.has(key) || live === mirror.removed.has(key)) {
        throw new Violation('I11', `the feed says that ${key} is ${live ? 'live' : 'removed'}, and it is not`)
      }
    }
    if (state.size !== mirror.live.size + mirror.removed.size) throw new Violation('I11', 'the feed lacks records')
  }

  /** I22: of a listing that shows two streams, each has stored its own records, and no others. */
  #apart(mirror: Mirror): void {
    for (const [key, stream] of mirror.streams) {
      const item = this.#source.items.get(key)
      if (item && streamOf(item) !== stream) throw new Violation('I22', `${key} stands in ${stream}`)
    }
  }

  /** I1: no removal without evidence, and none of a record that was there all the time. */
  #removal({ key, tick, sync, approved = false }: Removal): void {
    const { style } = this.#source
    this.people.removed(key, tick, approved)
    const item = this.#source.items.get(key)
    const seen = (this.#sightings.get(key) ?? []).filter(({ deliveredTick }) => deliveredTick < tick)
    if (!item || seen.length === 0) throw new Violation('I1', `${key} was removed and had never been shown`)
    // Weaker: what a run was shown that failed or was killed, it may not have kept; but for the first time, it did.
    const kept = seen.filter((sighting) => sighting.sync === sync || this.#ended.has(sighting.sync))
    const first = Math.min(...seen.map(({ servedTick }) => servedTick))
    const last = Math.max(first, ...kept.map(({ servedTick }) => servedTick))
    // Listings that came to their end after the last sighting, and were no outage: each may count for one witness.
    const ends = this.#pages.filter(
      (page) =>
        this.#isWhole(page.shown!.kind) &&
        page.shown!.end &&
        (approved || !page.shown!.outage) &&
        page.servedTick > last &&
        page.deliveredTick < tick &&
        !this.#hasListed(page, kept),
    )
    const listings = new Set(ends.map((page) => page.sync)).size
    // Weaker: where a witness is asked by key, it has the last word, and what it was asked about may have been listed in a
    // row that could not be read. That the record is gone indeed is judged below.
    const needed = style.unread && style.witness ? 0 : style.witness || approved ? 1 : 2
    if (listings < needed) {
      throw new Violation('I1', `${key} was removed, and ${listings} whole listings lacked it, of ${needed} needed`)
    }
    // What a person approved, a person may have been wrong about.
    if (approved) return
    const stayed = item.lives.some(({ from, to }) => from <= last && to > tick)
    if (stayed) throw new Violation('I1', `${key} was removed, and has been at the source all the time`)
  }

  /** Whether one of these sightings belongs to the listing that this page ended, which may have begun in an earlier sync. */
  #hasListed(end: Exchange, sightings: readonly Sighting[]): boolean {
    const begins = this.#pages.filter(
      ({ shown, servedTick }) => this.#isWhole(shown!.kind) && shown!.first && servedTick <= end.servedTick,
    )
    const from = (begins.findLast(({ sync }) => sync === end.sync) ?? begins.at(-1))?.servedTick ?? 0
    return sightings.some(
      ({ kind, servedTick }) => this.#isWhole(kind) && servedTick >= from && servedTick <= end.servedTick,
    )
  }

  /** Whether a page may be one of a full pass. Where two streams share a listing, one takes what the other has read for another pass. */
  #isWhole(kind: Sighting['kind']): boolean {
    return kind === 'full' || (kind === 'newest' && this.#source.style.shared)
  }

  /** I2: every version that a page showed is stored, in the mirror or in the history, or set aside. */
  #nothingLost(mirror: Mirror, run: RunFact): void {
    const pages = this.#pages.filter(({ sync }) => sync === run.sync)
    // Weaker: a run that ends before a stream had its turn says so, and has kept nothing of it.
    const isTold = ({ key }: Row) => {
      const item = this.#source.items.get(key)
      return !this.#source.style.shared || (item !== undefined && run.streams.includes(streamOf(item)))
    }
    for (const { shown, path } of run.status === 'incomplete' ? readOnFrom(pages) : pages) {
      for (const row of shown!.rows.filter(isTold)) {
        if (!this.#kept(mirror, row)) {
          throw new Violation('I2', `sync ${run.sync} ${run.status}, and ${row.content} of ${path} is nowhere`)
        }
      }
    }
  }

  #kept(mirror: Mirror, { key, content }: Row): boolean {
    if (this.isSetAside(mirror, key, revOf(content))) return true
    const versions = mirror.versions.get(key) ?? []
    if (versions.some((version) => version.content === content)) return true
    // What could not be read stands in quarantine until a later version can.
    const poison = content.includes('"title":7') || content.includes('"was":')
    return poison && versions.some((version) => revOf(version.content) > revOf(content))
  }

  /** Whether the record waits in quarantine, at this revision or a later one. */
  isSetAside(mirror: Mirror, key: string, rev: number): boolean {
    return (mirror.quarantined.get(key) ?? []).some((content) => revOf(content) >= rev)
  }

  /** I15 (and I4, whose cursor shows in what a later window lacks): a complete run lacks nothing that it had to see. */
  #honest(mirror: Mirror, run: RunFact): void {
    for (const item of this.#source.items.values()) {
      if (!this.#due(item, run)) continue
      const content = mirror.live.get(item.key)
      if (this.isSetAside(mirror, item.key, this.#source.style.window ? item.bumpedRev : 0)) continue
      if (content === undefined) {
        throw new Violation(
          'I15',
          `sync ${run.sync} is ${run.status}, coverage is ${mirror.coverage}, ${item.key} is missing`,
        )
      }
      if (this.#source.style.window && revOf(content) < item.bumpedRev) {
        throw new Violation(
          'I15',
          `sync ${run.sync} is ${run.status}, and ${item.key} is at ${revOf(content)}, not ${item.rev}`,
        )
      }
    }
  }

  /**
   * I21: a complete run has shown every record that it knew, or has asked for it; what it asked for in vain is marked. What
   * it asked for and was refused is told, and stays as it was.
   */
  #refreshed(mirror: Mirror, run: RunFact, exchanges: readonly Exchange[]): void {
    const pages = this.#pages.filter(({ sync }) => sync === run.sync)
    const refused = new Set(
      exchanges.flatMap(({ sync, shown, path }) => (sync === run.sync && !shown ? keysAskedFor(path) : [])),
    )
    const shown = new Set(pages.flatMap((page) => page.shown!.rows.map(({ key }) => key)))
    const asked = new Set(pages.flatMap((page) => page.shown!.asked))
    for (const key of mirror.live.keys()) {
      if (!shown.has(key) && !asked.has(key)) {
        if (run.status === 'incomplete' && refused.has(key)) continue
        throw new Violation('I21', `sync ${run.sync} is ${run.status}, and ${key} was neither shown nor asked for`)
      }
      if (shown.has(key) === mirror.unavailable.has(key) && !this.isSetAside(mirror, key, 0)) {
        throw new Violation(
          'I21',
          `sync ${run.sync}: ${key} is ${shown.has(key) ? 'there, and' : 'away, and not'} marked`,
        )
      }
    }
  }

  /** Whether a complete run has to have this record: visible, and unmoved, for all of the run. */
  #due(item: Item, run: RunFact): boolean {
    const { style, scale } = this.#source
    const life = item.lives.at(-1)
    // Weaker: what a person has let go of, wrongly perhaps, comes back when it is listed again, not before.
    if (this.people.isLetGo(item.key, this.#ended)) return false
    const since = this.#began(run)
    if (!item.seen || !life || life.from >= since || item.movedAt >= since) return false
    if (style.window && this.#pages.some(({ sync, shown }) => sync === run.sync && shown!.kind === 'window')) {
      // Weaker: dates that travelled for long teach nothing; a clock that is far off is then taken at its word.
      if (Math.abs(scale.skewMs) > 2_000 && this.#pages.every((page) => page.sync !== run.sync || isSlow(page)))
        return false
      // Weaker: a window is proved up to the run's start less the lag, and from dates that travel for seconds the
      // source's clock is known to ten, give or take what its own answers travelled.
      return item.updated <= run.startedAt - scale.lagSeconds - 16 && this.reachable(item)
    }
    // Weaker: pages that shift hide records that stay where they are. See `#nothingLost` for those that were shown.
    if (style.paging !== 'keyset' && style.paging !== 'runs' && !style.dips) return false
    return this.#source.shown().includes(item) && this.reachable(item)
  }

  /** Weaker: where there is nothing but a full pass, one that goes on where an earlier run broke off shows the time of
   * its own first page. And an outage that is there from the first page on looks like a source that has nothing. */
  #began({ sync, fromTick }: RunFact): number {
    const { style } = this.#source
    const isResumed = !style.newest && !style.window
    const opened = isResumed ? Math.min(fromTick, this.#openedAt(sync)) : fromTick
    // What an earlier run took for the end of its walk stands in the run that goes on with it.
    const mine = this.#pages.filter((page) => page.sync === sync || (isResumed && page.servedTick >= opened))
    const outages = mine.filter(({ shown }) => shown!.outage)
    if (outages.some((page) => page.sync === sync && (style.window || page.shown!.first))) return 0
    if (outages.some((page) => this.#isSecondOutage(page))) return 0
    // Weaker: what a paid run delivers was there when it was started, perhaps by an earlier sync.
    if (style.paging === 'runs') return Math.min(opened, ...mine.map(({ shown }) => shown!.since ?? opened))
    return opened
  }

  /** When the walk of a sync began. A look at the top, at the end of a pass, begins nothing, in a later sync neither. */
  #openedAt(last: number): number {
    let opened = 0
    let before: { readonly sync: number; readonly isAtEnd: boolean } | undefined
    for (const sync of new Set(this.#pages.map((page) => page.sync))) {
      if (sync > last) break
      const pages = this.#pages.filter((page) => page.sync === sync)
      const [first] = pages
      const isLook = before?.isAtEnd === true && !this.people.complete.has(before.sync)
      if (first?.shown!.first && !isLook) opened = first.servedTick
      before = { sync, isAtEnd: isLook || pages.some(({ shown }) => shown!.end) }
    }
    return opened
  }

  /** Weaker: a reader of the top can't find what came to its place below others, nor, by positions alone, what others
   * that it knows were put above of (they look like anchors). A full pass finds it. */
  reachable(item: Item): boolean {
    const { style } = this.#source
    if (style.window || !style.newest) return true
    if (item.buried) return false
    if (style.order !== 'position') return true
    const all = this.#source.listing()
    return !all.slice(0, all.indexOf(item)).some((above) => above.lives.length > 1)
  }

  /**
   * Whether a reader of the top has read this record itself. Weaker: where positions are all the order there is, nobody can
   * know that what another listing has shown stands at the same place in this one, or that a record that has changed since
   * still stands where it did; nor who has which neighbours, once something has come, gone or moved since the top was read.
   */
  wasRead({ key }: Item): boolean {
    if (this.#source.style.order !== 'position') return true
    const before = (this.#sightings.get(key) ?? []).filter(({ sync }) => sync < this.#lastSync)
    const content = before.at(-1)?.content
    if (!before.some((sighting) => sighting.kind === 'newest' && sighting.content === content)) return false
    const tops = this.#pages.filter(
      ({ shown, sync }) =>
        shown!.kind === 'newest' && shown!.first && !shown!.outage && sync < this.#lastSync && this.#ended.has(sync),
    )
    const ticks = [...this.#source.items.values()].flatMap(({ movedAt, lives }) => [
      movedAt,
      ...lives.map(({ to }) => (Number.isFinite(to) ? to : 0)),
    ])
    return (tops.at(-1)?.servedTick ?? 0) > Math.max(...ticks)
  }

  get #lastSync(): number {
    return this.#pages.at(-1)?.sync ?? 0
  }

  /** I8: nothing is asked before the time that an answer told to wait for. */
  #patience(exchanges: readonly Exchange[]): void {
    for (const told of exchanges) {
      // Weaker: a date has whole seconds, and the source's clock is known to two and a half; or not at all, when ours
      // was set while the answer was on its way.
      if (told.waitMs === 0 || (told.datedWait && told.clockSet)) continue
      const until = told.deliveredAt + told.waitMs - (told.datedWait ? 3_500 : 1)
      const early = exchanges.find(
        ({ owner, sentAt }) => owner === told.owner && sentAt > told.deliveredAt && sentAt < until,
      )
      if (early) throw new Violation('I8', `${early.path} was asked ${Math.round(until - early.sentAt)} ms too early`)
    }
  }
}

function isSlow({ sentAt, deliveredAt }: Exchange): boolean {
  return deliveredAt - sentAt > 10_000
}

/** Pages in a row that may be asked for, at a guess, before the first of them has been taken. */
const READ_AHEAD_MAX = 6

/**
 * The pages of an incomplete run without those that may have been read ahead for nothing: the last ones, and those that
 * stand in a row before the walk turned back. A run that comes to its end reads them again.
 */
function readOnFrom(pages: readonly Exchange[]): readonly Exchange[] {
  const served = pages.toSorted((a, b) => a.servedTick - b.servedTick)
  return served.filter(({ path }, at) => {
    for (const [behind, next] of served.slice(at + 1, at + 1 + READ_AHEAD_MAX).entries()) {
      if (next.shown!.first || numberOf(next.path) <= numberOf(path)) return false
      if (numberOf(next.path) !== numberOf(path) + behind + 1) return true
    }
    return at + 1 < served.length
  })
}

/** The keys that a request by key names; none of any other. */
function keysAskedFor(path: string): readonly string[] {
  return new URL(path, 'http://source').searchParams.get('ids')?.split(',') ?? []
}

/** The number of a page in its path; not a number where pages have tokens. */
function numberOf(path: string): number {
  return Number(/[?&]page=(\d+)/.exec(path)?.[1])
}
