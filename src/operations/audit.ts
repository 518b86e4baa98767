// Owns the audit of a mirror: what is missing, what waits, and what looks as if a source shows less than it has.

import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import { type AuditConnection, findingDocument, SEVERITIES } from '../engine/health/findings.ts'
import { asItIs } from '../engine/runs/report.ts'
import type { ConnectionRow } from '../store/store.ts'
import { optional, text } from './fields.ts'
import { later } from './later.ts'
import { connectionRow, type Mirror } from './mirror.ts'
import { operation } from './operation.ts'
import { quarantine } from './quarantine.ts'
import { standing } from './reports.ts'

const auditing = later(() => import('../engine/health/audit.ts'))

/** Runs that a rate is learned from. */
const RUNS = 200
/** Records that are looked at in each stream. */
const SAMPLE = 500

const auditDocument = document({
  findings: z.array(findingDocument),
  problems: z.number(),
  suspicions: z.number(),
  notices: z.number(),
})
export type AuditReport = DocumentOf<typeof auditDocument>

export const audit = operation<{ readonly connection?: string | undefined }, Promise<AuditReport>>({
  name: 'audit',
  does: 'Look for what is missing.',
  details:
    'Looks through what is stored for gaps, totals that are not reached, caps and round numbers, filters that nobody asked for, streams that have gone silent, records that could not be read, and removals that wait. Makes no request.',
  scope: 'read',
  input: { connection: optional(text('the id of a connection (default: all of the project)', { sign: 'connection' })) },
  positional: ['connection'],
  output: auditDocument,
  examples: [{}, { connection: 'me' }],
  async run(mirror, { connection }) {
    const { store, project, clock } = mirror
    const rows =
      connection === undefined ? await store.connections.list(project) : [await connectionRow(mirror, connection)]
    const engine = await auditing()
    const findings = engine.audit(await Promise.all(rows.map((row) => factsOf(mirror, row))), clock.now())
    const [problems = 0, suspicions = 0, notices = 0] = SEVERITIES.map(
      (severity) => findings.filter((one) => one.severity === severity).length,
    )
    return { findings, problems, suspicions, notices }
  },
})

async function factsOf(mirror: Mirror, row: ConnectionRow): Promise<AuditConnection> {
  const { store, project, isDead } = mirror
  const runs = await store.runs.list({ project, connectionNo: row.no, limit: RUNS })
  const streams = await store.streams.list(row.no)
  const waiting = await inQuarantine(mirror, row)
  return {
    id: row.id,
    connector: row.connector,
    paused: row.paused,
    standing: await standing(mirror, row),
    runs: runs.map((run) => asItIs(run, isDead)),
    streams: await Promise.all(
      streams.map(async (stream) => ({
        row: stream,
        state: await store.streams.state(stream.no),
        sample: await store.records.list({ streamNo: stream.no, limit: SAMPLE }),
        unstored: await unstoredOf(mirror, stream.no, waiting.get(stream.stream)),
      })),
    ),
  }
}

interface Waiting {
  readonly keys: Set<string>
  readonly keyless: Set<string>
}

/** Records in quarantine, by the name of their stream. */
async function inQuarantine(mirror: Mirror, { id }: ConnectionRow): Promise<ReadonlyMap<string, Waiting>> {
  const waiting = new Map<string, Waiting>()
  for await (const { stream, key, id: identity, supersededAt } of quarantine.run(mirror, { connection: id }, {})) {
    if (supersededAt !== null) continue
    const known = waiting.get(stream) ?? { keys: new Set(), keyless: new Set() }
    waiting.set(stream, known)
    if (key === null) known.keyless.add(identity)
    else known.keys.add(key)
  }
  return waiting
}

async function unstoredOf({ store }: Mirror, streamNo: number, waiting: Waiting | undefined): Promise<number> {
  if (!waiting) return 0
  const heads = await store.records.look(streamNo, [...waiting.keys])
  const live = [...heads.values()].filter(({ removedAt }) => removedAt === null)
  return waiting.keyless.size + waiting.keys.size - live.length
}
