// Owns the world behind the Google Sheets emulator: a spreadsheet, its tabs and cells, and who may read it.
//
// A cell holds a value and may have a format; what is shown of it follows the format and the locale of the spreadsheet. Cells
// and rows at the end that hold nothing are not there.
//
// Recorded (gspread): rows and cells at the end that hold nothing are cut, a range without content has no values. Documented
// (SheetType of the reference): a tab of the type OBJECT has no cells, and a chart or an image instead.

import type { Clock } from '../kit/clock.ts'
import { type Random, seeded } from '../kit/random.ts'

export type CellValue = string | number | boolean | null

/** How a number is shown: `1,234` by the locale, `45%`, `1.2K`, or `2020-01-01`, which is a number of days. */
export type NumberFormat = 'plain' | 'grouped' | 'percent' | 'short' | 'date'

export interface Tab {
  title: string
  readonly rows: CellValue[][]
  /** By header: of numbers that are not shown plainly. */
  readonly formats: Map<string, NumberFormat>
  /** It holds a chart, and no cells. */
  readonly isChart?: boolean
}

const NAMES = ['ada', 'grace', 'alan', 'edsger', 'barbara', 'donald', 'katherine', 'john', 'frances', 'dennis'] as const
const HEADERS = ['Profile URL', 'Name', 'Followers', 'Note'] as const

export class SheetsWorld {
  readonly #clock: Clock
  readonly #random: Random
  readonly #tabs: Tab[] = []
  #tokens = new Map<string, number>()
  #access: 'shared' | 'private' | 'deleted' = 'shared'
  #isApiOn = true
  #isExcel = false
  #isKeyGood = true
  locale: string

  constructor(clock: Clock, { seed, locale }: { readonly seed: number; readonly locale: string }) {
    this.#clock = clock
    this.#random = seeded(`sheets ${seed}`)
    this.locale = locale
  }

  // ── the truth ───────────────────────────────────────────────────────────────────────────────────────────────────

  tab(title: string): Tab | undefined {
    return this.#tabs.find((tab) => tab.title.toLowerCase() === title.toLowerCase())
  }

  /** In their order, charts included. */
  tabs(): readonly Tab[] {
    return this.#tabs
  }

  titles(): readonly string[] {
    return this.#tabs.map(({ title }) => title)
  }

  /** The values of a tab, its headers first, with nothing at the ends that is empty. */
  values(title: string): readonly (readonly CellValue[])[] {
    return trimmed(
      this.#must(title).rows.map((row) => trimmed(row, (cell) => cell === null || cell === '')),
      (row) => row.length === 0,
    )
  }

  /** The texts of a column, by its header, below the header; null is empty. */
  column(title: string, header: string): readonly CellValue[] {
    const { rows } = this.#must(title)
    const place = this.#place(title, header)
    return rows
      .slice(1)
      .filter((row) => row.some((cell) => cell !== null && cell !== ''))
      .map((row) => row[place] ?? null)
  }

  // ── what a person does ──────────────────────────────────────────────────────────────────────────────────────────

  addTab(
    title: string,
    rows: readonly (readonly CellValue[])[],
    formats: Readonly<Record<string, NumberFormat>> = {},
  ): void {
    this.#tabs.push({ title, rows: rows.map((row) => [...row]), formats: new Map(Object.entries(formats)) })
  }

  /** A person moves a chart into a tab of its own. */
  addChart(title: string): void {
    this.#tabs.push({ title, rows: [], formats: new Map(), isChart: true })
  }

