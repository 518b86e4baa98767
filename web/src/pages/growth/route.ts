// Owns the address of growth, and what stands in it: the lines, the time, and how they are compared.

import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../app/root.ts'
import { given, wordIn } from '../../app/search-params.ts'
import { SERIES_MAX } from '../../parts/chart/colours.ts'
import { RANGES } from './lines.ts'

export const SCALES = ['change'] as const

export const growthRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/growth',
  validateSearch: (search: Record<string, unknown>) =>
    given({
      lines: textsIn(search['lines']),
      range: wordIn(search, 'range', RANGES),
      /** Milliseconds since 1970: what is zoomed to. */
      from: numberIn(search['from']),
      to: numberIn(search['to']),
      /** By what the records that moved most are ordered. */
      movers: wordIn(search, 'movers', ['percent'] as const),
      scale: wordIn(search, 'scale', SCALES),
      /** Lines drawn as one. */
      as: wordIn(search, 'as', ['sum'] as const),
    }),
}).lazy(() => import('./page.tsx').then(({ page }) => page))

function textsIn(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined
  const texts = value.filter((one): one is string => typeof one === 'string')
  return texts.length === 0 ? undefined : [...new Set(texts)].slice(0, SERIES_MAX)
}

function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
