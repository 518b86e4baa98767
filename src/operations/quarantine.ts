// Owns the records that could not be read, and reading them again.

import { z } from 'zod'
import type { Remaining, Retried } from '../engine/held/retry-quarantine.ts'
import { quarantineReport, type SetAside } from '../engine/runs/report.ts'
import type { QuarantinePlace } from '../store/store.ts'
import { ofConnection } from './inputs.ts'
import { later } from './later.ts'
import { connectionRow } from './mirror.ts'
import { operation } from './operation.ts'

const retrying = later(() => import('../engine/held/retry-quarantine.ts'))

export interface ConnectionQuery {
  readonly connection?: string | undefined
}

const keyOrNull = z.string().nullable()
const setAsideDocument: z.ZodType<SetAside> = z.object({
  connection: z.string(),
  stream: z.string(),
  id: z.string(),
  key: keyOrNull,
  code: z.string(),
  message: z.string(),
  run: z.string(),
  page: z.number(),
  position: z.number(),
  firstAt: z.string(),
  at: z.string(),
  supersededAt: z.string().nullable(),
  times: z.number(),
  raw: z.string(),
})

/** Rows read from the store at once. */
const PART = 100

export const quarantine = operation<ConnectionQuery, AsyncGenerator<SetAside>>({
  name: 'quarantine',
  does: 'List the texts of records that could not be read.',
  details: 'Those included of which a newer content was read since.',
  scope: 'read',
  input: { connection: ofConnection },
  list: 'quarantine',
  output: setAsideDocument,
  examples: [{ connection: 'me' }],
  async *run(mirror, { connection }) {
    const { store, project } = mirror
    const one = connection === undefined ? {} : { connectionNo: (await connectionRow(mirror, connection)).no }
    let after: QuarantinePlace | undefined
    for (;;) {
      const rows = await store.quarantined({ project, ...one, limit: PART, ...(after ? { after } : {}) })
      for (const row of rows) yield quarantineReport(row)
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
        key: keyOrNull,
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
    const rows = connection === undefined ? await store.connections(project) : [await connectionRow(mirror, connection)]
    const all = await Promise.all(rows.map(async (row) => ({ row, connector: await connectors.get(row.connector) })))
    let released = 0
    const remaining: Remaining[] = []
    for (const { row, connector } of all) {
      const retried = await engine.retryQuarantine(mirror, connector, row)
      released += retried.released
      remaining.push(...retried.remaining)
    }
    return { released, remaining }
  },
})
