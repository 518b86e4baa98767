// Owns the sending of webhooks: each message signed as Standard Webhooks say, tried with growing pauses, and given up in the
// end, so that a person can have it sent again. One process sends at a time; nobody waits for it.
//
// What is to be sent is in the store since the run that it tells of has ended: a process that dies leaves it there, and one
// that dies between the answer and its note sends it once more, under the same id.

import type { Transport } from '../../http/transport.ts'
import { errorReport, TidemarkError } from '../../model/errors.ts'
import type { Chance, Logger } from '../../model/ports.ts'
import { MESSAGE_MAX, shown } from '../../model/shown.ts'
import { webhookSignature } from '../../model/standard-webhooks.ts'
import type { Vault } from '../../secrets/vault.ts'
import { openWebhookSecret } from '../../secrets/webhook-secret.ts'
import type { MessageRow, Outcome, WebhookRow } from '../../store/store.ts'
import { giveBack, type LeasePorts, startHeartbeat, takeLease } from '../runs/lease.ts'
import { instant, runReport } from '../runs/report.ts'
import { pushRequest } from './push.ts'
import type { PushSettings } from './push-settings.ts'

/** How long an answer may take, in milliseconds, and how long it may be, in bytes. */
export const ANSWER_WITHIN_MS = 15_000
/** How long in a process that is about to end, which sends what its last run has told of. */
const ANSWER_AT_END_MS = 5_000
export const ANSWER_BYTES_MAX = 65_536
/** Messages that are looked at together, and those of them that one webhook is sent before the others have their turn. */
export const MESSAGES_MAX = 200
export const TURN_MAX = 10

const S = 1_000
const M = 60 * S
const H = 60 * M
/** How long after each try in vain the next one comes, in milliseconds; there is none after the last. */
export const PAUSES_MS: readonly number[] = [5 * S, 5 * M, 30 * M, 2 * H, 5 * H, 10 * H, 14 * H, 20 * H, 24 * H]

/** How long the other messages of a receiver wait after a try in vain, at most, in milliseconds. */
const REST_MAX_MS = M

/** Of a notification of a browser: who hears of it half a day later has seen it. */
const PUSH_PAUSES_MS = PAUSES_MS.slice(0, 4)
/** What a push service answers for a browser that it does not know any more. */
const GONE: readonly (number | null)[] = [404, 410]

const restOf = (tries: number) => Math.min(PAUSES_MS[tries] ?? REST_MAX_MS, REST_MAX_MS)

export interface SendPorts extends LeasePorts {
  readonly push: PushSettings
  readonly vault: Vault
  readonly transport: Transport
  readonly chance: Pick<Chance, 'next'>
  readonly logger: Logger
}

/** Sends what is due, until nothing is, or `once`; unless another process does so now. Never throws. */
export async function sendDue(
  ports: SendPorts,
  signal: AbortSignal,
  { once = false }: { readonly once?: boolean } = {},
): Promise<void> {
  const { store, clock, logger } = ports
  try {
    if ((await store.webhooks.due(clock.now(), 1)).length === 0) return
    const taken = await takeLease(ports, 'outbox')
    if ('heldBy' in taken) return
    const lost = new AbortController()
    const heartbeat = startHeartbeat(ports, taken.lease, { lost: () => lost.abort(), beat: async () => undefined })
    try {
      await sendAll(ports, AbortSignal.any([signal, lost.signal]), once)
    } finally {
      heartbeat.stop()
      await giveBack(ports, taken.lease)
    }
  } catch (error) {
    logger.event('warn', 'outbox.failed', { code: errorReport(error).code })
  }
}

async function sendAll(ports: SendPorts, signal: AbortSignal, once: boolean): Promise<void> {
  const { store, clock } = ports
  for (;;) {
    const due = await store.webhooks.due(clock.now(), MESSAGES_MAX)
    if (due.length === 0) return
    const hooks = new Map((await store.webhooks.list()).map((hook) => [hook.no, hook]))
    const byHook = Map.groupBy(due, ({ webhookNo }) => webhookNo)
    await Promise.all([...byHook].map(([no, messages]) => sendInTurn(ports, hooks.get(no), messages, signal)))
    if (once || signal.aborted) return
  }
}

/**
 * In their order. Where one fails, all others of the receiver wait for a while: one that is away is asked now and then, however
 * much there is for it, and keeps nobody else waiting.
 */
async function sendInTurn(
  ports: SendPorts,
  hook: WebhookRow | undefined,
  messages: readonly MessageRow[],
  signal: AbortSignal,
): Promise<void> {
  if (!hook) return
  const { store, clock } = ports
  for (const message of messages.slice(0, TURN_MAX)) {
    if (signal.aborted) return
    const outcome = await sendMessage(ports, hook, message, signal)
    if (outcome?.deliveredAt !== null) continue
    if (outcome.nextAt !== null) await store.webhooks.defer(hook.no, clock.now() + restOf(message.tries))
    return
  }
}

/**
 * Sends one message, and notes what became of it. Undefined: it was broken off, and is tried again as if it had not been.
 */
