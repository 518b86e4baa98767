// Owns the notifications that browsers show: which browsers are told of the project's runs, and how one is tried. A browser is
// known by an id that follows from the address its push service gave it: whoever has that address finds its row, nobody else.

import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import { instant } from '../engine/runs/report.ts'
import { hostRefusal } from '../http/addresses.ts'
import { TidemarkError } from '../model/errors.ts'
import type { WebhookRow } from '../store/store.ts'
import { count, optional, text } from './fields.ts'
import { later } from './later.ts'
import type { Mirror } from './mirror.ts'
import { type Nothing, operation } from './operation.ts'
import { tokenIn } from './tokens.ts'
import { messageDocument, messageShown, type WebhookMessage } from './webhooks.ts'

const sending = later(() => import('../engine/outbox/send.ts'))
const keeping = later(() => import('../secrets/push-keys.ts'))

/** Browsers of a project, at most. */
const BROWSERS_MAX = 50
/** The longest address of a browser, and the longest note, in characters. */
const ENDPOINT_MAX = 2_000
const NOTE_MAX = 200
/** How long a run takes that is told of for its end alone, in seconds; and at most. */
const LONG_RUN_S = 20
const LONG_RUN_MAX_S = 86_400

const keyDocument = document({
  /** For `applicationServerKey`: a point of P-256 in base64url. */
  publicKey: z.string(),
})
export type PushKey = DocumentOf<typeof keyDocument>

const subscriptionDocument = document({
  id: z.string(),
  project: z.string(),
  /** The host of its push service; the whole address is nobody's business. */
  service: z.string(),
  /** Which browser it is; '' for nothing. */
  note: z.string(),
  /** A run that takes so long, in seconds, is told of when it ends. */
  longRun: z.number(),
  createdAt: z.string(),
  /** Messages that are to be sent still. */
  waiting: z.number(),
})
export type Subscription = DocumentOf<typeof subscriptionDocument>

export interface SubscribeInput {
  /** Where its push service takes messages for it. */
  readonly endpoint: string
  /** Its public key. */
  readonly p256dh: string
  /** The secret that it shares with its push service's clients. */
  readonly auth: string
  /** Seconds that a run has to take to be told of for its end alone. @default 20 */
  readonly longRun?: number | undefined
  /** Which browser it is. */
  readonly note?: string | undefined
}

const ID = { id: text('the id of a browser', { sign: 'id' }) }
const EXAMPLE = { id: 'mFy2kQ0dJr5xWqvT4sZb1A' }

export const pushKey = operation<Nothing, Promise<PushKey>>({
  name: 'pushKey',
  does: 'Give the key with which a browser subscribes to notifications of this server.',
  details: 'The pair is made once for a database; the private key is sealed, and never leaves it.',
  scope: 'read',
  isLook: true,
  input: {},
  output: keyDocument,
  examples: [{}],
  async run(mirror) {
    return { publicKey: await (await keeping()).publicPushKey(mirror) }
  },
})

export const subscribe = operation<SubscribeInput, Promise<Subscription>>({
  name: 'subscribe',
  does: 'Show notifications in a browser: when a long run ends, a login must be renewed, or removals wait for a person.',
  details:
    'Its address and keys are those of its PushSubscription. The same address stands for the same browser. It ends with the token that has subscribed it, when that is revoked.',
  scope: 'read',
  isSecretive: true,
  input: {
    endpoint: text('where its push service takes messages for it', { sign: 'url' }),
    p256dh: text('its public key, in base64url', { sign: 'key' }),
    auth: text('the secret of its messages, in base64url', { sign: 'key' }),
    longRun: optional(
      count('seconds that a run has to take to be told of for its end alone', {
        least: 1,
        most: LONG_RUN_MAX_S,
        otherwise: String(LONG_RUN_S),
      }),
    ),
    note: optional(text('which browser it is', { sign: 'text' })),
  },
  output: subscriptionDocument,
  examples: [
    {
      endpoint: 'https://push.example.com/send/c5f1',
      p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
      auth: 'BTBZMqHH6r4Tts7J_aSIgg',
      note: 'Chrome on Linux',
    },
  ],
  async run(mirror, { endpoint, p256dh, auth, longRun = LONG_RUN_S, note = '' }) {
    const { store, vault, clock, project, who, push } = mirror
    const { publicPushKey, sealBrowserKeys, wrongKeys } = await keeping()
    const url = checkedEndpoint(endpoint, push.allowPrivateNetwork)
    const wrong = wrongKeys({ p256dh, auth })
    if (wrong !== undefined) throw new TidemarkError('option_invalid', `The keys are not those of a browser: ${wrong}.`)
    if (note.length > NOTE_MAX) throw new TidemarkError('option_invalid', `A note has ${NOTE_MAX} characters at most.`)
    const id = idOf(project, url)
    const browser = { token: tokenIn(who) ?? null, longMs: longRun * 1_000 }
    const all = await browsers(mirror)
    const known = all.find((one) => one.id === id)
    if (!known && all.length >= BROWSERS_MAX) {
      throw new TidemarkError('option_invalid', `A project tells ${BROWSERS_MAX} browsers at most.`, {
        hint: 'Turn notifications off in one of them, or end it: tidemark push delete <id>',
      })
    }
    // Without the key of this server, nothing could be sent.
    await publicPushKey(mirror)
    const sealed = await sealBrowserKeys(vault, { project, id }, { p256dh, auth })
    const isKnown = known && (await store.webhooks.renew(known.no, { sealed, note, browser }))
    if (!isKnown) {
      const { allowPrivateNetwork } = push
      await store.webhooks.add({
        project,
        id,
        url,
        events: [],
        note,
        allowPrivateNetwork,
        sealed,
        at: clock.now(),
        browser,
      })
    }
    return shown(await browserRow(mirror, id))
  },
})

