// Owns what `sql` can read: the tables of the streams and Tidemark's own, with what a row of each is.

import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import { TidemarkError } from '../model/errors.ts'
import { knownNames } from '../model/near-miss.ts'
import type { TableRow } from '../store/store.ts'
import { optional, text } from './fields.ts'
import { operation } from './operation.ts'

const tableDocument = document({
  table: z.string(),
  /** What a row of it is. */
  what: z.string(),
  /** Null: not counted. */
  rows: z.number().nullable(),
  columns: z.array(z.string()),
})
export type Table = DocumentOf<typeof tableDocument>

export const tables = operation<{ readonly name?: string | undefined }, Promise<readonly Table[]>>({
  name: 'tables',
  does: 'List the tables that sql reads: those of the streams, then Tidemark’s own.',
  details: 'Rows of …_daily are counted only when the table is named: it takes a while where there are many.',
  scope: 'read',
  input: { name: optional(text('a table (default: all of them)', { sign: 'name' })) },
  positional: ['name'],
  list: 'tables',
  listedBy: ['table'],
  output: tableDocument,
  examples: [{ name: 'github_stars' }, {}],
  async run({ store, project }, { name }) {
    const all = await store.tables.list(project)
    const found: Table[] = []
    for (const row of name === undefined ? all : [named(all, name)]) {
      const isCounted = name !== undefined || row.of?.part !== 'daily'
      const rows = isCounted ? await store.tables.countRows(project, row.name) : null
      found.push({ table: row.name, what: whatOf(row), rows, columns: row.columns })
    }
    return found
  },
})

function named(all: readonly TableRow[], name: string): TableRow {
  const found = all.find((one) => one.name === name.toLowerCase())
  if (found) return found
  const names = all.map((one) => one.name)
  throw new TidemarkError('table_unknown', `There is no table "${name}".`, { hint: knownNames(name, names) })
}

function whatOf({ name, of }: TableRow): string {
  if (of === null) return OWN[name] ?? 'of Tidemark itself'
  return PARTS[of.part].replace('…', `${of.connector}/${of.stream}`)
}

const PARTS: Readonly<Record<NonNullable<TableRow['of']>['part'], string>> = {
  '': 'live record of …',
  all: 'record of …, live or removed',
  versions: 'version of a record of …',
  snapshots: 'metrics of a record of … in a run',
  daily: 'metrics of a record of … on a day',
}

/** What a row of Tidemark's own tables is. */
const OWN: Readonly<Record<string, string>> = {
  streams: 'stream: how complete, how fresh',
  runs: 'run: when, how it ended, what it counted',
  requests: 'request that a run made',
  changes: 'insert, update, restore or remove, in order',
  gaps: 'what is known to be missing',
  quarantine: 'record that could not be read',
  held_removals: 'removal that waits for you',
  unconfirmed_removals: 'removal that the next run confirms or drops',
  kept_records: 'record that stays by your decision',
  schedules: 'schedule: what, when next, when last',
  audit_log: 'deed: who did what, when, with which outcome',
  source_fields: 'field of a source’s rows, and since when',
}
