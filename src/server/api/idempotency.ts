// Owns Idempotency-Key: a call that comes again with the key of an earlier one gets that one's answer, and nothing is done
// twice. Answers are kept by this process: what a restart forgets, the operations themselves bear.

import { createHash } from 'node:crypto'
import { TidemarkError } from '../../model/errors.ts'
import { type Call, jsonText } from './call.ts'

/** Answers that are kept, the newest, and for how long, in milliseconds. */
const KEPT_MAX = 500
const KEPT_MS = 86_400_000
const KEY_CHARS_MAX = 255
/** An answer that is longer is not kept, in bytes: all of them together take 32 MiB at most. */
const KEPT_BYTES_MAX = 65_536

interface Kept {
  readonly call: string
  readonly at: number
  readonly answer: Promise<{ readonly status: number; readonly type: string; readonly text: string } | undefined>
}

export class Answers {
  readonly #kept = new Map<string, Kept>()

  /** @throws TidemarkError key_reused, option_invalid */
  async once(call: Call, act: () => Promise<Response>): Promise<Response> {
    const { context, caller, route, params, body } = call
    const key = context.req.header('idempotency-key')
    if (key === undefined || route.method === 'GET') return act()
    // A file is read as it comes, so no key can tell it from another one. The upload itself tells what is new in it.
    // A statement that reads changes nothing, and its answer may be too large to be kept.
    if (route.special === 'upload' || route.special === 'sql') return act()
    if (key === '' || key.length > KEY_CHARS_MAX) {
      throw new TidemarkError('option_invalid', `An Idempotency-Key has 1 to ${KEY_CHARS_MAX} characters.`)
    }
    const place = jsonText([caller.token, key])
    const same = hashOf([route.method, route.path, params, call.query.toString(), body])
    // Of several that wait for one that came to nothing, one acts, and the others wait for that one.
    for (let before = this.#inForce(place); before; ) {
      if (before.call !== same) {
        throw new TidemarkError('key_reused', 'This Idempotency-Key came with another call before.')
      }
      const kept = await before.answer
      if (kept) {
        const headers = { 'content-type': kept.type, 'idempotency-replayed': 'true' }
        return new Response(kept.text, { status: kept.status, headers })
      }
      const now = this.#inForce(place)
      before = now === before ? undefined : now
    }
    const acted = act()
    this.#kept.delete(place)
    this.#kept.set(place, { call: same, at: performance.now(), answer: acted.then(keep, () => undefined) })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest)
    return acted
  }

  #inForce(place: string): Kept | undefined {
    const kept = this.#kept.get(place)
    return kept && performance.now() - kept.at < KEPT_MS ? kept : undefined
  }
}

async function keep(response: Response) {
  const text = await response.clone().text()
  const { status } = response
  if (status >= 500 || Buffer.byteLength(text) > KEPT_BYTES_MAX) return undefined
  return { status, type: response.headers.get('content-type') ?? 'application/json', text }
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(jsonText(value)).digest('hex')
}