export async function sendMessage(
  ports: SendPorts,
  hook: WebhookRow,
  message: MessageRow,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const { store, logger } = ports
  const sent = await send(ports, hook, message, signal)
  if (sent === undefined) return undefined
  const outcome = outcomeOf(sent, message.tries, ports, hook.browser ? PUSH_PAUSES_MS : PAUSES_MS)
  await store.webhooks.settle(message, outcome)
  const told = { [hook.browser ? 'browser' : 'webhook']: hook.id, message: message.id, status: outcome.status }
  if (hook.browser && GONE.includes(outcome.status)) {
    await store.webhooks.drop(hook.project, hook.id)
    logger.event('info', 'outbox.gone', told)
    return outcome
  }
  if (outcome.deliveredAt !== null) logger.event('debug', 'outbox.sent', told)
  else logger.event('warn', outcome.nextAt === null ? 'outbox.dead' : 'outbox.refused', told)
  return outcome
}

/** How long a message of a test is left to whoever sends it, in milliseconds. */
const TEST_MS = 60_000

/** Sends a message that tells of nothing, once, and gives it as it is then. */
export async function sendTest(
  ports: SendPorts & { readonly chance: Pick<Chance, 'id'> },
  hook: WebhookRow,
  signal: AbortSignal,
): Promise<MessageRow> {
  const { store, clock, chance } = ports
  const at = clock.now()
  const id = `msg_${chance.id(at)}_test`
  const event = hook.browser ? PUSH_TEST : TEST
  await store.webhooks.enqueue({ webhookNo: hook.no, id, event, at, nextAt: at + TEST_MS })
  const find = async () => (await store.webhooks.messages(hook.no, { id, limit: 1 }))[0]
  const message = await find()
  // The last try: nobody sends it again.
  const outcome = message && (await sendMessage(ports, hook, { ...message, tries: PAUSES_MS.length }, signal))
  const sent = await find()
  if (sent) return sent
  // A browser that is gone took its messages with it.
  if (outcome && hook.browser) return { ...message, ...outcome, tries: 1 }
  throw new TidemarkError('webhook_unknown', `Webhook "${hook.id}" was deleted while it was tried.`)
}

interface Sent {
  /** Null: no answer came. */
  readonly status: number | null
  readonly error: string | null
  readonly retryAfterMs: number
}

async function send(
  ports: SendPorts,
  hook: WebhookRow,
  message: MessageRow,
  signal: AbortSignal,
): Promise<Sent | undefined> {
  const { transport, closing } = ports
  try {
    const request = hook.browser ? await pushRequest(ports, hook, message) : await signedRequest(ports, hook, message)
    const { status, headers } = await transport.send({
      method: 'POST',
      url: new URL(hook.url),
      body: undefined,
      ...request,
      timeoutMs: closing?.aborted ? ANSWER_AT_END_MS : ANSWER_WITHIN_MS,
      bytesMax: ANSWER_BYTES_MAX,
      allowPrivateNetwork: hook.allowPrivateNetwork,
      signal,
    })
    const isTaken = status >= 200 && status < 300
    const isMoved = status >= 300 && status < 400
    const wrong = isMoved ? `It answered ${status}; no redirect is followed.` : `It answered ${status}.`
    return { status, error: isTaken ? null : wrong, retryAfterMs: Number(headers['retry-after'] ?? 0) * 1_000 || 0 }
  } catch (error) {
    if (signal.aborted) return undefined
    const { message: said } = errorReport(error)
    return { status: null, error: shown(said, (given) => given, MESSAGE_MAX), retryAfterMs: 0 }
  }
}

async function signedRequest({ vault, clock }: SendPorts, hook: WebhookRow, message: MessageRow) {
  const body = bodyOf(hook, message)
  const timestamp = Math.floor(clock.now() / 1_000)
  const signed = { id: message.id, timestamp, body: Buffer.from(body) }
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'tidemark',
    'webhook-id': message.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': webhookSignature(await openWebhookSecret(vault, hook), signed),
  }
  return { headers, body }
}

/** Pure, but for chance: up to a tenth more, so that what failed together does not come back together. */
function outcomeOf(
  { status, error, retryAfterMs }: Sent,
  tries: number,
  { clock, chance }: SendPorts,
  pauses: readonly number[],
): Outcome {
  const now = clock.now()
  if (error === null) return { deliveredAt: now, nextAt: null, status, error }
  const pause = pauses[tries]
  // 410: nobody will ever take it there.
  if (pause === undefined || status === 410) return { deliveredAt: null, nextAt: null, status, error }
  const waits = Math.max(pause, Math.min(retryAfterMs, 24 * H))
  return { deliveredAt: null, nextAt: Math.ceil(now + waits * (1 + chance.next() / 10)), status, error }
}

/** The same bytes for every try. */
function bodyOf({ project }: WebhookRow, { event, at, run }: MessageRow): string {
  if (event === TEST) return JSON.stringify({ type: TEST, timestamp: instant(at), data: { project } })
  if (!run) throw new TidemarkError('run_unknown', 'The run that it tells of was deleted with its connection.')
  return JSON.stringify({ type: event, timestamp: instant(at), data: { project, run: runReport(run) } })
}

/** The event of a message that tells of nothing, for a person who tries whether messages arrive. */
export const TEST = 'webhook.test'
const PUSH_TEST = 'push.test'
