// Owns the names that SQLite gives no column of a view or of a subquery: whatever is called true or false there becomes a
// column4, quoted or not. Tables may have such columns. https://sqlite.org/src/file/src/select.c, sqlite3ColumnsFromExprList

import { tokensOf } from '../console/tokens.ts'
import { quote } from '../names.ts'
import type { Row } from '../statements.ts'

const LITERAL = /^(?:true|false)$/i
const SUBSTITUTE = /^_(?:true|false)$/i
const QUOTED = /"_(true|false)"/gi

/** What a declared column is called in views and subqueries. No declared name begins with an underscore, so that none is met twice. */
export function viewName(column: string): string {
  return LITERAL.test(column) ? `_${column}` : column
}

/** The name of the contract for a column of an answer. */
export function contractName(shown: string): string {
  return SUBSTITUTE.test(shown) ? shown.slice(1) : shown.replace(QUOTED, '"$1"')
}

/** A complaint of SQLite, which names columns with quotes or without. */
export function inContractNames(said: string): string {
  return said.replace(/\b_(true|false)\b/gi, '$1')
}

/** Whether the rows of a statement may have names that are not those of the contract. */
export function hasViewNames(sql: string): boolean {
  return sql.search(QUOTED) >= 0
}

export function contractRow(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [contractName(name), value]))
}

/** A person's statement, in which quoted names are those of the contract, with the names that SQLite knows. */
export function inViewNames(sql: string): string {
  let written = ''
  let from = 0
  for (const { kind, content, from: at, to } of tokensOf(sql, 'sqlite')) {
    if (kind !== 'name' || !LITERAL.test(content)) continue
    written += sql.slice(from, at) + quote(viewName(content))
    from = to
  }
  return written + sql.slice(from)
}
