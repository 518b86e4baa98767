// Owns the reading of the change feed: cursors, where a reader may go on, and readers that are remembered by name.
//
// A cursor is `epoch.seq`. The numbers of a feed follow each other; its epoch tells it from what another database, or an
// older state of this one, calls by the same numbers.

import { TidemarkError } from '../../model/errors.ts'
import type { Clock } from '../../model/ports.ts'
import type { ChangeOp, Key } from '../../model/record.ts'
import type { ChangeRow, ConsumerRow, Feed, Store } from '../../store/store.ts'
import type { Events } from '../runs/events.ts'
import { instant } from '../runs/report.ts'

export interface FeedPorts {
  readonly store: Store
  readonly clock: Clock
  /** Runs of this process: a reader that waits hears at once that there is something to read. */
  readonly events: Pick<Events, 'listen'>
}

/** One insert, update, restore or remove. What the record holds now is in the record; what it held, in its history. */
export interface Change {
  /** Where a reader stands that has seen this change. */
  readonly cursor: string
  readonly seq: number
  /** ISO 8601. */
  readonly at: string
  readonly connection: string
  readonly stream: string
  readonly key: Key
  readonly op: ChangeOp
  /** The run that made it. */
  readonly run: string | null
  /** Grows by one with every change of the record: the version that it made. */
  readonly ordinal: number
}

export interface ChangesQuery {
  /**
   * A cursor (or its number alone): only what comes after it. `now`: only what comes from here on.
   *
   * @default where the consumer stands; else the oldest change that is kept
   */
  readonly after?: string | number | undefined
  /** A name under which the position is remembered, for one reader at a time. */
  readonly consumer?: string | undefined
  /**
   * When a consumer's position moves. `auto`: a change is done when the next one is asked for; the position is stored
   * every 100 changes and when the loop ends. `manual`: only with `consumers.acknowledge`. Either way a change may come
   * again after a crash, and none is left out. @default 'auto'
   */
  readonly acknowledge?: 'auto' | 'manual' | undefined
  /** @default all */
  readonly limit?: number | undefined
  /** Waits for what comes, until the signal aborts. @default false */
  readonly follow?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** Changes that are read at once, and between two stored positions of a consumer. */
const PART = 500
const ACKNOWLEDGED_EVERY = 100
/** Begins the names of readers that are Tidemark's own; no user can give such a name. */
export const OWN_READER = 'follower:'
/** How often a reader that waits looks for what other processes have stored, in milliseconds. */
const LOOKS_EVERY_MS = 500

interface Position {
  readonly epoch: string
  readonly seq: number
}

export function cursorOf({ epoch, seq }: Position): string {
  return `${epoch}.${seq}`
}

/**
 * Reads the feed in its order.
 *
 * @throws TidemarkError feed_reset, feed_pruned, cursor_invalid, consumer_invalid (stop)
 */
export async function* readFeed(ports: FeedPorts, project: string, query: ChangesQuery = {}): AsyncGenerator<Change> {
  const { store, clock, events } = ports
  const { consumer, follow = false, signal, acknowledge = 'auto' } = query
  const { epoch, ...start } = await startOf(ports, project, query)
  let { seq } = start
  let left = query.limit ?? Number.POSITIVE_INFINITY
  let stored = seq
  let done = seq
  const remember = async () => {
    if (consumer === undefined || acknowledge === 'manual' || done === stored) return
    await store.feed.saveConsumer(project, { name: consumer, epoch, seq: done, at: clock.now() })
    stored = done
  }
  try {
    while (left > 0) {
      if (signal?.aborted) return
      const part = await store.feed.changes({ project, after: seq, limit: Math.min(PART, left) })
      // Asked afterwards: what was restored or deleted while we read is noticed.
      checkPosition(await store.feed.bounds(project), { epoch, seq }, consumer)
      for (const row of part) {
        yield changeOf(row, epoch)
        done = row.seq
        if (done - stored >= ACKNOWLEDGED_EVERY) await remember()
        if (signal?.aborted) return
      }
      left -= part.length
      seq = part.at(-1)?.seq ?? seq
      if (part.length > 0) continue
      if (!follow) return
      await remember()
      await waited(clock, events, signal)
    }
  } finally {
    await remember()
  }
}

/** Until a run of this process has stored something, and no longer than it takes to look for those of others. */
async function waited(clock: Clock, events: FeedPorts['events'], signal: AbortSignal | undefined): Promise<void> {
  const heard = new AbortController()
  const deaf = events.listen(() => heard.abort())
  await clock.sleep(LOOKS_EVERY_MS, signal ? AbortSignal.any([signal, heard.signal]) : heard.signal)
  deaf()
}

/** Where reading begins. A consumer that is new is remembered at once, so that it loses nothing from here on. */
async function startOf(
  { store, clock }: FeedPorts,
  project: string,
  { after, consumer }: ChangesQuery,
): Promise<Position> {
  const feed = await store.feed.bounds(project)
  const known = consumer === undefined ? undefined : await knownConsumer(store, project, consumer)
  const position = after === undefined ? (known ?? { epoch: feed.epoch, seq: feed.prunedTo }) : parseCursor(after, feed)
  checkPosition(feed, position, after === undefined ? consumer : undefined)
  const { epoch, seq } = position
  if (consumer !== undefined && (!known || after !== undefined)) {
    await store.feed.saveConsumer(project, { name: consumer, epoch, seq, at: clock.now() })
  }
  return { epoch, seq }
}

/** What no type checker has seen may be anything. */
function inQuotes(given: unknown): `"${string}"` {
  return `"${typeof given === 'string' || typeof given === 'number' ? given : typeof given}"`
}

function invalidConsumer(name: unknown): TidemarkError {
  return new TidemarkError('consumer_invalid', `${inQuotes(name)} can't be the name of a consumer.`)
}

async function knownConsumer(store: Store, project: string, name: string): Promise<ConsumerRow | undefined> {
  if (typeof name !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) throw invalidConsumer(name)
  return (await store.feed.consumers(project)).find((consumer) => consumer.name === name)
}

/** @throws TidemarkError cursor_invalid */
export function parseCursor(after: string | number, feed: Feed): Position {
  if (after === 'now') return feed
  const written = typeof after === 'string' || typeof after === 'number' ? String(after) : ''
  const match = /^(?:([^.\s]+)\.)?(\d{1,15})$/.exec(written)
  if (match) return { epoch: match[1] ?? feed.epoch, seq: Number(match[2]) }
  throw new TidemarkError('cursor_invalid', `${inQuotes(after)} is not a valid cursor.`, {
    hint: `Use the cursor of a change, such as ${cursorOf(feed)}, or now.`,
  })
}

/**
 * Whether a reader at this position can go on without missing anything.
 *
 * @throws TidemarkError feed_reset, feed_pruned, cursor_invalid
 */
export function checkPosition(feed: Feed, { epoch, seq }: Position, consumer?: string): void {
  const anew = 'Begin anew: read the records, and from then on the changes after the cursor that --after now gives'
  const hint = consumer === undefined ? `${anew}.` : `${anew} to --consumer ${consumer}.`
  const who: 'The cursor' | `Consumer ${string}` = consumer === undefined ? 'The cursor' : `Consumer "${consumer}"`
  if (epoch !== feed.epoch) {
    const what = `${who} is of another feed (epoch ${epoch}; this one is ${feed.epoch})` as const
    throw new TidemarkError('feed_reset', `${what}: the database was restored, made anew, or a connection deleted.`, {
      hint,
    })
  }
  if (seq < feed.prunedTo) {
    const kept = `changes up to ${feed.prunedTo} are no longer kept`
    throw new TidemarkError('feed_pruned', `${who} stands at ${seq}, but ${kept}.`, { hint })
  }
  if (seq > feed.seq) {
    throw new TidemarkError('cursor_invalid', `${who} stands at ${seq}, but the feed ends at ${feed.seq}.`, {
      hint: `The end of the feed is ${cursorOf(feed)}.`,
    })
  }
}

function changeOf({ seq, at, connection, stream, key, op, run, ordinal }: ChangeRow, epoch: string): Change {
  return { cursor: cursorOf({ epoch, seq }), seq, at: instant(at), connection, stream, key, op, run, ordinal }
}

/** A named reader of the feed, and how much it has before it; null: it has to begin anew. */
export interface Consumer {
  readonly name: string
  readonly cursor: string
  readonly behind: number | null
  /** When it was there last, ISO 8601. */
  readonly at: string
}

/** Readers of the feed that are remembered by name. */
export class Consumers {
  readonly #ports: FeedPorts
  readonly #project: string

