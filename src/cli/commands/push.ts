// Owns `tidemark push`: the browsers that show notifications of the project. They subscribe by the dashboard.

import type { Subscription } from '../../operations/push.ts'
import { subscriptions, testPush, unsubscribe } from '../../operations/push.ts'
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
      name: 'push',
      run,
      summary: 'look after the browsers that show notifications',
      says: 'A browser begins to show them in the settings of the dashboard.',
    },
    {
      list: { operation: subscriptions, act: list },
      test: { operation: testPush, act: test },
      delete: { operation: unsubscribe, act: remove },
    },
  )

async function list(cli: Cli): Promise<void> {
  const all = await (await cli.open()).push.list()
  await cli.list({ subscriptions: all }, COLUMNS, all, 'No browser shows notifications: turn them on in the dashboard.')
}

async function test(cli: Cli, _options: object, id: string): Promise<number | void> {
  const sent = await (await cli.open()).push.test(id)
  if (cli.options.json) await cli.json(sent)
  else if (sent.state === 'delivered') cli.out.line(`Its push service took it: ${sent.status}.`)
  else cli.out.line(`Its push service did not take it: ${oneLine(sent.error ?? 'no answer')}`)
  return sent.state === 'delivered' ? 0 : 1
}

async function remove(cli: Cli, _options: object, id: string): Promise<void> {
  const gone = await (await cli.open()).push.unsubscribe(id)
  if (cli.options.json) return cli.json(gone)
  cli.out.line(`The browser at ${oneLine(gone.service)} is told nothing more.`)
}

const COLUMNS: readonly ColumnOf<Subscription>[] = [
  { title: 'ID', whole: true, of: ({ id }) => id },
  { title: 'BROWSER', of: ({ note }) => note },
  { title: 'SERVICE', of: ({ service }) => service },
  { title: 'SINCE', whole: true, of: ({ createdAt }, now) => ago(createdAt, now) },
  { title: 'WAITING', of: ({ waiting }) => String(waiting) },
]
