// Owns `tidemark connectors`: what can be connected, and for one of them what it needs and what it gives.

import { findsAtSource } from '../../connector/passes.ts'
import { plural } from '../../model/plural.ts'
import { connectors as operation } from '../../operations/connectors.ts'
import type { ConnectorDocument } from '../../operations/documents/connector.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { printable } from '../terminal/printable.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'connectors', operation, {
    summary: 'list what can be connected',
    examples: ['tidemark connectors --json'],
  }).action(run(connectors))

async function connectors(cli: Cli, name: string | undefined): Promise<void> {
  // Nothing is stored and no secret is needed: neither a database nor a key is looked for.
  const tidemark = await cli.open({ database: ':memory:', key: new Uint8Array(32) })
  const documents = await tidemark.connectors(name)
  const [only] = documents
  if (name !== undefined && only) return cli.options.json ? cli.json(only) : describe(cli, only)
  if (!(await cli.list({ connectors: documents }, COLUMNS, documents, ''))) return
  cli.note('\nWhat one of them needs: tidemark connectors <name>')
}

const COLUMNS: readonly ColumnOf<ConnectorDocument>[] = [
  { title: 'CONNECTOR', of: ({ name }) => ({ text: name, style: 'bold' }) },
  { title: 'WHAT IT READS', of: ({ title }) => title },
  { title: 'STREAMS', of: ({ streams }) => streams.map(({ stream }) => stream).join(', ') },
]

const FIELD_COLUMNS: readonly ColumnOf<{ readonly name: string; readonly type: string }>[] = [
  { title: 'COLUMN', of: ({ name }) => name },
  { title: 'TYPE', of: ({ type }) => type },
]

const PERIODS: Readonly<Record<string, string>> = { '1s': 'second', '1m': 'minute', '1h': 'hour', '1d': 'day' }

async function describe(cli: Cli, document: ConnectorDocument): Promise<void> {
  const { name, title, options, streams, limits, webhooks, catalog } = document
  const { out } = cli
  out.line(`${out.paint('bold', name)}  ${printable(title)}`)
  out.line('\nOptions')
  for (const { name: option, secret, required, description } of options) {
    const kind = [...(secret ? ['secret'] : []), required ? 'needed' : 'optional'].join(', ')
    out.line(`  ${option}  ${out.paint('dim', kind)}`)
    if (description !== '') out.line(`      ${printable(description)}`)
  }
  for (const stream of streams) {
    out.line(`\nStream ${out.paint('bold', stream.stream)}  ${printable(stream.title ?? '')}`)
    for (const pass of stream.passes) out.line(`  ${pass.pass.padEnd(11)}  ${pass.description}`)
    if (stream.metrics.length > 0) out.line(`  metrics      ${stream.metrics.join(', ')}`)
    for (const filter of stream.filters) {
      const open = filter.open.length > 0 ? `, or open for ${filter.open.join(', ')}` : ''
      out.line(`  --where      ${filter.field}=value[,value]… of ${filter.values.join(', ')}${open}`)
    }
    out.line(`  table        ${stream.table}`)
    await cli.table(FIELD_COLUMNS, stream.columns, '    ')
  }
  if (catalog) {
    const listed = catalog.streams.map(({ stream, category }) => (category ? `${stream} by ${category}` : stream))
    out.line('\nCatalog, published after each complete run')
    out.line(`  ${[...listed, ...(catalog.categories ? [catalog.categories] : [])].join(', ')}`)
  }
  if (webhooks)
    out.line('\nWebhooks, at the webhookUrl of tidemark connections --json: what they tell of is read at once')
  if (limits.length > 0) out.line('\nLimits')
  for (const { requests, per, when } of limits)
    out.line(`  ${plural(requests, 'request')} per ${PERIODS[per] ?? per}${when === null ? '' : `, ${when}`}`)
  // Where none is needed, the first says whose data is read.
  const some = options.filter(({ required }) => required)
  const uploads = streams.filter(({ passes }) => passes.some(({ accepts }) => accepts !== null))
  const isFed = !streams.some(({ passes }) => passes.some(({ pass }) => findsAtSource({ kind: pass })))
  const needed = some.length > 0 ? some : isFed ? [] : options.slice(0, 1)
  const given = needed.map(({ name: option, secret }) =>
    secret ? ` --secret-env ${option}=<VARIABLE>` : ` --set ${option}=<value>`,
  )
  out.line(`\nConnect it with: tidemark connect ${name} --id <id>${given.join('')}`)
  for (const { stream } of uploads)
    out.line(`${isFed ? 'Then' : 'Or from a file'}: tidemark upload <id>/${stream} <file>`)
}
