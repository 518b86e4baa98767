// Owns a chart of values over time: names and values above it, the lines, and the same as a table for whoever sees no lines.
// What draws comes when a chart is shown.

import { lazy, Suspense, useMemo, useState } from 'react'
import { Skeleton } from '../states.tsx'
import { countText } from '../values.tsx'
import { SWATCHES } from './colours.ts'
import { type Aligned, aligned, type Series, type Span, valueAt, within } from './series.ts'

const Plot = lazy(() => import('./plot.tsx'))

export interface ChartProps {
  /** What it shows, in words. */
  readonly label: string
  readonly series: readonly Series[]
  /** Each point is a day, by its date alone; else a moment. @default false */
  readonly isDaily?: boolean
  /** How a value is written. @default a number of the reader's language */
  readonly valueText?: (value: number) => string
  /** How a value is written at the axis. @default a short number */
  readonly axisText?: (value: number) => string
  /** The span that is shown; undefined: all of it. */
  readonly span?: Span | undefined
  /** A person has chosen a span by dragging, or all of it again (undefined). Without it the chart remembers that itself. */
  readonly onSpan?: (span: Span | undefined) => void
  /** In pixels. @default 280 */
  readonly height?: number
}

export function Chart(props: ChartProps) {
  const { label, series, isDaily = false, valueText = countText, height = 280 } = props
  const [own, setOwn] = useState<Span>()
  const span = props.onSpan ? props.span : own
  const onSpan = props.onSpan ?? setOwn
  const [place, setPlace] = useState<number | null>(null)
  const data = useMemo(() => aligned(series), [series])
  const say = momentFormat(isDaily)
  return (
    <figure aria-label={label} className="flex flex-col gap-2">
      <Legend series={series} data={data} place={place} momentText={say} valueText={valueText} span={span} />
      <div style={{ height }}>
        <Suspense fallback={<Skeleton className="h-full w-full" />}>
          <Plot
            {...{ label, series, data, isDaily, valueText, height, onSpan, onPlace: setPlace }}
            {...(span ? { span } : {})}
            {...(props.axisText ? { axisText: props.axisText } : {})}
          />
        </Suspense>
      </div>
      <Values series={within(series, span)} momentText={say} valueText={valueText} label={label} />
    </figure>
  )
}

/** How a moment is written: a day by its date alone, whatever zone the reader is in. */
export function momentFormat(isDaily: boolean): (at: number) => string {
  const format = new Intl.DateTimeFormat(
    undefined,
    isDaily ? { dateStyle: 'medium', timeZone: 'UTC' } : { dateStyle: 'medium', timeStyle: 'short' },
  )
  return (at) => format.format(at)
}

interface Written {
  readonly series: readonly Series[]
  readonly momentText: (at: number) => string
  readonly valueText: (value: number) => string
}

/** Names, and values at the cursor; without one, the last that is shown. */
function Legend({
  series,
  data,
  place,
  momentText,
  valueText,
  span,
}: Written & { readonly data: Aligned; readonly place: number | null; readonly span: Span | undefined }) {
  const last = data.at.findLastIndex((at) => span === undefined || at <= span.to)
  const shown = place ?? last
  const at = data.at[shown]
  return (
    <figcaption className="flex flex-wrap items-baseline gap-x-5 gap-y-1 text-sm">
      {series.map(({ id, name }, i) => {
        const value = valueAt(data.values[i] ?? [], shown)
        return (
          <span key={id} data-series={name} className="inline-flex max-w-full items-center gap-2">
            <span aria-hidden className={`h-0.5 w-3 shrink-0 rounded-full ${SWATCHES[i % SWATCHES.length]}`} />
            <span className="min-w-0 truncate text-muted">{name}</span>
            <span className="font-medium">{value === null ? 'not known' : valueText(value)}</span>
          </span>
        )
      })}
      {at !== undefined && <span className="ml-auto text-xs text-muted">{momentText(at)}</span>}
    </figcaption>
  )
}

/** So many rows of the table are shown, the newest. */
const ROWS_MAX = 500

function Values({ series, momentText, valueText, label }: Written & { readonly label: string }) {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <details className="text-sm" onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
      <summary className="w-fit text-xs text-muted hover:text-text">Values as a table</summary>
      {isOpen && (
        <div
          tabIndex={0}
          role="region"
          aria-label={`Values: ${label}`}
          className="relative mt-2 max-h-80 overflow-auto rounded-lg border border-line"
        >
          <ValueTable {...{ series, momentText, valueText }} />
        </div>
      )}
    </details>
  )
}

function ValueTable({ series, momentText, valueText }: Written) {
  const { at, values } = aligned(series)
  const notes = new Map(series.flatMap(({ points }, i) => points.map((point) => [`${i} ${point.at}`, point.note])))
  const rows = at
    .map((moment, i) => ({ moment, cells: values.map((row) => row[i]) }))
    .toReversed()
    .slice(0, ROWS_MAX)
  return (
    <table className="w-full border-collapse">
      <thead className="sticky top-0 bg-surface text-xs text-muted">
        <tr>
          {['At', ...series.map(({ name }) => name)].map((name, i) => (
            <th
              key={`${i} ${name}`}
              scope="col"
              className={`h-8 border-b border-line px-3 font-medium ${i === 0 ? 'text-left' : 'text-right'}`}
            >
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ moment, cells }) => (
          <tr key={moment} className="border-b border-line last:border-0">
            <td className="px-3 py-1 whitespace-nowrap">{momentText(moment)}</td>
            {cells.map((cell, i) => {
              const note = notes.get(`${i} ${moment}`)
              return (
                <td key={series[i]?.id ?? i} className="px-3 py-1 text-right">
                  {cell === null ? 'not known' : cell === undefined ? '' : valueText(cell)}
                  {note !== undefined && <span className="ml-1.5 text-xs text-muted">{note}</span>}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
