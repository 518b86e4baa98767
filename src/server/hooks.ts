// Owns the addresses at which services send webhooks: the secret in the address stands for a token. What is sent there is
// answered when it is on the disk, and never with what is stored.

import { Hono } from 'hono'
import { tooLarge, WEBHOOK_BODY_MAX } from '../engine/inbox/receive.ts'
import { TidemarkError } from '../model/errors.ts'
import type { ApiOptions } from './api/api.ts'
import { bodyWithin } from './body.ts'
import { problemOf, problemResponse } from './problem.ts'

/** How the paths begin. */
export const HOOKS = '/hooks/'

export function createHooks({ tidemark, onFailure = () => {} }: ApiOptions): Hono {
  const app = new Hono()
  app.post(`${HOOKS}:connection/:secret`, async (context) => {
    const mirror = tidemark()
    if (!mirror) return problemResponse('server_starting', 'The server is opening its database.')
    const { connection, secret } = context.req.param()
    const headers = Object.fromEntries(context.req.raw.headers)
    const body = () => bodyWithin(context.req.raw, WEBHOOK_BODY_MAX, tooLarge)
    try {
      await mirror.webhooks.receive({ connection, secret, headers, body })
      return context.json({ received: true })
    } catch (error) {
      if (!(error instanceof TidemarkError)) onFailure(error)
      return problemOf(error)
    }
  })
  return app
}