export const subscriptions = operation<Nothing, Promise<readonly Subscription[]>>({
  name: 'subscriptions',
  does: 'List the browsers that show notifications of the project.',
  scope: 'admin',
  isLook: true,
  input: {},
  list: 'subscriptions',
  listedBy: ['createdAt', 'id'],
  output: subscriptionDocument,
  examples: [{}],
  async run(mirror) {
    return (await browsers(mirror)).map(shown)
  },
})

export const unsubscribe = operation<{ readonly id: string }, Promise<Subscription>>({
  name: 'unsubscribe',
  does: 'Show no more notifications in a browser, not even those that wait.',
  scope: 'read',
  input: ID,
  positional: ['id'],
  output: subscriptionDocument,
  examples: [EXAMPLE],
  async run(mirror, { id }) {
    const row = await browserRow(mirror, id)
    await mirror.store.webhooks.drop(mirror.project, id)
    return shown(row)
  },
})

export const testPush = operation<{ readonly id: string }, Promise<WebhookMessage>>({
  name: 'testPush',
  does: 'Send a notification that tells of nothing, and show what its push service answered.',
  details: 'It is tried once, now.',
  scope: 'read',
  input: ID,
  positional: ['id'],
  output: messageDocument,
  examples: [EXAMPLE],
  async run(mirror, { id }) {
    const { sendTest } = await sending()
    const { closing = new AbortController().signal, ...ports } = { ...mirror }
    return messageShown(await sendTest({ ...ports, closing }, await browserRow(mirror, id), closing))
  },
})

async function browsers({ store, project }: Mirror): Promise<readonly WebhookRow[]> {
  return (await store.webhooks.list(project)).filter(({ browser }) => browser)
}

/** @throws TidemarkError subscription_unknown */
async function browserRow(mirror: Mirror, id: string): Promise<WebhookRow> {
  const row = (await browsers(mirror)).find((one) => one.id === id)
  if (row) return row
  throw new TidemarkError('subscription_unknown', `Project "${mirror.project}" tells no browser "${id}".`)
}

function idOf(project: string, url: string): string {
  return createHash('sha256').update(`${project}\n${url}`).digest('base64url').slice(0, 22)
}

/** What it resolves to is looked at whenever something is sent. */
function checkedEndpoint(given: string, allowPrivateNetwork: boolean): string {
  const url = URL.parse(given)
  const isWeb = url?.protocol === 'https:' || (allowPrivateNetwork && url?.protocol === 'http:')
  if (!url || !isWeb || url.username !== '' || url.password !== '' || given.length > ENDPOINT_MAX) {
    throw new TidemarkError(
      'option_invalid',
      'A push service takes messages at an https address without a user name.',
      {
        hint: 'It is the endpoint of the PushSubscription of a browser.',
      },
    )
  }
  const why = hostRefusal(url.hostname, allowPrivateNetwork)
  if (why === undefined) return url.href
  throw new TidemarkError('address_refused', `Address ${url.hostname} is ${why}.`, {
    hint: 'If the push service really is there, set TIDEMARK_PUSH_PRIVATE=1; in a program: push: { allowPrivateNetwork: true }.',
  })
}

function shown({ id, project, url, note, browser, at, waiting }: WebhookRow): Subscription {
  const longRun = (browser?.longMs ?? 0) / 1_000
  return { id, project, service: new URL(url).host, note, longRun, createdAt: instant(at), waiting }
}
