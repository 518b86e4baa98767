// Owns the audit of a mirror: what is known to be missing, what waits for a person, and what looks as if a source shows
// less than it has. Pure: rows in, findings out.

import { reasonText } from '../../model/coverage.ts'
import { plural } from '../../model/plural.ts'
import { unprovedNote } from '../passes/removals/reconcile.ts'
import { aheadIn, unprovedIn } from '../passes/state.ts'
import { aheadNote } from '../passes/window/look-ahead.ts'
import { HOW_TO_MEND } from '../runs/standing.ts'
import { capFindings, filterFindings, totalFindings } from './audit-listing.ts'
import type { AuditConnection, Audited, Finding, Found } from './findings.ts'
import { silence } from './silence.ts'

/** The most serious first; in the order of connections and streams otherwise. */
export function audit(connections: readonly AuditConnection[], now: number): readonly Finding[] {
  const findings = connections.flatMap((connection) => {
    const found = findingsOf(connection, now)
    return isLeftAlone(connection) ? found.filter(({ finding }) => !OF_READING.has(finding)).map(asNotice) : found
  })
  const rank = ({ severity }: Finding) => ['problem', 'suspicion', 'notice'].indexOf(severity)
  return findings.sort((a, b) => rank(a) - rank(b))
}

function findingsOf(connection: AuditConnection, now: number): readonly Finding[] {
  return [
    ...connectionFindings(connection).map((found) => ({ ...found, connection: connection.id, stream: null })),
    ...connection.streams.flatMap((stream) => {
      const running = connection.runs.some(({ status }) => status === 'running')
      const found = streamFindings({ ...stream, connection, running }, now)
      return found.map((one) => ({ ...one, connection: connection.id, stream: stream.row.stream }))
    }),
  ]
}

/** A person wants it to stand still: that nothing reads it is no news, and a sync would be refused. */
function isLeftAlone({ standing: { state } }: AuditConnection): boolean {
  return state === 'paused' || state === 'disconnected' || state === 'purging'
}

/** What is found because nothing was read. */
const OF_READING: ReadonlySet<string> = new Set(['run_failed', 'unread', 'unavailable'])

function asNotice(finding: Finding): Finding {
  const hint = /tidemark sync|next sync/.test(finding.hint ?? '') ? null : finding.hint
  return { ...finding, severity: 'notice', hint }
}

function connectionFindings({ id, standing, runs }: AuditConnection): readonly Found[] {
  const found: Found[] = []
  const { state, why, mend } = standing
  if (state === 'purging') {
    const message = `${why}: a part of its data is gone`
    found.push({ finding: 'purging', severity: 'notice', message, hint: `${HOW_TO_MEND[state]}: ${mend}` })
  } else if (state === 'disconnected') {
    const message = 'disconnected: it is no longer synced; its records are kept'
    const hint = `Back: ${mend}. Delete all of it: tidemark disconnect ${id} --purge`
    found.push({ finding: 'paused', severity: 'notice', message, hint })
  } else if (state === 'login needed') {
    found.push({
      finding: 'login_needed',
      severity: 'problem',
      message: `${why}; it is not synced`,
      hint: `Run: ${mend}`,
    })
  } else if (state === 'paused') {
    found.push({ finding: 'paused', severity: 'notice', message: why ?? state, hint: `${mend}, if it should not` })
  }
  const last = runs.find(({ status }) => status !== 'running')
  if (last?.status === 'failed') {
    const message = `its last run failed: ${last.error?.code ?? 'unknown'}`
    found.push({ finding: 'run_failed', severity: 'problem', message, hint: `See: tidemark run ${last.id}` })
  }
  return found
}

function streamFindings(stream: Audited, now: number): readonly Found[] {
  const { row } = stream
  if (row.lastRunAt === null && !stream.running && stream.state.openWalks.length === 0) {
    const hint = `tidemark sync ${stream.connection.id}/${row.stream}`
    return [{ finding: 'unread', severity: 'notice', message: 'was never read', hint }]
  }
  return [
    ...gapFindings(stream),
    ...waitingFindings(stream),
    ...totalFindings(stream),
    ...capFindings(stream),
    ...filterFindings(stream),
    ...fieldFindings(stream),
    ...olderFindings(stream),
    ...silence(row.stream, stream.connection.runs, now),
  ]
}

function gapFindings({ row, state, running, connection }: Audited): readonly Found[] {
  if (running) return []
  const hint = `Close it: tidemark sync ${connection.id}/${row.stream}`
  const gap = (message: string): Found => ({ finding: 'gap', severity: 'problem', message, hint })
  if (state.openWalks.length > 0) {
    return state.openWalks.map(({ pass, pages, note }) =>
      gap(`a ${pass} walk stopped after ${plural(pages, 'page')}${note === '' ? '' : ` (${note})`}`),
    )
  }
  const { kind, note } = row.reading
  return kind === 'gap' ? [gap(note === '' ? 'something is known to be missing' : note)] : []
}

