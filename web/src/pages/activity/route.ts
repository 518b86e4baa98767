// Owns the address of the activity, and what stands in it.

import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../app/root.ts'
import { given, textIn, wordIn } from '../../app/search-params.ts'

export const OPS = ['insert', 'update', 'restore', 'remove'] as const

export const activityRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/activity',
  validateSearch: (search: Record<string, unknown>) =>
    given({
      connection: textIn(search, 'connection'),
      stream: textIn(search, 'stream'),
      op: wordIn(search, 'op', OPS),
      /** The change that is open, by its number. */
      open: typeof search['open'] === 'number' ? search['open'] : undefined,
    }),
}).lazy(() => import('./page.tsx').then(({ page }) => page))
