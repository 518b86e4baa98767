// Owns what a case of the store's suite starts from: a database with a project, a connection, a stream, a lease and an
// open run, and batches that say nothing but what the case is about.

import { emptyBatch } from '../../src/engine/passes/batch.ts'
import type { Cell, Head, Incoming, Key, StreamShape } from '../../src/model/record.ts'
import { type Counts, NO_COUNTS } from '../../src/model/run.ts'
import type {
  Batch,
  ConnectionRow,
  Holder,
  Lease,
  NewRun,
  RequestRow,
  RunRow,
  Store,
  StreamRow,
  Superseded,
  Update,
  WalkRow,
} from '../../src/store/store.ts'

/** A database of its own, which several stores can be connected to at once, as several processes would. */
export interface TestDatabase {
  connect(): Promise<Store>
  /** Rows as any other program sees them. */
  query(sql: string): readonly Record<string, unknown>[] | Promise<readonly Record<string, unknown>[]>
  /** Closes what is still open and takes the database away. */
  drop(): Promise<void>
}

/** With how many random examples a property is tried, where those that it names would take too long. */
export type OpenDatabase = (() => Promise<TestDatabase>) & { readonly examples?: number }

/** 1 January 2026, midnight UTC. */
export const T0 = Date.UTC(2026, 0, 1)
export const MINUTE = 60_000

export const HOLDER: Holder = { id: 'holder-1', host: 'host', pid: 4711, startedAt: T0 - MINUTE }

export const SHAPE: StreamShape = {
  connector: 'shop',
  stream: 'orders',
  version: '1',
  columns: [
    { name: 'title', type: 'text' },
    { name: 'amount', type: 'integer' },
    { name: 'price', type: 'real' },
    { name: 'paid', type: 'boolean' },
    { name: 'lines', type: 'json' },
  ],
  metrics: ['amount'],
}

/** A record whose content follows from its key and a revision, so that two revisions differ everywhere. */
export function record(key: Key, revision = 1, cells?: readonly Cell[]): Incoming {
  const raw = JSON.stringify({ key, revision, lines: [1, 2] })
  return {
    key,
    cells: cells ?? [`Order ${key}`, revision * 10, revision + 0.5, revision % 2, '[1,2]'],
    raw,
    hash: `hash of ${raw}`,
    order: T0 + revision,
  }
}

export function update(key: Key, expect: number, revision: number, more: Partial<Update> = {}): Update {
  return { ...record(key, revision), expect, op: 'update', version: true, walk: null, ...more }
}

/** A content that came when a newer one was stored. */
export function superseded(key: Key, expect: number, revision: number): Superseded {
  return { ...record(key, revision), expect, reason: 'older_version' }
}

export function walk(number: number, more: Partial<WalkRow> = {}): WalkRow {
  return {
    walk: number,
    pass: 'newestFirst',
    openedAt: T0,
    closedAt: null,
    ended: null,
    position: { token: 'p2' },
    pages: 1,
    records: 100,
    note: 'from the newest to #100',
    ...more,
  }
}

export class World {
  readonly database: TestDatabase
  readonly store: Store
  readonly project: string
  connection!: ConnectionRow
  stream!: StreamRow
  lease!: Lease
  run!: RunRow

  constructor(database: TestDatabase, store: Store, project: string) {
    this.database = database
    this.store = store
    this.project = project
  }

  /** Makes project, connection and stream, claims the lease and opens a run. */
  async begin(connection = 'me', shape = SHAPE): Promise<this> {
    const { store, project } = this
    await store.projects.ensure({ id: project, timezone: 'Europe/Berlin', at: T0 })
    this.connection = await store.connections.save({
      project,
      id: connection,
      connector: shape.connector,
      connectorVersion: '1',
      options: { shop: 'ada' },
      webhookSecret: `hook-${connection}`,
      at: T0,
    })
    this.stream = await store.streams.define(this.connection.no, shape)
    this.lease = await this.claim(`${project}/${connection}`)
    // Run ids are unique in a project.
    this.run = await this.openRun(connection === 'me' ? 'run-1' : `${connection}-run-1`)
    return this
  }

