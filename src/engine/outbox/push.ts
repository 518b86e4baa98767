// Owns messages for browsers: what a notification says, and the request by which the push service of a browser takes it: its
// words encrypted for that browser alone (RFC 8291), signed by this server (VAPID, RFC 8292).

import { plural } from '../../model/plural.ts'
import { shortened } from '../../model/shown.ts'
import { openBrowserKeys, openPushPair } from '../../secrets/push-keys.ts'
import type { Vault } from '../../secrets/vault.ts'
import type { MessageRow, RunRow, Store, WebhookRow } from '../../store/store.ts'
import type { PushSettings } from './push-settings.ts'

/** How long a push service keeps a message for a browser that is away, in seconds: what is older helps nobody. */
const KEPT_FOR_S = 86_400
/** The longest words about an error, in characters: push services take 4,096 bytes. */
const BODY_MAX = 300

/** As the service worker of the dashboard reads it. */
export interface Notice {
  readonly title: string
  readonly body: string
  /** Of the dashboard: what a press on it opens. */
  readonly path: string
  /** Of two with the same one, the later stands in the place of the earlier. */
  readonly tag: string
}

/** Pure. `run` is null for a message that tells of nothing. */
export function noticeOf(run: RunRow | null): Notice {
  if (!run) {
    const body = 'This browser is told when a long run ends, a login must be renewed, or removals wait for you.'
    return { title: 'Notifications arrive', body, path: '/settings?tab=notifications', tag: 'test' }
  }
  const { connection, status, error, passes } = run
  const held = passes.reduce((sum, { counts }) => sum + counts.held, 0)
  const about = { tag: run.id, body: error ? shortened(error.message, BODY_MAX) : '' }
  const page = `/connections/${encodeURIComponent(connection)}`
  if (status === 'paused') return { ...about, title: `${connection} needs a new login`, path: page }
  if (held > 0)
    return { ...about, title: `${connection} holds ${plural(held, 'removal')} for you`, path: `${page}?tab=review` }
  return { ...about, title: `The run of ${connection} has ended: ${status}`, path: `/runs?run=${run.id}` }
}

interface Ports {
  readonly store: Pick<Store, 'webhooks'>
  readonly vault: Vault
  readonly push: PushSettings
}

/** @throws TidemarkError secret_unreadable, key_missing, key_wrong, subscription_unknown */
export async function pushRequest(
  { store, vault, push }: Ports,
  browser: WebhookRow,
  { run }: Pick<MessageRow, 'run'>,
): Promise<{ readonly headers: Readonly<Record<string, string>>; readonly bytes: Uint8Array }> {
  const keys = await openBrowserKeys(vault, browser)
  const { publicKey, privateKey } = await openPushPair({ store, vault })
  const notice = noticeOf(run)
  const { generateRequestDetails } = (await import('web-push')).default
  const { headers, body } = generateRequestDetails({ endpoint: browser.url, keys }, JSON.stringify(notice), {
    vapidDetails: { subject: push.contact, publicKey, privateKey },
    TTL: KEPT_FOR_S,
    contentEncoding: 'aes128gcm',
    // At most 32 characters of base64url (RFC 8030, 5.4).
    topic: notice.tag.slice(0, 32),
  })
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  // Whoever sends it says how long it is.
  return { headers: Object.fromEntries(named.filter(([name]) => name !== 'content-length')), bytes: body }
}