function waitingFindings({ row, state, connection }: Audited): readonly Found[] {
  const { held, quarantined, unconfirmed, kept } = row.counts
  const found: Found[] = []
  const records = (n: number) => plural(n, 'record')
  if (row.reading.kind === 'unavailable') {
    const message = `its source refuses it: ${row.reading.note}`
    const hint = `Try again when that is mended: tidemark sync ${connection.id}/${row.stream}`
    found.push({ finding: 'unavailable', severity: 'problem', message, hint })
  }
  if (held > 0) {
    const message = `the removal of ${records(held)} waits for a person`
    found.push({ finding: 'removals_held', severity: 'problem', message, hint: 'Decide: tidemark removals' })
  }
  if (quarantined > 0) {
    const message = `${records(quarantined)} could not be read`
    const hint = `Look: tidemark quarantine; try again: tidemark quarantine retry ${connection.id}`
    found.push({ finding: 'quarantine', severity: 'problem', message, hint })
  }
  if (row.reading.kind === 'stale') {
    const hint = `Read them: tidemark sync ${connection.id}/${row.stream}; where money or requests do not suffice, allow more: tidemark budget`
    found.push({ finding: 'stale', severity: 'problem', message: row.reading.note, hint })
  }
  const ahead = aheadIn(state.value)
  if (ahead > 0) {
    const hint = 'Their times, or the clock of the source, are wrong; they are read again when their time has come.'
    found.push({ finding: 'dated_ahead', severity: 'suspicion', message: aheadNote(ahead), hint })
  }
  const unproved = unprovedIn(state.value)
  if (unproved.unproved !== undefined) {
    const hint = `The next full pass looks again: tidemark sync ${connection.id}/${row.stream} --mode full`
    found.push({ finding: 'removals_unproved', severity: 'problem', message: unprovedNote(unproved), hint })
  }
  if (unconfirmed > 0) {
    const hint = 'Which: tidemark removals'
    found.push({ finding: 'unconfirmed', severity: 'notice', message: reasonText('unconfirmed', unconfirmed), hint })
  }
  if (kept > 0) {
    const message = `${plural(kept, 'record stays', 'records stay')} by a person's decision, although the source no longer lists ${kept === 1 ? 'it' : 'them'}`
    found.push({ finding: 'kept', severity: 'notice', message, hint: 'See: tidemark sql "select * from kept_records"' })
  }
  if (row.unfilled.length > 0) {
    const message = `older records lack ${row.unfilled.join(', ')} still`
    found.push({
      finding: 'columns_unfilled',
      severity: 'notice',
      message,
      hint: 'The next sync goes on filling them.',
    })
  }
  return found
}

/** Runs in a row that have been shown older versions before that is no passing delay of the source. */
const OLDER_RUNS = 3

/** The source goes on showing what is older than what it has shown before: the mirror keeps the newer. */
function olderFindings({ row, connection }: Audited): readonly Found[] {
  const shown = connection.runs
    .map(({ passes }) => passes.filter(({ streamNo, counts }) => streamNo === row.no && counts.fetched > 0))
    .filter((passes) => passes.length > 0)
    .map((passes) => passes.reduce((sum, { counts }) => sum + counts.superseded, 0))
  const end = shown.findIndex((records) => records === 0)
  const runs = end < 0 ? shown.length : end
  const [records = 0] = shown
  if (runs < OLDER_RUNS) return []
  const base = `${connection.connector}_${row.stream}`.replaceAll('-', '_')
  return [
    {
      finding: 'older_versions',
      severity: 'suspicion',
      message: `in each of its last ${plural(runs, 'run')} the source showed older versions than those that are stored (${plural(records, 'record')} in the last); the mirror keeps the newer ones`,
      hint: `See them: tidemark sql "select _key, _at, _raw from ${base}_versions where _op = 'superseded'". A source that was restored from a backup, or whose clock was set back, is read anew with: tidemark disconnect ${connection.id} --purge, and connect`,
    },
  ]
}

/** Records in which a column has to be empty before that means something. */
const EMPTY_IN = 100

function fieldFindings({ row, state, sample }: Audited): readonly Found[] {
  const found: Found[] = []
  const kinds = new Map<string, Set<string>>()
  for (const field of state.fields) {
    const at = field.lastIndexOf(':')
    const [name, kind] = [field.slice(0, at), field.slice(at + 1)]
    if (kind !== 'null') kinds.set(name, (kinds.get(name) ?? new Set()).add(kind))
  }
  for (const [name, seen] of kinds) {
    if (seen.size < 2) continue
    const message = `the source's field "${name}" has come as ${[...seen].sort().join(' and ')}`
    const hint = 'See since when: tidemark sql "select * from source_fields"'
    found.push({ finding: 'field_drifted', severity: 'suspicion', message, hint })
  }
  const empty = row.shape.columns.filter(({ name }) => sample.every((record) => (record[name] ?? null) === null))
  if (sample.length >= EMPTY_IN && empty.length > 0) {
    const names = empty.map(({ name }) => `"${name}"`).join(', ')
    found.push({
      finding: 'column_empty',
      severity: 'notice',
      message: `${plural(empty.length, 'column is', 'columns are')} empty in all of ${plural(sample.length, 'record')}: ${names}`,
      hint: 'The source may have renamed what it filled, or the login may not see it.',
    })
  }
  return found
}
