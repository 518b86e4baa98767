// Owns the answer to a statement: as a table of any length, as a chart, and taken away as CSV or JSON.

import { Copy, Download } from 'lucide-react'
import { useMemo } from 'react'
import { Button } from '../../parts/button.tsx'
import { Chart } from '../../parts/chart/chart.tsx'
import { csvText } from '../../parts/chart/series.ts'
import { download } from '../../parts/download.ts'
import { Choice } from '../../parts/field.tsx'
import type { CellType } from '../../parts/grid/cells.tsx'
import { Grid, type GridColumn } from '../../parts/grid/grid.tsx'
import { useLayout } from '../../parts/grid/layout.ts'
import { listed } from '../../parts/grid/rows.ts'
import { EmptyState } from '../../parts/states.tsx'
import { toast } from '../../parts/toast.tsx'
import { Toggles } from '../../parts/toggles.tsx'
import { countText, durationText, plural } from '../../parts/values.tsx'
import { Bars } from './bars.tsx'
import { drawingOf, isMoments, isNumbers, linesOf, nameOf } from './drawn.ts'
import type { SqlAnswer } from './statement.ts'

interface ResultsProps {
  readonly answer: SqlAnswer
  readonly tookMs: number
  readonly search: {
    readonly view?: 'chart' | undefined
    readonly x?: string | undefined
    readonly y?: string | undefined
  }
  readonly change: (search: object) => void
}

export function Results({ answer, tookMs, search: { view, x, y }, change }: ResultsProps) {
  const { columns, rows, truncated } = answer
  const csv = () => csvText([columns, ...rows.map((row) => columns.map((name) => row[name]))])
  const copy = () =>
    void navigator.clipboard.writeText(JSON.stringify(rows, undefined, 2)).then(
      () => toast({ text: `${plural(rows.length, 'row')} copied as JSON.`, kind: 'good' }),
      () => toast({ text: 'The browser does not let this page copy.', kind: 'bad' }),
    )
  return (
    <section aria-label="Answer" className="flex flex-col gap-2.5">
      <div className="flex flex-wrap items-center gap-2">
        <p role="status" className="mr-auto text-sm text-muted">
          {plural(rows.length, 'row')} in {durationText(tookMs)}
          {truncated && <span className="text-warn">{` · cut off at ${countText(rows.length)}: there are more`}</span>}
        </p>
        <Toggles
          label="Shown as"
          options={VIEWS}
          chosen={view ?? 'table'}
          choose={(one) => change({ view: one === 'table' ? undefined : one })}
        />
        <Button size="small" onClick={copy} icon={<Copy aria-hidden className="size-3.5" />}>
          Copy
        </Button>
        <Button
          size="small"
          onClick={() => download('answer.csv', new Blob([csv()], { type: 'text/csv' }))}
          icon={<Download aria-hidden className="size-3.5" />}
        >
          CSV
        </Button>
      </div>
      {rows.length === 0 ? (
        <EmptyState title="No row fits">{`The columns would be: ${columns.join(', ')}`}</EmptyState>
      ) : view === 'chart' ? (
        <Drawn answer={answer} chosen={{ x, y }} change={change} />
      ) : (
        <Table answer={answer} />
      )}
    </section>
  )
}

const VIEWS = [
  { id: 'table', label: 'Table' },
  { id: 'chart', label: 'Chart' },
] as const

type Row = SqlAnswer['rows'][number]

function Table({ answer }: { readonly answer: SqlAnswer }) {
  const [{ widths }, lay] = useLayout('sql')
  const columns = useMemo(
    () =>
      answer.columns.map(
        (id): GridColumn<Numbered> => ({
          id,
          type: typeOf(answer, id),
          width: widthOf(answer, id),
          value: ({ row }) => row[id],
        }),
      ),
    [answer],
  )
  const rows = useMemo(() => listed(answer.rows.map((row, i): Numbered => ({ i, row }))), [answer])
  return (
    <Grid
      label="Rows"
      columns={columns}
      rows={rows}
      keyOf={({ i }) => String(i)}
      widths={widths}
      resize={(name, px) => lay({ widths: { ...widths, [name]: px } })}
    />
  )
}

