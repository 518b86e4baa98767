// Owns the kind of pass that makes a blend: of the records of other streams of the project that have changed since, and of
// what a person has set. It asks no source for anything.

import type { Key } from '../../../model/record.ts'
import type { Feed, RecordRow } from '../../../store/store.ts'
import type { PassOf } from '../../due/plan.ts'
import { type Definition, definitionOf, ruleOf } from '../blends/definition.ts'
import { goneColumns, goneText } from '../blends/gone.ts'
import {
  type Blended,
  blend,
  cellOf,
  digitsBeyond,
  identityIn,
  isLive,
  type Manual,
  type Member,
  memberOf,
  type Past,
  type Source,
  withPast,
} from '../blends/member.ts'
import { REMEMBERS } from '../blends/rules.ts'
import { positionOf, rowsOf, sourcesOf } from '../blends/sources.ts'
import { storePage } from '../rows/page.ts'
import { askedNow, beginPass, type PassEntry, type StreamRun, write } from '../stream-run.ts'
import type { Kind } from './kind.ts'

/** Records that are read, and written, at a time; the store takes no more keys. */
const AT_ONCE = 500
/** Above so many changes everything is read: that is fewer questions. */
const CHANGES_MAX = 200

const NOTHING: ReadonlyMap<string, Past> = new Map()

/** What sources show now, by identity, and the identities that are made again. */
interface Found {
  readonly found: ReadonlyMap<string, Member[]>
  readonly identities: ReadonlySet<string>
}

const REASON_NO_SOURCE = 'no_source'

export const BLEND_PASS: Kind<PassOf<'blend'>> = {
  standsFor: () => false,
  describe: () => 'made of other streams; asks for nothing',
  plan: () => ({ why: 'made of what has changed in its sources', requests: 0 }),
  foresee: (pass, plan) => [{ pass, ...plan }],

  async run(run, { kind }) {
    const entry = beginPass(run, kind)
    const blending = await Blending.open(run, entry)
    await blending.work()
  },
}

class Blending {
  readonly #run: StreamRun
  readonly #entry: PassEntry
  readonly #definition: Definition
  readonly #sources: readonly Source[]
  readonly #manual: ReadonlyMap<Key, Manual>
  /** By field: a whole number of which it keeps the nearest. */
  readonly #rounded = new Map<string, string>()

  private constructor(
    run: StreamRun,
    entry: PassEntry,
    known: { definition: Definition; sources: readonly Source[]; manual: ReadonlyMap<Key, Manual> },
  ) {
    this.#run = run
    this.#entry = entry
    this.#definition = known.definition
    this.#sources = known.sources
    this.#manual = known.manual
  }

  static async open(run: StreamRun, entry: PassEntry): Promise<Blending> {
    const { store } = run.scope.world
    const definition = definitionOf(run.scope.options)
    const sources = await sourcesOf(store, run.scope.project, definition)
    const manual = await store.manual.list(run.row.no)
    return new Blending(run, entry, {
      definition,
      sources,
      manual: new Map(manual.map((one) => [one.key, one.values])),
    })
  }

