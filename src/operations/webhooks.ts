// Owns the webhooks that the project sends: who is told of what, and what became of it.

import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import { instant } from '../engine/runs/report.ts'
import { TidemarkError } from '../model/errors.ts'
import { knownNames } from '../model/near-miss.ts'
import { ANNOUNCED, type Announced, type MessageRow, type WebhookRow } from '../store/store.ts'
import { optional, text, texts, yesOrNo } from './fields.ts'
import { later } from './later.ts'
import type { Mirror } from './mirror.ts'
import { type Nothing, operation } from './operation.ts'

const sending = later(() => import('../engine/outbox/send.ts'))
const making = later(() => import('../engine/outbox/create.ts'))

const webhookDocument = document({
  id: z.string(),
  project: z.string(),
  url: z.string(),
  /** Of what it is told. */
  events: z.array(z.enum(ANNOUNCED)),
  /** What it is for; '' for nothing. */
  note: z.string(),
  /** Whether it may be on this machine or in its networks. */
  allowPrivateNetwork: z.boolean(),
  createdAt: z.string(),
  /** Messages that are to be sent still. */
  waiting: z.number(),
  /** Messages that were given up, which `replay` sends again. */
  dead: z.number(),
})
export type WebhookDocument = DocumentOf<typeof webhookDocument>

const createdDocument = webhookDocument.extend({
  /** With it each message is signed. It is shown this once. */
  secret: z.string(),
})
export type CreatedWebhook = DocumentOf<typeof createdDocument>

export const messageDocument = document({
  /** The same for every try; the header `webhook-id` of a webhook has it. */
  id: z.string(),
  event: z.string(),
  at: z.string(),
  /** `waiting`: it is sent, or sent again; `delivered`: it was taken; `dead`: it was given up. */
  state: z.enum(['waiting', 'delivered', 'dead']),
  tries: z.number(),
  /** Of the last answer; null: none came. */
  status: z.number().nullable(),
  /** What went wrong with the last try. */
  error: z.string().nullable(),
  deliveredAt: z.string().nullable(),
  /** When it is tried next. */
  nextAt: z.string().nullable(),
})
export type WebhookMessage = DocumentOf<typeof messageDocument>

const shownDocument = webhookDocument.extend({
  /** The newest ones, newest first. */
  messages: z.array(messageDocument),
})
export type ShownWebhook = DocumentOf<typeof shownDocument>

const replayedDocument = document({ webhook: z.string(), replayed: z.number() })

export interface NewWebhookInput {
  /** Where it is sent to: http or https, without a user name. */
  readonly url: string
  /** Of what it is told. @default of everything */
  readonly events?: readonly string[] | undefined
  /** What it is for. */
  readonly note?: string | undefined
  /** Whether it may be on this machine or in its networks. @default false */
  readonly allowPrivateNetwork?: boolean | undefined
}

/** Messages that are shown of a webhook. */
const SHOWN_MAX = 100

const webhookId = text('the id of a webhook', { sign: 'id' })

export const createWebhook = operation<NewWebhookInput, Promise<CreatedWebhook>>({
  name: 'createWebhook',
  does: 'Send a webhook whenever something happens in the project.',
  details: `Its secret is shown once: with it each message is signed, as Standard Webhooks say. Events: ${ANNOUNCED.join(', ')}.`,
  scope: 'admin',
  input: {
    url: text('where it is sent to', { sign: 'url' }),
    events: optional(texts(`of what it is told, of ${ANNOUNCED.join(', ')}`, { sign: 'a,b', otherwise: 'everything' })),
    note: optional(text('what it is for', { sign: 'text' })),
    allowPrivateNetwork: optional(yesOrNo('it may be on this machine or in its networks')),
  },
  positional: ['url'],
  output: createdDocument,
  examples: [{ url: 'https://example.com/tidemark', events: ['run.failed', 'removals.held'] }],
  async run(mirror, { url, events = [], note = '', allowPrivateNetwork = false }) {
    const { create } = await making()
    const { row, secret } = await create(mirror, { url, events: checkedEvents(events), note, allowPrivateNetwork })
    return { ...shown(row), secret }
  },
})

export const listWebhooks = operation<Nothing, Promise<readonly WebhookDocument[]>>({
  name: 'listWebhooks',
  does: 'List the webhooks that the project sends.',
  scope: 'admin',
  isLook: true,
  input: {},
  list: 'webhooks',
  listedBy: ['createdAt', 'id'],
  output: webhookDocument,
  examples: [{}],
  async run({ store, project }) {
    return (await store.webhooks.list(project)).filter(({ browser }) => !browser).map(shown)
  },
})

