// Owns the log of a run: when it began, each request that it made and what came of it, what it noted, and how it ended.

import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import { asItIs, instant, instantOrNull } from '../engine/runs/report.ts'
import { count, plural } from '../model/plural.ts'
import type { LedgerRow, RunRow } from '../store/store.ts'
import { hook, listener } from './fields.ts'
import { runInput } from './inputs.ts'
import { runRow } from './mirror.ts'
import { operation } from './operation.ts'

const text = z.string()
const textOrNull = text.nullable()

const entryDocument = document({
  kind: z.enum(['begun', 'request', 'note', 'error', 'ended']),
  /** Null: of no moment of its own, as a note. */
  at: textOrNull,
  /** Null: the run as a whole. */
  stream: textOrNull,
  /** What happened, as a person reads it. */
  text,
  /** Of a request. */
  request: z
    .object({
      method: text,
      /** Without secrets. */
      url: text,
      /** 0: no answer came. */
      status: z.number(),
      bytes: z.number(),
      ms: z.number(),
      /** The try of the same request, from 1. */
      attempt: z.number(),
      /** `ok`, or the code of what was wrong. */
      outcome: text,
      billedItems: z.number(),
      /** The page of the run that it was made for; null: for none. */
      page: z.number().nullable(),
    })
    .nullable(),
})
export type LogEntry = DocumentOf<typeof entryDocument>

/** For whoever reads it a page at a time: entries have numbers, from 0. */
export interface LogHooks {
  readonly behind?: number | undefined
  readonly onPlace?: ((no: number) => void) | undefined
}

/** Requests read from the store at once. */
const PART = 500

export const runLog = operation<{ readonly run: string }, AsyncGenerator<LogEntry>, LogHooks>({
  name: 'runLog',
  does: 'Show the log of a run: each request with its answer, what was noted, and how it ended.',
  details:
    'In the order in which it happened. Requests are kept for 30 days; of an older run, the rest is told. A run that is under way is told as far as it is stored.',
  scope: 'read',
  input: { run: runInput },
  hooks: {
    behind: hook('is the number of an entry', 'only what comes behind the entry of this number', Number.isSafeInteger),
    onPlace: listener('gets the number of each entry, before the entry'),
  },
  positional: ['run'],
  list: 'log',
  output: entryDocument,
  examples: [{ run: '01K9ZS6X1C4H8W2V7Q3M5N0B9T' }],
  async *run(mirror, { run: id }, { behind = -1, onPlace }) {
    const row = asItIs(await runRow(mirror, id), mirror.isDead)
    if (behind < 0) {
      onPlace?.(0)
      yield begun(row)
    }
    for (let after = Math.max(0, behind); ; ) {
      const requests = await mirror.store.runs.ledgerOf({ runNo: row.no, after, limit: PART })
      for (const request of requests) {
        onPlace?.(request.no)
        yield requested(request)
      }
      after = requests.at(-1)?.no ?? after
      if (requests.length < PART) break
    }
    // Behind all requests of the run, also those that are no longer kept: the places of a run that has ended stay.
    for (const [i, entry] of endOf(row).entries()) {
      const place = row.requests + 1 + i
      if (place <= behind) continue
      onPlace?.(place)
      yield entry
    }
  },
})

function begun({ startedAt, mode, streams }: RunRow): LogEntry {
  const of = streams.length === 0 ? '' : ` of ${streams.join(', ')}`
  return {
    kind: 'begun',
    at: instant(startedAt),
    stream: null,
    text: `The run${of} begins, mode ${mode}.`,
    request: null,
  }
}

function requested({ no: _, at, stream, page = null, ...request }: LedgerRow): LogEntry {
  const { method, url, status, bytes, ms, attempt, outcome, billedItems } = request
  const answer = status === 0 ? 'no answer' : `${status}`
  const more = [
    ...(attempt > 1 ? [`try ${attempt}`] : []),
    ...(outcome === 'ok' ? [] : [outcome]),
    ...(billedItems > 0 ? [plural(billedItems, 'billed item')] : []),
  ]
  const said = [answer, plural(bytes, 'byte'), `${count(ms)} ms`, ...more].join(', ')
  return {
    kind: 'request',
    at: instant(at),
    stream,
    text: `${method} ${url}: ${said}`,
    request: { method, url, status, bytes, ms, attempt, outcome, billedItems, page },
  }
}

/** Nothing, while it is under way. */
function endOf({ status, notes, error, finishedAt }: RunRow): readonly LogEntry[] {
  if (status === 'running') return []
  const entry = (kind: LogEntry['kind'], said: string, at: string | null = null): LogEntry => {
    return { kind, at, stream: null, text: said, request: null }
  }
  const hint = error?.hint ? ` ${error.hint}` : ''
  return [
    ...notes.map((note) => entry('note', note)),
    ...(error ? [entry('error', `${error.code}: ${error.message}${hint}`)] : []),
    entry('ended', `The run ends: ${status}.`, instantOrNull(finishedAt)),
  ]
}
