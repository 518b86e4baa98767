// Owns `tidemark search`: the records that have all of the words, or mean the same.

import { Argument } from 'commander'
import { plural } from '../../model/plural.ts'
import { search as operation, type SearchInput, type SearchReport } from '../../operations/search.ts'
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
  if (report.notice !== null) cli.note(report.notice)
  if (report.results.length === 0)
    cli.note(options.semantic ? 'No record has these words or means the same.' : 'No record has all of these words.')
  else await cli.table(COLUMNS, report.results)
  if (report.waiting > 0) {
    cli.note(`${plural(report.waiting, 'change')} not indexed yet; a little after the next sync they are.`)
  }
}

const COLUMNS: readonly ColumnOf<Result>[] = [
  { title: 'RECORD', whole: true, of: ({ connection, stream, key }) => `${connection}/${stream} ${oneLine(key)}` },
  { title: 'TITLE', of: ({ title }) => ({ text: oneLine(title), style: 'bold' }) },
  { title: 'TEXT', optional: true, of: ({ snippet }) => oneLine(snippet) },
]
