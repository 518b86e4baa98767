// Owns how far a run has come, as it is told while it works.

import type { Counts } from '../../model/run.ts'

export interface RunProgress {
  readonly run: string
  readonly connection: string
  readonly requests: number
  readonly startedAt: number
  readonly streams: readonly {
    readonly stream: string
    readonly processed: number
    readonly total: number | null
    readonly pages: number
    readonly counts: Counts
  }[]
}
