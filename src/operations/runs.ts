// Owns the list of runs, and which of them are asked for.

import { runDocument } from '../engine/runs/documents.ts'
import { asItIs } from '../engine/runs/report.ts'
import { RUN_MODES, RUN_PROBLEMS, RUN_STATUSES, type RunMode, type RunReport, type RunStatus } from '../model/run.ts'
import type { RunRow } from '../store/store.ts'
import { moment, optional, someOf, yesOrNo } from './fields.ts'
import { type ByNumber, byNumber, limit, ofConnection } from './inputs.ts'
import { connectionRow, type Mirror } from './mirror.ts'
import { type Moment, millisecondsOf } from './moments.ts'
import { operation } from './operation.ts'
import { reportOf } from './reports.ts'

export interface RunsQuery {
  readonly connection?: string | undefined
  /** With one of these. @default any */
  readonly status?: readonly RunStatus[] | undefined
  readonly mode?: readonly RunMode[] | undefined
  /** Begun at this moment or later. */
  readonly since?: Moment | undefined
  /** Begun before this moment. */
  readonly until?: Moment | undefined
  /** Only those that failed, were incomplete, or stand still for a person. @default false */
  readonly problems?: boolean | undefined
  /** @default 50 */
  readonly limit?: number | undefined
}

const LIMIT = 50
const LIMIT_MAX = 10_000

export const runs = operation<RunsQuery, Promise<readonly RunReport[]>, ByNumber>({
  name: 'runs',
  does: 'List runs, newest first.',
  details: 'With several filters, those that fit all of them.',
  scope: 'read',
  input: {
    connection: ofConnection,
    status: optional(someOf(RUN_STATUSES, `only those that are ${RUN_STATUSES.join(', ')} (may be several)`)),
    mode: optional(someOf(RUN_MODES, `only those of the mode ${RUN_MODES.join(', ')} (may be several)`)),
    since: optional(moment('only those that began at this time or later')),
    until: optional(moment('only those that began before this time')),
    problems: optional(yesOrNo(`only those that a person should look at: ${RUN_PROBLEMS.join(', ')}`)),
    limit: limit({ most: LIMIT_MAX, otherwise: String(LIMIT) }),
  },
  hooks: byNumber,
  list: 'runs',
  output: runDocument,
  examples: [
    { connection: 'me', limit: 100 },
    { problems: true, since: '7d' },
    { status: ['failed'], mode: ['full'] },
    {},
  ],
  async run(mirror, query, { behind, onPlace }) {
    const rows = await found(mirror, query, behind)
    for (const { no } of rows) onPlace?.(no)
    return Promise.all(rows.map((row) => reportOf(mirror, row)))
  },
})

async function found(mirror: Mirror, query: RunsQuery, behind: number | undefined): Promise<readonly RunRow[]> {
  const { store, project, isDead } = mirror
  const { connection, status, mode, since, until, problems = false, limit: most = LIMIT } = query
  const wanted = RUN_STATUSES.filter(
    (one) => (status?.includes(one) ?? true) && (!problems || RUN_PROBLEMS.includes(one)),
  )
  const at = (name: string, given: Moment | undefined) =>
    given === undefined ? undefined : millisecondsOf(mirror, { name, moment: given })
  const asked = {
    project,
    ...(connection === undefined ? {} : { connectionNo: (await connectionRow(mirror, connection)).no }),
    // One whose process has died has failed, and is stored as running until the next one begins.
    statuses: wanted.includes('failed') ? [...wanted, 'running' as const] : wanted,
    modes: mode,
    since: await at('since', since),
    until: await at('until', until),
  }
  const rows: RunRow[] = []
  for (let before = behind; rows.length < most; ) {
    const limited = most - rows.length
    const next = await store.runs.list({ ...asked, limit: limited, ...(before === undefined ? {} : { before }) })
    rows.push(...next.filter((row) => wanted.includes(asItIs(row, isDead).status)))
    before = next.at(-1)?.no
    if (next.length < limited) break
  }
  return rows
}
