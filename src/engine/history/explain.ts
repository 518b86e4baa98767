// Owns the answer to "why is it so": for every content, removal and return of a record the run, the page, the requests and
// the rule that made it.

import { TidemarkError } from '../../model/errors.ts'
import type { ChangeOp, Key } from '../../model/record.ts'
import type { PassReport, RunMode } from '../../model/run.ts'
import type { ConnectionRow, RequestRow, RunRow, Store, StreamRow, VersionRow } from '../../store/store.ts'
import { REASON_APPROVED } from '../held/decide-removals.ts'
import { REASON_ABSENT } from '../passes/reconcile.ts'
import { instant, runReport } from '../runs/report.ts'
import { changesOf, type FieldChange, typedColumns } from './version-changes.ts'

/** Why a record, or one field of it, is as it is. */
export interface Explanation {
  readonly connection: string
  readonly connector: string
  readonly stream: string
  readonly key: Key
  readonly field: string | null
  readonly state: 'live' | 'removed'
  /** With a field: what it holds now. */
  readonly value?: unknown
  /** Oldest first; with a field, those that changed it, and when the record went and came back. */
  readonly versions: readonly ExplainedVersion[]
}

export interface ExplainedVersion {
  readonly ordinal: number
  readonly op: ChangeOp
  /** ISO 8601. */
  readonly at: string
  readonly run: string | null
  /** The page of the run; null: no single page made it. */
  readonly page: number | null
  readonly reason: string | null
  readonly rule: Rule
  readonly source: Source | null
  /** The requests that the page was read with. Empty where there is no page, and when the ledger keeps them no longer. */
  readonly requests: readonly ExplainedRequest[]
  readonly changes: readonly FieldChange[]
}

/** Why the engine wrote it: a name to rely on, and a sentence. */
export interface Rule {
  readonly name:
    | 'first_seen'
    | 'newer_content'
    | 'listed_again'
    | 'removal_undone'
    | 'proved_absent'
    | 'removal_approved'
    | 'removed'
  readonly says: string
}

export interface Source {
  readonly connection: string
  readonly connector: string
  /** Of the connector's code that read it; null: the run was made before this was written down. */
  readonly connectorVersion: string | null
  readonly mode: RunMode
  /** ISO 8601. */
  readonly startedAt: string
  /** The passes of the stream in the run. */
  readonly passes: readonly PassReport[]
}

export type ExplainedRequest = Pick<RequestRow, 'method' | 'url' | 'status' | 'ms' | 'attempt' | 'outcome'> & {
  readonly at: string
}

/**
 * Explains a record, or one of its fields.
 *
 * @throws TidemarkError record_unknown, column_unknown
 */
export async function explain(
  store: Store,
  { connection, stream }: { readonly connection: ConnectionRow; readonly stream: StreamRow },
  key: Key,
  field?: string,
): Promise<Explanation> {
  checkField(stream, field)
  const versions = await store.history(stream.no, key)
  const current = versions.at(-1)
  if (!current) {
    throw new TidemarkError('record_unknown', `${connection.id}/${stream.stream} has never had a record "${key}"`, {
      hint: `List keys with: tidemark records ${connection.id}/${stream.stream} --limit 10`,
    })
  }
  const contents = versions.map(({ columns }) => typedColumns(stream.shape, columns))
  const runs = new Map<string, RunRow | undefined>()
  const explained: ExplainedVersion[] = []
  for (const [place, version] of versions.entries()) {
    const all = changesOf(contents[place - 1], contents[place] ?? {})
    const changes = field === undefined ? all : all.filter((change) => change.field === field)
    if (field !== undefined && changes.length === 0 && version.op === 'update') continue
    const { run } = version
    if (run !== null && !runs.has(run)) runs.set(run, await store.run(connection.project, run))
    const made = run === null ? undefined : runs.get(run)
    const requests = made && version.page !== null ? await requestsOf(store, made, stream, version.page) : []
    explained.push({ ...explainVersion(version, made, connection, stream), requests, changes })
  }
  return {
    connection: connection.id,
    connector: connection.connector,
    stream: stream.stream,
    key,
    field: field ?? null,
    state: current.op === 'remove' ? 'removed' : 'live',
    ...(field === undefined ? {} : { value: contents.at(-1)?.[field] ?? null }),
    versions: explained,
  }
}

function checkField({ stream, shape }: StreamRow, field: string | undefined): void {
  if (field === undefined || shape.columns.some(({ name }) => name === field)) return
  throw new TidemarkError('column_unknown', `stream "${stream}" has no column "${field}"`, {
    hint: `Its columns: ${shape.columns.map(({ name }) => name).join(', ')}`,
  })
}

function explainVersion(
  { ordinal, op, at, run, page, reason }: VersionRow,
  made: RunRow | undefined,
  connection: ConnectionRow,
  stream: StreamRow,
): Omit<ExplainedVersion, 'requests' | 'changes'> {
  const source: Source | null = made
    ? {
        connection: connection.id,
        connector: connection.connector,
        connectorVersion: made.connectorVersion,
        mode: made.mode,
        startedAt: instant(made.startedAt),
        passes: runReport(made).streams.find((one) => one.stream === stream.stream)?.passes ?? [],
      }
    : null
  return { ordinal, op, at: instant(at), run, page, reason, rule: ruleOf(op, page, reason), source }
}

/** The rule by which a version was written. Pure. */
export function ruleOf(op: ChangeOp, page: number | null, reason: string | null): Rule {
  switch (op) {
    case 'insert':
      return { name: 'first_seen', says: 'the source showed a key that the mirror did not have' }
    case 'update':
      return { name: 'newer_content', says: 'the source showed other content, not older than what was stored' }
    case 'restore':
      if (page === null) return { name: 'removal_undone', says: 'a person undid the removal' }
      return { name: 'listed_again', says: 'the source showed a removed record again' }
    case 'remove':
      if (reason === REASON_ABSENT) {
        return { name: 'proved_absent', says: 'a complete listing lacked it, and a second witness agreed' }
      }
      if (reason === REASON_APPROVED) {
        return { name: 'removal_approved', says: 'a complete listing lacked it, and a person approved the removal' }
      }
      return { name: 'removed', says: reason ?? 'the source no longer has it' }
    default:
      return op satisfies never
  }
}

async function requestsOf(
  store: Store,
  run: RunRow,
  stream: StreamRow,
  page: number,
): Promise<readonly ExplainedRequest[]> {
  const rows = await store.requestsOf({ runNo: run.no, streamNo: stream.no, page })
  return rows.map(({ at, method, url, status, ms, attempt, outcome }) => {
    return { at: instant(at), method, url, status, ms, attempt, outcome }
  })
}
