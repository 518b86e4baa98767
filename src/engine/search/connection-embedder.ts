// Owns the embedder of a project that has a connection for it: its service is asked as any other is, with its limits, budgets
// and address checks. What goes wrong there is told by a search, and keeps vectors waiting; nothing else.

import type { Connector } from '../../connector/connector.ts'
import type { Embedder } from '../../embedders/embedder.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { ConnectionRow } from '../../store/store.ts'
import type { FindConnector } from '../followers/declared-texts.ts'
import { Purse } from '../passes/budget.ts'
import { Patience } from '../passes/patience.ts'
import { WatchedHttp } from '../passes/watched-http.ts'
import { CHECK_IDLE_MAX_MS } from '../runs/check.ts'
import { openConnection } from '../runs/connection.ts'
import { connectionHttp } from '../runs/connection-http.ts'
import { allowanceOf } from '../runs/order.ts'
import type { RunPorts } from '../runs/run.ts'
import { connectionPaused, DISCONNECTED } from '../runs/standing.ts'

/** A person waits for a search: it is asked once. In milliseconds. */
const SEARCHING = { attempts: 1, timeoutMs: 10_000, waitMaxMs: 2_000 }
/** Nobody waits for vectors; a model on a small machine takes its time. In milliseconds. */
const FOLLOWING = { attempts: 2, timeoutMs: 120_000, waitMaxMs: 60_000 }

/** Undefined: the project has no connection that makes vectors. Of several, the first by its name does. */
export async function connectionEmbedder(
  ports: RunPorts,
  find: FindConnector,
  project: string,
): Promise<Embedder | undefined> {
  for (const row of (await ports.store.connections.list(project)).toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    if (row.paused.includes(DISCONNECTED)) continue
    const connector = await find(row.connector)
    const embeds = connector?.service.embeds
    if (!connector || !embeds) continue
    return {
      id: `${row.connector} ${modelOf(row)}`,
      atOnce: embeds.batch,
      embed: (texts, signal) => embed(ports, { row, connector, embeds }, texts, signal),
    }
  }
  return undefined
}

/** The options that say what the vectors are; not where they are made. */
function modelOf({ options }: ConnectionRow): string {
  const { baseUrl: _, allowPrivateNetwork: __, ...own } = options as Readonly<Record<string, unknown>>
  return JSON.stringify(Object.entries(own).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

interface Embedding {
  readonly row: ConnectionRow
  readonly connector: Connector
  readonly embeds: NonNullable<Connector['service']['embeds']>
}

async function embed(
  ports: RunPorts,
  { row, connector, embeds }: Embedding,
  texts: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly Float32Array[]> {
  if (row.paused.length > 0) throw connectionPaused(row, connector)
  const opened = await openConnection(ports, connector, row)
  const place = { project: row.project, connector: row.connector, connection: row.id }
  const purse = await Purse.open(ports, place, allowanceOf({}))
  const ends = signal ?? ports.closing ?? new AbortController().signal
  const asking = {
    signal: ends,
    // There is no run whose ledger it could stand in; budgets and limits count it.
    record: () => {},
    beforeTry: () => purse.takeRequest(),
    limits: signal === undefined ? SEARCHING : FOLLOWING,
  }
  const http = new WatchedHttp(connectionHttp(ports, opened, asking), ports.clock)
  const patience = new Patience(ends, CHECK_IDLE_MAX_MS)
  // Half of a pair, as it stands where a text was cut, is no character: services that are strict refuse it.
  const sent = texts.map((text) => text.toWellFormed())
  const vectors = await patience.await('embed', http, () =>
    embeds.embed({ http, options: opened.options, texts: sent }),
  )
  return checked(vectors, texts.length)
}

/** One vector for each text, and numbers in all of them. */
function checked(vectors: readonly (readonly number[])[], count: number): readonly Float32Array[] {
  const packed = vectors.map((vector) =>
    Float32Array.from(vector, (part) => (typeof part === 'number' ? part : Number.NaN)),
  )
  const [first = []] = packed
  const isWhole = (vector: Float32Array) =>
    vector.length > 0 && vector.length === first.length && vector.every((part) => Number.isFinite(part))
  if (packed.length === count && packed.every(isWhole)) return packed
  throw new TidemarkError('unexpected_shape', 'The answer lacks a vector of numbers for one of the texts.', {
    scope: 'page',
  })
}
