// Owns a run in words: what it found in each stream, how its passes ended, and what keeps it from being complete.

import { moneyText } from '../../model/money.ts'
import { plural } from '../../model/plural.ts'
import {
  type Counts,
  ENDED_WORDS,
  type Ended,
  isComplete,
  type PassReport,
  type RunStatus,
  type StreamReport,
} from '../../model/run.ts'
import type { SyncEntry } from '../../operations/sync-all.ts'
import type { Paint, Style } from './output.ts'
import { oneLine, padEnd, printable, widthOf } from './printable.ts'
import { took } from './times.ts'

interface Look {
  readonly sign: string
  readonly style: Style
}

const LOOKS: Readonly<Record<RunStatus, Look>> = {
  running: { sign: '…', style: 'cyan' },
  succeeded: { sign: '✓', style: 'green' },
  incomplete: { sign: '!', style: 'yellow' },
  failed: { sign: '✗', style: 'red' },
  paused: { sign: '‖', style: 'magenta' },
  cancelled: { sign: '■', style: 'yellow' },
}

export function lookOf(status: RunStatus): Look {
  return LOOKS[status]
}

/** How a run went, in a few words, with the code of its error where that says more than the words do. */
export function statusText({ status, error }: Pick<SyncEntry, 'status' | 'error'>): string {
  return error && error.code !== status ? `${status} (${error.code})` : status
}

/** A run as a few lines: a head, a line per stream and pass, the notes. Its error is told elsewhere, on stderr. */
export function describeRun(run: SyncEntry, paint: Paint, now: number): string {
  const { sign, style } = LOOKS[run.status]
  const facts = [
    run.id === null ? 'not started' : run.status,
    ...(run.id === null ? [] : [took(run.startedAt, run.finishedAt, now), plural(run.requests, 'request')]),
    ...(run.billedItems > 0 ? [plural(run.billedItems, 'billed item')] : []),
    ...(run.cost === null ? [] : [`cost ${moneyText(run.cost, run.currency)}`]),
  ]
  const head = `${paint(style, sign)} ${paint('bold', oneLine(run.connection))}  ${facts.join(' · ')}`
  const widest = Math.max(0, ...run.streams.map(({ stream }) => widthOf(stream)))
  const streams = run.streams.flatMap((stream) => streamLines(stream, { widest, paint, run }))
  // What the error says already, streams say again in their notes.
  const own = run.notes.filter((note) => !run.error || !note.endsWith(run.error.message))
  const notes = own.map((note) => `    ${paint('yellow', 'note:')} ${printable(note)}`)
  return [head, ...streams, ...notes].join('\n')
}

interface Around {
  /** How wide the longest name of a stream is. */
  readonly widest: number
  readonly paint: Paint
  readonly run: SyncEntry
}

function streamLines({ stream, counts, passes }: StreamReport, { widest, paint, run }: Around): string[] {
  const name = padEnd(oneLine(stream), widest)
  // A pass that ended at no limit of the source's was left open because what it read is not believed; a note says why.
  const limited = run.error !== null && run.notes.includes(`${stream}: ${run.error.message}`)
  const ends = {
    ...ENDED_WORDS,
    ...(limited ? {} : { limit: 'was left open' }),
    ...(run.error && ENDED_BY[run.error.code]),
  }
  const [first, ...others] = passes.map((pass) => paint('dim', describePass(pass, ends)))
  const found = `    ${name}  ${describeCounts(counts, noneText([{ passes }]))}${first === undefined ? '' : `  ${first}`}`
  return [found, ...others.map((pass) => `    ${' '.repeat(widest)}  ${pass}`)]
}

const NAMES: readonly (readonly [keyof Counts, one: string, many?: string])[] = [
  ['inserted', 'new'],
  ['updated', 'changed'],
  ['restored', 'restored'],
  ['superseded', 'older than stored'],
  ['removed', 'removed'],
  ['held', 'removal held', 'removals held'],
  ['quarantined', 'in quarantine'],
  ['unchanged', 'unchanged'],
]

/** What a stream's counters say, the zeros left out: "3 new, 1 changed, 96 unchanged"; `none` where all are zeros. */
export function describeCounts(counts: Counts, none = 'nothing new'): string {
  const parts = NAMES.filter(([name]) => counts[name] > 0).map(([name, one, many = one]) =>
    plural(counts[name], one, many),
  )
  return parts.length > 0 ? parts.join(', ') : none
}

/** What counters without anything in them mean: where no page came and nothing was read to its end, nobody knows what is new. */
export function noneText(streams: readonly Pick<StreamReport, 'passes'>[]): string {
  const passes = streams.flatMap((stream) => stream.passes)
  return passes.some(({ pages, ended }) => pages > 0 || isComplete(ended)) ? 'nothing new' : 'nothing read'
}

/** How a pass ended, where the error of the run says more exactly what ended it. */
const ENDED_BY: Readonly<Record<string, Partial<Record<Ended, string>>>> = {
  requests_spent: { budget: 'stopped: the requests allowed are spent' },
  cost_spent: { budget: 'stopped: the money allowed is spent' },
  budget_spent: { budget: 'stopped: the budget is spent' },
  section_missing: { limit: 'found nothing of the stream in the file' },
}

/** How a pass went: "newestFirst reached what is known (1 page, 2 requests)". */
export function describePass({ pass, ended, pages, requests }: PassReport, ends = ENDED_WORDS): string {
  const end = ended === null ? 'has not ended' : ends[ended]
  return `${pass} ${end} (${plural(pages, 'page')}, ${plural(requests, 'request')})`
}
