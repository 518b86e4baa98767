// Owns what is told of blends: how each source stands, the unmatched, and why a value is what it is.

import type { ConnectionRow, RecordRow, Store, StreamRow } from '../../store/store.ts'
import { BLENDED, type Definition, definitionOf } from '../passes/blends/definition.ts'
import { goneColumns, goneText } from '../passes/blends/gone.ts'
import { type Blended, identityIn, MANUAL } from '../passes/blends/member.ts'
import type { Chosen } from '../passes/blends/rules.ts'
import { sourcesOf } from '../passes/blends/sources.ts'
import { blendTable } from '../passes/blends/table.ts'
import { instant } from '../runs/report.ts'

/** The unmatched that are listed. */
const UNMATCHED_MAX = 100
const AT_ONCE = 500

/** Why a field of a blended record is what it is. Times are ISO 8601. */
export interface ExplainedField {
  readonly value: string | number | boolean
  readonly rule: string
  /** Since when its source shows it, or when a person set it. */
  readonly at: string
  /** `<connection>/<stream>`; null: of all (`sum`), or set by a person. */
  readonly source: string | null
  readonly key: string | null
  readonly column: string | null
}

/** Every field of a record that has a value. */
export async function chosenOf(
  store: Store,
  streamNo: number,
  key: string,
): Promise<Readonly<Record<string, ExplainedField>>> {
  const raw = (await store.records.contents(streamNo, [key])).get(key)?.raw
  if (raw === undefined) return {}
  const { chosen } = JSON.parse(raw) as Blended
  return Object.fromEntries(Object.entries(chosen).map(([field, one]) => [field, explained(one)]))
}

/** What a reader of a record has to know: columns that are gone and gave the field, or any field. */
export async function goneNotes(
  store: Store,
  row: ConnectionRow,
  field: string | undefined,
): Promise<readonly string[]> {
  const all = await goneColumns(store, await sourcesOf(store, row.project, definitionOf(row.options)))
  const concerned = all.filter(({ fields, isIdentity }) => field === undefined || isIdentity || fields.includes(field))
  return concerned.map((one) => `${goneText(one)}.`)
}

/** What a person did to fields that changed from one version of a blended record to the next. */
export interface ByHand {
  readonly set: readonly string[]
  readonly unset: readonly string[]
  /** Whether fields changed that nobody has set. */
  readonly isMixed: boolean
}

/** `before` and `now` are the texts of the two versions. */
export function byHand(before: string | undefined, now: string, changed: readonly string[]): ByHand {
  const manual = (raw: string | undefined) => {
    const { chosen = {} } = (raw === undefined ? {} : JSON.parse(raw)) as Partial<Blended>
    return changed.filter((field) => chosen[field]?.rule === MANUAL)
  }
  const set = manual(now)
  const unset = manual(before).filter((field) => !set.includes(field))
  return { set, unset, isMixed: changed.length > set.length + unset.length }
}

function explained({ value, rule, at, source, key, column }: Chosen): ExplainedField {
  return { value, rule, at: instant(at), source: source ?? null, key: key ?? null, column: column ?? null }
}

export async function describeBlend(store: Store, row: ConnectionRow, stream: StreamRow) {
  const definition = definitionOf(row.options)
  const states = await sourceStates(store, row, definition)
  const unmatched: { source: string; sourceKey: string; identity: string | null }[] = []
  let unmatchedCount = 0
  const add = (one: (typeof unmatched)[number]) => {
    unmatchedCount++
    if (unmatched.length < UNMATCHED_MAX) unmatched.push(one)
  }
  const gone = new Set<string>()
  const known = new Set(states.map(({ source }) => source))
  for await (const { _raw } of recordsOf(store, stream.no, ['_raw'])) {
    const { key, members } = JSON.parse(String(_raw)) as Blended
    for (const { source } of members) if (!known.has(source)) gone.add(source)
    const [only] = members
    if (members.length === 1 && only && states.length > 1) {
      add({ source: only.source, sourceKey: only.key, identity: key })
    }
  }
  const feeding = await sourcesOf(store, row.project, definition)
  const missing = await goneColumns(store, feeding)
  for (const source of feeding) {
    const { identity } = source.from
    const columns = source.declared.has(identity) ? [identity] : ['_raw']
    for await (const one of recordsOf(store, source.streamNo, columns)) {
      if (identityIn(source, one) === undefined) add({ source: source.name, sourceKey: one._key, identity: null })
    }
  }
  const sources: readonly (SourceState & { readonly missing: readonly string[] })[] = [
    ...states.map((one) => ({
      ...one,
      missing: missing.flatMap(({ source, column }) => (source === one.source ? [column] : [])),
    })),
    ...[...gone].map((source) => ({ source, state: 'gone' as const, lastSuccessAt: null, error: null, missing: [] })),
  ]
  return {
    name: row.id,
    table: blendTable(row.id),
    from: definition.from,
    map: definition.map,
    fields: definition.fields.map(({ name, type }) => ({ name, type, rule: definition.rules[name] ?? 'source-order' })),
    sources,
    records: stream.totalRecords,
    blendedAt: stream.lastSuccessAt === null ? null : instant(stream.lastSuccessAt),
    notes: [...sources.flatMap(noteOf), ...missing.map((one) => `${goneText(one)}.`)],
    unmatched,
    unmatchedCount,
  }
}

interface SourceState {
  readonly source: string
  readonly state: 'ok' | 'failing' | 'paused' | 'unread' | 'gone'
  /** ISO 8601; null: never. */
  readonly lastSuccessAt: string | null
  readonly error: string | null
}

async function sourceStates(store: Store, row: ConnectionRow, definition: Definition): Promise<readonly SourceState[]> {
  const connections = new Map((await store.connections.list(row.project)).map((one) => [one.id, one]))
  return Promise.all(
    (await sourcesOf(store, row.project, definition)).map(async ({ name }) => {
      const [id = '', of = BLENDED] = name.split('/')
      const { no, paused } = connections.get(id) as ConnectionRow
      const stream = (await store.streams.list(no)).find((one) => one.stream === of)
      const [last] = await store.runs.list({ project: row.project, connectionNo: no, limit: 1 })
      const isBad = last !== undefined && last.error !== null
      const at = stream?.lastSuccessAt ?? null
      return {
        source: name,
        state: paused.length > 0 ? 'paused' : isBad ? 'failing' : at === null ? 'unread' : 'ok',
        lastSuccessAt: at === null ? null : instant(at),
        error: isBad ? (last.error?.message ?? null) : null,
      }
    }),
  )
}

function noteOf({ source, state, lastSuccessAt, error }: SourceState): readonly string[] {
  const since = lastSuccessAt === null ? 'it was never read' : `its values are those of ${lastSuccessAt}`
  if (state === 'failing') return [`${source} could not be read (${error?.replace(/\.$/, '')}): ${since}.`]
  if (state === 'paused') return [`${source} is paused: ${since}.`]
  return state === 'gone' ? [`${source} was deleted: its values stay as they were last known.`] : []
}

async function* recordsOf(store: Store, streamNo: number, columns: readonly string[]): AsyncGenerator<RecordRow> {
  for (let after: string | undefined; ; ) {
    const rows = await store.records.list({
      streamNo,
      columns,
      limit: AT_ONCE,
      ...(after === undefined ? {} : { after }),
    })
    yield* rows
    after = rows.at(-1)?._key
    if (rows.length < AT_ONCE) return
  }
}
