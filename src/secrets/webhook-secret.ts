// Owns the secret with which a webhook is signed that the project sends: how one is made and opened.

import { randomBytes } from 'node:crypto'
import { webhookSecret } from '../model/standard-webhooks.ts'
import type { WebhookRow } from '../store/store.ts'
import { webhookPlace } from './places.ts'
import type { Vault } from './vault.ts'

type Named = Pick<WebhookRow, 'project' | 'id'>

const SECRET_BYTES = 32

/** Seals a new secret, and gives it as people are shown it, this once. */
export async function newWebhookSecret(vault: Vault, hook: Named) {
  const secret = webhookSecret(randomBytes(SECRET_BYTES))
  const { project, connection, name, version } = webhookPlace(hook)
  return { secret, sealed: (await vault.seal(project, connection, name, version, secret)).sealed }
}

/** @throws TidemarkError secret_unreadable, key_missing, key_wrong */
export async function openWebhookSecret(vault: Vault, hook: Named & Pick<WebhookRow, 'sealed'>): Promise<string> {
  const { project, connection, name, version } = webhookPlace(hook)
  return vault.open(project, connection, { name, version, sealed: hook.sealed })
}
