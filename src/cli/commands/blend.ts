// Owns `tidemark blend`: records made of several streams and of what a person sets.

import { plural } from '../../model/plural.ts'
import {
  type BlendDocument,
  createBlend,
  dropBlend,
  listBlends,
  type NewBlend,
  showBlend,
} from '../../operations/blends.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { oneLine } from '../terminal/printable.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { ago } from '../terminal/times.ts'
import { fieldsOf, parsePairs } from '../values.ts'
import { verbs } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verbs(
    program,
    {
      name: 'blend',
      run,
      summary: 'make one record of several streams and of what you set by hand',
      says: 'Its records: tidemark records <name>/records. To set one by hand: tidemark set <name>/records <key> field=value.',
    },
    {
      list: { operation: listBlends, act: list },
      create: { operation: createBlend, act: create },
      show: { operation: showBlend, act: show },
      drop: { operation: dropBlend, act: drop },
    },
  )

async function list(cli: Cli): Promise<void> {
  const all = await (await cli.open()).blends.list()
  await cli.list({ blends: all }, COLUMNS, all, 'There are no blends. See: tidemark blend --help')
}

interface Options {
  readonly from?: readonly string[]
  readonly rule?: readonly string[]
  readonly map?: readonly string[]
}

async function create(cli: Cli, { from = [], rule, map }: Options, name: string): Promise<void> {
  const asked: Omit<NewBlend, 'name'> = {
    from,
    ...(rule ? { rule: Object.fromEntries(parsePairs('rule', rule)) } : {}),
    ...(map ? { map: fieldsOf(parsePairs('map', map)) } : {}),
  }
  return tellBlend(cli, await (await cli.open()).blends.create(name, asked))
}

async function show(cli: Cli, _options: object, name: string): Promise<void> {
  return tellBlend(cli, await (await cli.open()).blends.show(name))
}

async function drop(cli: Cli, _options: object, name: string): Promise<void> {
  const rows = await (await cli.open()).blends.drop(name)
  if (cli.options.json) return cli.json({ name, rows })
  cli.out.line(`The blend ${oneLine(name)} is gone (${plural(rows, 'row')}); its sources are as they were.`)
}

/** What a blend is made of, how each source stands, and whom only one of them has. */
export async function tellBlend(cli: Cli, blend: BlendDocument): Promise<void> {
  if (cli.options.json) return cli.json(blend)
  const { out } = cli
  out.line(out.paint('bold', oneLine(`${blend.name}: ${plural(blend.records, 'record')}, in SQL ${blend.table}`)))
  for (const { source, state, lastSuccessAt } of blend.sources) {
    const never = state === 'gone' ? 'as last known' : 'never read'
    const read = lastSuccessAt === null ? never : `read ${ago(lastSuccessAt, cli.now())}`
    out.line(`  ${oneLine(source)}  ${state}, ${read}`)
  }
  out.line(out.paint('dim', `  ${oneLine(rulesText(blend.fields))}`))
  for (const note of blend.notes) cli.note(oneLine(note))
  if (blend.unmatchedCount === 0) return
  out.line(`  ${blend.unmatchedCount} unmatched:`)
  for (const { source, sourceKey, identity } of blend.unmatched) {
    out.line(`    ${oneLine(`${source} ${sourceKey}  ${identity ?? 'without an identity'}`)}`)
  }
}

/** The rules that somebody chose, and how many fields have the usual one. */
function rulesText(fields: BlendDocument['fields']): string {
  const own = fields.filter(({ rule }) => rule !== 'source-order').map(({ name, rule }) => `${name}: ${rule}`)
  const rest = fields.length - own.length
  const others = own.length > 0 ? 'other field' : 'field'
  return [...own, ...(rest > 0 ? [`${plural(rest, others)}: source-order`] : [])].join(', ')
}

const COLUMNS: readonly ColumnOf<BlendDocument>[] = [
  { title: 'NAME', whole: true, of: ({ name }) => name },
  { title: 'RECORDS', whole: true, of: ({ records }) => String(records) },
  { title: 'UNMATCHED', whole: true, of: ({ unmatchedCount }) => String(unmatchedCount) },
  { title: 'MADE', whole: true, of: ({ blendedAt }, now) => (blendedAt === null ? '-' : ago(blendedAt, now)) },
  { title: 'FROM', of: ({ from }) => from.join(', ') },
]
