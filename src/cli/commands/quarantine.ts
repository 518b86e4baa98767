// Owns `tidemark quarantine`: the records that could not be read, and reading them again.

import type { SetAside } from '../../engine/runs/documents.ts'
import { count, plural } from '../../model/plural.ts'
import { yesOrNo } from '../../operations/fields.ts'
import { limit as limitField } from '../../operations/inputs.ts'
import { quarantine, retryQuarantine } from '../../operations/quarantine.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { oneLine } from '../terminal/printable.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { ago } from '../terminal/times.ts'
import { verbs } from '../verb.ts'

/** Records that are listed, unless the person says how many. */
const LIMIT = 50
/** Of those that still can't be read, how many are told. */
const TOLD = 20

export const declare: Declare = (program, run) =>
  verbs(
    program,
    {
      name: 'quarantine',
      run,
      summary: 'list the records that could not be read, or read them again',
      says: 'The table "quarantine" has their texts.',
      examples: [
        'tidemark quarantine list shop --limit 200',
        'tidemark quarantine list --all',
        'tidemark quarantine retry',
      ],
    },
    {
      list: {
        operation: quarantine,
        args: ['connection'],
        extra: {
          limit: limitField({ otherwise: String(LIMIT) }),
          all: yesOrNo('also texts of which a newer content was read since'),
        },
        act: list,
      },
      retry: { operation: retryQuarantine, args: ['connection'], act: retry },
    },
  )

interface ListOptions {
  readonly limit?: number
  readonly all?: boolean
}

async function list(cli: Cli, { limit = LIMIT, all = false }: ListOptions, connection?: string): Promise<void> {
  const tidemark = await cli.open()
  const rows: SetAside[] = []
  let more = 0
  let superseded = 0
  for await (const row of tidemark.quarantine({ connection })) {
    if (row.supersededAt !== null && !all) superseded++
    else if (rows.length < limit) rows.push(row)
    else more++
  }
  if (await cli.list({ quarantine: rows, more }, COLUMNS, rows, 'Every record could be read.')) {
    const of = connection === undefined ? '' : ` ${connection}`
    if (more > 0) cli.note(`… and ${count(more)} more: tidemark quarantine list${of} --limit ${rows.length + more}`)
    cli.note('When the connector can read them: tidemark quarantine retry')
  }
  if (superseded > 0 && !cli.options.json) {
    const texts = plural(superseded, 'older text is', 'older texts are')
    cli.note(`${texts} kept, of which a newer content is known: tidemark quarantine list --all`)
  }
}

const COLUMNS: readonly ColumnOf<SetAside>[] = [
  { title: 'STREAM', of: ({ connection, stream }) => `${connection}/${stream}` },
  { title: 'KEY', of: ({ key }) => key ?? '(no key)' },
  { title: 'LAST SEEN', whole: true, of: ({ at }, now) => ago(at, now) },
  { title: 'TIMES', align: 'right', of: ({ times }) => count(times) },
  { title: 'ERROR', of: ({ message, supersededAt }) => (supersededAt === null ? message : `(superseded) ${message}`) },
]

/** What still can't be read keeps the mirror incomplete: exit code 3. */
async function retry(cli: Cli, _options: object, connection?: string): Promise<number> {
  const tidemark = await cli.open()
  const { released, remaining } = await tidemark.retryQuarantine({ connection })
  if (cli.options.json) await cli.json({ released, remaining })
  else if (released + remaining.length === 0) cli.note('Nothing is in quarantine.')
  else {
    cli.out.line(`${plural(released, 'record')} could be read now; ${plural(remaining.length, 'record')} still can't.`)
    for (const { connection: of, stream, key, message } of remaining.slice(0, TOLD)) {
      cli.out.line(oneLine(`  ${of}/${stream} ${key ?? '(no key)'}: ${message}`))
    }
    if (remaining.length > TOLD) cli.note(`… and ${count(remaining.length - TOLD)} more: tidemark quarantine`)
  }
  return remaining.length > 0 ? 3 : 0
}
