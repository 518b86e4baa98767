// Owns `tidemark search`: the records that have all of the words, or mean the same.

import { Argument } from 'commander'
import { plural } from '../../model/plural.ts'
import {
  LIMIT,
  NOTHING_SEARCHED,
  search as operation,
  type SearchInput,
  type SearchReport,
} from '../../operations/search.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { oneLine } from '../terminal/printable.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { verb } from '../verb.ts'

type Result = SearchReport['results'][number]

export const declare: Declare = (program, run) =>
  verb(program, 'search', operation, {
    written: [new Argument('<text...>', 'the words to look for')],
    examples: ['tidemark search typed sqlite --json', 'tidemark search keeping bees in a city --semantic'],
  }).action(run(search))

async function search(cli: Cli, words: readonly string[], options: Omit<SearchInput, 'text'>): Promise<void> {
  const tidemark = await cli.open()
  const report = await tidemark.search(words.join(' '), options)
  if (cli.options.json) return cli.json(report)
  const { results, notice } = report
  if (notice !== null) cli.note(notice)
  if (results.length > 0) await cli.table(results.some(hasMoreText) ? COLUMNS : COLUMNS.slice(0, -1), results)
  else if (notice !== NOTHING_SEARCHED)
    cli.note(options.semantic ? 'No record has these words or means the same.' : 'No record has all of these words.')
  const { limit = LIMIT } = options
  if (results.length === limit) cli.note(`The best ${limit}; there may be more: --limit ${limit * 2}`)
  if (report.waiting > 0) {
    cli.note(`${plural(report.waiting, 'change')} not indexed yet; a little after the next sync they are.`)
  }
}

/** What has no text beside its title shows that once. */
function hasMoreText({ title, snippet }: Result): boolean {
  return !snippet.startsWith(title.replace(/…$/, ''))
}

const COLUMNS: readonly ColumnOf<Result>[] = [
  { title: 'RECORD', whole: true, of: ({ connection, stream, key }) => `${connection}/${stream} ${oneLine(key)}` },
  { title: 'TITLE', of: ({ title }) => ({ text: oneLine(title), style: 'bold' }) },
  { title: 'TEXT', optional: true, of: (result) => (hasMoreText(result) ? oneLine(result.snippet) : '') },
]
