// Owns the records that could not be read, and reading them again.

import { z } from 'zod'
import type { Remaining, Retried } from '../engine/review/retry-quarantine.ts'
import { type SetAside, setAsideDocument } from '../engine/runs/documents.ts'
import { quarantineReport } from '../engine/runs/report.ts'
import type { ConnectionRow, QuarantinePlace } from '../store/store.ts'
import { hook, listener } from './fields.ts'
import { ofConnection } from './inputs.ts'
import { later } from './later.ts'
import { connectionRow, connectorAway, connectorOf, type Mirror } from './mirror.ts'
import { operation } from './operation.ts'

const retrying = later(() => import('../engine/review/retry-quarantine.ts'))

export interface ConnectionQuery {
  readonly connection?: string | undefined
}

/** Rows read from the store at once. */
const PART = 100

/** For whoever reads the list a page at a time. */
export interface QuarantineHooks {
  readonly behind?: QuarantinePlace | undefined
  readonly onPlace?: ((place: QuarantinePlace) => void) | undefined
}

const place = z.object({ streamNo: z.int(), identity: z.string() })
const isPlace = (given: unknown) => place.safeParse(given).success

export const quarantine = operation<ConnectionQuery, AsyncGenerator<SetAside>, QuarantineHooks>({
  name: 'quarantine',
  does: 'List the texts of records that could not be read.',
  details: 'A text of which a newer content was read since says when, in supersededAt.',
  scope: 'read',
  input: { connection: ofConnection },
  hooks: {
    behind: hook('is the place of a text', 'only what comes behind this place', isPlace),
    onPlace: listener('gets the place of each text, before the text'),
  },
  list: 'quarantine',
  output: setAsideDocument,
  examples: [{ connection: 'me' }],
  async *run(mirror, { connection }, { behind, onPlace }) {
    const { store, project } = mirror
    const one = connection === undefined ? {} : { connectionNo: (await connectionRow(mirror, connection)).no }
    let after: QuarantinePlace | undefined = behind
    for (;;) {
      const rows = await store.review.quarantined({ project, ...one, limit: PART, ...(after ? { after } : {}) })
      for (const row of rows) {
        onPlace?.({ streamNo: row.streamNo, identity: row.identity })
        yield quarantineReport(row)
      }
      const last = rows.at(-1)
      if (!last) return
      after = { streamNo: last.streamNo, identity: last.identity }
    }
  },
})

export const retryQuarantine = operation<ConnectionQuery, Promise<Retried>>({
  name: 'retryQuarantine',
  does: 'Read again what is in quarantine, with the connectors as they are now.',
  details: 'Each record that can be read takes its place in the order of its versions.',
  scope: 'write',
  input: { connection: ofConnection },
  output: z.object({
    released: z.number(),
    remaining: z.array(
      z.object({
        connection: z.string(),
        stream: z.string(),
        key: z.string().nullable(),
        code: z.string(),
        id: z.string(),
        message: z.string(),
      }),
    ),
  }),
  examples: [{ connection: 'me' }],
  async run(mirror, { connection }) {
    const engine = await retrying()
    const { store, project, connectors } = mirror
    const rows =
      connection === undefined ? await store.connections.list(project) : [await connectionRow(mirror, connection)]
    if (connection !== undefined) for (const row of rows) await connectorOf(mirror, row)
    let released = 0
    const remaining: Remaining[] = []
    for (const row of rows) {
      const connector = await connectors.find(row.connector)
      if (!connector) {
        for await (const left of leftOf(mirror, row)) remaining.push(left)
        continue
      }
      const retried = await engine.retryQuarantine(mirror, connector, row)
      released += retried.released
      remaining.push(...retried.remaining)
    }
    return { released, remaining }
  },
})

/** Of all connections, one whose connector is not here keeps the others from nothing: its records stay as they are. */
async function* leftOf(mirror: Mirror, { id, connector }: ConnectionRow): AsyncGenerator<Remaining> {
  const { code, message } = connectorAway(id, connector)
  for await (const { stream, id: text, key, supersededAt } of quarantine.run(mirror, { connection: id }, {})) {
    if (supersededAt === null) yield { connection: id, stream, id: text, key, code, message }
  }
}