  async claim(
    resource: string,
    more: { now?: number; takeOver?: number; holder?: Holder; store?: Store } = {},
  ): Promise<Lease> {
    const { now = T0, holder = HOLDER, store = this.store, takeOver } = more
    const claim = { resource, holder, now, expiresAt: now + MINUTE, ...(takeOver === undefined ? {} : { takeOver }) }
    const answer = await store.leases.claim(claim)
    if ('heldBy' in answer) throw new Error(`${resource} is held by generation ${answer.heldBy.generation}`)
    return answer.lease
  }

  async openRun(id: string, at = T0, more: Partial<Pick<NewRun, 'order' | 'mode'>> = {}): Promise<RunRow> {
    const { store, lease, project, connection } = this
    return store.runs.open({
      id,
      lease,
      project,
      connectionNo: connection.no,
      mode: 'auto',
      streams: [],
      partial: false,
      at,
      holder: HOLDER,
      ...more,
    })
  }

  async finishRun(more: Partial<Parameters<Store['runs']['finish']>[0]> = {}): Promise<RunRow> {
    const finish = { lease: this.lease, runNo: this.run.no, status: 'succeeded', at: T0 + MINUTE, error: null } as const
    return this.store.runs.finish({ ...finish, notes: [], requests: [], streams: [], ...more })
  }

  /** The next run of the same connection, after the last was finished. */
  async nextRun(id: string, at = T0): Promise<void> {
    await this.finishRun()
    this.run = await this.openRun(id, at)
  }

  batch(part: Omit<Partial<Batch>, 'counts'> & { counts?: Partial<Counts> } = {}): Batch {
    const place = {
      lease: this.lease,
      leaseUntil: T0 + MINUTE,
      project: this.project,
      runNo: this.run.no,
      streamNo: this.stream.no,
      at: T0,
      day: '2026-01-01',
    }
    return {
      ...emptyBatch(place),
      page: 1,
      pass: { ordinal: 0, kind: 'newestFirst', ended: null, pages: 1, requests: 0 },
      ...part,
      counts: { ...NO_COUNTS, ...part.counts },
    }
  }

  async write(part: Parameters<World['batch']>[0] = {}, store = this.store): Promise<'written' | 'stale'> {
    return store.checkpoint(this.batch(part))
  }

  /** Writes and insists that it was written. */
  async put(part: Parameters<World['batch']>[0]): Promise<void> {
    const answer = await this.write(part)
    if (answer !== 'written') throw new Error('the checkpoint was stale')
  }

  async insert(...keys: readonly Key[]): Promise<void> {
    await this.put({ inserts: keys.map((key) => record(key)) })
  }

  async remove(key: Key, expect: number, more: Parameters<World['batch']>[0] = {}): Promise<void> {
    await this.put({ removals: [{ key, expect, reason: 'not_listed' }], ...more })
  }

  async head(key: Key): Promise<Head | undefined> {
    return (await this.store.records.look(this.stream.no, [key])).get(key)
  }

  async history(key: Key) {
    return this.store.history.versions(this.stream.no, key)
  }

  async changes(after = 0) {
    return this.store.feed.changes({ project: this.project, after, limit: 10_000 })
  }

  async total(): Promise<number | undefined> {
    const streams = await this.store.streams.list(this.connection.no)
    return streams.find(({ no }) => no === this.stream.no)?.totalRecords
  }

  /** Everything about a few records that a refused write must leave as it was. */
  async picture(...keys: readonly Key[]): Promise<unknown> {
    const { store, stream } = this
    return {
      heads: await store.records.look(stream.no, keys),
      contents: await store.records.contents(stream.no, keys),
      histories: await Promise.all(keys.map((key) => this.history(key))),
      changes: await this.changes(),
      feed: await store.feed.bounds(this.project),
      streams: await store.streams.list(this.connection.no),
      state: await store.streams.state(stream.no),
      runs: await store.runs.list({ project: this.project, limit: 100 }),
    }
  }
}

/** A request as the ledger has it. */
export function request(more: Partial<RequestRow> = {}): RequestRow {
  const answer = { status: 200, bytes: 1_234, ms: 12.7, attempt: 1, outcome: 'ok', billedItems: 0 }
  return { at: T0, method: 'GET', url: 'https://shop.example/orders?page=2', ...answer, ...more }
}
