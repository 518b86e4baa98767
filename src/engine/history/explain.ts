// Owns the answer to "why is it so": for every content, removal and return of a record the run, the page, the requests and
// the rule that made it.

import { type Key, REASON_APPROVED, REASON_BEFORE_REMOVAL, type VersionOp } from '../../model/record.ts'
import type { PassReport, RunMode } from '../../model/run.ts'
import { typedColumns } from '../../model/typed-columns.ts'
import { columnUnknown, recordUnknown } from '../../model/unknown-name.ts'
import type { ConnectionRow, RequestRow, RunRow, Store, StreamRow, VersionRow } from '../../store/store.ts'
import { REASON_NOT_RETURNED } from '../passes/refresh/absent.ts'
import { REASON_ABSENT } from '../passes/removals/reconcile.ts'
import { REASON_NOT_IN_UPLOAD } from '../passes/uploads/judge.ts'
import { instant, runReport } from '../runs/report.ts'
import { byHand, type ExplainedField } from './blends.ts'
import { changesOfEach, type FieldChange } from './version-changes.ts'

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
  /** Of a record of a blend, by field: source and rule of the value that it has now. */
  readonly blended?: Readonly<Record<string, ExplainedField>>
  /** Of a record of a blend: columns that gave it values, and that are gone from their source. */
  readonly notes?: readonly string[]
  /** Oldest first; with a field, those that changed it, and when the record went and came back. */
  readonly versions: readonly ExplainedVersion[]
}

export interface ExplainedVersion {
  readonly ordinal: number
  readonly op: VersionOp
  /** ISO 8601. */
  readonly at: string
  readonly run: string | null
  /** The page of the run; null: no single page made it. */
  readonly page: number | null
  readonly reason: string | null
  readonly rule: Rule
  /** null: the run is known no longer, or a person decided about it. */
  readonly source: Source | null
  /**
   * The requests that the page was read with; of a removal, those in which the source was asked for this very record.
   * Empty where there is neither, and when the ledger keeps them no longer.
   */
  readonly requests: readonly ExplainedRequest[]
  /** Of a removal that was proved: the second witness. null: of other versions. */
  readonly witness: Witness | null
  readonly changes: readonly FieldChange[]
}

/** Why the engine wrote it: a name to rely on, and a sentence. */
export interface Rule {
  readonly name:
    | 'first_seen'
    | 'newer_content'
    | 'set_by_hand'
    | 'listed_again'
    | 'removal_undone'
    | 'proved_absent'
    | 'removal_approved'
    | 'not_returned'
    | 'not_in_upload'
    | 'removed'
    | 'older_version'
    | 'asked_before_removal'
  readonly says: string
}

/**
 * What agreed with the listing that a record is gone. `asked`: the source, asked for it (see `requests`);
 * `earlier_listing`: a complete listing of the run `run`, which lacked it too; `not_kept`: the ledger no longer tells.
 */
