// Owns `tidemark webhook`: the webhooks that the project sends.

import { plural } from '../../model/plural.ts'
import { checkInput } from '../../operations/perform.ts'
import {
  createWebhook,
  deleteWebhook,
  listWebhooks,
  type NewWebhookInput,
  type ReplayInput,
  replayWebhook,
  showWebhook,
  testWebhook,
  type WebhookDocument,
  type WebhookMessage,
} from '../../operations/webhooks.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { oneLine } from '../terminal/printable.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { ago } from '../terminal/times.ts'
import { verbs } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verbs(
    program,
    {
      name: 'webhook',
      run,
      summary: 'tell others when runs end or fail, hold removals or reach a budget',
      says: 'Messages are signed as Standard Webhooks say, tried for three days, and kept for 30.',
    },
    {
      list: { operation: listWebhooks, act: list },
      create: { operation: createWebhook, act: create, args: [] },
      show: { operation: showWebhook, act: show },
      delete: { operation: deleteWebhook, act: remove },
      test: { operation: testWebhook, act: test },
      replay: { operation: replayWebhook, act: replay },
    },
  )

async function list(cli: Cli): Promise<void> {
  const all = await (await cli.open()).webhooks.list()
  await cli.list({ webhooks: all }, COLUMNS, all, 'The project sends no webhooks. See: tidemark webhook --help')
}

async function create(cli: Cli, given: NewWebhookInput): Promise<void> {
  checkInput(createWebhook, {}, given)
  const { url, ...options } = given
  const created = await (await cli.open({ create: true })).webhooks.create(url, options)
  if (cli.options.json) return cli.json(created)
  cli.out.line(created.secret)
  cli.note(`It is shown this once: the receiver checks signatures with it. Try it: tidemark webhook test ${created.id}`)
}

async function show(cli: Cli, _options: object, id: string): Promise<void> {
  const { messages, ...webhook } = await (await cli.open()).webhooks.show(id)
  if (cli.options.json) return cli.json({ ...webhook, messages })
  cli.out.line(cli.out.paint('bold', oneLine(webhook.url)))
  cli.out.line(`told of ${webhook.events.join(', ')}`)
  if (messages.length === 0) return cli.note('Nothing was sent yet.')
  await cli.table(MESSAGE_COLUMNS, messages)
}

async function remove(cli: Cli, _options: object, id: string): Promise<void> {
  const gone = await (await cli.open()).webhooks.delete(id)
  if (cli.options.json) return cli.json(gone)
  cli.out.line(`${oneLine(gone.url)} is told nothing more.`)
}

async function test(cli: Cli, _options: object, id: string): Promise<number | void> {
  const sent = await (await cli.open()).webhooks.test(id)
  if (cli.options.json) await cli.json(sent)
  else if (sent.state === 'delivered') cli.out.line(`It was taken: ${sent.status}.`)
  else cli.out.line(`It was not taken: ${oneLine(sent.error ?? 'no answer')}`)
  return sent.state === 'delivered' ? 0 : 1
}

async function replay(cli: Cli, { message }: Pick<ReplayInput, 'message'>, id: string): Promise<void> {
  const replayed = await (await cli.open()).webhooks.replay(id, message)
  if (cli.options.json) return cli.json(replayed)
  cli.out.line(`${plural(replayed.replayed, 'message')} will be sent again, within a second where tidemark serve runs.`)
}

const COLUMNS: readonly ColumnOf<WebhookDocument>[] = [
  { title: 'ID', whole: true, of: ({ id }) => id },
  { title: 'URL', of: ({ url }) => url },
  { title: 'EVENTS', of: ({ events }) => events.join(',') },
  { title: 'WAITING', of: ({ waiting }) => String(waiting) },
  { title: 'DEAD', of: ({ dead }) => String(dead) },
  { title: 'NOTE', optional: true, of: ({ note }) => note },
]

const MESSAGE_COLUMNS: readonly ColumnOf<WebhookMessage>[] = [
  { title: 'MESSAGE', whole: true, of: ({ id }) => id },
  { title: 'EVENT', of: ({ event }) => event },
  { title: 'WHEN', whole: true, of: ({ at }, now) => ago(at, now) },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'TRIES', of: ({ tries }) => String(tries) },
  { title: 'ANSWER', optional: true, of: ({ status, error }) => error ?? String(status ?? '-') },
]
