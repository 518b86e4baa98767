// Owns the head of a grid: each column's name, by which it is ordered, and its edge, by which it is made wider, with the hand or
// with the arrow keys.

import { ArrowDown, ArrowUp } from 'lucide-react'
import type { KeyboardEvent, PointerEvent } from 'react'
import { type CellType, isNumeric } from './cells.tsx'
import { boundedWidth } from './layout.ts'

export interface GridOrder {
  readonly column: string
  readonly descending: boolean
}

interface HeadColumn {
  readonly id: string
  readonly title?: string
  readonly type: CellType
  readonly px: number
}

export interface HeadProps {
  readonly columns: readonly HeadColumn[]
  /** How much room the choice of rows takes before them, in pixels. */
  readonly choice: number
  readonly widths: Readonly<Record<string, number>>
  readonly resize: (column: string, px: number) => void
  readonly order?: GridOrder | undefined
  /** Undefined: nobody can order it. */
  readonly reorder?: ((order: GridOrder | undefined) => void) | undefined
  /** Moves a column a step, by Alt and an arrow. */
  readonly move?: ((column: string, by: 1 | -1) => void) | undefined
}

/** So much wider or narrower with one press. */
const STEP_PX = 16

export function Head({ columns, choice, order, reorder, resize, move }: HeadProps) {
  return (
    <div
      role="row"
      aria-rowindex={1}
      className="grid-head sticky top-0 z-20 flex w-max min-w-full border-b border-line bg-surface text-xs text-muted"
    >
      {choice > 0 && (
        <div role="columnheader" className="sticky left-0 z-10 shrink-0 bg-surface" style={{ width: choice }}>
          <span className="sr-only">Selected</span>
        </div>
      )}
      {columns.map(({ id, title = id, type, px }, n) => {
        const way = order?.column === id ? (order.descending ? 'descending' : 'ascending') : 'none'
        const Arrow = way === 'descending' ? ArrowDown : ArrowUp
        const next =
          way === 'none'
            ? { column: id, descending: isNumeric(type) }
            : way === 'descending' && isNumeric(type)
              ? { column: id, descending: false }
              : way === 'ascending' && !isNumeric(type)
                ? { column: id, descending: true }
                : undefined
        return (
          <div
            key={id}
            role="columnheader"
            aria-sort={way}
            aria-colindex={n + 1}
            className={`relative flex shrink-0 items-center bg-surface ${n === 0 ? 'grid-first z-10' : ''}`}
            style={{ width: px, ...(n === 0 ? { left: choice } : {}) }}
          >
            <button
              type="button"
              disabled={!reorder}
              title={reorder ? `Order by ${title}` : title}
              onClick={() => reorder?.(next)}
              onKeyDown={(event) => {
                const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : undefined
                if (by === undefined || !event.altKey || !move) return
                event.preventDefault()
                move(id, by)
              }}
              className={`flex h-full min-w-0 flex-1 items-center gap-1 px-3 font-medium disabled:cursor-default disabled:text-muted ${isNumeric(type) ? 'flex-row-reverse text-right' : ''} ${way === 'none' ? 'hover:text-text' : 'text-text'}`}
            >
              <span className="truncate">{title}</span>
              {way !== 'none' && <Arrow aria-hidden className="size-3 shrink-0" />}
            </button>
            <Edge title={title} px={px} resize={(to) => resize(id, boundedWidth(to))} />
          </div>
        )
      })}
      <div role="presentation" className="flex-1 bg-surface" />
    </div>
  )
}

function Edge({
  title,
  px,
  resize,
}: {
  readonly title: string
  readonly px: number
  readonly resize: (px: number) => void
}) {
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    event.preventDefault()
    const edge = event.currentTarget
    const begun = event.clientX
    edge.setPointerCapture(event.pointerId)
    const follow = ({ clientX }: globalThis.PointerEvent) => resize(px + clientX - begun)
    const end = () => {
      edge.removeEventListener('pointermove', follow)
      edge.removeEventListener('pointerup', end)
      edge.removeEventListener('pointercancel', end)
    }
    edge.addEventListener('pointermove', follow)
    edge.addEventListener('pointerup', end)
    edge.addEventListener('pointercancel', end)
  }
  const press = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowLeft' ? -STEP_PX : event.key === 'ArrowRight' ? STEP_PX : 0
    if (by === 0) return
    event.preventDefault()
    resize(px + by)
  }
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of ${title}`}
      aria-valuenow={px}
      tabIndex={0}
      onPointerDown={drag}
      onKeyDown={press}
      className="grid-edge absolute inset-y-0 -right-1 z-10 w-2 cursor-col-resize touch-none"
    />
  )
}
