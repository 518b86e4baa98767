// Owns a simulated process: a real engine whose every port goes through the scheduler, so that it can be killed, paused
// and resumed between any two operations, before or after their effect.

import { assemble } from '../../src/assemble.ts'
import type { SyncOrder } from '../../src/connection.ts'
import type { Connector } from '../../src/connector/connector.ts'
import type { Retention } from '../../src/engine/followers/retention.ts'
import type { Decisions } from '../../src/engine/passes/decisions.ts'
import { DECISIONS } from '../../src/engine/passes/kinds/all.ts'
import { ulid } from '../../src/engine/system.ts'
import type { Transport } from '../../src/http/transport.ts'
import { TidemarkError } from '../../src/model/errors.ts'
import type { Chance, Clock, Logger } from '../../src/model/ports.ts'
import type { RunReport } from '../../src/model/run.ts'
import type { Batch, Lease, Store } from '../../src/store/store.ts'
import type { Random } from '../../src/testing/emulators/kit/random.ts'
import type { Tidemark } from '../../src/tidemark.ts'
import { type Owner, type Scheduler } from './scheduler.ts'

/** A wrong decision in place of a right one, or a wrong port in place of a right one. Only for showing that it is noticed. */
export interface Plant {
  readonly name: string
  /** The style, or the group of styles, in which it can show. @default all */
  readonly style?: string
  readonly decisions?: (clock: Clock, decisions: Decisions) => Decisions
  readonly store?: (store: Store, fences: Fences) => Store
}

/** What all processes share. */
export interface House {
  readonly scheduler: Scheduler
  readonly store: Store
  readonly connector: Connector
  readonly key: Uint8Array
  readonly fences: Fences
  readonly logger: Logger
  readonly plant: Plant | undefined
  /** How far the machine's wall clock has been set. */
  readonly wall: { offset: number }
  /** Whether a dead process is known to be dead. */
  readonly sameHost: boolean
  /** Errors of the database, and answers that something changed meanwhile, that nothing caused. */
  readonly upset: (method: string) => 'busy' | 'stale' | undefined
  /** Told of every call of the store that had its effect, or failed. */
  readonly stored: (sync: number, method: string, args: readonly unknown[], result: unknown, error: unknown) => void
  readonly transport: (process: Process) => Transport
  readonly retention?: Retention
}

export const ORIGIN = Date.UTC(2026, 0, 1)

export type Outcome =
  | { readonly kind: 'report'; readonly report: RunReport }
  | { readonly kind: 'threw'; readonly code: string; readonly error: unknown }

/** What became of something that is no sync. */
export type Acted =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly code: string; readonly error: unknown }

/** Which generation of each lease is the last, and who wrote with an older one all the same. */
export class Fences {
  readonly #last = new Map<string, number>()
  readonly breaches: string[] = []

  issued(lease: Lease): void {
    this.#last.set(lease.resource, lease.generation)
  }

  last({ resource, generation }: Lease): number {
    return this.#last.get(resource) ?? generation
  }

  wrote(who: string, what: string, resource: string, generation: number): void {
    const last = this.#last.get(resource) ?? generation
    if (generation < last) this.breaches.push(`${who} wrote (${what}) with generation ${generation} of ${last}`)
  }
}

/** The generation with which the engine meant to write, whatever a planted fault makes of the batch. */
const MEANT = Symbol('meant')

export class Process implements Owner {
  readonly name: string
  state: Owner['state'] = 'live'
  /** The sync that it is in, by the simulation's count; 0: none. */
  sync = 0
  outcome: Outcome | undefined
  acted: Acted | undefined
  /** The run that it waits for instead of one of its own. */
  joined: string | undefined
  abort: AbortController | undefined
  readonly #house: House
  readonly #dead: ReadonlySet<string>
  readonly #random: Random
  #tidemark: Promise<Tidemark> | undefined