  constructor(ports: FeedPorts, project: string) {
    this.#ports = ports
    this.#project = project
  }

  /** The end of the feed: the cursor of a reader that has seen everything. */
  async end(): Promise<string> {
    return cursorOf(await this.#ports.store.feed.bounds(this.#project))
  }

  /** By name. */
  async list(): Promise<readonly Consumer[]> {
    const feed = await this.#ports.store.feed.bounds(this.#project)
    const all = await this.#ports.store.feed.consumers(this.#project)
    const named = all.filter(({ name }) => !name.startsWith(OWN_READER))
    return named.map(({ name, epoch, seq, at }) => {
      const lost = epoch !== feed.epoch || seq < feed.prunedTo
      return { name, cursor: cursorOf({ epoch, seq }), behind: lost ? null : feed.seq - seq, at: instant(at) }
    })
  }

  /**
   * Remembers that a consumer is done with everything up to a cursor.
   *
   * @throws TidemarkError cursor_invalid, consumer_invalid, feed_reset, feed_pruned
   */
  async acknowledge(name: string, cursor: string): Promise<void> {
    const { store, clock } = this.#ports
    await knownConsumer(store, this.#project, name)
    const feed = await store.feed.bounds(this.#project)
    const position = parseCursor(cursor, feed)
    checkPosition(feed, position, name)
    await store.feed.saveConsumer(this.#project, { name, epoch: position.epoch, seq: position.seq, at: clock.now() })
  }

  /**
   * False: there was none. Readers of Tidemark's own are not forgotten.
   *
   * @throws TidemarkError consumer_invalid
   */
  async forget(name: string): Promise<boolean> {
    if (typeof name !== 'string') throw invalidConsumer(name)
    return !name.startsWith(OWN_READER) && this.#ports.store.feed.dropConsumer(this.#project, name)
  }
}