export const showWebhook = operation<{ readonly id: string }, Promise<ShownWebhook>>({
  name: 'showWebhook',
  does: 'Show a webhook that the project sends, with its newest messages.',
  scope: 'admin',
  isLook: true,
  input: { id: webhookId },
  positional: ['id'],
  output: shownDocument,
  examples: [{ id: '01KB3M3GQ0A4S7V1T5X9Y2Z6WD' }],
  async run(mirror, { id }) {
    const row = await webhookRow(mirror, id)
    const messages = await mirror.store.webhooks.messages(row.no, { limit: SHOWN_MAX })
    return { ...shown(row), messages: messages.map(messageShown) }
  },
})

export const deleteWebhook = operation<{ readonly id: string }, Promise<WebhookDocument>>({
  name: 'deleteWebhook',
  does: 'Delete a webhook, with all that was still to be sent to it.',
  scope: 'admin',
  input: { id: webhookId },
  positional: ['id'],
  output: webhookDocument,
  examples: [{ id: '01KB3M3GQ0A4S7V1T5X9Y2Z6WD' }],
  async run(mirror, { id }) {
    const row = await webhookRow(mirror, id)
    await mirror.store.webhooks.drop(mirror.project, id)
    return shown(row)
  },
})

export const testWebhook = operation<{ readonly id: string }, Promise<WebhookMessage>>({
  name: 'testWebhook',
  does: 'Send a message that tells of nothing, and show what came of it.',
  details: 'It is tried once, now.',
  scope: 'admin',
  input: { id: webhookId },
  positional: ['id'],
  output: messageDocument,
  examples: [{ id: '01KB3M3GQ0A4S7V1T5X9Y2Z6WD' }],
  async run(mirror, { id }) {
    const { sendTest } = await sending()
    const { closing = new AbortController().signal, ...ports } = { ...mirror }
    return messageShown(await sendTest({ ...ports, closing }, await webhookRow(mirror, id), closing))
  },
})

export interface ReplayInput {
  readonly id: string
  /** The id of one message. @default all that were given up */
  readonly message?: string | undefined
}

export const replayWebhook = operation<ReplayInput, Promise<DocumentOf<typeof replayedDocument>>>({
  name: 'replayWebhook',
  does: 'Send messages of a webhook again: those that were given up, or one.',
  details: 'They go out with the next run, or at once where tidemark serve runs.',
  scope: 'admin',
  input: {
    id: webhookId,
    message: optional(text('the id of one message', { sign: 'id', otherwise: 'all that were given up' })),
  },
  positional: ['id'],
  output: replayedDocument,
  examples: [{ id: '01KB3M3GQ0A4S7V1T5X9Y2Z6WD' }],
  async run(mirror, { id, message }) {
    const { store, clock } = mirror
    const row = await webhookRow(mirror, id)
    const order = { at: clock.now(), ...(message === undefined ? {} : { id: message }) }
    const replayed = await store.webhooks.replay(row.no, order)
    if (message === undefined || replayed > 0) return { webhook: id, replayed }
    throw new TidemarkError('webhook_unknown', `Webhook "${id}" has no message "${message}".`, {
      hint: `Its messages: tidemark webhook show ${id}`,
    })
  },
})

/** @throws TidemarkError webhook_unknown */
async function webhookRow({ store, project }: Mirror, id: string): Promise<WebhookRow> {
  const row = (await store.webhooks.list(project)).find((one) => one.id === id && !one.browser)
  if (row) return row
  throw new TidemarkError('webhook_unknown', `Project "${project}" sends no webhook "${id}".`, {
    hint: 'List them with: tidemark webhook',
  })
}

function shown({
  id,
  project,
  url,
  events,
  note,
  allowPrivateNetwork,
  at,
  waiting,
  dead,
}: WebhookRow): WebhookDocument {
  return {
    id,
    project,
    url,
    events: events.length > 0 ? [...events] : [...ANNOUNCED],
    note,
    allowPrivateNetwork,
    createdAt: instant(at),
    waiting,
    dead,
  }
}

export function messageShown({ id, event, at, tries, status, error, deliveredAt, nextAt }: MessageRow): WebhookMessage {
  return {
    id,
    event,
    at: instant(at),
    state: deliveredAt !== null ? 'delivered' : nextAt === null ? 'dead' : 'waiting',
    tries,
    status,
    error,
    deliveredAt: deliveredAt === null ? null : instant(deliveredAt),
    nextAt: nextAt === null ? null : instant(nextAt),
  }
}

function checkedEvents(given: readonly string[]): readonly Announced[] {
  const known: readonly string[] = ANNOUNCED
  const stranger = given.find((event) => !known.includes(event))
  if (stranger === undefined) return ANNOUNCED.filter((event) => given.includes(event))
  throw new TidemarkError('option_invalid', `There is no event "${stranger}".`, {
    hint: knownNames(stranger, known, 'Events'),
  })
}
