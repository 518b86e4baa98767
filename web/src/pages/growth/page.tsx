// Owns growth: metrics over time, several lines on one chart, zoomed, compared, and taken away as a picture or a table.

import { useQueries, useQuery } from '@tanstack/react-query'
import { createLazyRoute, getRouteApi } from '@tanstack/react-router'
import { ChartLine, Download, Image, ZoomOut } from 'lucide-react'
import { useMemo, useRef } from 'react'
import { statusQuery } from '../../api/queries.ts'
import { BroughtBack, useRemembered } from '../../app/remembered.tsx'
import { Button } from '../../parts/button.tsx'
import { Chart } from '../../parts/chart/chart.tsx'
import { SERIES_MAX } from '../../parts/chart/colours.ts'
import { pictureOf } from '../../parts/chart/picture.ts'
import { csvOf, type Point, type Series, type Span, within } from '../../parts/chart/series.ts'
import { download } from '../../parts/download.ts'
import { EmptyState, ErrorState, Loaded, Skeleton } from '../../parts/states.tsx'
import { Card, Page } from '../../parts/surface.tsx'
import { Toggles } from '../../parts/toggles.tsx'
import { AddDoor } from '../add/door.tsx'
import { AddLine } from './add-line.tsx'
import { Figures } from './figures.tsx'
import {
  asChange,
  firstLine,
  type Line,
  lineName,
  lineText,
  type Measured,
  measured,
  parseLine,
  pointsOf,
  RANGE_MS,
  RANGES,
  summed,
  unitOf,
} from './lines.ts'
import { Movers } from './movers.tsx'
import { metricsQuery } from './queries.ts'

export const page = createLazyRoute('/growth')({ component: Growth })

const route = getRouteApi('/growth')

function Growth() {
  const status = useQuery(statusQuery)
  return (
    <Loaded query={status} wait={<Waiting />}>
      {({ connections }) => {
        const streams = measured(connections)
        const first = firstLine(streams)
        return first ? <Lines streams={streams} first={first} /> : <NothingMeasured />
      }}
    </Loaded>
  )
}

const TITLE = 'Growth'
/** What is shown until a person chooses: of so long, each run is a point. */
const FIRST_RANGE = '7d'
const PERCENT = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2, signDisplay: 'exceptZero' })
const percentText = (value: number) => `${PERCENT.format(value)}%`

