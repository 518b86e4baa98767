// Owns the state of a connection as a document.

import { z } from 'zod'
import type { ConnectionStatus, ScheduleStatus, StreamStatus } from '../../engine/runs/report.ts'
import type { Standing } from '../../engine/runs/standing.ts'
import type { ToDo } from '../../engine/runs/todo.ts'
import { COVERAGE_KINDS } from '../../model/coverage.ts'
import { runDocument } from './run.ts'

const text = z.string()
const textOrNull = z.string().nullable()
const n = z.number()

export const standingDocument: z.ZodType<Standing> = z.object({
  state: z.enum(['on', 'paused', 'login needed', 'disconnected']),
  why: textOrNull,
  mend: textOrNull,
})

const TASKS = ['login', 'connect', 'resume', 'failed', 'unavailable', 'incomplete', 'removals', 'quarantine'] as const

const todoDocument: z.ZodType<ToDo> = z.object({
  what: z.enum(TASKS),
  stream: textOrNull,
  message: text,
  command: textOrNull,
})

export const scheduleDocument: z.ZodType<ScheduleStatus> = z.object({
  stream: textOrNull,
  schedule: text,
  timezone: text,
  quietHours: textOrNull,
  nextRunAt: text,
  lastRunAt: textOrNull,
})

const streamDocument: z.ZodType<StreamStatus> = z.object({
  stream: text,
  lastRunAt: textOrNull,
  lastSuccessAt: textOrNull,
  lastFullAt: textOrNull,
  runsSinceFull: n,
  lastRecordAt: textOrNull,
  lastMode: textOrNull,
  lastRecords: n.nullable(),
  totalRecords: n,
  nextRunAt: textOrNull,
  coverage: z.object({ kind: z.enum(COVERAGE_KINDS), note: text }),
  held: n,
  quarantined: n,
  unconfirmed: n,
})

export const statusDocument: z.ZodType<ConnectionStatus> = z.object({
  id: text,
  connector: text,
  project: text,
  paused: z.array(text),
  standing: standingDocument,
  todo: z.array(todoDocument),
  streams: z.array(streamDocument),
  totalRecords: n,
  activeRun: runDocument.nullable(),
  lastRun: runDocument.nullable(),
  nextRunAt: textOrNull,
  schedules: z.array(scheduleDocument),
})
