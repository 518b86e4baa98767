// Owns the address of the runs, and what stands in it.

import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../app/root.ts'
import { given, textIn, wordIn } from '../../app/search-params.ts'

export const STATUSES = ['running', 'succeeded', 'incomplete', 'failed', 'paused', 'cancelled'] as const
export const MODES = ['auto', 'full', 'refresh', 'upload'] as const
/** How far back, as the API reads it. */
export const SPANS = ['1h', '24h', '7d', '30d'] as const

export const runsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/runs',
  validateSearch: (search: Record<string, unknown>) =>
    given({
      connection: textIn(search, 'connection'),
      status: wordIn(search, 'status', STATUSES),
      mode: wordIn(search, 'mode', MODES),
      since: wordIn(search, 'since', SPANS),
      show: wordIn(search, 'show', ['problems'] as const),
      run: textIn(search, 'run'),
    }),
}).lazy(() => import('./page.tsx').then(({ page }) => page))
