// Owns what is reported of a backup, and of the drill that restores it elsewhere: the schema of each, and its type.

import { z } from 'zod'
import { type DocumentOf, document } from '../../engine/document.ts'
import { errorDocument } from '../../engine/runs/documents.ts'

const n = z.number()
const proof = {
  bytes: n,
  tables: n,
  /** Rows of all tables, each counted in the original's snapshot and in the copy. */
  rows: n,
  projects: n,
  connections: n,
  secrets: n,
}

export const drillDocument = document({
  /** Of the restored copy, after it was verified. */
  copy: document(proof),
  streams: n,
  /** Records that the streams say they have. */
  records: n,
  /** Records that were read from the beginning of each stream. */
  read: n,
  secrets: z.object({ opened: n, failed: z.array(z.object({ secret: z.string(), error: errorDocument })) }),
  /** Why the key opens no data key; null when it does, or when nothing is sealed. */
  key: errorDocument.nullable(),
})
export type Drill = DocumentOf<typeof drillDocument>

const copyFields = {
  ...proof,
  /** Names of the keys that open its secrets. */
  keys: z.array(z.string()).describe('names of the keys that open its secrets'),
}

export const backupDocument = document({
  /** Null: it was made for a drill, and is deleted again. */
  file: z.string().nullable(),
  ...copyFields,
  drill: drillDocument.nullable(),
})
/** A copy that was verified. */
export type Backup = DocumentOf<typeof backupDocument>

export const restoredDocument = z.union([
  document({ file: z.string(), drill: drillDocument }),
  document({ database: z.string(), ...copyFields, aside: z.string().nullable() }),
])
/** A backup in its place, and where the database is that was there; or what a drill has proved. */
export type Restored = DocumentOf<typeof restoredDocument>
