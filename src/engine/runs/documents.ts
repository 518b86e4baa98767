// Owns what is reported of runs, connections and streams as documents: the schema of each, and the type inferred from it.

import { z } from 'zod'
import { HEALTHS } from '../../model/connection-health.ts'
import { COVERAGE_KINDS } from '../../model/coverage.ts'
import type { ErrorReport } from '../../model/errors.ts'
import { PASS_KINDS, RUN_MODES, RUN_STATUSES, type RunReport } from '../../model/run.ts'
import { type DocumentOf, document } from '../document.ts'

const n = z.number()
const nOrNull = n.nullable()
const text = z.string()
const textOrNull = text.nullable()

export const errorDocument = document({
  code: text,
  message: text,
  hint: textOrNull,
  verdict: z.enum(['retry', 'wait', 'pause', 'skip', 'stop', 'yield']),
  retryAt: text.optional(),
}) satisfies z.ZodType<ErrorReport>

const mode = z.enum(RUN_MODES)
const pass = z.enum(PASS_KINDS)

export const runDocument = document({
  id: text,
  project: text,
  connection: text,
  mode,
  status: z.enum(RUN_STATUSES),
  startedAt: text,
  finishedAt: textOrNull,
  streams: z.array(
    z.object({
      stream: text,
      passes: z.array(
        z.object({
          pass,
          ended: z.enum(['exhausted', 'met-anchored', 'limit', 'budget', 'cancelled', 'failed']).nullable(),
          pages: n,
          requests: n,
        }),
      ),
      counts: z.object({
        fetched: n,
        inserted: n,
        updated: n,
        unchanged: n,
        superseded: n,
        removed: n,
        restored: n,
        held: n,
        unconfirmed: n,
        quarantined: n,
        snapshots: n,
        unavailable: n,
        stale: n,
      }),
    }),
  ),
  requests: n,
  billedItems: n,
  cost: nOrNull,
  currency: textOrNull,
  error: errorDocument.nullable(),
  notes: z.array(text),
  progress: z
    .object({
      processed: n,
      total: nOrNull,
      percent: nOrNull,
      rate: n,
      etaSeconds: nOrNull,
      streams: z.array(z.object({ stream: text, processed: n, total: nOrNull, inserted: n, unchanged: n })),
    })
    .nullable(),
}) satisfies z.ZodType<RunReport>
const runOrNull: z.ZodType<RunReport | null> = runDocument.nullable()

export const standingDocument = document({
  /** `on`: it runs. Of several reasons the one that is mended first. */
  state: z.enum(['on', 'paused', 'login needed', 'disconnected', 'purging']),
  /** Why nothing reads it, as a clause: "needs a new login: …"; null when it runs. */
  why: textOrNull,
  /** The command that lets it run again; null when it runs. */
  mend: textOrNull,
})
export type Standing = DocumentOf<typeof standingDocument>

const todoDocument = document({
  /** Stable, one word. */
  what: z.enum([
    'login',
    'connect',
    'resume',
    'purge',
    'failed',
    'unavailable',
    'incomplete',
    'removals',
    'quarantine',
  ]),
  /** Null: the connection as a whole. */
  stream: textOrNull,
  /** What is wrong, with the numbers. */
  message: text,
  command: textOrNull,
})
export type ToDo = DocumentOf<typeof todoDocument>

export const scheduleDocument = document({
  /** null: of the whole connection, but for the streams that have one of their own. */
  stream: textOrNull,
  schedule: text,
  timezone: text,
  quietHours: textOrNull,
  /** null: there is no stream that it reads. */
  nextRunAt: textOrNull,
  lastRunAt: textOrNull,
  /** The streams that it reads. Empty: each has a schedule of its own, or the stream is no more. */
  streams: z.array(text),
})
/** A schedule as every face shows it. */
export type ScheduleStatus = DocumentOf<typeof scheduleDocument>

const streamDocument = document({
  stream: text,
  lastRunAt: textOrNull,
  lastSuccessAt: textOrNull,
  lastFullAt: textOrNull,
  runsSinceFull: n,
  lastRecordAt: textOrNull,
  lastMode: textOrNull,
  lastRecords: nOrNull,
  totalRecords: n,
  /** When a schedule reads it next: its own, or its connection's; null without one. */
  nextRunAt: textOrNull,
  coverage: z.object({ kind: z.enum(COVERAGE_KINDS), note: text }),
  /** Removals that wait for a person. */
  held: n,
  /** Records that could not be read. */
  quarantined: n,
  /** Records that a full pass did not list any more; the next run confirms. */
  unconfirmed: n,
  /** The columns whose values are kept over time. */
  metrics: z.array(text),
})
export type StreamStatus = DocumentOf<typeof streamDocument>

