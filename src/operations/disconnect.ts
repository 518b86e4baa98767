// Owns the end of a connection: its secrets are forgotten, or everything of it is deleted.

import { z } from 'zod'
import { DISCONNECTED } from '../engine/runs/standing.ts'
import { BLEND } from '../model/blend-connector.ts'
import { TidemarkError } from '../model/errors.ts'
import { listener } from './fields.ts'
import { connectionInput } from './inputs.ts'
import { later } from './later.ts'
import { connectionRow } from './mirror.ts'
import { operation } from './operation.ts'
import type { OneConnection } from './pause.ts'

const placing = later(() => import('../engine/passes/blends/sources.ts'))
const ending = later(() => import('../engine/health/purge.ts'))

export const disconnect = operation<OneConnection, Promise<number>>({
  name: 'disconnect',
  does: 'Forget the secrets and the schedules of a connection, and pause it.',
  details: 'Its records stay. A run that is under way goes on with the secrets that it has, and is the last one.',
  scope: 'admin',
  input: { connection: connectionInput },
  positional: ['connection'],
  output: z.number().describe('how many secrets it had'),
  examples: [{ connection: 'me' }],
  async run(mirror, { connection }) {
    const { no, connector } = await connectionRow(mirror, connection)
    if (connector === BLEND) throw notConnected(connection)
    return mirror.store.connections.disconnect(no, DISCONNECTED)
  },
})

export interface PurgeHooks {
  /** Gets how many rows are deleted so far. */
  readonly onPart?: ((rows: number) => void) | undefined
}

export const purge = operation<OneConnection, Promise<number>, PurgeHooks>({
  name: 'purge',
  does: 'Delete a connection and everything that is stored of it.',
  details: 'If it is interrupted, the same call continues.',
  scope: 'admin',
  input: { connection: connectionInput },
  hooks: { onPart: listener('gets how many rows are deleted so far') },
  positional: ['connection'],
  output: z.number().describe('how many rows were deleted'),
  examples: [{ connection: 'me' }],
  async run(mirror, { connection }, { onPart }) {
    const row = await connectionRow(mirror, connection)
    const engine = await ending()
    const rows = await engine.purgeConnection(mirror, row, onPart)
    if (row.connector === BLEND) {
      const { positionOf } = await placing()
      await mirror.store.feed.dropConsumer(mirror.project, positionOf(row.no))
    }
    return rows
  },
})

/** A blend has no login that could be forgotten or given again. */
function notConnected(blend: string): TidemarkError {
  return new TidemarkError('argument_invalid', `"${blend}" is a blend, which is made of connections and is none.`, {
    hint: `To end it, with its records: tidemark blend drop ${blend}. To stop it for a while: tidemark pause ${blend}`,
  })
}
