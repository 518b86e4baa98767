// Owns the restore drill: a backup is put in place somewhere else, opened, read, and its secrets opened with the key. What
// was not tried is not known to work.

import { mkdtempSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { checkSecrets } from '../../engine/health/check-secrets.ts'
import { systemClock } from '../../engine/system.ts'
import { errorReport } from '../../model/errors.ts'
import type { KeySource } from '../../secrets/keys.ts'
import { openVault } from '../../secrets/vault.ts'
import { copyMirror, openSqliteStore } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import type { Drill } from './documents.ts'
import { DRILL_FOLDER, sweepLeft } from './files.ts'

/** Records read of each stream, with their history. */
const SAMPLE = 50

/**
 * Restores a backup into a folder of its own beside it, which is gone afterwards, and uses it as a mirror.
 *
 * @throws TidemarkError what restoring and opening may throw; what is wrong with the key is in the result
 */
export async function drill(file: string, key: KeySource): Promise<Drill> {
  sweepLeft(file)
  const folder = mkdtempSync(join(dirname(resolve(file)), DRILL_FOLDER))
  const restored = join(folder, 'restored.db')
  try {
    const copy = await copyMirror({ from: file, to: restored, draft: join(folder, 'draft.db'), force: false })
    const store = await openSqliteStore({ path: restored, clock: systemClock, create: false })
    try {
      const vault = openVault({ store, key: () => key, clock: systemClock })
      const wrongKey = await vault.check().then(() => null, errorReport)
      const checks = wrongKey ? [] : await checkSecrets({ store, vault })
      const failed = checks.flatMap(({ project, connection, name, error }) =>
        error ? [{ secret: `${project}/${connection}/${name}`, error }] : [],
      )
      return {
        copy,
        ...(await readAll(store)),
        secrets: { opened: checks.length - failed.length, failed },
        key: wrongKey,
      }
    } finally {
      await store.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function readAll(store: Store): Promise<Pick<Drill, 'streams' | 'records' | 'read'>> {
  const sum = { streams: 0, records: 0, read: 0 }
  for (const { id: project } of await store.projects.list()) {
    await store.feed.bounds(project)
    for (const connection of await store.connections.list(project)) {
      for (const { no, totalRecords } of await store.streams.list(connection.no)) {
        const records = await store.records.list({ streamNo: no, limit: SAMPLE })
        for (const { _key } of records) await store.history.versions(no, _key)
        sum.streams++
        sum.records += totalRecords
        sum.read += records.length
      }
    }
  }
  return sum
}