  constructor(house: House, name: string, dead: ReadonlySet<string>, random: Random) {
    this.#house = house
    this.name = name
    this.#dead = dead
    this.#random = random
  }

  get busy(): boolean {
    return this.sync > 0 && this.outcome === undefined && this.acted === undefined
  }

  /** Starts a sync. Its outcome is there when the scheduler has driven it so far. */
  start(sync: number, order: SyncOrder): void {
    this.#begin(sync)
    this.abort = new AbortController()
    const signal = this.abort.signal
    const onAttach = ({ id }: { id: string }) => void (this.joined = id)
    void this.#opened()
      .then((tidemark) => tidemark.connection('c'))
      .then((connection) => connection.sync({ whenActive: 'refuse', ...order, signal, onAttach }))
      .then(
        (report) => (this.outcome = { kind: 'report', report }),
        (error: unknown) => (this.outcome = { kind: 'threw', code: codeOf(error), error }),
      )
  }

  /** Starts something else than a sync. What became of it is there when the scheduler has driven it so far. */
  act(number: number, what: (tidemark: Tidemark) => Promise<unknown>): void {
    this.#begin(number, true)
    void this.#opened()
      .then(what)
      .then(
        (value) => (this.acted = { kind: 'done', value }),
        (error: unknown) => (this.acted = { kind: 'threw', code: codeOf(error), error }),
      )
  }

  #isActing = false

  #begin(number: number, acts = false): void {
    this.sync = number
    this.#isActing = acts
    this.outcome = undefined
    this.acted = undefined
    this.joined = undefined
  }

  /** Resolves when what follows the runs of this process is done. */
  async settled(): Promise<void> {
    await (await this.#opened()).settled()
  }

  /** A person logs in again. */
  async connect(options: { token: string; refresh: string }): Promise<void> {
    const tidemark = await this.#opened()
    await tidemark.connect(this.#house.connector, { id: 'c', options })
  }

  #opened(): Promise<Tidemark> {
    this.#tidemark ??= this.#open().catch((error: unknown) => {
      this.#tidemark = undefined
      throw error
    })
    return this.#tidemark
  }

  async #open(): Promise<Tidemark> {
    const { connector, key, logger, plant, sameHost, retention } = this.#house
    const clock = this.#clock()
    return assemble({
      store: this.#store(),
      clock,
      chance: this.#chance(),
      transport: this.#house.transport(this),
      decisions: plant?.decisions?.(clock, DECISIONS) ?? DECISIONS,
      holder: { id: this.name, host: sameHost ? 'here' : this.name, pid: 1, startedAt: 1 },
      isDead: (holder) => sameHost && this.#dead.has(holder.id),
      key,
      connectors: [connector],
      logger,
      ...(retention ? { retention } : {}),
    })
  }

  #clock(): Clock {
    const { scheduler, wall } = this.#house
    return {
      now: () => ORIGIN + Math.floor(scheduler.now) + wall.offset,
      mono: () => scheduler.now,
      sleep: (ms, signal) =>
        scheduler.submit(this, `sleeps ${Math.round(ms)}`, ms, () => undefined, { signal, perform: () => undefined }),
    }
  }

  #chance(): Chance {
    return {
      next: () => this.#random.next(),
      id: (now) =>
        ulid(
          now,
          Uint8Array.from({ length: 16 }, () => this.#random.int(0, 255)),
        ),
    }
  }

  #store(): Store {
    const { plant, fences } = this.#house
    const scheduled = this.#scheduled()
    const inner = plant?.store?.(scheduled, fences) ?? scheduled
    return wrap(inner, (method, args, call) => {
      const [first, ...rest] = args
      return FENCED.has(method)
        ? call([{ ...(first as Batch), [MEANT]: (first as Batch).lease?.generation }, ...rest])
        : call(args)
    })
  }

  /** The real store, every call of which waits for its turn. */
  #scheduled(): Store {
    const { scheduler, store, fences, upset, stored } = this.#house
    return wrap(store, (method, args, call) => {
      if (AFTER_WORK.has(method)) scheduler.works(this, false)
      return scheduler.submit(this, labelOf(method, args), 0, async () => {
        const trouble = this.busy ? upset(method) : undefined
        // A decision that touches no record has nothing that could have changed meanwhile.
        if (trouble === 'stale' && !(this.#isActing && !touchesRecords(args[0] as Batch))) {
          stored(this.sync, method, args, 'stale', undefined)
          return 'stale'
        }
        if (trouble === 'busy') throw new TidemarkError('database_busy', 'The database is busy.')
        let result: unknown
        try {
          result = await call(args)
        } catch (error) {
          stored(this.sync, method, args, undefined, error)
          throw error
        }
        stored(this.sync, method, args, result, undefined)
        // A catalog is compressed by other threads, between these calls.
        if (method === 'catalogs.begin') scheduler.works(this, true)
        if (method === 'leases.claim' && 'lease' in (result as object))
          fences.issued((result as { lease: Lease }).lease)
        if (FENCED.has(method) && result !== 'stale' && (args[0] as Batch).lease) {
          const written = args[0] as Batch & { lease: Lease; [MEANT]: number }
          fences.wrote(this.name, method, written.lease.resource, written[MEANT])
        }
        return result
      })
    })
  }
}

