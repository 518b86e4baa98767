// Owns webhooks as a program sees them: those that services send here, and those that the project sends.

import type { Inbox, IncomingWebhook } from './engine/inbox/receive.ts'
import { performNamed } from './operations/all.ts'
import { later } from './operations/later.ts'
import { connectorOf, type Mirror } from './operations/mirror.ts'
import type {
  CreatedWebhook,
  NewWebhookInput,
  ShownWebhook,
  WebhookDocument,
  WebhookMessage,
} from './operations/webhooks.ts'

const receiving = later(() => import('./engine/inbox/receive.ts'))

/** Webhooks that services send to tell that something has changed, and those that the project sends. */
export class Webhooks {
  readonly #mirror: Mirror
  #inbox: Promise<Inbox> | undefined

  constructor(mirror: Mirror) {
    this.#mirror = mirror
  }

  /**
   * Takes a webhook that a service has sent to the `webhookUrl` of a connection, of any project. It resolves when what it
   * hints at is on the disk: answer then, and not before. Whoever keeps schedules (`start`) reads it from the service within
   * a moment. `tidemark serve` does all of this itself.
   *
   * @throws TidemarkError webhook_unknown, webhook_refused, webhook_too_large, connector_invalid, closed
   */
  async receive(webhook: IncomingWebhook): Promise<void> {
    this.#inbox ??= receiving().then(
      ({ Inbox: Made }) => new Made(this.#mirror, (row) => connectorOf(this.#mirror, row)),
    )
    return (await this.#inbox).receive(webhook)
  }

  /**
   * Sends a webhook from now on whenever something happens in the project: each message is written with the end of the run
   * that it tells of, and signed as Standard Webhooks say. The secret is in the answer this once.
   *
   * @throws TidemarkError option_invalid, address_refused
   */
  async create(url: string, options: Omit<NewWebhookInput, 'url'> = {}): Promise<CreatedWebhook> {
    return performNamed('createWebhook', this.#mirror, { url }, options)
  }

  /** Those that the project sends. */
  async list(): Promise<readonly WebhookDocument[]> {
    return performNamed('listWebhooks', this.#mirror, {})
  }

  /** One, with its newest messages. @throws TidemarkError webhook_unknown */
  async show(id: string): Promise<ShownWebhook> {
    return performNamed('showWebhook', this.#mirror, { id })
  }

  /** Sends it no more, not even what waits. @throws TidemarkError webhook_unknown */
  async delete(id: string): Promise<WebhookDocument> {
    return performNamed('deleteWebhook', this.#mirror, { id })
  }

  /** Sends a message that tells of nothing, once, and gives what came of it. @throws TidemarkError webhook_unknown */
  async test(id: string): Promise<WebhookMessage> {
    return performNamed('testWebhook', this.#mirror, { id })
  }

  /** Sends messages again: all that were given up, or one. @throws TidemarkError webhook_unknown */
  async replay(id: string, message?: string): Promise<{ readonly webhook: string; readonly replayed: number }> {
    return performNamed('replayWebhook', this.#mirror, { id }, message === undefined ? {} : { message })
  }
}
