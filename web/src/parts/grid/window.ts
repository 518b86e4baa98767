// Owns which rows of a tall list are in sight. Browsers cannot draw a million rows: the scrolled area is as tall as they can, and
// where the list is taller, small movements go row by row and large ones to the same part of the list.

import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { isStep } from './step.ts'

/** The tallest area that every browser scrolls without losing pixels. */
export const AREA_MAX_PX = 4_000_000
/** Rows that are drawn above and below what is in sight, so that a quick hand sees none missing. */
const AROUND = 12

/** By these a person moves a list as far as their hand goes; by its bar, to a part of it. */
const TURNS = ['wheel', 'touchmove'] as const
/** So long after them it may go on moving, in milliseconds. */
const TURNED_MS = 300

export interface Sight {
  /** The first row that is drawn, and the one behind the last. */
  readonly from: number
  readonly to: number
  /** The first row that is in sight, with its fraction above the edge. */
  readonly top: number
  /** How tall the area is. */
  readonly area: number
  /** Where a row is drawn within the area, in pixels. */
  readonly placeOf: (row: number) => number
}

interface Asked {
  readonly total: number
  readonly rowHeight: number
  /** What stands above the rows in the same area, in pixels. */
  readonly head?: number
}

export interface Scrolling {
  readonly sight: Sight
  /** Goes to where this row (with a fraction) is the first one. */
  readonly goTo: (row: number) => void
  /** Shows a row, with as little movement as it takes. */
  readonly reveal: (row: number) => void
}

export function useSight(scroller: RefObject<HTMLElement | null>, { total, rowHeight, head = 0 }: Asked): Scrolling {
  const [, draw] = useState(0)
  const height = useRef(600)
  const turnedAt = useRef(Number.NEGATIVE_INFINITY)
  /** Pixels of the list above the edge, and of the area. */
  const place = useRef({ list: 0, area: 0 })
  const list = total * rowHeight
  const area = Math.min(list, AREA_MAX_PX)
  const room = () => Math.max(1, height.current - head)
  const ends = () => ({ list: Math.max(0, list - room()), area: Math.max(0, area - room()) })

  const put = useCallback(
    (to: number, from: 'list' | 'area') => {
      const most = ends()
      const bounded = Math.min(most[from], Math.max(0, to))
      const other = from === 'list' ? 'area' : 'list'
      const share = most[from] === 0 ? 0 : bounded / most[from]
      place.current = { ...place.current, [from]: bounded, [other]: list === area ? bounded : share * most[other] }
    },
    // `ends` is made of these.
    [list, area, head],
  )

  const scrolled = useCallback(() => {
    const element = scroller.current
    if (!element) return
    const at = element.scrollTop
    const by = at - place.current.area
    if (by === 0) return
    const most = ends()
    const isTurned = performance.now() - turnedAt.current < TURNED_MS
    if (list > area && isStep({ by, at, end: most.area, height: height.current, isTurned })) {
      const to = Math.min(most.list, Math.max(0, place.current.list + by))
      place.current = { list: to, area: at }
      // What was passed row by row is far from its part of the list by and by: the area follows, and nothing moves.
      const due = most.list === 0 ? 0 : (to / most.list) * most.area
      if (Math.abs(due - at) > AREA_MAX_PX / 20) {
        place.current = { list: to, area: Math.round(due) }
        element.scrollTop = place.current.area
      }
    } else put(at, 'area')
    // Before the browser paints what has moved: a quick hand would see nothing where the rows are drawn later.
    flushSync(() => draw((n) => n + 1))
  }, [scroller, list, area, put])

  useEffect(() => {
    const element = scroller.current
    if (!element) return undefined
    const measure = () => {
      height.current = element.clientHeight
      draw((n) => n + 1)
    }
    const watch = new ResizeObserver(measure)
    watch.observe(element)
    measure()
    const turn = () => {
      turnedAt.current = performance.now()
    }
    for (const kind of TURNS) element.addEventListener(kind, turn, { passive: true })
    element.addEventListener('scroll', scrolled, { passive: true })
    return () => {
      watch.disconnect()
      for (const kind of TURNS) element.removeEventListener(kind, turn)
      element.removeEventListener('scroll', scrolled)
    }
  }, [scroller, scrolled])

  const goTo = useCallback(
    (row: number) => {
      const element = scroller.current
      if (!element) return
      put(row * rowHeight, 'list')
      place.current.area = Math.round(place.current.area)
      element.scrollTop = place.current.area
      draw((n) => n + 1)
    },
    [scroller, put, rowHeight],
  )

  const reveal = useCallback(
    (row: number) => {
      const top = row * rowHeight
      if (top < place.current.list) goTo(row)
      else if (top + rowHeight > place.current.list + room()) goTo((top + rowHeight - room()) / rowHeight)
    },
    [goTo, rowHeight, head],
  )

  // A list that has become shorter ends in sight.
  useLayoutEffect(() => {
    if (place.current.list > ends().list) goTo(ends().list / rowHeight)
  }, [list])

  const top = place.current.list / rowHeight
  const from = Math.max(0, Math.floor(top) - AROUND)
  const to = Math.min(total, Math.ceil(top + room() / rowHeight) + AROUND)
  const shift = place.current.area - place.current.list
  return { sight: { from, to, top, area, placeOf: (row) => row * rowHeight + shift }, goTo, reveal }
}
