// Owns the figures of lines side by side: what each was and is, and how much it grew.

import { X } from 'lucide-react'
import { IconButton } from '../../parts/button.tsx'
import { SWATCHES } from '../../parts/chart/colours.ts'
import { type Point, type Span, within } from '../../parts/chart/series.ts'
import { type Column, Table } from '../../parts/table.tsx'
import { countText } from '../../parts/values.tsx'
import { type By, grownTogether, type Line, lineName, lineText, pointsOf } from './lines.ts'

interface Told {
  readonly points: Parameters<typeof pointsOf>[0]
  readonly growth: { readonly '24h': unknown; readonly '30d': unknown }
}

interface FiguresProps {
  readonly lines: readonly Line[]
  readonly told: readonly (Told | undefined)[]
  readonly span: Span | undefined
  readonly by: By
  /** Their sum, where they are drawn as one: a row of its own. */
  readonly together?: readonly Point[]
  /** Takes a line away. */
  readonly drop?: (line: Line) => void
}

interface Row {
  /** Null: all of them together. */
  readonly line: Line | null
  readonly swatch: string | undefined
  readonly first: number | null
  readonly last: number | null
  readonly growth: Told['growth'] | undefined
}

export function Figures({ lines, told, span, by, together, drop }: FiguresProps) {
  const endsOf = (points: readonly Point[]) => {
    const [shown] = within([{ id: '', name: '', points }], span)
    const known = shown?.points.filter(({ value }) => value !== null) ?? []
    return { first: known[0]?.value ?? null, last: known.at(-1)?.value ?? null }
  }
  const rows = lines.map((line, i): Row => {
    const swatch = together ? undefined : SWATCHES[i % SWATCHES.length]
    return { line, swatch, ...endsOf(pointsOf(told[i]?.points ?? [], by)), growth: told[i]?.growth }
  })
  if (together) {
    const grown = (of: '24h' | '30d') => grownTogether(told.map((one) => one?.growth[of]))
    rows.push({
      line: null,
      swatch: SWATCHES[0],
      ...endsOf(together),
      growth: { '24h': grown('24h'), '30d': grown('30d') },
    })
  }
  const columns: readonly Column<Row>[] = [
    {
      id: 'line',
      title: 'Line',
      cell: ({ line, swatch }) => (
        <span className="flex min-w-40 items-center gap-2">
          <span aria-hidden className={`h-0.5 w-3 shrink-0 rounded-full ${swatch}`} />
          <span className="font-medium">{line === null ? 'Together' : lineName(line)}</span>
        </span>
      ),
    },
    { id: 'first', title: 'From', isNumber: true, isWide: true, cell: ({ first }) => numberText(first) },
    { id: 'last', title: 'To', isNumber: true, cell: ({ last }) => numberText(last) },
    {
      id: 'change',
      title: 'Change',
      isNumber: true,
      cell: ({ first, last }) => <Change by={first === null || last === null ? null : last - first} />,
    },
    {
      id: 'percent',
      title: '%',
      isNumber: true,
      cell: ({ first, last }) => percentOf(first, last),
    },
    { id: 'day', title: '24 hours', isNumber: true, isWide: true, cell: ({ growth }) => <Told of={growth?.['24h']} /> },
    {
      id: 'month',
      title: '30 days',
      isNumber: true,
      isWide: true,
      cell: ({ growth }) => <Told of={growth?.['30d']} />,
    },
    ...(drop
      ? [
          {
            id: 'drop',
            title: '',
            isNumber: true,
            cell: ({ line }: Row) =>
              line !== null && (
                <IconButton
                  size="small"
                  label={`Remove ${lineName(line)}`}
                  onClick={() => drop(line)}
                  icon={<X aria-hidden className="size-3.5" />}
                />
              ),
          },
        ]
      : []),
  ]
  return (
    <Table
      label="Lines"
      columns={columns}
      rows={rows}
      keyOf={({ line }) => (line === null ? 'together' : lineText(line))}
    />
  )
}

const SIGNED = new Intl.NumberFormat(undefined, { signDisplay: 'exceptZero', maximumFractionDigits: 2 })

export function numberText(value: number | null): string {
  return value === null ? '–' : countText(value)
}

export function Change({ by }: { readonly by: number | null }) {
  if (by === null) return <span className="text-muted">not known</span>
  return <span className={by > 0 ? 'text-good' : by < 0 ? 'text-bad' : 'text-muted'}>{SIGNED.format(by)}</span>
}

export function percentOf(first: number | null, last: number | null): string {
  if (first === null || last === null || first === 0) return '–'
  return `${SIGNED.format(((last - first) / Math.abs(first)) * 100)}%`
}

/** What the server says of growth; null: the earlier value is not known. */
function Told({ of }: { readonly of: unknown }) {
  return <Change by={of === null || of === undefined ? null : Number(of)} />
}
