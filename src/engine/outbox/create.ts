// Owns making a webhook that is sent: its address is looked at, and its secret is sealed before anybody is shown it.

import { hostRefusal } from '../../http/addresses.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { Chance, Clock } from '../../model/ports.ts'
import type { Vault } from '../../secrets/vault.ts'
import { newWebhookSecret } from '../../secrets/webhook-secret.ts'
import type { NewWebhook, Store, WebhookRow } from '../../store/store.ts'

/** Webhooks of a project, at most. */
export const WEBHOOKS_MAX = 50
/** The longest address, and the longest note, in characters. */
export const URL_MAX = 2_000
const NOTE_MAX = 200

export interface CreatePorts {
  readonly store: Store
  readonly vault: Vault
  readonly clock: Pick<Clock, 'now'>
  readonly chance: Pick<Chance, 'id'>
  readonly project: string
}

/** @throws TidemarkError option_invalid, address_refused, project_unknown; what the key is missing */
export async function create(
  { store, vault, clock, chance, project }: CreatePorts,
  wish: Pick<NewWebhook, 'url' | 'events' | 'note' | 'allowPrivateNetwork'>,
): Promise<{ readonly row: WebhookRow; readonly secret: string }> {
  const url = checkedUrl(wish.url, wish.allowPrivateNetwork)
  if (wish.note.length > NOTE_MAX)
    throw new TidemarkError('option_invalid', `A note has ${NOTE_MAX} characters at most.`)
  if ((await store.webhooks.list(project)).filter(({ browser }) => !browser).length >= WEBHOOKS_MAX) {
    throw new TidemarkError('option_invalid', `A project sends ${WEBHOOKS_MAX} webhooks at most.`)
  }
  const at = clock.now()
  const id = chance.id(at)
  const { secret, sealed } = await newWebhookSecret(vault, { project, id })
  await store.webhooks.add({ ...wish, project, id, url, sealed, at, browser: null })
  const row = (await store.webhooks.list(project)).find((one) => one.id === id)
  if (row) return { row, secret }
  throw new TidemarkError('webhook_unknown', `Webhook "${id}" was deleted while it was made.`)
}

/** What it resolves to is looked at whenever it is sent. */
function checkedUrl(given: string, allowPrivateNetwork: boolean): string {
  const url = URL.parse(given)
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || given.length > URL_MAX) {
    throw new TidemarkError('option_invalid', 'A webhook is sent to an http or https address without a user name.', {
      hint: 'Such as https://example.com/tidemark.',
    })
  }
  const why = hostRefusal(url.hostname, allowPrivateNetwork)
  if (why === undefined) return url.href
  throw new TidemarkError('address_refused', `Address ${url.hostname} is ${why}.`, {
    hint: 'If it really is to be told, allow private networks for this webhook: allowPrivateNetwork, --allow-private-network.',
  })
}
