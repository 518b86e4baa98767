// Owns the audit log: every deed that started, changed or ended something, with who did it and what came of it. Rows are only
// added, and deleted when they are too old.

export interface AuditStore {
  /** Of a project that is unknown, nothing is written. */
  add(deed: DeedRow): Promise<void>
  /** Those of a project, the newest first. */
  list(project: string, asked: DeedsAsked): Promise<readonly (DeedRow & { readonly no: number })[]>
}

export interface DeedsAsked {
  readonly limit: number
  /** Only those that concern this connection. */
  readonly connection?: string | undefined
  /** Only those that were written before the one of this number. */
  readonly before?: number | undefined
  /** Only those from this moment on. */
  readonly since?: number | undefined
}

export interface DeedRow {
  readonly project: string
  /** When it began. */
  readonly at: number
  /** `cli`, `library`, `agent`, or `token` with the id of the token. */
  readonly who: string
  /** The name of the operation. */
  readonly operation: string
  /** The connection that it concerns; null: none, or several. */
  readonly connection: string | null
  /** What was given, as JSON, without secrets. */
  readonly given: string
  /** `done`, or the code of the error that it ended with. */
  readonly outcome: string
}
