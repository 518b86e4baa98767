// Owns reading again what could not be read: each text in quarantine meets the connector as it is now. What can be read is
// written by the order of versions, without the lease, and anchors nothing.

import type { Connector } from '../../connector/connector.ts'
import { scrubber } from '../../http/scrub.ts'
import { errorReport } from '../../model/errors.ts'
import { parseExact } from '../../model/exact-json.ts'
import type { Clock } from '../../model/ports.ts'
import { MESSAGE_MAX, type Scrub, shown } from '../../model/shown.ts'
import type { Vault } from '../../secrets/vault.ts'
import { isRefusedValue } from '../../store/refused-value.ts'
import type { ConnectionRow, QuarantinePlace, QuarantineRow, Store } from '../../store/store.ts'
import { cameWithoutKey } from '../../store/unread.ts'
import { dayIn } from '../due/day.ts'
import { emptyBatch } from '../passes/batch.ts'
import { DECISIONS, type Decisions } from '../passes/decisions.ts'
import { fillColumns } from '../passes/fill-columns.ts'
import { type Known, lookUp } from '../passes/rows/known.ts'
import { STALE_TRIES_MAX } from '../passes/rows/page-parts.ts'
import { groundOf } from '../passes/rows/place.ts'
import type { Parsed, RowParser } from '../passes/rows/shape.ts'
import { parserOf } from '../passes/rows/stored-shape.ts'
import { isStored, readingsOf } from '../passes/rows/upsert.ts'
import { sealedTexts } from '../runs/connection.ts'

/** Texts read from the store at a time, at most; of long ones it gives fewer. */
const ROWS_AT_A_TIME = 50

export interface RetryPorts {
  readonly store: Store
  readonly vault: Vault
  readonly clock: Pick<Clock, 'now'>
  readonly decisions?: Pick<Decisions, 'decideUpserts'> | undefined
}

export interface Retried {
  /** How many could be read and are records now. */
  readonly released: number
  readonly remaining: readonly Remaining[]
}

/** What still can't be read, and why. */
export interface Remaining extends Pick<QuarantineRow, 'connection' | 'stream' | 'key' | 'code'> {
  /** Names it within its stream, also where it has no key; the same as in the list. */
  readonly id: string
  readonly message: string
}

/** Reads everything again that a connection has in quarantine. */
export async function retryQuarantine(
  ports: RetryPorts,
  connector: Connector,
  connection: Pick<ConnectionRow, 'no' | 'project' | 'id'>,
): Promise<Retried> {
  const { store } = ports
  const timezone = (await store.projects.list()).find(({ id }) => id === connection.project)?.timezone
  const dayOf = dayIn(timezone ?? 'UTC')
  const parsers = new Map<string, RowParser>()
  const filled = async (parser: RowParser) =>
    fillColumns(store, null, await store.streams.define(connection.no, parser.shape), parser)
  /** The stream gets the columns that its connector declares now, and its order, before anything is compared or written. */
  const parserFor = async (stream: string): Promise<RowParser | undefined> => {
    if (!Object.hasOwn(connector.streams, stream)) return undefined
    const parser = parsers.get(stream) ?? (await parserOf(store, connection.no, connector, stream))
    if (!parsers.has(stream)) await filled(parser)
    parsers.set(stream, parser)
    return parser
  }
  const remaining: Remaining[] = []
  let known: Scrub | undefined
  const scrub = async () => (known ??= await reasonScrub(ports, connection))
  let released = 0
  let after: QuarantinePlace | undefined
  const query = { project: connection.project, connectionNo: connection.no, limit: ROWS_AT_A_TIME }
  for (;;) {
    const rows = await store.review.quarantined({ ...query, ...(after ? { after } : {}) })
    for (const row of rows) {
      const parser = await parserFor(row.stream)
      const order = { project: connection.project, row, day: dayOf(ports.clock.now()) }
      const wrong = parser
        ? await retryOne(ports, connector, parser, order)
        : { key: row.key, message: unknownStream(connector, row.stream) }
      const { stream, identity: id, code } = row
      if (wrong === undefined) released++
      // A record of which a newer content was read waits for nothing.
      else if (row.supersededAt === null)
        remaining.push({
          connection: row.connection,
          stream,
          id,
          code,
          ...wrong,
          message: (await scrub())(wrong.message),
        })
    }
    const last = rows.at(-1)
    if (!last) {
      // What could not be read when columns were filled may be what has been released.
      if (released > 0) for (const parser of parsers.values()) await filled(parser)
      return { released, remaining }
    }
    after = { streamNo: last.streamNo, identity: last.identity }
  }
}

/** A row may repeat a secret, and so may what a schema or a connector says of it. */
async function reasonScrub(
  ports: RetryPorts,
  connection: Pick<ConnectionRow, 'no' | 'project' | 'id'>,
): Promise<Scrub> {
  try {
    const secrets = await sealedTexts(ports, connection)
    const scrub = scrubber(() => secrets)
    return (reason) => shown(reason, scrub, MESSAGE_MAX)
  } catch (error) {
    const { code } = errorReport(error)
    return () => `The reason is not shown: it may repeat a secret, and the secrets do not open (${code}).`
  }
}