function Lines({ streams, first }: { readonly streams: readonly Measured[]; readonly first: Line }) {
  const search = route.useSearch()
  const { lines: named, range = FIRST_RANGE, from, to, scale, movers, as } = search
  const navigate = route.useNavigate()
  const go = (next: object) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true })
  const remembered = useRemembered('growth', FILTERS, { search, change: go })
  const { choose: change } = remembered
  const chart = useRef<HTMLDivElement>(null)
  const lines = useMemo(() => (named ?? []).flatMap((text) => parseLine(text) ?? []), [named])
  const shown = lines.length > 0 ? lines : [first]
  const show = (next: readonly Line[]) => change({ lines: next.length === 0 ? undefined : next.map(lineText) })
  const span = from !== undefined && to !== undefined && from < to ? { from, to } : undefined
  const { spanMs, by } = reachOf(RANGE_MS[range], span)
  const answers = useQueries({ queries: shown.map((line) => metricsQuery({ line, spanMs, by })) })
  const told = answers.map(({ data }) => data)
  // biome-ignore lint/correctness/useExhaustiveDependencies: answers stand for the list that is made anew each time
  const { series, together } = useMemo(() => {
    const each = shown.map((_, i) => pointsOf(told[i]?.points ?? [], by))
    const sum = as === 'sum' && shown.length > 1 ? summed(each, by) : undefined
    const drawn = (points: readonly Point[]) => (scale === 'change' ? asChange(points) : points)
    return {
      together: sum,
      series: sum
        ? [{ id: 'sum', name: `${shown.length} lines together`, points: drawn(sum) } satisfies Series]
        : shown.map((line, i): Series => ({ id: lineText(line), name: lineName(line), points: drawn(each[i] ?? []) })),
    }
  }, [...told, by, scale, as, named, first])
  const error = answers.find((one) => one.error !== null && one.data === undefined)
  const isEmpty = series.every(({ points }) => points.length === 0)
  const name = `growth-${shown.map(({ connection, metric }) => `${connection}-${metric}`).join('-')}`.slice(0, 80)
  const takePicture = async () => {
    const title = `${shown.length === 1 ? lineName(shown[0] as Line) : TITLE}, ${range}`
    const picture = chart.current && (await pictureOf(chart.current, { title, series }))
    if (picture) download(`${name}.png`, picture)
  }
  const takeTable = () => {
    const momentText = (at: number) => new Date(at).toISOString().slice(0, by === 'day' ? 10 : undefined)
    download(`${name}.csv`, new Blob([csvOf(within(series, span), momentText)], { type: 'text/csv' }))
  }
  return (
    <Page
      title={TITLE}
      tab={`Growth of ${shown.map(({ connection }) => connection).join(', ')}`}
      lead="What your metrics were over time. Where nobody looked, the line is broken."
      actions={
        <>
          <Toggles
            label="Time"
            options={RANGES.map((one) => ({ id: one, label: one }))}
            chosen={range}
            choose={(one) => change({ range: one === FIRST_RANGE ? undefined : one, from: undefined, to: undefined })}
          />
          <Toggles
            label="Scale"
            options={SCALE_OPTIONS}
            chosen={scale ?? 'value'}
            choose={(one) => change({ scale: one === 'value' ? undefined : one })}
          />
        </>
      }
    >
      <BroughtBack of={remembered} />
      <Card className="flex flex-col gap-3 p-4">
        <div className="flex flex-wrap items-center gap-2">
          <AddLine streams={streams} shown={shown} add={(line) => show([...shown, line])} />
          <div className="ml-auto flex flex-wrap items-center gap-2">
            {shown.length > 1 && (
              <Toggles
                label="Lines"
                options={AS_OPTIONS}
                chosen={as ?? 'each'}
                choose={(one) => change({ as: one === 'each' ? undefined : one })}
              />
            )}
            {span && (
              <Button
                size="small"
                onClick={() => change({ from: undefined, to: undefined })}
                icon={<ZoomOut aria-hidden className="size-3.5" />}
              >
                All of it
              </Button>
            )}
            <Button
              size="small"
              disabled={isEmpty}
              onClick={() => void takePicture()}
              icon={<Image aria-hidden className="size-3.5" />}
            >
              PNG
            </Button>
            <Button
              size="small"
              disabled={isEmpty}
              onClick={takeTable}
              icon={<Download aria-hidden className="size-3.5" />}
            >
              CSV
            </Button>
          </div>
        </div>
        {error && <ErrorState error={error.error} again={() => void error.refetch()} />}
        {isEmpty && answers.every(({ isPending }) => !isPending) ? (
          !error && (
            <EmptyState icon={<ChartLine aria-hidden />} title="Nothing was measured in this time">
              Choose a longer time, or sync the connection: each run adds a value.
            </EmptyState>
          )
        ) : isEmpty ? (
          <Skeleton className="h-80 w-full" />
        ) : (
          <div ref={chart}>
            <Chart
              label={series.map((one) => one.name).join(', ')}
              series={series}
              isDaily={by === 'day'}
              height={340}
              span={span}
              onSpan={(next) => change({ from: next?.from, to: next?.to })}
              {...(scale === 'change' ? { valueText: percentText, axisText: percentText } : {})}
            />
          </div>
        )}
      </Card>
      <Figures
        lines={shown}
        told={told}
        span={span}
        by={by}
        {...(together ? { together } : {})}
        {...(lines.length > 0
          ? { drop: (line: Line) => show(shown.filter((one) => lineText(one) !== lineText(line))) }
          : {})}
      />
      <Movers
        line={shown.at(-1) ?? first}
        spanMs={RANGE_MS[range]}
        by={movers ?? 'change'}
        order={(one) => change({ movers: one === 'change' ? undefined : one })}
        add={(line) => {
          if (!shown.some((one) => lineText(one) === lineText(line))) show([...shown, line].slice(-SERIES_MAX))
        }}
      />
    </Page>
  )
}

/** What is zoomed to is looked at once. */
const FILTERS = ['lines', 'range', 'scale', 'movers', 'as']

const AS_OPTIONS = [
  { id: 'each', label: 'Each' },
  { id: 'sum', label: 'Together' },
] as const

const SCALE_OPTIONS = [
  { id: 'value', label: 'Value' },
  { id: 'change', label: 'Change in %' },
] as const

/** How far back is asked, and in which steps: what is zoomed to is looked at more closely. */
function reachOf(rangeMs: number, span: Span | undefined) {
  return { spanMs: rangeMs, by: unitOf(span === undefined ? rangeMs : Math.min(rangeMs, span.to - span.from)) }
}

function Waiting() {
  return (
    <Page title={TITLE}>
      <Skeleton className="h-96 w-full" />
    </Page>
  )
}

function NothingMeasured() {
  return (
    <Page title={TITLE}>
      <EmptyState icon={<ChartLine aria-hidden />} title="Nothing is measured yet" action={<AddDoor />}>
        Some services tell numbers that change, such as followers, views or stars. When such a connection is synced,
        each run keeps them, and here you see how they grow.
      </EmptyState>
    </Page>
  )
}
