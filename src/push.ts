// Owns notifications of browsers as a program sees them.

import { performNamed } from './operations/all.ts'
import type { Mirror } from './operations/mirror.ts'
import type { PushKey, SubscribeInput, Subscription } from './operations/push.ts'
import type { WebhookMessage } from './operations/webhooks.ts'

/** The browsers that show notifications of the project (Web Push). */
export class Push {
  readonly #mirror: Mirror

  constructor(mirror: Mirror) {
    this.#mirror = mirror
  }

  /** The key with which a browser subscribes: its `applicationServerKey`. It is made the first time. */
  async key(): Promise<PushKey> {
    return performNamed('pushKey', this.#mirror, {})
  }

  /**
   * Shows notifications in a browser from now on. The same endpoint stands for the same browser.
   *
   * @throws TidemarkError option_invalid, address_refused
   */
  async subscribe(browser: SubscribeInput): Promise<Subscription> {
    return performNamed('subscribe', this.#mirror, {}, browser)
  }

  /** Those that are told. */
  async list(): Promise<readonly Subscription[]> {
    return performNamed('subscriptions', this.#mirror, {})
  }

  /** Shows none any more. @throws TidemarkError subscription_unknown */
  async unsubscribe(id: string): Promise<Subscription> {
    return performNamed('unsubscribe', this.#mirror, { id })
  }

  /** Sends a notification that tells of nothing, once. @throws TidemarkError subscription_unknown */
  async test(id: string): Promise<WebhookMessage> {
    return performNamed('testPush', this.#mirror, { id })
  }
}