/** What a run does when its catalog is written, or could not be. */
const AFTER_WORK: ReadonlySet<string> = new Set(['runs.finish', 'leases.release', 'leases.claim'])

const FENCED: ReadonlySet<StoreMethod> = new Set(['checkpoint', 'runs.open', 'runs.finish'])

type Call = (args: readonly unknown[]) => unknown

type MethodOf<Part, Prefix extends string = ''> = {
  [Name in keyof Part & string]: Part[Name] extends (...args: never) => unknown ? `${Prefix}${Name}` : never
}[keyof Part & string]

/** A method of the store, as its faults and its log call it: `checkpoint`, `runs.open`. */
export type StoreMethod = MethodOf<Store> | { [Part in keyof Store]: MethodOf<Store[Part], `${Part}.`> }[PartName]

type PartName = Exclude<keyof Store, MethodOf<Store> | 'name'>

/** A store each of whose methods goes through `around`. */
export function wrap(
  store: Store,
  around: (method: StoreMethod, args: readonly unknown[], call: Call) => unknown,
): Store {
  const within = <T extends object>(part: T, prefix: string): T => {
    const members = new Map<string | symbol, unknown>()
    const wrapped = (name: string, member: unknown): unknown => {
      if (typeof member === 'object' && member !== null) return within(member, `${name}.`)
      if (typeof member !== 'function') return member
      const call: Call = (args) => Reflect.apply(member, part, args)
      return (...args: unknown[]) => around(`${prefix}${name}` as StoreMethod, args, call)
    }
    return new Proxy(part, {
      get(target, name) {
        if (!members.has(name)) members.set(name, wrapped(String(name), Reflect.get(target, name, target)))
        return members.get(name)
      },
    })
  }
  return within(store, '')
}

function touchesRecords({ inserts, updates, removals, revivals = [] }: Batch): boolean {
  return inserts.length + updates.length + removals.length + revivals.length > 0
}

function codeOf(error: unknown): string {
  return error instanceof TidemarkError ? error.code : 'unexpected'
}

function labelOf(method: string, args: readonly unknown[]): string {
  if (method !== 'checkpoint') return method
  const { walk, page, inserts, updates, touches, missed, removals, hold, walks } = args[0] as Batch
  const closed = walks.filter(({ closedAt }) => closedAt !== null).map((one) => ` closes ${one.walk}`)
  const parts = [inserts, updates, touches, missed, removals].map((list) => list.length).join('/')
  return `checkpoint walk ${walk} page ${page} +~tm- ${parts}${hold ? ` holds ${hold.keys.length}` : ''}${closed.join('')}`
}