interface Numbered {
  readonly i: number
  readonly row: Row
}

/** Of a column, so many rows are looked at to see how wide it is. */
const LOOKED_AT = 100
const WIDTH = { least: 72, most: 320, around: 28 } as const
/** Of the name of a column, and of what stands in it, in pixels. */
const TEXT_PX = { name: 12, value: 13 } as const

/** As wide as what stands in it, within bounds. */
function widthOf({ rows }: SqlAnswer, column: string): number {
  const pen = document.createElement('canvas').getContext('2d')
  if (!pen) return WIDTH.least
  const measured = (text: string, px: number) => {
    pen.font = `${px}px ${getComputedStyle(document.body).fontFamily}`
    return pen.measureText(text).width
  }
  const widest = Math.max(...rows.slice(0, LOOKED_AT).map((row) => measured(shownText(row[column]), TEXT_PX.value)))
  const needed = Math.max(measured(column, TEXT_PX.name), widest) + WIDTH.around
  return Math.ceil(Math.min(WIDTH.most, Math.max(WIDTH.least, needed)))
}

/** About as a cell writes it, and never shorter. */
function shownText(value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'number') return countText(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /^\d{4}-\d{2}-\d{2}T/.test(text) ? text.slice(0, 16) : text.slice(0, 60)
}

function typeOf(answer: SqlAnswer, column: string): CellType {
  if (isNumbers(answer, column)) return 'real'
  return isMoments(answer, column) ? 'time' : 'text'
}

/** Bars are drawn of so many rows. */
const BARS_MAX = 100

interface DrawnProps {
  readonly answer: SqlAnswer
  readonly chosen: { readonly x: string | undefined; readonly y: string | undefined }
  readonly change: (search: object) => void
}

function Drawn({ answer, chosen, change }: DrawnProps) {
  const drawing = useMemo(() => drawingOf(answer, chosen), [answer, chosen.x, chosen.y])
  const numbers = answer.columns.filter((one) => one !== drawing.x && isNumbers(answer, one))
  const lines = useMemo(() => linesOf(answer, drawing), [answer, drawing])
  return (
    <div className="flex flex-col gap-3 rounded-lg border border-line bg-surface p-4 shadow-card">
      <div className="flex flex-wrap gap-2">
        <div className="w-44">
          <Choice label="Along" isBare value={drawing.x ?? ''} onChange={({ target }) => change({ x: target.value })}>
            {answer.columns.map((name) => (
              <option key={name} value={name}>{`along ${name}`}</option>
            ))}
          </Choice>
        </div>
        <div className="w-52">
          <Choice
            label="Values"
            isBare
            value={chosen.y ?? ''}
            onChange={({ target }) => change({ y: target.value || undefined })}
          >
            <option value="">{drawing.isTime ? 'all numbers' : (numbers[0] ?? 'no numbers')}</option>
            {numbers.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Choice>
        </div>
      </div>
      {drawing.x === undefined || drawing.y.length === 0 ? (
        <EmptyState title="There is nothing to draw">
          A chart needs a column of numbers, and one of moments or names beside it.
        </EmptyState>
      ) : drawing.isTime ? (
        <Chart label={`${drawing.y.join(', ')} over ${drawing.x}`} series={lines.series} isDaily={lines.isDaily} />
      ) : (
        <Bars
          label={`${drawing.y[0]} by ${drawing.x}`}
          bars={answer.rows.slice(0, BARS_MAX).map((row) => ({
            name: nameOf(row[drawing.x as string]),
            value: Number(row[drawing.y[0] as string] ?? 0),
          }))}
          more={Math.max(0, answer.rows.length - BARS_MAX)}
        />
      )}
    </div>
  )
}
