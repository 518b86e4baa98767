// Owns what an audit looks at and what it says.

import { z } from 'zod'
import type { RecordRow, RunRow, StreamRow, StreamState } from '../../store/store.ts'
import { type DocumentOf, document } from '../document.ts'
import type { Standing } from '../runs/documents.ts'

/**
 * `problem`: data is known to be missing, or a person has to decide. `suspicion`: the signs of one. `notice`: nothing to
 * do, but good to know.
 */
export const SEVERITIES = ['problem', 'suspicion', 'notice'] as const
export type Severity = (typeof SEVERITIES)[number]

export const findingDocument = document({
  /** Stable, lower_snake. */
  finding: z.string(),
  severity: z.enum(SEVERITIES),
  connection: z.string(),
  /** Null: the connection as a whole. */
  stream: z.string().nullable(),
  /** What was found, with the numbers. */
  message: z.string(),
  hint: z.string().nullable(),
})
export type Finding = DocumentOf<typeof findingDocument>

/** A connection as the audit looks at it. */
export interface AuditConnection {
  readonly id: string
  readonly connector: string
  readonly paused: readonly string[]
  readonly standing: Standing
  /** The newest runs, newest first. */
  readonly runs: readonly RunRow[]
  readonly streams: readonly AuditStream[]
}

export interface AuditStream {
  readonly row: StreamRow
  readonly state: Pick<StreamState, 'openWalks' | 'fields'> & Partial<Pick<StreamState, 'value'>>
  /** Some live records: the first ones by key. */
  readonly sample: readonly RecordRow[]
  /** Records in quarantine of which no content is stored. */
  readonly unstored: number
}

/** What a stream's part of the audit is made from. */
export interface Audited extends AuditStream {
  readonly connection: AuditConnection
  /** A run is under way: what is open is being read. */
  readonly running: boolean
}

/** A finding about a stream, before it is said which. */
export type Found = Omit<Finding, 'connection' | 'stream'>
