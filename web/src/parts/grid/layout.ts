// Owns how a person has laid out the columns of a grid: their order, which are hidden, and how wide they are. It is remembered in
// this browser under a name.

import { useCallback, useState } from 'react'

export const WIDTH_MIN = 56
const WIDTH_MAX = 900
const KEY = 'tidemark-grid:'

export interface Layout {
  /** Names in their order; a column that it does not name follows behind. */
  readonly order: readonly string[]
  /** Null: those that the grid hides of itself. */
  readonly hidden: readonly string[] | null
  /** In pixels, by name. */
  readonly widths: Readonly<Record<string, number>>
}

const PLAIN: Layout = { order: [], hidden: null, widths: {} }

/** What is remembered under a name, and a way to change it. */
export function useLayout(name: string): readonly [Layout, (change: Partial<Layout>) => void, () => void] {
  const [state, setState] = useState(() => ({ name, layout: read(name) }))
  // Another name has another layout.
  const layout = state.name === name ? state.layout : read(name)
  if (state.name !== name) setState({ name, layout })
  const change = useCallback(
    (part: Partial<Layout>) =>
      setState((before) => {
        const next = { ...before.layout, ...part }
        keep(name, next)
        return { name, layout: next }
      }),
    [name],
  )
  const reset = useCallback(() => {
    localStorage.removeItem(KEY + name)
    setState({ name, layout: PLAIN })
  }, [name])
  return [layout, change, reset]
}

/** Names in the order of a layout. */
export function inOrder(names: readonly string[], { order }: Pick<Layout, 'order'>): readonly string[] {
  const known = order.filter((name) => names.includes(name))
  return [...known, ...names.filter((name) => !known.includes(name))]
}

/** The names with one of them a step to the left or to the right. */
export function moved(names: readonly string[], name: string, by: 1 | -1): readonly string[] {
  const at = names.indexOf(name)
  const other = names[at + by]
  if (at < 0 || other === undefined) return names
  return names.map((one, i) => (i === at ? other : i === at + by ? name : one))
}

export function boundedWidth(width: number): number {
  return Math.round(Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, width)))
}

function read(name: string): Layout {
  try {
    const {
      order = [],
      hidden = null,
      widths = {},
    } = JSON.parse(localStorage.getItem(KEY + name) ?? '{}') as Partial<Layout>
    return { order, hidden, widths }
  } catch {
    return PLAIN
  }
}

function keep(name: string, layout: Layout): void {
  try {
    localStorage.setItem(KEY + name, JSON.stringify(layout))
  } catch {
    // A browser that keeps nothing shows it until the page ends.
  }
}
