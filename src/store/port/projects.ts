// Owns the projects of a database.

export interface ProjectStore {
  /** Makes the project unless it exists. `timezone` (IANA) is written only when the project is new. */
  ensure(project: { id: string; timezone: string; at: number }): Promise<ProjectRow>
  list(): Promise<readonly ProjectRow[]>
}

export interface ProjectRow {
  readonly id: string
  readonly timezone: string
  readonly createdAt: number
}
