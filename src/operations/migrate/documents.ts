// Owns what a move takes, what it tells on the way, and what is reported of it.

import { z } from 'zod'
import { type DocumentOf, document } from '../../engine/document.ts'

const n = z.number()

export const migrationDocument = document({
  from: z.string(),
  to: z.string(),
  rows: n,
  /** Each was read from both databases. The digest is of all values of all rows. */
  tables: z.array(z.object({ table: z.string(), rows: n, digest: z.string() })),
  resumed: z.boolean().describe('whether an earlier attempt had begun it'),
})
/** A mirror that was moved, and the proof that both databases hold the same. */
export type Migration = DocumentOf<typeof migrationDocument>

export interface MigrateInput {
  readonly to: string
}

export interface MigrateWatching {
  /** Called after each portion of a table, when it was copied, and when it was read again to prove it. */
  readonly onPortion: (step: {
    readonly doing: 'copy' | 'prove'
    readonly table: string
    readonly rows: number
  }) => void
}
