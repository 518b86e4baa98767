// Owns the list of gaps: what is known not to have been read.

import { z } from 'zod'
import { limit, ofConnection } from './inputs.ts'
import { connectionRow } from './mirror.ts'
import { operation } from './operation.ts'
import type { ConnectionQuery } from './quarantine.ts'

export interface GapsQuery extends ConnectionQuery {
  /** @default 1_000 */
  readonly limit?: number | undefined
}

/** A row of the SQL table `gaps`. */
export type Gap = Readonly<Record<string, unknown>>

const LIMIT = 1_000
const LIMIT_MAX = 10_000

export const gaps = operation<GapsQuery, Promise<readonly Gap[]>>({
  name: 'gaps',
  does: 'List the gaps: what is known not to have been read.',
  details: 'Each is a walk that broke off, or what a run could not prove. The next sync closes them, where it can.',
  scope: 'read',
  input: { connection: ofConnection, limit: limit({ most: LIMIT_MAX, otherwise: String(LIMIT) }) },
  list: 'gaps',
  listedBy: ['connection', 'stream', 'pass', 'walk'],
  output: z.looseObject({ connection: z.string(), stream: z.string() }),
  examples: [{}, { connection: 'me' }],
  async run(mirror, { connection, limit: most = LIMIT }) {
    const of = connection === undefined ? undefined : (await connectionRow(mirror, connection)).id
    return mirror.store.tables.rows(mirror.project, 'gaps', most, of)
  },
})
