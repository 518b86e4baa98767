// Owns the address of one record, and what stands in it: the part that is shown.

import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../app/root.ts'
import { given, wordIn } from '../../app/search-params.ts'

export const recordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/connections/$id/streams/$stream/records/$key',
  validateSearch: (search: Record<string, unknown>) =>
    given({ tab: wordIn(search, 'tab', ['fields', 'history', 'metrics', 'raw'] as const) }),
}).lazy(() => import('./page.tsx').then(({ page }) => page))
