// Owns the places to which secrets are bound that belong to no connection: moved elsewhere, one does not open.

import type { WebhookRow } from '../store/store.ts'

/** Of a webhook, or of a browser. No connection has a colon in its id. A secret stays what it is as long as its webhook. */
export function webhookPlace({ project, id }: Pick<WebhookRow, 'project' | 'id'>) {
  return { project, connection: `webhook:${id}`, name: 'signing', version: 1 } as const
}

/** Of the key of this server for push services, which belongs to no project either. */
export function pushKeyPlace() {
  return { project: '', connection: 'push:server', name: 'signing', version: 1 } as const
}
