// Owns backups of a database that is a file: making one, proving one, and putting one in place.

import type { BackupInput, RestoreInput } from './backup/copy.ts'
import { type Backup, backupDocument, type Restored, restoredDocument } from './backup/documents.ts'
import { optional, text, yesOrNo } from './fields.ts'
import { later } from './later.ts'
import type { Database } from './mirror.ts'
import { operation } from './operation.ts'

export type { Backup, BackupInput, Restored, RestoreInput }

const copying = later(() => import('./backup/copy.ts'))

export const backup = operation<BackupInput, Promise<Backup>, object, Database>({
  name: 'backup',
  does: 'Back up the database while it is in use.',
  details:
    'The copy is that of one moment, and is verified. Its secrets are encrypted with the key, which is not part of the copy: keep the key somewhere else, or the secrets are lost. With drill, the copy is restored to another place, read, and its secrets are decrypted.',
  scope: 'admin',
  input: {
    file: optional(
      text('where to write the copy; with drill it can be left out, and the copy is deleted again', { sign: 'file' }),
    ),
    force: optional(yesOrNo('replace the file if it exists')),
    drill: optional(yesOrNo('restore the copy to another place and check that it works')),
  },
  positional: ['file'],
  output: backupDocument,
  examples: [{ file: 'mirror-2026-11-21.db' }, { file: 'mirror.bak', force: true, drill: true }, { drill: true }],
  run: async (database, input) => (await copying()).backUp(database, input),
})

export const restore = operation<RestoreInput, Promise<Restored>, object, Database>({
  name: 'restore',
  does: 'Restore a backup.',
  details:
    'Verifies a backup and makes it the database. An existing database is replaced only with force, and is kept beside it under another name; a database that is in use is not touched. The key of the secrets is not in a backup: restore it as well. Readers of the change feed are told to start over.',
  scope: 'admin',
  input: {
    file: text('a file that tidemark backup made', { sign: 'file' }),
    force: optional(yesOrNo('replace a database that exists; the old one is kept aside')),
    drill: optional(yesOrNo('only try it in another place; nothing is replaced')),
  },
  positional: ['file'],
  output: restoredDocument,
  examples: [{ file: 'mirror.bak' }, { file: 'mirror.bak', drill: true }, { file: 'mirror.bak', force: true }],
  run: async (database, input) => (await copying()).restore(database, input),
})
