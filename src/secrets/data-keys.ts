// Owns which data keys of a database its secrets need. A data key that no stored secret needs protects nothing: whether
// the key at hand opens it must not matter.

import type { Store, WrappedKey } from '../store/store.ts'
import { dataKeyOf } from './envelopes.ts'

export type SecretStore = Pick<Store, 'projects' | 'connections' | 'secrets' | 'dataKeys'>

/** The ids of the data keys that the secrets of all projects are sealed with. */
export async function usedDataKeys(store: Omit<SecretStore, 'dataKeys'>): Promise<ReadonlySet<string>> {
  const used = new Set<string>()
  for (const { id: project } of await store.projects()) {
    for (const { no } of await store.connections(project)) {
      for (const { sealed } of await store.secrets(no)) used.add(dataKeyOf(sealed) ?? '')
    }
  }
  return used
}

/** The data keys without which a stored secret can't be opened, the current one last. */
export async function neededDataKeys(store: SecretStore): Promise<readonly WrappedKey[]> {
  const all = await store.dataKeys()
  if (all.length === 0) return all
  const used = await usedDataKeys(store)
  return all.filter(({ id }) => used.has(id))
}