export const statusDocument = document({
  id: text,
  connector: text,
  project: text,
  /** Why it stands still: `login`, `user` (a person paused it), `disconnected`, `purging`; empty when it runs. */
  paused: z.array(text),
  /** The same in words, with the command that lets it run again. */
  standing: standingDocument,
  /** All of this in one word. */
  health: z.enum(HEALTHS),
  /** What a person has to do, the most urgent first. */
  todo: z.array(todoDocument),
  streams: z.array(streamDocument),
  totalRecords: n,
  activeRun: runOrNull,
  lastRun: runOrNull,
  /** When a schedule runs it next; null without one. */
  nextRunAt: textOrNull,
  schedules: z.array(scheduleDocument),
})
export type ConnectionStatus = DocumentOf<typeof statusDocument>

export const removalsDocument = document({
  run: text,
  connection: text,
  stream: text,
  at: text,
  held: n,
  removed: n,
  kept: n,
  unconfirmed: n,
  reason: textOrNull,
})
/** What one run has held, removed, or was the first to miss of one stream, and what a person keeps of it. */
export type Removals = DocumentOf<typeof removalsDocument>

export const setAsideDocument = document({
  connection: text,
  stream: text,
  /** Names it within its stream, also where it has no key. */
  id: text,
  key: textOrNull,
  code: text,
  message: text,
  /** Null: it is known no longer. */
  run: textOrNull,
  page: n,
  position: n,
  firstAt: text,
  at: text,
  /** When a newer content of the record came; null: the record waits to be read. */
  supersededAt: textOrNull,
  times: n,
  raw: text,
})
/** A record that could not be read. */
export type SetAside = DocumentOf<typeof setAsideDocument>

const budgetPart = document({
  max: n,
  /** The window: `hour`, `day`, … */
  per: text,
  /** What was used in the window that ends now. */
  spent: n,
})
export type BudgetPart = DocumentOf<typeof budgetPart>

export const budgetDocument = document({
  scope: z.enum(['connection', 'connector']),
  name: text,
  requests: budgetPart.nullable(),
  cost: budgetPart.nullable(),
  /** Of the cost, as ISO 4217 names it; null: not known. */
  currency: textOrNull,
})
export type Budget = DocumentOf<typeof budgetDocument>

const streamPlan = document({
  stream: text,
  passes: z.array(z.object({ pass, why: text, requests: nOrNull })),
  /** How many tombstones the run may set without asking, at most. */
  removalsAtRisk: n,
  /** Removals that earlier runs have put on hold, and that nobody has decided on. */
  removalsHeld: n,
})
export type StreamPlan = DocumentOf<typeof streamPlan>

const planStop = document({
  ...errorDocument.shape,
  /** When there is more of what is used up; null: not known. */
  until: textOrNull,
  /** Requests that all of it would take; null when only reading can tell. */
  needs: nOrNull,
})
/** The error that the run will end with. */
export type PlanStop = DocumentOf<typeof planStop>

export const planDocument = document({
  connection: text,
  mode,
  /** Why the connection stands still: nothing will be read. */
  paused: z.array(text),
  streams: z.array(streamPlan),
  /** Requests that the run will make if the source has nothing new; null when only reading can tell. */
  requests: nOrNull,
  /** So many requests fit into what the run may use, at most; null: nothing that is known bounds them. */
  fits: nOrNull,
  /** What will end the run before all is read; null: nothing that is known now. */
  stop: planStop.nullable(),
  /** How long the run will wait for limits that are known now, in milliseconds. */
  waitMs: n,
  /** Whether pages cost money. */
  paid: z.boolean(),
  /** In the vendor's currency, by its prices or by what requests have cost until now; null: nothing, or not known. */
  cost: nOrNull,
  /** Of the cost, as ISO 4217 names it; null: the connector does not say. */
  currency: textOrNull,
  /** Why nobody knows yet what it will cost, and what is known of it; null: the cost is told, or nothing is paid for. */
  costNote: textOrNull,
  /** The budgets that the run will draw on. */
  budgets: z.array(budgetDocument),
})
export type PlanReport = DocumentOf<typeof planDocument>

const outcome = z.enum(['ok', 'refused', 'wrong', 'unreachable', 'unclear', 'skipped'])
/**
 * - `ok`: the service answered.
 * - `refused`: it refuses the login; a person must give a new one.
 * - `wrong`: an option must be wrong, such as the base URL or the name of an account.
 * - `unreachable`: no answer came.
 * - `unclear`: it answered, but not so that anything is known: an outage, a limit, a page that it denies.
 * - `skipped`: there is no request for it that costs nothing, or the budget is spent.
 */
export type CheckOutcome = z.infer<typeof outcome>

export const checkDocument = document({
  outcome,
  /** Whose login it is, as the service calls it; null where the connector cannot tell. */
  account: textOrNull,
  /** Requests that the service says are left in its current window; null where it does not say. */
  requestsLeft: nOrNull,
  /** What went wrong. */
  error: errorDocument.nullable(),
})
export type CheckReport = DocumentOf<typeof checkDocument>
