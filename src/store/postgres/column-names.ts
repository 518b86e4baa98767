// Owns the names that declared columns have in a stream's tables. They are the declared ones, but for those that
// PostgreSQL keeps for the hidden columns of every table; views have no hidden columns and show every declared name.

import { quote } from '../names.ts'

/** The hidden columns of a table: https://www.postgresql.org/docs/current/ddl-system-columns.html */
const HIDDEN = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'])

/** A declared column as the tables have it, quoted. No declared name begins with an underscore, so that none is met twice. */
export function stored(name: string): string {
  return quote(HIDDEN.has(name) ? `_${name}` : name)
}

/** The same in a list of a SELECT, whose rows then have the declared name. */
export function selected(name: string): string {
  return HIDDEN.has(name) ? `${stored(name)} AS ${quote(name)}` : quote(name)
}