/** Why a text stays in quarantine, and the key that is known of it. */
type Stays = Pick<Remaining, 'key' | 'message'>

/** Undefined when it became a record. */
async function retryOne(
  ports: RetryPorts,
  connector: Connector,
  parser: RowParser,
  { project, row, day }: { project: string; row: QuarantineRow; day: string },
): Promise<Stays | undefined> {
  const parsed = read(parser, row)
  if (typeof parsed === 'string') return { key: row.key, message: parsed }
  const { key } = parsed.incoming
  const stays = (message: string): Stays => ({ key, message })
  for (let tries = 0; tries < STALE_TRIES_MAX; tries++) {
    const outcome = await writeHeld(ports, connector, { project, row, day, parsed })
    if (outcome === 'written') return undefined
    if (outcome === 'refused') return stays('The store cannot hold one of its values.')
    if (outcome === 'unordered')
      return stays(
        `A record with the key "${key}" is stored, and nothing tells which of the two is newer until the source shows it again.`,
      )
  }
  return stays('It came again meanwhile, or its record kept changing. Try once more.')
}

function unknownStream({ service }: Connector, stream: string): string {
  return `${service.name} has no stream "${stream}" any more.`
}

function read(parser: RowParser, row: QuarantineRow): Parsed | string {
  let given: unknown
  try {
    given = parseExact(row.raw)
  } catch {
    return 'Its text is not whole: only its beginning was kept.'
  }
  const result = parser.parse(given, row.position, row.askedAt)
  return 'quarantined' in result ? result.quarantined.message : result
}

/** As `write`; a value that the store can't hold keeps its row in quarantine, and no other one. */
async function writeHeld(...order: Parameters<typeof write>): Promise<Awaited<ReturnType<typeof write>> | 'refused'> {
  try {
    return await write(...order)
  } catch (error) {
    if (isRefusedValue(error)) return 'refused'
    throw error
  }
}

/** Decides with what is stored now. An older content than the stored one goes to the history. */
async function write(
  { store, clock, decisions = DECISIONS }: RetryPorts,
  connector: Connector,
  { project, row, day, parsed }: { project: string; row: QuarantineRow; day: string; parsed: Parsed },
): Promise<'written' | 'stale' | 'unordered'> {
  const { streamNo, runNo, page, identity, askedAt, times } = row
  const stream = connector.streams[row.stream]
  const { volatile = [], version } = stream ?? {}
  const at = clock.now()
  const empty = emptyBatch({ lease: null, leaseUntil: at, project, runNo, streamNo, at, day })
  const one = version ? parsed : await placed(store, row, parsed)
  const known = await lookUp(store, [one], { streamNo, askedAt, volatile })
  if (!version && isUnordered(row, one, known, volatile)) {
    const { key } = one.incoming
    if (row.key === null) await store.checkpoint({ ...empty, keyed: [{ identity, key }] })
    return 'unordered'
  }
  const upserts = decisions.decideUpserts([one], {
    ...known,
    volatile,
    walk: null,
    ...(stream ? { ground: groundOf(stream, { kind: 'newestFirst', walk: null, records: [] }) } : {}),
    openWalks: new Set(),
    askedAt,
  })
  const { inserts, updates, superseded, touches, counts } = upserts
  return store.checkpoint({
    ...empty,
    page,
    inserts,
    updates,
    superseded,
    touches,
    reads: readingsOf([one], upserts, { heads: known.heads, askedAt, versioned: version !== undefined }),
    released: [{ identity, at: row.at, times, supersededAt: row.supersededAt }],
    counts: {
      ...empty.counts,
      inserted: counts.inserted,
      updated: counts.updated,
      superseded: counts.superseded,
      restored: counts.restored,
    },
  })
}

/**
 * A record that came without a key may have been read since, under its key, unchanged, which moves nothing in the mirror:
 * unless the stored content was read later, or is the same, nothing tells which of the two is newer.
 */
function isUnordered(
  row: QuarantineRow,
  one: Parsed,
  { heads, contents }: Known,
  volatile: readonly string[],
): boolean {
  const head = heads.get(one.incoming.key)
  if (!cameWithoutKey(row.identity) || row.supersededAt !== null || head?.removedAt !== null) return false
  return head.order <= one.incoming.order && !isStored(one, heads, contents, volatile)
}

/** Without a version, a text of which a newer content was read since stands before what is stored now. */
async function placed(store: Store, row: QuarantineRow, parsed: Parsed): Promise<Parsed> {
  if (row.supersededAt === null) return parsed
  const { incoming } = parsed
  const head = (await store.records.look(row.streamNo, [incoming.key])).get(incoming.key)
  if (head?.removedAt !== null || incoming.order < head.order) return parsed
  return { ...parsed, incoming: { ...incoming, order: head.order - 1 } }
}
