// Owns the address of the overview, and what stands in it.

import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../app/root.ts'
import { given, textIn, wordIn } from '../../app/search-params.ts'

export const SHOWN = ['problems', 'incomplete', 'running'] as const
export const ORDERS = ['name', 'records', 'freshness'] as const

export const overviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  validateSearch: (search: Record<string, unknown>) =>
    given({
      q: textIn(search, 'q'),
      only: textIn(search, 'only'),
      show: wordIn(search, 'show', SHOWN),
      order: wordIn(search, 'order', ORDERS),
    }),
}).lazy(() => import('./page.tsx').then(({ page }) => page))
