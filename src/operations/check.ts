// Owns the one request that tells whether a connection can be read.

import { type CheckReport, checkDocument } from '../engine/runs/documents.ts'
import { LOGIN_NEEDED } from '../engine/runs/standing.ts'
import { connectionInput } from './inputs.ts'
import { later } from './later.ts'
import { connectionRow, connectorOf } from './mirror.ts'
import { operation } from './operation.ts'
import type { OneConnection } from './pause.ts'

const checking = later(() => import('../engine/runs/check.ts'))
const opening = later(() => import('../engine/runs/connection.ts'))

export const check = operation<OneConnection, Promise<CheckReport>>({
  name: 'check',
  does: 'Ask the service once whether it takes the login, and whose it is.',
  details:
    'A login that the service refuses pauses the connection; one that it takes resumes it, unless a person has paused it. The request counts for limits and budgets, and belongs to no run.',
  scope: 'sync',
  input: { connection: connectionInput },
  positional: ['connection'],
  output: checkDocument,
  examples: [{ connection: 'me' }],
  async run(mirror, { connection }) {
    const row = await connectionRow(mirror, connection)
    const connector = await connectorOf(mirror, row)
    const [{ checkConnection }, { openConnection }] = await Promise.all([checking(), opening()])
    const opened = await openConnection(mirror, connector, row)
    const report = await checkConnection(mirror, opened)
    const { outcome } = report
    if (outcome === 'ok' || outcome === 'refused') {
      // Of the login that was asked about, not of one that was given since.
      const { loginVersion } = opened
      await mirror.store.connections.setPaused(row.no, LOGIN_NEEDED, outcome === 'refused', loginVersion)
    }
    return report
  },
})