export interface Witness {
  readonly kind: 'asked' | 'earlier_listing' | 'not_kept'
  readonly run: string | null
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
  const versions = await store.history.versions(stream.no, key)
  const current = versions.at(-1)
  if (!current) throw recordUnknown(`${connection.id}/${stream.stream}`, key)
  const contents = versions.map(({ columns }) => typedColumns(stream.shape, columns))
  const changed = changesOfEach(versions.map(({ op }, place) => ({ op, columns: contents[place] ?? {} })))
  const runs = new Map<string, RunRow | undefined>()
  const explained: ExplainedVersion[] = []
  for (const [place, version] of versions.entries()) {
    const all = changed[place] ?? []
    const changes = field === undefined ? all : all.filter((change) => change.field === field)
    if (field !== undefined && changes.length === 0 && ['update', 'superseded'].includes(version.op)) continue
    const { run } = version
    if (run !== null && !runs.has(run)) runs.set(run, await store.runs.find(connection.project, run))
    const made = run === null ? undefined : runs.get(run)
    const proof = isProof(version)
    const requests = made ? await requestsOf(store, made, stream, version.page) : []
    const asked = proof ? requestsFor([key, ...Object.values(contents[place] ?? {})], requests) : []
    const witness = proof ? await witnessOf(store, connection, { stream: stream.stream, made, asked }) : null
    const shown = proof ? asked : version.page === null ? [] : requests
    const rule = stream.shape.table
      ? blendRule(versions[place - 1], version, all)
      : ruleOf(version.op, version.page, version.reason)
    explained.push({
      ...explainVersion(version, rule, made, { connection, stream }),
      requests: shown,
      witness,
      changes,
    })
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
  const names = shape.columns.map(({ name }) => name)
  throw columnUnknown(stream, field, names)
}

/** The same of a blended record, which a person may have changed. */
function blendRule(before: VersionRow | undefined, version: VersionRow, changes: readonly FieldChange[]): Rule {
  if (version.op !== 'update') return ruleOf(version.op, version.page, version.reason)
  const fields = changes.map(({ field }) => field)
  const { set, unset, isMixed } = byHand(before?.raw, version.raw, fields)
  const did = [
    ...(isMixed ? ['its sources show other values'] : []),
    ...(set.length > 0 ? [`a person set ${set.join(', ')}`] : []),
    ...(unset.length > 0 ? [`a person took back what was set of ${unset.join(', ')}`] : []),
  ]
  if (did.length === 0) return ruleOf(version.op, version.page, version.reason)
  return { name: isMixed ? 'newer_content' : 'set_by_hand', says: did.join('; ') }
}

function explainVersion(
  { ordinal, op, at, run, page, reason }: VersionRow,
  rule: Rule,
  made: RunRow | undefined,
  { connection, stream }: { readonly connection: ConnectionRow; readonly stream: StreamRow },
): Omit<ExplainedVersion, 'requests' | 'witness' | 'changes'> {
  const source: Source | null =
    made && !DECIDED.has(rule.name)
      ? {
          connection: connection.id,
          connector: connection.connector,
          connectorVersion: made.connectorVersion,
          mode: made.mode,
          startedAt: instant(made.startedAt),
          passes: runReport(made).streams.find((one) => one.stream === stream.stream)?.passes ?? [],
        }
      : null
  return { ordinal, op, at: instant(at), run, page, reason, rule, source }
}

/** What a person wrote, about a run: no pass of it did. */
const DECIDED: ReadonlySet<Rule['name']> = new Set(['removal_undone', 'removal_approved'])

/** The rule by which a version was written. Pure. */
export function ruleOf(op: VersionOp, page: number | null, reason: string | null): Rule {
  switch (op) {
    case 'insert':
      return { name: 'first_seen', says: 'the source returned a key that the mirror did not have' }
    case 'update':
      return { name: 'newer_content', says: 'the source returned different content that is at least as recent' }
    case 'restore':
      if (page === null) return { name: 'removal_undone', says: 'a person undid the removals of this run' }
      return { name: 'listed_again', says: 'the source returned a removed record again' }
    case 'remove':
      if (reason === REASON_ABSENT) {
        return {
          name: 'proved_absent',
          says: 'it was missing from a complete listing, and a second check confirmed it',
        }
      }
      if (reason === REASON_NOT_IN_UPLOAD) {
        return { name: reason, says: 'a file that was uploaded, and is not older than the last, does not have it' }
      }
      if (reason === REASON_NOT_RETURNED) {
        return { name: reason, says: 'the source did not return it when it was asked for it by its key, twice' }
      }
      if (reason === REASON_APPROVED) {
        return {
          name: 'removal_approved',
          says: 'the source no longer showed it, and a person approved the removals of this run',
        }
      }
      return { name: 'removed', says: reason ?? 'the source no longer has it' }
    case 'superseded':
      if (reason === REASON_BEFORE_REMOVAL) {
        return { name: reason, says: 'the source showed it on a page that was asked for before the record was removed' }
      }
      return { name: 'older_version', says: 'the source showed it with an older version than that of what was stored' }
    default:
      return op satisfies never
  }
}

/** Whether a version is a tombstone that a full pass has set: by its listing, and by a second witness. */
function isProof({ op, reason }: VersionRow): boolean {
  return op === 'remove' && reason === REASON_ABSENT
}

/** Runs among which an earlier listing is looked for. */
const RUNS_MAX = 500

async function witnessOf(
  store: Store,
  { no, project }: ConnectionRow,
  { stream, made, asked }: { stream: string; made: RunRow | undefined; asked: readonly ExplainedRequest[] },
): Promise<Witness> {
  // A request that failed has testified nothing.
  if (asked.some(({ outcome }) => outcome === 'ok')) return { kind: 'asked', run: made?.id ?? null }
  if (!made) return { kind: 'not_kept', run: null }
  const runs = await store.runs.list({ project, connectionNo: no, limit: RUNS_MAX })
  const earlier = runs.find(
    (run) =>
      run.no < made.no &&
      run.passes.some((pass) => pass.stream === stream && pass.kind === 'fullPass' && pass.ended === 'exhausted'),
  )
  return earlier ? { kind: 'earlier_listing', run: earlier.id } : { kind: 'not_kept', run: null }
}

/**
 * The requests whose address names the record: by its key, or by what else of it stands in an address. Only those that
 * name it best: a part of one record's name may stand in the address of another.
 */
export function requestsFor<R extends { readonly url: string }>(
  values: readonly unknown[],
  requests: readonly R[],
): readonly R[] {
  const names = values.filter((value): value is string => typeof value === 'string' && value.length <= NAME_MAX)
  const scores = requests.map(({ url }) => {
    const parts = addressParts(url)
    return Math.max(0, ...names.filter((name) => parts.includes(`/${name}/`)).map((name) => name.length))
  })
  const best = Math.max(1, ...scores)
  return requests.filter((_, place) => scores[place] === best)
}

const NAME_MAX = 200

/** The address with each of its parts between slashes, as it was before it was encoded. */
function addressParts(url: string): string {
  const [path = '', query = ''] = url.split('?')
  const plain = path.split('/').map(decoded).join('/')
  const values = query.split('&').flatMap((pair) => decoded(pair.slice(pair.indexOf('=') + 1)).split(/[,\s]+/))
  return `${plain}/${values.map((value) => `/${value}/`).join('')}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

async function requestsOf(
  store: Store,
  run: RunRow,
  stream: StreamRow,
  page: number | null,
): Promise<readonly ExplainedRequest[]> {
  const rows = await store.runs.requestsOf({ runNo: run.no, streamNo: stream.no, page })
  return rows.map(({ at, method, url, status, ms, attempt, outcome }) => {
    return { at: instant(at), method, url, status, ms, attempt, outcome }
  })
}