  async work(): Promise<void> {
    const { scope, row } = this.#run
    const { store, clock } = scope.world
    const name = positionOf(row.connectionNo)
    const at = (await store.feed.consumers(scope.project)).find((consumer) => consumer.name === name)
    const feed = await store.feed.bounds(scope.project)
    // The first run of a day reads everything: each record gets its snapshot.
    const isNewDay = !at || scope.dayOf(at.at) !== scope.dayOf(clock.now())
    const changed = isNewDay ? undefined : await this.#changed(at, feed)
    const found = changed ? await this.#some(changed) : await this.#everything()
    // Behind what is shown now: whatever takes the place of that from here on is found by the next run.
    const past = at ? await this.#past({ after: Math.max(at.seq, feed.prunedTo), to: feed.seq }) : NOTHING
    await this.#make({ ...found, past, onlyNew: changed !== undefined })
    this.#run.remarks.push(...(await goneColumns(store, this.#sources)).map(goneText))
    this.#run.remarks.push(...[...this.#rounded].map(roundedText))
    this.#entry.ended = 'exhausted'
    await write(this.#run, this.#entry, {})
    await store.feed.saveConsumer(scope.project, { name, epoch: feed.epoch, seq: feed.seq, at: clock.now() })
    scope.world.logger.event('info', 'blend.merged', {
      run: scope.runId,
      connection: scope.connection,
      sources: this.#sources.length,
      records: this.#run.counts.fetched,
    })
  }

  /** The keys of the sources that have changed since, by source; undefined: too many, or the feed doesn't tell. */
  async #changed(at: Pick<Feed, 'epoch' | 'seq'>, feed: Feed): Promise<ReadonlyMap<Source, Set<Key>> | undefined> {
    if (at.epoch !== feed.epoch || at.seq < feed.prunedTo || at.seq > feed.seq) return undefined
    const { store } = this.#run.scope.world
    const byName = new Map(this.#sources.map((source) => [source.name, source]))
    const changed = new Map<Source, Set<Key>>()
    let count = 0
    for (let after = at.seq; after < feed.seq; ) {
      const changes = await store.feed.changes({ project: this.#run.scope.project, after, limit: AT_ONCE })
      if (changes.length === 0) break
      for (const { connection, stream, key } of changes) {
        const source = byName.get(`${connection}/${stream}`)
        if (!source) continue
        const keys = changed.get(source) ?? new Set()
        keys.add(key)
        changed.set(source, keys)
        if (++count > CHANGES_MAX) return undefined
      }
      after = changes.at(-1)?.seq ?? feed.seq
    }
    return changed
  }

  /**
   * What sources showed since, and show no more, by identity: a run that died, and two that came close behind each other,
   * leave no other trace of it.
   */
  async #past({ after, to }: { after: number; to: number }): Promise<ReadonlyMap<string, Past>> {
    const { project, world } = this.#run.scope
    const past = new Map<string, Past>()
    if (!remembers(this.#definition)) return past
    for (const source of this.#sources) {
      for (let behind = after; ; ) {
        const part = { project, streamNo: source.streamNo, after: behind, to, limit: AT_ONCE }
        const rows = await world.store.history.former(part)
        for (const { key, at, columns, raw } of rows) {
          const row = { ...columns, _key: key, _raw: raw, _updated_at: new Date(at).toISOString() }
          const identity = identityIn(source, row)
          if (identity === undefined) continue
          past.set(identity, withPast(this.#definition, past.get(identity), memberOf(source, row, this.#definition)))
        }
        behind = rows.at(-1)?.seq ?? to
        if (rows.length < AT_ONCE) break
      }
    }
    return past
  }

  async #everything(): Promise<Found> {
    const found = new Map<string, Member[]>()
    for (const source of this.#sources) {
      for (let after: Key | undefined; ; ) {
        const rows = await this.#rows(source, { after })
        for (const row of rows) this.#give(found, source, row)
        after = rows.at(-1)?._key
        if (rows.length < AT_ONCE) break
      }
    }
    const { store } = this.#run.scope.world
    const known = new Set<Key>()
    const query = { streamNo: this.#run.row.no, columns: ['_key'], limit: AT_ONCE }
    for (let after: Key | undefined; ; ) {
      const rows = await store.records.list({ ...query, ...(after === undefined ? {} : { after }) })
      for (const { _key } of rows) known.add(_key)
      after = rows.at(-1)?._key
      if (rows.length < AT_ONCE) break
    }
    return { found, identities: new Set([...found.keys(), ...known, ...this.#manual.keys()]) }
  }

  async #some(changed: ReadonlyMap<Source, ReadonlySet<Key>>): Promise<Found> {
    const identities = new Set<string>(this.#manual.keys())
    const keys = new Map<Source, Set<Key>>([...changed].map(([source, some]) => [source, new Set(some)]))
    const { store } = this.#run.scope.world
    for (const [source, some] of changed) {
      for (const key of some) {
        // Those that it had before, too: there it is missed.
        for (const { raw, columns } of await store.history.versions(source.streamNo, key)) {
          const identity = identityIn(source, { ...columns, _raw: raw })
          if (identity !== undefined) identities.add(identity)
        }
      }
    }
    const byName = new Map(this.#sources.map((source) => [source.name, source]))
    for (const { members } of (await this.#stored([...identities])).values()) {
      for (const { source: name, key } of members) {
        const source = byName.get(name)
        if (!source) continue
        const some = keys.get(source) ?? new Set()
        some.add(key)
        keys.set(source, some)
      }
    }
    const found = new Map<string, Member[]>()
    for (const source of this.#sources) {
      const some = [...(keys.get(source) ?? [])]
      for (let i = 0; i < some.length; i += AT_ONCE) {
        for (const row of await this.#rows(source, { keys: some.slice(i, i + AT_ONCE) })) this.#give(found, source, row)
      }
    }
    return { found, identities }
  }

  #give(found: Map<string, Member[]>, source: Source, row: RecordRow): void {
    const identity = identityIn(source, row)
    if (identity === undefined) return
    const members = found.get(identity) ?? []
    const member = memberOf(source, row, this.#definition)
    members.push(member)
    for (const { name, type } of this.#definition.fields) {
      const value = member.values[name]?.value
      if (!Number.isInteger(value) || Number.isSafeInteger(value)) continue
      const digits = digitsBeyond(type, cellOf(source, row, source.columns[name] as string))
      if (digits !== undefined) this.#rounded.set(name, `${digits} of ${source.name}`)
    }
    found.set(identity, members)
  }

  async #rows(
    source: Source,
    which: { readonly keys?: readonly Key[]; readonly after?: Key | undefined },
  ): Promise<readonly RecordRow[]> {
    const columns = [source.from.identity, ...Object.values(source.columns)]
    return rowsOf(this.#run.scope.world.store, source, { columns, limit: AT_ONCE, ...which })
  }

  /** What is stored of these identities, tombstones too. */
  async #stored(identities: readonly string[]): Promise<ReadonlyMap<Key, Blended>> {
    const found = new Map<Key, Blended>()
    const { records } = this.#run.scope.world.store
    for (let i = 0; i < identities.length; i += AT_ONCE) {
      const contents = await records.contents(this.#run.row.no, identities.slice(i, i + AT_ONCE))
      for (const [key, { raw }] of contents) found.set(key, JSON.parse(raw) as Blended)
    }
    return found
  }

  /** Makes the records of these identities. With `onlyNew`, what is as it was is not shown again. */
  async #make({ identities, found, past, onlyNew }: Found & { past: ReadonlyMap<string, Past>; onlyNew: boolean }) {
    const all = [...new Set([...identities, ...(onlyNew ? [] : past.keys())])].sort()
    const isSource = new Set(this.#sources.map(({ name }) => name))
    for (let i = 0; i < all.length; i += AT_ONCE) {
      const some = all.slice(i, i + AT_ONCE)
      const stored = await this.#stored(some)
      const rows: Blended[] = []
      const gone: Key[] = []
      for (const key of some) {
        const before = stored.get(key)
        const made = blend(this.#definition, {
          key,
          members: found.get(key) ?? [],
          orphans: (before?.members ?? []).filter(({ source }) => !isSource.has(source)),
          manual: this.#manual.get(key) ?? {},
          before,
          past: past.get(key),
        })
        // What is no record any more keeps what it remembers, for when it comes back.
        if (made ? !isLive(made) : before) gone.push(key)
        if (made && (!onlyNew || JSON.stringify(made) !== JSON.stringify(before))) rows.push(made)
      }
      if (rows.length > 0) {
        await storePage(this.#run, this.#entry, { rows, askedAt: askedNow(this.#run), walk: null, keepSeen: false })
      }
      await this.#remove(gone)
    }
  }

  async #remove(keys: readonly Key[]): Promise<void> {
    if (keys.length === 0) return
    const { store } = this.#run.scope.world
    const heads = await store.records.look(this.#run.row.no, keys)
    const removals = [...heads].flatMap(([key, head]) =>
      head.removedAt === null ? [{ key, expect: head.ordinal, reason: REASON_NO_SOURCE }] : [],
    )
    if (removals.length === 0) return
    await write(this.#run, this.#entry, { removals, counts: { removed: removals.length } })
  }
}

function roundedText([field, example]: readonly [string, string]): string {
  return `${field} keeps the nearest number to whole ones beyond 2^53, such as ${example}: a blend of another name, made now, keeps their digits`
}

function remembers(definition: Definition): boolean {
  return definition.fields.some(({ name }) => REMEMBERS.has(ruleOf(definition, name).name))
}
