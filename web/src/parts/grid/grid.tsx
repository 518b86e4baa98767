// Owns a grid of any number of rows, of which only those in sight are drawn: a head that stays, rows that are opened and chosen
// with the keyboard, and a scrubber for hands.

import { type KeyboardEvent, memo, type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { Cell, type CellType, isNumeric } from './cells.tsx'
import { Head, type HeadProps } from './head.tsx'
import type { Rows } from './rows.ts'
import { Scrubber } from './scrubber.tsx'
import { useSight } from './window.ts'

export const ROW_PX = 34
export const HEAD_PX = 36
const CHOICE_PX = 40

export interface GridColumn<Row> {
  readonly id: string
  readonly title?: string
  readonly type: CellType
  readonly value: (row: Row) => unknown
  /** @default the value, by its type */
  readonly cell?: (row: Row) => ReactNode
  /** In pixels. @default by its type */
  readonly width?: number
}

export interface GridProps<Row> extends Omit<HeadProps, 'columns' | 'choice'> {
  readonly label: string
  readonly columns: readonly GridColumn<Row>[]
  readonly rows: Rows<Row>
  readonly keyOf: (row: Row) => string
  readonly open?: (row: Row) => void
  /** What opens a row as a link, so that it can be opened beside; its content is the first cell. */
  readonly link?: (row: Row, content: ReactNode) => ReactNode
  readonly chosen?: ReadonlySet<string>
  readonly choose?: (chosen: ReadonlySet<string>) => void
  /** Keys of one letter for the row that has the focus. */
  readonly deeds?: Readonly<Record<string, (row: Row) => void>>
  /** Gets a way to the place that is shown, whenever it is drawn. */
  readonly place?: { current: GridPlace | null }
}

export interface GridPlace {
  readonly top: number
  readonly goTo: (row: number) => void
}

const WIDTHS: Readonly<Record<CellType, number>> = {
  text: 200,
  integer: 110,
  real: 110,
  boolean: 84,
  json: 220,
  time: 150,
}

/** A character of a name, and what stands beside it: its padding, and the arrow of an order. In pixels. */
const NAME_PX = { character: 7, around: 44 } as const

/** By its type, and its name is seen. */
function widthOf({ id, title = id, type }: Pick<GridColumn<never>, 'id' | 'title' | 'type'>): number {
  return Math.min(220, Math.max(WIDTHS[type], title.length * NAME_PX.character + NAME_PX.around))
}

export function Grid<Row>(props: GridProps<Row>) {
  const { label, columns, rows, keyOf, open, link, chosen, choose, deeds = {}, place, widths } = props
  const scroller = useRef<HTMLDivElement>(null)
  const id = useId()
  const [active, setActive] = useState<number>()
  const from = useRef(0)
  const { sight, goTo, reveal } = useSight(scroller, { total: rows.total, rowHeight: ROW_PX, head: HEAD_PX })
  if (place) place.current = { top: sight.top, goTo }
  useEffect(() => rows.need(sight.from, Math.max(sight.from, sight.to - 1)), [rows, sight.from, sight.to])

  const sized = columns.map((column) => ({ ...column, px: widths[column.id] ?? column.width ?? widthOf(column) }))
  const width = sized.reduce((sum, { px }) => sum + px, choose ? CHOICE_PX : 0)

  // By what it is ordered is seen, when it is opened and when another column is chosen elsewhere.
  const ordered = props.order?.column
  const known = columns.length
  useLayoutEffect(() => {
    const element = scroller.current
    const at = sized.findIndex(({ id: one }) => one === ordered)
    if (!element || at < 1) return
    const pixels = (of: typeof sized) => of.reduce((sum, { px }) => sum + px, 0)
    // The first one and the boxes stay where they are while it scrolls.
    const left = pixels(sized.slice(1, at))
    const room = element.clientWidth - (choose ? CHOICE_PX : 0) - (sized[0]?.px ?? 0)
    const right = left + (sized[at]?.px ?? 0)
    if (left < element.scrollLeft) element.scrollLeft = left
    else if (right > element.scrollLeft + room) element.scrollLeft = Math.min(left, right - room)
  }, [ordered, known])

  const focus = (to: number) => {
    const row = Math.min(rows.total - 1, Math.max(0, to))
    setActive(row)
    reveal(row)
  }
  const turn = (i: number, isRange = false) => {
    const row = rows.at(i)
    if (!row || !choose) return
    const next = new Set(chosen)
    const isOn = !next.has(keyOf(row))
    for (let n = isRange ? Math.min(i, from.current) : i; n <= (isRange ? Math.max(i, from.current) : i); n++) {
      const one = rows.at(n)
      if (one && isOn) next.add(keyOf(one))
      else if (one) next.delete(keyOf(one))
    }
    from.current = i
    choose(next)
  }
  const page = () => Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - HEAD_PX) / ROW_PX) - 1)
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== scroller.current) return
    const at = active ?? Math.ceil(sight.top)
    const row = active === undefined ? undefined : rows.at(active)
    const first = active === undefined ? at : at + 1
    const act: Readonly<Record<string, () => void>> = {
      j: () => focus(first),
      ArrowDown: () => focus(first),
      k: () => focus(at - 1),
      ArrowUp: () => focus(at - 1),
      PageDown: () => focus(at + page()),
      PageUp: () => focus(at - page()),
      Home: () => focus(0),
      End: () => focus(rows.total - 1),
      ...(row && open ? { o: () => open(row), Enter: () => open(row) } : {}),
      ...(row && choose ? { x: () => turn(at), ' ': () => turn(at, event.shiftKey) } : {}),
      ...(row ? Object.fromEntries(Object.entries(deeds).map(([key, deed]) => [key, () => deed(row)])) : {}),
      ...(chosen && chosen.size > 0 && choose ? { Escape: () => choose(new Set()) } : {}),
    }
    const deed = act[event.key]
    if (!deed) return
    event.preventDefault()
    // The page has j, k and o of its own, for lists that are drawn as a whole.
    event.nativeEvent.stopImmediatePropagation()
    deed()
  }

  const drawn = Array.from({ length: Math.max(0, sight.to - sight.from) }, (_, i) => sight.from + i)
  return (
    <div className="relative flex min-h-0 flex-1">
      <div
        ref={scroller}
        role="grid"
        aria-label={label}
        aria-rowcount={rows.total + 1}
        aria-colcount={columns.length}
        aria-multiselectable={choose ? true : undefined}
        aria-activedescendant={active !== undefined && drawn.includes(active) ? `${id}-${active}` : undefined}
        tabIndex={0}
        data-grid
        onKeyDown={press}
        className="grid-frame min-h-0 flex-1 overflow-auto overscroll-contain rounded-lg border border-line bg-surface shadow-card"
      >
        <Head {...props} columns={sized} choice={choose ? CHOICE_PX : 0} />
        <div role="presentation" className="relative" style={{ height: sight.area, width, minWidth: '100%' }}>
          {drawn.map((i) => {
            const row = rows.at(i)
            const key = row === undefined ? undefined : keyOf(row)
            return (
              <Line
                key={i}
                id={`${id}-${i}`}
                i={i}
                row={row}
                columns={sized as readonly (GridColumn<unknown> & { readonly px: number })[]}
                y={sight.placeOf(i)}
                isActive={i === active}
                isChosen={key !== undefined && chosen?.has(key) === true}
                choice={choose ? turn : undefined}
                focus={setActive}
                link={link as ((row: unknown, content: ReactNode) => ReactNode) | undefined}
                open={open as ((row: unknown) => void) | undefined}
              />
            )
          })}
        </div>
      </div>
      <Scrubber total={rows.total} top={sight.top} goTo={goTo} label={label} />
    </div>
  )
}

