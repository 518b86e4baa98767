// Owns the signs by which a listing gives away that it shows less than there is: a cap, a total that isn't reached, a
// round number, a filter that nobody asked for. Pure.

import { plural } from '../../model/plural.ts'
import type { RecordRow, RunRow } from '../../store/store.ts'
import type { Audited, Found } from './findings.ts'

type Pass = RunRow['passes'][number]

/** Passes that go through a whole listing, so that its total and its end speak of the stream. */
const LISTINGS = new Set(['newestFirst', 'fullPass'])

/** What the newest pass that told a total said, against what is stored. */
export function totalFindings({ row, connection, running, unstored }: Audited): readonly Found[] {
  const all = passes(connection.runs, row.no)
  // What was said before a full pass went through all of it speaks of another time.
  const place = all.findIndex(
    ({ expected, kind, ended }) =>
      LISTINGS.has(kind) && (expected !== null || (kind === 'fullPass' && ended === 'exhausted')),
  )
  const pass = all[place]
  // Of a capped listing its passes have compared as many as it shows.
  if (!pass || pass.expected === null || running || row.reading.kind === 'capped') return []
  // What is in quarantine is a finding of its own.
  const lacking = pass.expected - goneSince(all.slice(0, place)) - row.totalRecords - unstored
  if (lacking > 0) {
    return [
      {
        finding: 'fewer_than_total',
        severity: 'problem',
        message: `${stored(row.totalRecords)}${unstored > 0 ? `, ${unstored} more in quarantine` : ''}, and the source said that there are ${pass.expected}`,
        hint: `Read everything again: tidemark sync ${connection.id}/${row.stream} --mode full. If it stays, the listing leaves some out.`,
      },
    ]
  }
  const more = row.totalRecords - pass.expected - row.counts.kept - row.counts.held
  if (more <= 0 || row.runsSinceFull > 0) return []
  const message = `${stored(row.totalRecords)}, ${more} more than the source counts`
  return [{ finding: 'more_than_total', severity: 'notice', message, hint: null }]
}

/** Records that passes have removed which told no total: a refresh, say, or an upload. */
function goneSince(later: readonly Pass[]): number {
  return Math.max(
    0,
    later.reduce((sum, { counts }) => sum + counts.removed - counts.restored, 0),
  )
}

function stored(records: number): string {
  return plural(records, 'record is stored', 'records are stored')
}

/** A listing that ended at a number like this probably ended there for everybody. */
const ROUND = 500

export function capFindings({ row, connection }: Audited): readonly Found[] {
  if (row.reading.kind === 'capped') {
    const message = row.reading.note === '' ? 'the source shows the newest records only' : row.reading.note
    return [
      {
        finding: 'capped',
        severity: 'notice',
        message,
        hint: 'What is older than the window is never removed for its absence.',
      },
    ]
  }
  const whole = passes(connection.runs, row.no).find(({ ended, kind }) => ended === 'exhausted' && LISTINGS.has(kind))
  const listed = whole?.counts.fetched ?? 0
  if (listed < ROUND || listed % ROUND !== 0) return []
  // The source counts for itself, and comes to the same: then it is chance, unless the total is capped, too.
  if (whole?.expected === listed && listed % 1_000 !== 0) return []
  return [
    {
      finding: 'round_count',
      severity: 'suspicion',
      message: `the listing ended after exactly ${plural(listed, 'record')}`,
      hint: 'Many sources stop at such a number without a word. Compare with what their own page shows; a connector can declare the cap.',
    },
  ]
}

/** Records that must agree in a column before that means something. */
const AGREEING = 200

/** Columns by which listings are filtered without being asked to. */
const FLAG =
  /^(?:is_|has_)?(?:archived|deleted|removed|hidden|private|public|draft|published|disabled|enabled|active|closed|cancelled|canceled|test|trashed|spam)$/
const STATE = /(?:^|_)(?:status|state|visibility)$/

export function filterFindings({ row, connection, sample }: Audited): readonly Found[] {
  const found: Found[] = []
  const last = connection.runs.find(({ status, passes: all }) => {
    return status !== 'running' && all.some(({ streamNo, kind }) => streamNo === row.no && kind === 'fullPass')
  })
  // What a full pass says when a second witness still has what the listing lacks.
  for (const note of last?.notes ?? []) {
    if (!note.startsWith(`${row.stream}:`) || !note.includes('that the source still has')) continue
    const message = note.slice(row.stream.length + 1).trim()
    const hint = 'Asked for by key they are there: they may be private, archived, or not for this login.'
    found.push({ finding: 'hidden_filter', severity: 'suspicion', message, hint })
  }
  for (const { name, type } of row.shape.columns) {
    if (type === 'boolean' ? !FLAG.test(name) : !(type === 'text' && STATE.test(name))) continue
    const only = onlyValue(sample, name, type === 'boolean')
    if (only === undefined) continue
    const message = `all of ${plural(sample.length, 'record')} have ${name} = ${only}`
    const hint = 'If the source has others, its listing leaves them out unless it is asked for them.'
    found.push({ finding: 'hidden_filter', severity: 'notice', message, hint })
  }
  return found
}

/** The one value that a column has in all of enough records. */
function onlyValue(sample: readonly RecordRow[], column: string, isFlag: boolean): string | undefined {
  if (sample.length < AGREEING) return undefined
  const values = new Set(sample.map((record) => record[column]))
  const [only] = values
  if (values.size !== 1 || only === null || only === undefined) return undefined
  // A store without booleans has 0 and 1.
  if (isFlag) return only ? 'true' : 'false'
  return typeof only === 'string' ? only : undefined
}

/** The passes of a stream, the newest first; of a run that is under way none. */
function passes(runs: readonly RunRow[], streamNo: number): readonly Pass[] {
  return runs
    .filter(({ status }) => status !== 'running')
    .flatMap((run) => run.passes.filter((pass) => pass.streamNo === streamNo).toReversed())
}
