// Owns `tidemark changes`: the change feed, from a cursor or from where a named reader stands.

import type { Change, Consumer } from '../../engine/history/feed.ts'
import { TidemarkError } from '../../model/errors.ts'
import { jsonText } from '../../model/json-text.ts'
import { count } from '../../model/plural.ts'
import { changes as operation } from '../../operations/changes.ts'
import { forgetConsumer, listConsumers } from '../../operations/consumers.ts'
import { optional, yesOrNo } from '../../operations/fields.ts'
import type { Tidemark } from '../../tidemark.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { INTERRUPTED } from '../terminal/interruption.ts'
import { type FormatOptions, withFormats, writeRows } from '../terminal/rows.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { ago } from '../terminal/times.ts'
import { lowered, verb } from '../verb.ts'

const FORMATS = ['jsonl', 'csv', 'tsv', 'table'] as const

interface Options extends FormatOptions<(typeof FORMATS)[number]> {
  readonly after?: string
  readonly consumer?: string
  readonly limit?: number
  readonly follow?: boolean
  readonly consumers?: boolean
  readonly forget?: string
}

/** Changes in the one document of --json, unless the person asks for more. */
const DOCUMENT_MAX = 10_000

const COLUMNS = ['cursor', 'at', 'op', 'connection', 'stream', 'key', 'ordinal', 'run'] as const

export const declare: Declare = (program, run) =>
  withFormats(
    verb(program, 'changes', operation, {
      summary: 'read the change feed',
      omit: ['acknowledge'],
      says: 'A table on a terminal, JSON lines elsewhere. --follow ends with Ctrl-C.',
      extra: {
        consumers: yesOrNo(lowered(listConsumers.does.slice(0, -1))),
        forget: optional(forgetConsumer.input.name),
      },
      examples: ['tidemark changes --after now --json', 'tidemark changes --consumers'],
    }),
    FORMATS,
  ).action(run(changes))

async function changes(cli: Cli, options: Options): Promise<number | void> {
  const tidemark = await cli.open()
  const { after, consumer, limit, follow = false, format, consumers, forget } = options
  if (forget !== undefined) return sayForgotten(cli, tidemark, forget)
  if (consumers) return printConsumers(cli, tidemark)
  if (cli.options.json && (follow || format !== undefined)) {
    throw new TidemarkError(
      'option_conflict',
      `The option --json can't be combined with ${follow ? '--follow' : '--format'}.`,
    )
  }
  if (cli.options.json) return printDocument(cli, tidemark, { after, consumer, limit: limit ?? DOCUMENT_MAX })
  const shown = format ?? (cli.out.isTerminal && !follow ? 'table' : 'jsonl')
  const signal = follow ? cli.interruption.graceful() : undefined
  let last: Change | undefined
  let printed = 0
  if (shown === 'jsonl') {
    // A change is done when the next one is asked for: when it was written.
    for await (const change of tidemark.changes({ after, consumer, limit, follow, signal })) {
      last = change
      printed++
      await cli.out.write(`${jsonText(change)}\n`)
      if (cli.out.isClosed) break
    }
  } else {
    const reading = tidemark.changes({ after, consumer, limit, follow, signal, acknowledge: 'manual' })
    const rows = async function* () {
      for await (const change of reading) {
        last = change
        yield { ...change }
      }
    }
    printed = await writeRows(cli, rows(), { format: shown, columns: COLUMNS, crlf: options.crlf })
    if (consumer !== undefined && last && !cli.out.isClosed) await tidemark.consumers.acknowledge(consumer, last.cursor)
    if (printed === 0 && shown === 'table') cli.note('Nothing has changed since.')
  }
  if (last && printed === limit && consumer === undefined && !cli.out.isClosed) {
    const newest = `tidemark sql "select * from changes order by seq desc limit ${limit}"`
    cli.note(
      `The feed begins with the oldest change. Go on: tidemark changes --after ${last.cursor}; the newest: ${newest}`,
    )
  }
  return signal?.aborted ? INTERRUPTED : undefined
}

/** The cursor is where to go on, also when there was nothing. */
async function printDocument(
  cli: Cli,
  tidemark: Tidemark,
  { after, consumer, limit }: { after: string | undefined; consumer: string | undefined; limit: number },
): Promise<void> {
  const end = await tidemark.consumers.end()
  const found: Change[] = []
  for await (const change of tidemark.changes({ after, consumer, limit, acknowledge: 'manual' })) found.push(change)
  const last = found.at(-1)
  const known =
    consumer === undefined ? undefined : (await tidemark.consumers.list()).find(({ name }) => name === consumer)
  const cursor = last?.cursor ?? known?.cursor ?? (after === undefined || after === 'now' ? end : after)
  await cli.json({ changes: found, cursor, more: found.length === limit })
  if (consumer !== undefined && last && !cli.out.isClosed) await tidemark.consumers.acknowledge(consumer, last.cursor)
}

async function sayForgotten(cli: Cli, tidemark: Tidemark, name: string): Promise<void> {
  await tidemark.perform(forgetConsumer, { name })
  if (cli.options.json) return cli.json({ name, forgotten: true })
  cli.out.line(`Forgot the reader ${name}.`)
}

async function printConsumers(cli: Cli, tidemark: Tidemark): Promise<void> {
  const consumers = await tidemark.perform(listConsumers, {})
  const end = await tidemark.consumers.end()
  const none = 'No reader of the feed is remembered. See: tidemark changes --help'
  await cli.list({ consumers, end }, CONSUMER_COLUMNS, consumers, none)
}

const CONSUMER_COLUMNS: readonly ColumnOf<Consumer>[] = [
  { title: 'CONSUMER', of: ({ name }) => name },
  { title: 'CURSOR', whole: true, of: ({ cursor }) => cursor },
  {
    title: 'BEHIND',
    of: ({ behind }) => (behind === null ? { text: 'has to begin anew', style: 'yellow' } : count(behind)),
  },
  { title: 'LAST READ', of: ({ at }, now) => ago(at, now) },
]
