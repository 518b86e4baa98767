// Owns which data keys of a database its secrets need. A data key that no stored secret needs protects nothing: whether
// the key at hand opens it must not matter.

import type { Store, WrappedKey } from '../store/store.ts'
import { dataKeyOf } from './envelopes.ts'
import { ownSecrets } from './own-secrets.ts'

export type KeyStore = Pick<Store, 'projects' | 'connections' | 'secrets' | 'webhooks'>

/** The ids of the data keys that the secrets of all projects are sealed with. */
export async function usedDataKeys(store: KeyStore): Promise<ReadonlySet<string>> {
  const used = new Set<string>()
  for (const { sealed } of await ownSecrets(store)) used.add(dataKeyOf(sealed) ?? '')
  for (const { id: project } of await store.projects.list()) {
    for (const { no } of await store.connections.list(project)) {
      for (const { sealed } of await store.secrets.list(no)) used.add(dataKeyOf(sealed) ?? '')
    }
  }
  return used
}

/** The data keys without which a stored secret can't be opened, the current one last. */
export async function neededDataKeys(store: KeyStore): Promise<readonly WrappedKey[]> {
  const all = await store.secrets.dataKeys()
  if (all.length === 0) return all
  const used = await usedDataKeys(store)
  return all.filter(({ id }) => used.has(id))
}
