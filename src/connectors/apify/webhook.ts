// Owns the webhooks of Apify, which it sends when a run has ended.

import type { Webhook } from '../../connector/webhook.ts'
import { isObject } from '../../model/json.ts'
import { jobIdOf } from './runs.ts'

/**
 * Apify signs nothing, so that nothing of it is believed but which run to ask for: one that we have started and still wait
 * for is read from Apify.
 */
export const apifyWebhook: Webhook = {
  verify: 'unsigned',
  hint({ headers, json }) {
    const run = isObject(json) && isObject(json['resource']) ? json['resource'] : {}
    const job = jobIdOf(run)
    return job === undefined ? undefined : { id: headers['x-apify-webhook-dispatch-id'], job }
  },
}
