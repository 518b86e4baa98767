// Owns the lines of a chart, drawn by uPlot on a canvas: zoom by dragging, a cursor for pointer and keys. It is loaded when a
// chart is shown.

import { type KeyboardEvent, useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { momentTexts } from './axis.ts'
import type { ChartProps } from './chart.tsx'
import { colourOf, SERIES_MAX, useIsDark } from './colours.ts'
import type { Aligned, Span } from './series.ts'

interface PlotProps extends Omit<ChartProps, 'onSpan'> {
  readonly data: Aligned
  readonly isDaily: boolean
  readonly valueText: (value: number) => string
  readonly height: number
  readonly onSpan: (span: Span | undefined) => void
  /** The place of the cursor on the axis; null: there is none. */
  readonly onPlace: (place: number | null) => void
}

const SHORT = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 2 })
/** Where there is but one moment, so much of time is shown around it, in seconds. */
const AROUND_SECONDS = 3_600

export default function Plot(props: PlotProps) {
  const { label, series, data, isDaily, height, span } = props
  const place = useRef<HTMLDivElement>(null)
  const drawn = useRef<uPlot>(null)
  const latest = useRef(props)
  latest.current = props
  const isDark = useIsDark()
  const names = series.map(({ id }) => id).join('\n')

  useEffect(() => {
    const host = place.current
    if (!host) return undefined
    const options = optionsOf(host, latest)
    const plot = new uPlot(options, columnsOf(latest.current.data), host)
    drawn.current = plot
    show(plot, latest.current)
    const fit = new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height: latest.current.height }))
    fit.observe(host)
    return () => {
      fit.disconnect()
      plot.destroy()
      drawn.current = null
    }
    // Its lines and its colours are settled when it is made.
  }, [names, isDaily, isDark, height])

  useEffect(() => {
    if (drawn.current) show(drawn.current, latest.current)
  }, [data, span?.from, span?.to])

  return (
    <div
      ref={place}
      tabIndex={0}
      role="application"
      aria-roledescription="chart"
      aria-label={`${label}. Left and right move along it, Escape shows all of it. The values are in the table below.`}
      onKeyDown={(event) => press(event, drawn.current, latest.current)}
      className="h-full w-full touch-pan-y"
    />
  )
}

function columnsOf({ at, values }: Aligned): uPlot.AlignedData {
  return [at.map((moment) => moment / 1_000), ...values.map((row) => [...row])] as uPlot.AlignedData
}

/** The data, and the part of them that is looked at. */
function show(plot: uPlot, { data, span }: PlotProps): void {
  plot.batch(() => {
    plot.setData(columnsOf(data), false)
    const first = (data.at[0] ?? Date.now()) / 1_000
    const last = (data.at.at(-1) ?? Date.now()) / 1_000
    const [min, max] = span ? [span.from / 1_000, span.to / 1_000] : [first, last]
    plot.setScale('x', min < max ? { min, max } : { min: min - AROUND_SECONDS, max: max + AROUND_SECONDS })
  })
}

function press(event: KeyboardEvent, plot: uPlot | null, { data, onSpan, span }: PlotProps): void {
  if (!plot) return
  if (event.key === 'Escape' && span) {
    event.stopPropagation()
    onSpan(undefined)
    return
  }
  const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
  if (by === 0 || data.at.length === 0) return
  event.preventDefault()
  const next = Math.min(data.at.length - 1, Math.max(0, (plot.cursor.idx ?? (by > 0 ? -1 : data.at.length)) + by))
  const left = plot.valToPos((data.at[next] as number) / 1_000, 'x')
  plot.setCursor({ left, top: plot.over.clientHeight / 2 })
}

function optionsOf(host: HTMLElement, latest: { readonly current: PlotProps }): uPlot.Options {
  const { series, isDaily, height } = latest.current
  const muted = colourOf(host, '--muted')
  const line = colourOf(host, '--line')
  const surface = colourOf(host, '--surface')
  const axis: uPlot.Axis = {
    stroke: muted,
    font: `11px ${getComputedStyle(host).fontFamily}`,
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
  }
  return {
    width: host.clientWidth || 300,
    height,
    padding: [8, 26, 0, 0],
    legend: { show: false },
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { size: 8, width: 2, fill: surface },
      y: false,
      bind: {
        dblclick: () => () => {
          latest.current.onSpan(undefined)
          return null
        },
      },
    },
    scales: { x: { time: true }, y: { range: (_, min, max) => rangeOf(min, max) } },
    axes: [
      { ...axis, space: 72, gap: 10, values: (_, splits) => [...momentTexts(splits, isDaily)] },
      {
        ...axis,
        size: 56,
        values: (_, splits) => splits.map(latest.current.axisText ?? ((value) => SHORT.format(value))),
      },
    ],
    series: [
      {},
      ...series.map(({ name }, i): uPlot.Series => {
        const stroke = colourOf(host, `--series-${(i % SERIES_MAX) + 1}`)
        return { label: name, stroke, width: 1.75, spanGaps: false, points: { size: 5, fill: stroke } }
      }),
    ],
    ...(isDaily ? { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC') } : {}),
    hooks: {
      setCursor: [(plot) => latest.current.onPlace(plot.cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select
          if (width < 4) return
          const from = Math.round(plot.posToVal(left, 'x') * 1_000)
          const to = Math.round(plot.posToVal(left + width, 'x') * 1_000)
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          if (to > from) latest.current.onSpan({ from, to })
        },
      ],
    },
  }
}

/** A little room above and below; a line that is flat lies in the middle. */
function rangeOf(min: number | null, max: number | null): uPlot.Range.MinMax {
  if (min === null || max === null) return [0, 1]
  if (min === max) {
    const room = Math.abs(min) * 0.1 || 1
    return [min - room, max + room]
  }
  const room = (max - min) * 0.08
  return [min >= 0 ? Math.max(0, min - room) : min - room, max + room]
}
