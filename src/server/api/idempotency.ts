// Owns Idempotency-Key: a call that comes again with the key of an earlier one gets that one's answer, and nothing is done
// twice, whichever server of the database it comes to.

import { setTimeout as sleep } from 'node:timers/promises'
import { holderIsDead, isElsewhere } from '../../engine/runs/process.ts'
import { TidemarkError } from '../../model/errors.ts'
import { canonical } from '../../model/json.ts'
import { Sent } from '../../secrets/sent.ts'
import type { AnswerPlace, AnswerRow, Holder, NewAnswer } from '../../store/store.ts'
import type { Call } from './call.ts'
import { whileHeard } from './heard.ts'
import type { Route } from './routes.ts'

/** How long an answer is kept, in milliseconds, and how many of one token. */
const KEPT_MS = 86_400_000
export const KEYS_MAX = 50_000
export const KEY_CHARS_MAX = 255
/** Of a longer answer only that it was given is kept, in bytes. */
const KEPT_BYTES_MAX = 65_536
/** So long a call waits for the same one that another server carries out, and how often it looks, in milliseconds. */
const WAITS_MS = 30_000
const LOOK_EVERY_MS = 250
/** So long a call of a server on another machine counts as under way that may be gone for good, in milliseconds. */
export const GONE_MS = 3_600_000

/** Whether a key that comes with a call of a route is heeded. */
export function takesKey({ method, special }: Route): boolean {
  // A file is read as it comes, so no key can tell it from another one. The upload itself tells what is new in it.
  // A statement that reads changes nothing, and its answer may be too large to be kept.
  return method !== 'GET' && special !== 'upload' && special !== 'sql'
}

export class Answers {
  readonly #holder: Holder
  readonly #newId: () => string
  /** Calls that are carried out here, by caller and key. */
  readonly #underWay = new Map<string, Promise<unknown>>()

  constructor(holder: Holder, newId: () => string) {
    this.#holder = holder
    this.#newId = newId
  }

  /**
   * `act` is given an id that is the same whenever the call comes: what it does under that, it does once.
   *
   * @throws TidemarkError key_reused, key_in_use (wait), keys_full (wait), answer_not_kept, option_invalid
   */
  async once(call: Call, act: (id?: string) => Promise<Response>): Promise<Response> {
    const { context, route } = call
    const key = context.req.header('idempotency-key')
    if (key === undefined || !takesKey(route)) return act()
    if (key === '' || key.length > KEY_CHARS_MAX) {
      throw new TidemarkError('option_invalid', `An Idempotency-Key has 1 to ${KEY_CHARS_MAX} characters.`)
    }
    const sent = new Sent(call.secret, key)
    const place = `${sent.caller} ${key}`
    for (let before = this.#underWay.get(place); before; before = this.#underWay.get(place)) await before
    const answered = this.#answer(call, { sent, key }, act)
    this.#underWay.set(
      place,
      answered.catch(() => {}).finally(() => this.#underWay.delete(place)),
    )
    return answered
  }

  async #answer(call: Call, { sent, key }: Keyed, act: (id: string) => Promise<Response>): Promise<Response> {
    const { answers } = call.tidemark.store
    const { caller } = sent
    const { route, params, query, body } = call
    const mark = sent.mark(canonical([route.method, route.path, params, query.toString(), body]))
    const asked = { caller, key, id: this.#newId(), call: mark, at: Date.now(), holder: this.#holder }
    const found = await this.#found(call, asked)
    if (found && found.status !== null) return replayed(sent, found)
    let response: Response
    try {
      response = await act(found?.id ?? asked.id)
    } catch (error) {
      await answers.drop({ caller, key })
      throw error
    }
    await keep(call, { caller, key }, sent, response)
    return response
  }

  /** The same call as it came before, with its answer; without: it is to be carried out again, or (undefined) at first. */
  async #found(call: Call, asked: NewAnswer): Promise<AnswerRow | undefined> {
    const { answers } = call.tidemark.store
    const heard = whileHeard(call)
    try {
      for (let waited = 0; ; waited += LOOK_EVERY_MS) {
        const found = await answers.take(asked, { since: asked.at - KEPT_MS, most: KEYS_MAX })
        if (found === undefined) return undefined
        if (found === 'full') {
          throw new TidemarkError('keys_full', `${KEYS_MAX} Idempotency-Keys of this token are kept already.`)
        }
        if (found.call !== asked.call) {
          throw new TidemarkError('key_reused', 'This Idempotency-Key came with another call before.')
        }
        if (found.status !== null) return found
        // Its process died in between: whoever did half of it does it under the same id.
        if (isLeft(found, asked.at) && (await answers.takeOver(asked, found.holder, this.#holder))) return found
        if (waited >= WAITS_MS || heard.signal.aborted) {
          throw new TidemarkError('key_in_use', 'The call that came with this Idempotency-Key before is under way.')
        }
        await sleep(LOOK_EVERY_MS, undefined, { signal: heard.signal }).catch(() => {})
      }
    } finally {
      heard.stop()
    }
  }
}

/** Whether nobody carries a call out any more. Of a machine that nobody here can look at only time tells. */
function isLeft({ holder, at }: AnswerRow, now: number): boolean {
  return holderIsDead(holder) || (isElsewhere(holder) && now - at >= GONE_MS)
}

interface Keyed {
  readonly sent: Sent
  readonly key: string
}

/** What went wrong inside, or came too early, is carried out again. */
async function keep({ tidemark }: Call, place: AnswerPlace, sent: Sent, response: Response): Promise<void> {
  const { answers } = tidemark.store
  const { status } = response
  if (status >= 500 || status === 429) return answers.drop(place)
  const text = await response.clone().text()
  const type = response.headers.get('content-type') ?? 'application/json'
  const isSmall = Buffer.byteLength(text) <= KEPT_BYTES_MAX
  await answers.keep(place, { status, sealed: isSmall ? sent.seal(JSON.stringify({ type, text })) : null })
}

function replayed(sent: Sent, { status, sealed }: AnswerRow): Response {
  const opened = sealed === null ? undefined : sent.open(sealed)
  if (opened === undefined) {
    throw new TidemarkError('answer_not_kept', 'The call was done, and its answer was too long to be kept.')
  }
  const { type, text } = JSON.parse(opened) as { readonly type: string; readonly text: string }
  const headers = { 'content-type': type, 'idempotency-replayed': 'true' }
  return new Response(text === '' ? null : text, { status: status ?? 200, headers })
}
