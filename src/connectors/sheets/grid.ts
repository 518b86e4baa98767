// Owns what the cells of a tab are: its headers and the columns that they become, and its rows by their key. Pure.
//
// Facts (the Sheets API, recorded answers): empty rows and cells at the end are cut off, so that rows are of different
// lengths; an empty row between others is an empty list, an empty cell before others an empty text. A tab without any
// content has no `values`. Headers may occur twice, and rows have no identity but their place, which sorting changes.

import { hash } from 'node:crypto'
import { FOUND_COLUMNS_MAX, type FoundColumn } from '../../connector/page.ts'
import { plainDigits } from '../../model/exact-number.ts'
import { knownNames } from '../../model/near-miss.ts'
import { plural } from '../../model/plural.ts'
import { writtenNumber } from '../../model/written-number.ts'

/** The cells of a row by column; null is empty. */
type Cells = Readonly<Record<string, string | null>>

/** A row as it is stored: its cells and its key; where a key occurs again, all rows of that key. */
export type SheetRow = Readonly<Record<string, string | null | readonly Cells[]>>

export interface Grid {
  readonly columns: readonly FoundColumn[]
  readonly rows: readonly SheetRow[]
}

/** Why a tab can't be read. */
export interface Refused {
  readonly code: 'sheet_empty' | 'sheet_key_missing' | 'sheet_key_ambiguous'
  readonly message: `The ${string}.`
  readonly hint: string
}

/** The longest name of a column, in characters; room is left for the number of one that occurs again. */
const NAME_MAX = 55

/**
 * Reads a tab: its first row that is not empty has the headers. `metrics` are the headers whose numbers are kept over time;
 * `*` stands for all columns that hold numbers only.
 */
export function gridOf(
  values: readonly (readonly unknown[])[],
  keyHeader: string,
  metrics: readonly string[],
): Grid | Refused {
  const at = values.findIndex((row) => row.some((cell) => textOf(cell) !== null))
  if (at < 0) {
    return {
      code: 'sheet_empty',
      message: 'The tab is empty: it has not even headers.',
      hint: 'Nothing was removed. Write the headers into the first row, or undo what emptied it (File, Version history).',
    }
  }
  const headers = (values[at] as readonly unknown[]).map((cell) => textOf(cell)?.trim() ?? '')
  const body = values.slice(at + 1)
  const keyAt = keyPlace(headers, keyHeader)
  if (typeof keyAt !== 'number') return keyAt
  const names = namesOf(headers, body, keyAt)
  const numbers = new Set<string>()
  const rows: Cells[] = []
  const byKey = new Map<string, Cells[]>()
  for (const row of body) {
    const cells: Record<string, string | null> = Object.create(null)
    let isEmpty = true
    for (const [place, name] of names) {
      const text = textOf(row[place])
      cells[name] = text
      isEmpty &&= text === null
    }
    if (isEmpty) continue
    const key = keyOf(row[keyAt])
    const known = key === null ? undefined : byKey.get(key)
    if (known) {
      known.push(cells)
      continue
    }
    rows.push({ ...cells, _key: key })
    if (key !== null) byKey.set(key, [cells])
  }
  for (const [place, name] of names) if (place !== keyAt && holdsNumbers(body, place)) numbers.add(name)
  const wanted = new Set(metrics.map(fold))
  const isAll = metrics.includes('*')
  // Cells of the others are in the row's text all the same.
  const told = [...names].sort(([a], [b]) => Number(b === keyAt) - Number(a === keyAt)).slice(0, FOUND_COLUMNS_MAX)
  const columns = told.map(([place, name]) => {
    const isWanted = isAll ? numbers.has(name) : place !== keyAt && wanted.has(name)
    return isWanted ? { name, metric: true } : { name }
  })
  return { columns, rows: rows.map((row) => withTwins(row, byKey)) }
}

function withTwins(row: Cells, byKey: ReadonlyMap<string, readonly Cells[]>): SheetRow {
  const all = byKey.get(row['_key'] ?? '') ?? []
  return all.length > 1 ? { ...row, _twins: all.slice(1) } : row
}

/** What is wrong with a row; undefined: nothing. */
export function faultOf(row: Readonly<Record<string, unknown>>): string | undefined {
  const { _twins: twins, _key: key } = row
  if (!Array.isArray(twins)) return undefined
  return `${plural(twins.length + 1, 'row')} of the tab have the key "${String(key)}"; which one is meant is for a person to say`
}