  /** A tab of people with profiles, of which there are as many as that. */
  addPeople(title: string, count: number): void {
    const people = Array.from({ length: count }, (_, i) => this.#person(i))
    this.addTab(title, [HEADERS, ...people], { Followers: 'grouped' })
  }

  /** Adds rows at the end of a tab of people. */
  hire(title: string, count: number): void {
    const { rows } = this.#must(title)
    const known = rows.length - 1
    for (let i = 0; i < count; i++) rows.push(this.#person(known + i))
  }

  /** Writes a cell: in the row whose first cell is `key`. */
  edit(title: string, key: string, header: string, value: CellValue): void {
    const row = this.#row(title, key)
    row[this.#place(title, header)] = value
  }

  append(title: string, row: readonly CellValue[]): void {
    this.#must(title).rows.push([...row])
  }

  /** Deletes a row by its place below the headers, from 0. */
  deleteRow(title: string, place: number): void {
    this.#must(title).rows.splice(place + 1, 1)
  }

  /** Deletes every row, and the headers, too, if that is said. */
  clear(title: string, headers = false): void {
    const { rows } = this.#must(title)
    rows.splice(headers ? 0 : 1)
  }

  /** Sorts the rows by a column, descending. */
  sort(title: string, header: string): void {
    const { rows } = this.#must(title)
    const place = this.#place(title, header)
    const body = rows.splice(1).sort((a, b) => (String(a[place] ?? '') < String(b[place] ?? '') ? 1 : -1))
    rows.push(...body)
  }

  renameColumn(title: string, from: string, to: string): void {
    const [headers] = this.#must(title).rows
    if (headers) headers[this.#place(title, from)] = to
  }

  /** Inserts a column before a place, from 0. */
  insertColumn(title: string, place: number, header: string, value: CellValue = null): void {
    for (const [i, row] of this.#must(title).rows.entries()) {
      while (row.length < place) row.push(null)
      row.splice(place, 0, i === 0 ? header : value)
    }
  }

  format(title: string, header: string, format: NumberFormat): void {
    this.#must(title).formats.set(header, format)
  }

  renameTab(from: string, to: string): void {
    this.#must(from).title = to
  }

  setLocale(locale: string): void {
    this.locale = locale
  }

  setAccess(access: 'shared' | 'private' | 'deleted'): void {
    this.#access = access
  }

  setApi(isOn: boolean): void {
    this.#isApiOn = isOn
  }

  /** The file in Drive is an Excel file as it was uploaded, or a spreadsheet again. */
  setExcel(isExcel: boolean): void {
    this.#isExcel = isExcel
  }

  /** Somebody deletes the key of the service account, or makes it good again. */
  setKey(isGood: boolean): void {
    this.#isKeyGood = isGood
  }

  /** A person works on the sheet: a number grows. */
  live(title: string): void {
    const { rows } = this.#must(title)
    const row = rows[this.#random.int(1, Math.max(1, rows.length - 1))]
    const place = this.#place(title, 'Followers')
    if (row && typeof row[place] === 'number') row[place] += this.#random.int(1, 40)
  }

  // ── who may read ────────────────────────────────────────────────────────────────────────────────────────────────

  get access(): 'shared' | 'private' | 'deleted' {
    return this.#access
  }

  get isApiOn(): boolean {
    return this.#isApiOn
  }

  get isExcel(): boolean {
    return this.#isExcel
  }

  get isKeyGood(): boolean {
    return this.#isKeyGood
  }

  issue(seconds: number): string {
    const token = `ya29.${this.#random.hex(80)}`
    this.#tokens.set(token, this.#clock.seconds() + seconds)
    return token
  }

  isGood(token: string): boolean {
    return (this.#tokens.get(token) ?? 0) > this.#clock.seconds()
  }

  /** Every access token has run out. */
  expireAccess(): void {
    this.#tokens = new Map()
  }

  #person(i: number): CellValue[] {
    const name = `${NAMES[i % NAMES.length]}${i < NAMES.length ? '' : Math.floor(i / NAMES.length)}`
    const note = this.#random.chance(0.3) ? 'asked twice' : null
    return [`https://www.youtube.com/@${name}`, name, this.#random.int(900, 90_000), note]
  }

  #must(title: string): Tab {
    const tab = this.tab(title)
    if (!tab) throw new RangeError(`no tab "${title}": ${this.titles().join(', ')}`)
    return tab
  }

  #place(title: string, header: string): number {
    const place = (this.#must(title).rows[0] ?? []).indexOf(header)
    if (place < 0) throw new RangeError(`no column "${header}" in "${title}"`)
    return place
  }

  #row(title: string, key: string): CellValue[] {
    const row = this.#must(title)
      .rows.slice(1)
      .find(([first]) => first === key)
    if (!row) throw new RangeError(`no row "${key}" in "${title}"`)
    return row
  }
}

function trimmed<T>(list: readonly T[], isEmpty: (one: T) => boolean): T[] {
  const last = list.findLastIndex((one) => !isEmpty(one))
  return list.slice(0, last + 1)
}
