// Owns the colours of series: the same for a line, its name and its picture, in light and dark.

import { useSyncExternalStore } from 'react'

/** The classes of the swatch beside a name, in order. */
export const SWATCHES = [
  'bg-series-1',
  'bg-series-2',
  'bg-series-3',
  'bg-series-4',
  'bg-series-5',
  'bg-series-6',
  'bg-series-7',
  'bg-series-8',
] as const

/** So many series can be told apart. */
export const SERIES_MAX: number = SWATCHES.length

/** A variable of the styles as a canvas takes it; `light-dark()` is settled only in a property. */
export function colourOf(element: HTMLElement, variable: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${variable})`
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

const DARK = matchMedia('(prefers-color-scheme: dark)')

/** Whether the page is dark now, by choice or by the system: a canvas has to be drawn anew. */
export function useIsDark(): boolean {
  return useSyncExternalStore(
    (changed) => {
      DARK.addEventListener('change', changed)
      const chosen = new MutationObserver(changed)
      chosen.observe(document.documentElement, { attributeFilter: ['data-theme'] })
      return () => {
        DARK.removeEventListener('change', changed)
        chosen.disconnect()
      }
    },
    () => {
      const theme = document.documentElement.dataset['theme']
      return theme === undefined ? DARK.matches : theme === 'dark'
    },
  )
}
