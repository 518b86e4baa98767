// Owns the list of runs.

import { runDocument } from '../engine/runs/documents.ts'
import type { RunReport } from '../model/run.ts'
import { type ByNumber, byNumber, limit, ofConnection } from './inputs.ts'
import { connectionRow } from './mirror.ts'
import { operation } from './operation.ts'
import { reportOf } from './reports.ts'

export interface RunsQuery {
  readonly connection?: string | undefined
  /** @default 50 */
  readonly limit?: number | undefined
}

const LIMIT = 50
const LIMIT_MAX = 10_000

export const runs = operation<RunsQuery, Promise<readonly RunReport[]>, ByNumber>({
  name: 'runs',
  does: 'List runs, newest first.',
  scope: 'read',
  input: { connection: ofConnection, limit: limit({ most: LIMIT_MAX, otherwise: String(LIMIT) }) },
  hooks: byNumber,
  list: 'runs',
  output: runDocument,
  examples: [{ connection: 'me', limit: 100 }, {}],
  async run(mirror, { connection, limit: most = LIMIT }, { behind, onPlace }) {
    const { store, project } = mirror
    const one = connection === undefined ? {} : { connectionNo: (await connectionRow(mirror, connection)).no }
    const rows = await store.runs.list({
      project,
      ...one,
      limit: most,
      ...(behind === undefined ? {} : { before: behind }),
    })
    for (const { no } of rows) onPlace?.(no)
    return Promise.all(rows.map((row) => reportOf(mirror, row)))
  },
})
