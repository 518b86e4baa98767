// Owns gathering what the audit looks at, from the store.

import type { AuditConnection, AuditStream } from '../engine/care/findings.ts'
import { holderIsDead } from '../engine/runs/process.ts'
import { asItIs } from '../engine/runs/report.ts'
import type { Tidemark } from '../open.ts'
import type { ConnectionRow } from '../store/store.ts'

/** Runs that a rate is learned from. */
const RUNS = 200
/** Records that are looked at in each stream. */
const SAMPLE = 500

/** The named connection, or all of the project. */
export async function auditRows(
  tidemark: Tidemark,
  rows: readonly ConnectionRow[],
): Promise<readonly AuditConnection[]> {
  const { store, project } = tidemark
  return Promise.all(
    rows.map(async (row) => {
      const runs = await store.runs({ project, connectionNo: row.no, limit: RUNS })
      const streams = await store.streams(row.no)
      return {
        id: row.id,
        connector: row.connector,
        paused: row.paused,
        standing: await tidemark.standing(row),
        runs: runs.map((run) => asItIs(run, holderIsDead)),
        streams: await Promise.all(
          streams.map(async (stream): Promise<AuditStream> => {
            const state = await store.state(stream.no, '')
            const sample = await store.records({ streamNo: stream.no, limit: SAMPLE })
            return { row: stream, state, sample }
          }),
        ),
      }
    }),
  )
}
