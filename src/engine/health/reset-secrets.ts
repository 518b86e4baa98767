// Owns giving up secrets that can't be opened any more, because their key is lost: they are forgotten, and their
// connections wait for a new login.

import { z } from 'zod'
import { type ErrorCode, errorReport } from '../../model/errors.ts'
import type { KeySource } from '../../secrets/keys.ts'
import { ownSecrets } from '../../secrets/own-secrets.ts'
import type { Vault } from '../../secrets/vault.ts'
import type { SealedSecret, Store } from '../../store/store.ts'
import { type DocumentOf, document } from '../document.ts'
import { DISCONNECTED, LOGIN_NEEDED } from '../runs/standing.ts'

export const lostDocument = document({
  project: z.string(),
  connection: z.string(),
  connector: z.string(),
  /** Names of the secrets that do not open. */
  secrets: z.array(z.string()),
})
export type LostSecrets = DocumentOf<typeof lostDocument>

export interface ResetPorts {
  readonly store: Store
  readonly vault: Vault
  readonly key: KeySource
}

/** What it means that a secret is lost, as opposed to a key that could not be read just now. */
const LOST: readonly string[] = ['key_wrong', 'key_missing', 'secret_unreadable'] satisfies ErrorCode[]

/**
 * Finds the secrets of all projects that do not open with any key at hand and, unless `dryRun`, forgets them. A secret
 * that was stored anew since it was looked at stays.
 *
 * @throws TidemarkError key_invalid, key_unreadable, key_missing (a file that was named is not there)
 */
export async function resetSecrets(
  { store, vault, key }: ResetPorts,
  { dryRun }: { readonly dryRun: boolean },
): Promise<readonly LostSecrets[]> {
  // A key that can't be read is to be mended first, and no reason to forget anything.
  await key.find()
  const found: LostSecrets[] = []
  for (const { id: project } of await store.projects.list()) {
    for (const { no, id: connection, connector, paused, loginVersion } of await store.connections.list(project)) {
      const lost: SealedSecret[] = []
      for (const secret of await store.secrets.list(no)) {
        if (!(await opens(vault, { project, connection, secret }))) lost.push(secret)
      }
      if (lost.length === 0) continue
      found.push({ project, connection, connector, secrets: lost.map(({ name }) => name) })
      if (dryRun) continue
      // First of all, so that no run begins without its login.
      if (!paused.includes(DISCONNECTED)) await store.connections.setPaused(no, LOGIN_NEEDED, true, loginVersion)
      await store.secrets.drop(no, lost)
    }
  }
  for (const { place, sealed, of: connector, drop } of await ownSecrets(store)) {
    const { project, connection, name, version } = place
    if (await opens(vault, { project, connection, secret: { name, version, sealed } })) continue
    found.push({ project, connection, connector, secrets: [name] })
    // Nobody else has it: what it belongs to has to be made anew.
    if (!dryRun) await drop()
  }
  return found
}

async function opens(
  vault: Vault,
  { project, connection, secret }: { project: string; connection: string; secret: SealedSecret },
): Promise<boolean> {
  try {
    await vault.open(project, connection, secret)
    return true
  } catch (error) {
    if (LOST.includes(errorReport(error).code)) return false
    throw error
  }
}
