// Owns the secrets that belong to no connection: those of webhooks, the keys of browsers, and the key of this server for push
// services. Whoever seals secrets anew, checks them or gives them up goes through all of them here.

import type { Store } from '../store/store.ts'
import { pushKeyPlace, webhookPlace } from './places.ts'

export interface OwnSecret {
  /** Where it is bound to. */
  readonly place: {
    readonly project: string
    readonly connection: string
    readonly name: string
    readonly version: number
  }
  readonly sealed: Uint8Array
  /** For people: what has it. */
  readonly of: 'webhook' | 'browser' | 'server'
  /** False: it no longer lies as it did, and nothing is written. */
  readonly reseal: (sealed: Uint8Array) => Promise<boolean>
  /** With what is nothing without it. */
  readonly drop: () => Promise<unknown>
}

export async function ownSecrets({ webhooks }: Pick<Store, 'webhooks'>): Promise<readonly OwnSecret[]> {
  const hooks = (await webhooks.list()).map(
    ({ no, project, id, sealed, browser }): OwnSecret => ({
      place: webhookPlace({ project, id }),
      sealed,
      of: browser ? 'browser' : 'webhook',
      reseal: (anew) => webhooks.reseal(no, { expect: sealed, sealed: anew }),
      drop: () => webhooks.drop(project, id),
    }),
  )
  const key = await webhooks.pushKey()
  if (!key) return hooks
  const own: OwnSecret = {
    place: pushKeyPlace(),
    sealed: key.sealed,
    of: 'server',
    reseal: (anew) => webhooks.resealPushKey({ expect: key.sealed, sealed: anew }),
    drop: () => webhooks.dropPushKey(),
  }
  return [...hooks, own]
}