/** Where the key column stands: by its header as it is written, else by the name that it becomes. */
function keyPlace(headers: readonly string[], wanted: string): number | Refused {
  const written = placesOf(headers, (header) => header === wanted.trim())
  const places =
    written.length > 0 ? written : placesOf(headers, (header) => header !== '' && fold(header) === fold(wanted))
  const [place] = places
  if (places.length > 1) {
    return {
      code: 'sheet_key_ambiguous',
      message: `The tab has ${plural(places.length, 'column')} with the header of the key column, "${wanted}".`,
      hint: 'Rename all but one of them in the sheet. Nothing was read or removed.',
    }
  }
  if (place !== undefined) return place
  return {
    code: 'sheet_key_missing',
    message: `The tab has no column with the header "${wanted}".`,
    hint: `${knownNames(
      wanted,
      headers.filter((header) => header !== ''),
      'Its headers',
    )}. Correct the header, or the option keyColumn. Nothing was removed.`,
  }
}

function placesOf(headers: readonly string[], is: (header: string) => boolean): readonly number[] {
  return headers.flatMap((header, place) => (is(header) ? [place] : []))
}

/** The columns by their place. The key has its name first; of others with the same name, the later ones are numbered. */
function namesOf(
  headers: readonly string[],
  body: readonly (readonly unknown[])[],
  keyAt: number,
): ReadonlyMap<number, string> {
  const width = body.reduce((most, row) => Math.max(most, row.length), headers.length)
  const taken = new Set([fold(headers[keyAt] as string)])
  const names = new Map<number, string>()
  for (let place = 0; place < width; place++) {
    const header = headers[place] ?? ''
    if (place === keyAt) names.set(place, fold(header))
    else if (header !== '' || body.some((row) => textOf(row[place]) !== null)) {
      const base = header === '' ? `column_${lettersOf(place)}` : fold(header)
      let name = base
      for (let n = 2; taken.has(name); n++) name = `${base}_${n}`
      taken.add(name)
      names.set(place, name)
    }
  }
  return names
}

/** A header as the name of a column: `Followers (IG)` is `followers_ig`. One without a Latin letter is named by its hash. */
export function fold(header: string): string {
  const name = header
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '')
    .slice(0, NAME_MAX)
    .replace(/_$/, '')
  if (!/[a-z]/.test(name) && /\p{L}/u.test(header)) return `column_${hash('sha256', header.trim()).slice(0, 8)}`
  return /^[a-z]/.test(name) ? name : `column_${name === '' ? hash('sha256', header.trim()).slice(0, 8) : name}`
}

/** As sheets name their columns: A to Z, then AA. */
function lettersOf(place: number): string {
  const letter = String.fromCharCode(97 + (place % 26))
  return place < 26 ? letter : lettersOf(Math.floor(place / 26) - 1) + letter
}

/** The text of a cell; null: it is empty. */
function textOf(cell: unknown): string | null {
  if (typeof cell === 'string') return cell.trim() === '' ? null : cell
  if (typeof cell === 'number') return plainDigits(String(cell))
  return typeof cell === 'boolean' ? String(cell) : null
}

/**
 * What a formula shows that has failed or is not done: the API gives the text of the cell. Names of errors are capitals in
 * whatever language the sheet is in, such as #REF!, #BEZUG!, #NAME? and #ИМЯ?; those that end otherwise are listed.
 */
const FAILED = /^(?:#[\p{Lu}\p{N}\p{M}/ ]+[!?]|#(?:N\/A|NV|N\/D|Н\/Д|YOK|BRAK|HIÁNYZIK|PUUTTUU|I\/T)|Loading\.\.\.)$/u

/** Null: the cell is empty, or its formula has not come to a key. Which record such a row is of, nobody knows. */
function keyOf(cell: unknown): string | null {
  const key = textOf(cell)?.trim() ?? null
  return key !== null && FAILED.test(key) ? null : key
}

function holdsNumbers(body: readonly (readonly unknown[])[], place: number): boolean {
  const texts = body.flatMap((row) => textOf(row[place]) ?? [])
  return texts.length > 0 && texts.every((text) => writtenNumber(text) !== null)
}
