// Owns what is added to the database's complaint about a statement: which table or column was probably meant, and what
// there is. Pure.

import { didYouMean, knownNames } from '../model/near-miss.ts'
import type { TableRow } from '../store/store.ts'

/** Both databases' words for a name that does not exist. */
const NO_TABLE = [/^no such table: (.+?)\.?$/im, /relation "([^"]+)" does not exist/i]
const NO_COLUMN = [/^no such column: (.+?)\.?$/im, /column "?([^"\s]+)"? does not exist/i]

/** The hint for what the database said of a statement; undefined when it concerns no name. */
export function sqlHint(said: string, sql: string, tables: readonly TableRow[]): string | undefined {
  const table = missing(said, NO_TABLE)
  if (table !== undefined) {
    // It is there, and was looked for elsewhere, such as in SQLite's `main`.
    const plain = tables.some(({ name }) => name === table) ? 'Tables are named without a schema. ' : ''
    return plain + tableHint(table, tables)
  }
  const column = missing(said, NO_COLUMN)
  return column === undefined ? undefined : columnHint(column, sql, tables)
}

function missing(said: string, patterns: readonly RegExp[]): string | undefined {
  for (const pattern of patterns) {
    const name = pattern.exec(said)?.[1]
    // Of a name that stands behind its table's, the last part; SQLite adds a remark about quotes.
    if (name !== undefined) return name.split(' - ')[0]?.replaceAll('"', '').split('.').at(-1)
  }
  return undefined
}

/** A stream's other four tables are named by its first. */
function tableHint(name: string, tables: readonly TableRow[]): string {
  const meant = didYouMean(
    name,
    tables.map((one) => one.name),
  )
  const main = tables.filter(({ of }) => of === null || of.part === '').map((one) => one.name)
  return `${meant}There are: ${main.join(', ')}. For all, with their columns, run: tidemark tables`
}

function columnHint(name: string, sql: string, tables: readonly TableRow[]): string | undefined {
  const words = new Set(sql.toLowerCase().match(/\w+/g))
  const mentioned = tables.filter((table) => words.has(table.name))
  const [only] = mentioned
  if (!only) return undefined
  if (mentioned.length === 1) return knownNames(name, only.columns, `Columns of ${only.name}`)
  const all = mentioned.flatMap(({ columns }) => columns)
  const listed = mentioned.map((table) => knownNames('', table.columns, `Columns of ${table.name}`))
  return `${didYouMean(name, all)}${listed.join('. ')}`
}
