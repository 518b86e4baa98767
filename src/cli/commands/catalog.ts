// Owns `tidemark catalog`: the published catalogs of a connection, the document of one, and what differs between two.

import { Argument } from 'commander'
import type { Catalog, CatalogDiff, CatalogInfo, StreamDiff } from '../../engine/history/catalogs.ts'
import { TidemarkError } from '../../model/errors.ts'
import { jsonText } from '../../model/json-text.ts'
import { knownNames } from '../../model/near-miss.ts'
import { count } from '../../model/plural.ts'
import { catalogs as operation } from '../../operations/catalogs.ts'
import { text } from '../../operations/fields.ts'
import type { Cli } from '../cli.ts'
import { action, type Declare } from '../command.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { ago } from '../terminal/times.ts'
import { verb } from '../verb.ts'

const ACTIONS = ['list', 'show', 'diff'] as const

interface Options {
  readonly out?: string
}

export const declare: Declare = (program, run) =>
  verb(program, 'catalog', operation, {
    summary: 'list the published catalogs of a connection, show one, or compare two',
    extra: { out: text('write the document to a file; one that ends with .gz stays compressed', { sign: 'file' }) },
    written: [
      new Argument('<connection>', operation.input.connection.about),
      action('[action]', ACTIONS, `one of: ${ACTIONS.join(', ')} (default: list)`),
      new Argument('[n]', 'show: the number of a catalog (default: the newest); diff: the earlier one'),
      new Argument('[other]', 'diff: the later one'),
    ],
    says: 'show writes the document; on a terminal, a summary of it. diff gives what was added, removed and changed.',
    examples: [
      'tidemark catalog tv show --json',
      'tidemark catalog tv show 3 --out catalog.json.gz',
      'tidemark catalog tv diff 3 4 --json',
    ],
  }).action(run(catalog))

async function catalog(
  cli: Cli,
  id: string,
  word: string | undefined = 'list',
  first: string | undefined,
  second: string | undefined,
  options: Options,
): Promise<void> {
  if (!(ACTIONS as readonly string[]).includes(word)) {
    throw new TidemarkError('argument_invalid', `The command catalog has no action "${word}".`, {
      hint: knownNames(word, ACTIONS, 'One of'),
    })
  }
  const surplus = word === 'list' ? (first ?? options.out) : word === 'show' ? second : undefined
  if (surplus !== undefined) {
    throw new TidemarkError('argument_unexpected', `The command catalog ${word} was given "${surplus}", too.`, {
      hint: EXAMPLES[word as keyof typeof EXAMPLES],
    })
  }
  const [n, other] = [numberOf(first), numberOf(second)]
  if (word === 'diff' && (n === undefined || other === undefined)) {
    throw new TidemarkError('argument_missing', 'The command catalog diff needs the numbers of two catalogs.', {
      hint: EXAMPLES.diff,
    })
  }
  const connection = await (await cli.open()).connection(id)
  if (word === 'show') return show(cli, id, await connection.catalog(n), options)
  if (word === 'diff') return diff(cli, id, await connection.diffCatalogs(n as number, other as number), options)
  const all = await connection.catalogs()
  const none = `${id} has no catalog yet. Where its connector declares one, each complete run publishes it.`
  if (!(await cli.list({ catalogs: all }, COLUMNS, all, none))) return
  cli.note(`The whole of one: tidemark catalog ${id} show ${all[0]?.n} --out catalog.json`)
}

const EXAMPLES = {
  list: 'For example: tidemark catalog tv list',
  show: 'For example: tidemark catalog tv show 3',
  diff: 'For example: tidemark catalog tv diff 3 4',
}

function numberOf(written: string | undefined): number | undefined {
  if (written === undefined) return undefined
  if (/^[1-9]\d{0,9}$/.test(written)) return Number(written)
  throw new TidemarkError(
    'argument_invalid',
    `The number of a catalog is a whole number from 1 up, not "${written}".`,
    {
      hint: 'Which there are: tidemark catalog <connection> list',
    },
  )
}

/** As it was published. A person at a terminal gets what is in it instead, unless `--json` asks for the document. */
async function show(cli: Cli, id: string, found: Catalog, { out }: Options): Promise<void> {
  if (out !== undefined) {
    const isCompressed = out.endsWith('.gz')
    await cli.writeFile(out, async (file) => {
      for await (const piece of isCompressed ? found.gzip() : found.text()) await file.write(piece)
    })
    return tellWritten(cli, out, { catalog: found.n })
  }
  if (cli.out.isTerminal && !cli.options.json) {
    await cli.table(COLUMNS, [found])
    return cli.note(`The whole of it: tidemark catalog ${id} show ${found.n} --out catalog.json (or --json)`)
  }
  for await (const piece of found.text()) {
    if (cli.out.isClosed) return
    await cli.out.write(piece)
  }
}

async function diff(cli: Cli, id: string, found: CatalogDiff, { out }: Options): Promise<void> {
  if (out !== undefined) {
    await cli.writeFile(out, (file) => file.write(`${jsonText(found, 2)}\n`))
    return tellWritten(cli, out, { from: found.from, to: found.to })
  }
  if (cli.options.json) return cli.json(found)
  const rows = Object.entries(found.streams).map(([stream, one]) => ({ stream, ...one }))
  await cli.table(DIFF_COLUMNS, rows)
  cli.note(`Record by record: tidemark catalog ${id} diff ${found.from} ${found.to} --json`)
}

async function tellWritten(cli: Cli, file: string, what: Readonly<Record<string, number>>): Promise<void> {
  if (cli.options.json) return cli.json({ file, ...what })
  cli.out.line(`Wrote ${file}`)
}

function perStream(of: Readonly<Record<string, number>>): string {
  return Object.entries(of)
    .map(([stream, n]) => `${count(n)} ${stream}`)
    .join(', ')
}

const COLUMNS: readonly ColumnOf<CatalogInfo>[] = [
  { title: 'N', align: 'right', of: ({ n }) => String(n) },
  { title: 'PUBLISHED', whole: true, of: ({ at }, now) => ago(at, now) },
  { title: 'RECORDS', of: ({ totals }) => perStream(totals) },
  { title: 'NEW', align: 'right', of: ({ newItemsAdded }) => count(newItemsAdded) },
  { title: 'KB', align: 'right', of: ({ bytes }) => count(Math.ceil(bytes / 1_024)) },
  { title: 'RUN', whole: true, of: ({ run }) => run },
]

const DIFF_COLUMNS: readonly ColumnOf<StreamDiff & { readonly stream: string }>[] = [
  { title: 'STREAM', of: ({ stream }) => stream },
  { title: 'ADDED', align: 'right', of: ({ added }) => count(added.length) },
  { title: 'REMOVED', align: 'right', of: ({ removed }) => count(removed.length) },
  { title: 'CHANGED', align: 'right', of: ({ changed }) => count(changed.length) },
]
