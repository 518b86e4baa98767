// Owns `tidemark metrics`: a metric over time, by day or by run, with what it has grown and with its gaps.

import { daysBefore, type MetricPoint, type MetricsReport } from '../../engine/history/metrics.ts'
import { difference, type Numeric } from '../../model/decimal.ts'
import { TidemarkError } from '../../model/errors.ts'
import { metrics as operation } from '../../operations/metrics.ts'
import { streamTarget } from '../../operations/targets.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { type FormatOptions, formatFor, ROW_FORMATS, withFormats, writeRows } from '../terminal/rows.ts'
import { type Cell, table } from '../terminal/table.ts'
import { verb } from '../verb.ts'

interface Options extends FormatOptions {
  readonly metric?: string
  readonly by?: 'run' | 'day'
  readonly since?: string
  readonly timezone?: string
}

export const declare: Declare = (program, run) =>
  withFormats(
    verb(program, 'metrics', operation, {
      says: '`tidemark connectors <name>` lists the metrics of a stream.',
      examples: [
        'tidemark metrics me/stars 1029384 --metric stargazers_count --by run --since 7d',
        'tidemark metrics me/stars --metric forks_count --timezone Asia/Tokyo --json',
        'tidemark metrics me/stars --metric forks_count --since "2 weeks ago" --format csv',
      ],
    }),
    ROW_FORMATS,
    ' (default: a table, and below it the growth)',
  ).action(run(metrics))

async function metrics(cli: Cli, target: string, key: string | undefined, options: Options): Promise<void> {
  const tidemark = await cli.open()
  const { connection: id, stream } = await streamTarget(tidemark, target)
  const connection = await tidemark.connection(id)
  const { metric, by = 'day', since, timezone } = options
  const { shape } = await connection.stream(stream)
  if (metric === undefined) {
    throw new TidemarkError('option_missing', 'The option --metric is missing.', {
      hint: shape.metrics.length > 0 ? `One of: ${shape.metrics.join(', ')}` : `Stream "${stream}" has no metrics.`,
    })
  }
  const report = await connection.metrics(stream, {
    metric,
    key,
    by,
    since,
    timezone,
  })
  formatFor(cli, options.format)
  if (cli.options.json) return cli.json({ connection: id, stream, key: key ?? null, metric, by, ...report })
  if (options.format !== undefined) {
    const point = ({ at, day, run, value, partial }: MetricPoint) =>
      by === 'day' ? { day, value, partial: partial ?? false } : { at, value, run, partial: partial ?? false }
    const columns = by === 'day' ? ['day', 'value', 'partial'] : ['at', 'value', 'run', 'partial']
    const format = formatFor(cli, options.format)
    await writeRows(cli, report.points.map(point), { format, columns, crlf: options.crlf })
    return
  }
  if (report.points.length === 0) return cli.note(`There are no values of ${metric} yet.`)
  await cli.out.write(table(COLUMNS[by], by === 'day' ? dayLines(report) : runLines(report), cli.out))
  const { '24h': day, '30d': month } = report.growth
  cli.out.line(`Growth: 24 h ${grown(day)} · 30 days ${grown(month)}`)
}

const COLUMNS = {
  day: [{ title: 'DAY' }, { title: 'VALUE', align: 'right' }, { title: 'CHANGE', align: 'right' }, { title: '' }],
  run: [
    { title: 'AT' },
    { title: 'VALUE', align: 'right' },
    { title: 'CHANGE', align: 'right' },
    { title: 'RUN', optional: true },
    { title: '' },
  ],
} as const

const PARTIAL = 'not everything was read'

/** A change is told from day to day only: over a gap it would look like that of a day. */
function dayLines({ points }: MetricsReport): Cell[][] {
  return points.flatMap((point, i): Cell[][] => {
    const { day = '', value } = point
    const before = points[i - 1]
    const isNext = before?.day !== undefined && daysBefore(day, 1) === before.day
    const gap = before && !isNext ? [[{ text: '…', style: 'dim' as const }, '', '', 'no value']] : []
    return [...gap, [day, String(value), isNext ? change(point, before) : '', point.partial ? PARTIAL : '']]
  })
}

function runLines({ points }: MetricsReport): Cell[][] {
  return points.map((point, i) => {
    const before = points[i - 1]
    const grew = before ? change(point, before) : ''
    return [point.at ?? '', String(point.value), grew, point.run ?? '', point.partial ? PARTIAL : '']
  })
}

function change(point: MetricPoint, before: MetricPoint): string {
  return point.partial || before.partial ? '' : grown(difference(point.value, before.value) ?? null)
}

function grown(by: Numeric | null): string {
  if (by === null) return 'unknown'
  const text = String(by)
  return text.startsWith('-') ? text : `+${text}`
}
