// Owns the plan of a run as a document.

import { z } from 'zod'
import type { PlanReport } from '../../engine/runs/plan-report.ts'
import { PASS_KINDS, RUN_MODES } from '../../model/run.ts'

const n = z.number()
const nOrNull = n.nullable()
const text = z.string()

const part = z.object({ max: n, per: text, spent: n }).nullable()

export const planDocument: z.ZodType<PlanReport> = z.object({
  connection: text,
  mode: z.enum(RUN_MODES),
  paused: z.array(text),
  streams: z.array(
    z.object({
      stream: text,
      passes: z.array(
        z.object({
          pass: z.enum(PASS_KINDS),
          why: text,
          requests: nOrNull,
        }),
      ),
      removalsAtRisk: n,
      removalsHeld: n,
    }),
  ),
  requests: nOrNull,
  fits: nOrNull,
  stop: z
    .object({
      code: text,
      message: text,
      hint: text.nullable(),
      verdict: z.enum(['retry', 'wait', 'pause', 'skip', 'stop', 'yield']),
      until: text.nullable(),
      needs: nOrNull,
    })
    .nullable(),
  waitMs: n,
  paid: z.boolean(),
  cost: nOrNull,
  budgets: z.array(z.object({ scope: z.enum(['connection', 'connector']), name: text, requests: part, cost: part })),
})
