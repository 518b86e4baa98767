// Owns the run as a document: the shape that every face prints.

import { z } from 'zod'
import type { ErrorReport } from '../../model/errors.ts'
import { type Counts, PASS_KINDS, type Progress, RUN_MODES, type RunReport } from '../../model/run.ts'

const n = z.number()
const nOrNull = n.nullable()

export const errorDocument: z.ZodType<ErrorReport> = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
  verdict: z.enum(['retry', 'wait', 'pause', 'skip', 'stop', 'yield']),
})

const countsDocument: z.ZodType<Counts> = z.object({
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
})

export const progressDocument: z.ZodType<Progress> = z.object({
  processed: n,
  total: nOrNull,
  percent: nOrNull,
  rate: n,
  etaSeconds: nOrNull,
  streams: z.array(z.object({ stream: z.string(), processed: n, total: nOrNull, inserted: n, unchanged: n })),
})

const passDocument = z.object({
  pass: z.enum(PASS_KINDS),
  ended: z.enum(['exhausted', 'met-anchored', 'limit', 'budget', 'cancelled', 'failed']).nullable(),
  pages: n,
  requests: n,
})

export const runDocument: z.ZodType<RunReport> = z.object({
  id: z.string(),
  project: z.string(),
  connection: z.string(),
  mode: z.enum(RUN_MODES),
  status: z.enum(['running', 'succeeded', 'incomplete', 'failed', 'paused', 'cancelled']),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  streams: z.array(z.object({ stream: z.string(), passes: z.array(passDocument), counts: countsDocument })),
  requests: n,
  billedItems: n,
  cost: nOrNull,
  error: errorDocument.nullable(),
  notes: z.array(z.string()),
  progress: progressDocument.nullable(),
})