interface LineProps {
  readonly id: string
  readonly i: number
  readonly row: unknown
  readonly columns: readonly (GridColumn<unknown> & { readonly px: number })[]
  readonly y: number
  readonly isActive: boolean
  readonly isChosen: boolean
  readonly choice: ((i: number, isRange?: boolean) => void) | undefined
  readonly focus: (i: number) => void
  readonly link: ((row: unknown, content: ReactNode) => ReactNode) | undefined
  readonly open: ((row: unknown) => void) | undefined
}

/** What a row does is asked when it is done: only what it shows draws it anew. */
const Line = memo(drawLine, (a, b) =>
  (['i', 'row', 'columns', 'y', 'isActive', 'isChosen'] as const).every((name) =>
    name === 'columns' ? sameColumns(a.columns, b.columns) : a[name] === b[name],
  ),
)

function sameColumns(a: LineProps['columns'], b: LineProps['columns']): boolean {
  return a.length === b.length && a.every(({ id, px }, i) => id === b[i]?.id && px === b[i]?.px)
}

function drawLine({ id, i, row, columns, y, isActive, isChosen, choice, focus, link, open }: LineProps) {
  const ground = isChosen ? 'bg-accent-soft' : isActive ? 'bg-raised' : 'bg-surface group-hover:bg-raised'
  return (
    <div
      role="row"
      id={id}
      data-row={i}
      aria-rowindex={i + 2}
      aria-selected={choice ? isChosen : undefined}
      onClick={() => focus(i)}
      onDoubleClick={open && row !== undefined ? () => open(row) : undefined}
      className={`group absolute top-0 left-0 flex min-w-full border-b border-line text-sm ${isActive ? 'grid-active' : ''}`}
      style={{ height: ROW_PX, transform: `translateY(${y}px)` }}
    >
      {choice && (
        <div
          role="gridcell"
          className={`sticky left-0 z-10 flex items-center justify-center ${ground}`}
          style={{ width: CHOICE_PX }}
        >
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={`Select row ${i + 1}`}
            checked={isChosen}
            disabled={row === undefined}
            readOnly
            onClick={(event) => {
              event.stopPropagation()
              choice(i, event.shiftKey)
            }}
            className="size-3.5"
          />
        </div>
      )}
      {columns.map((column, n) => (
        <div
          key={column.id}
          role="gridcell"
          className={`flex min-w-0 shrink-0 items-center px-3 ${isNumeric(column.type) ? 'justify-end' : ''} ${ground} ${n === 0 ? 'grid-first z-10 font-medium' : ''}`}
          style={{ width: column.px, ...(n === 0 ? { left: choice ? CHOICE_PX : 0 } : {}) }}
        >
          <span className="truncate">
            {row === undefined ? <span aria-hidden className="grid-blank" /> : content(column, row, n, link)}
          </span>
        </div>
      ))}
      <div role="presentation" className={`flex-1 ${ground}`} />
    </div>
  )
}

function content(column: GridColumn<unknown>, row: unknown, n: number, link: LineProps['link']): ReactNode {
  const shown = column.cell ? column.cell(row) : <Cell value={column.value(row)} type={column.type} name={column.id} />
  return n === 0 && link ? link(row, shown) : shown
}
