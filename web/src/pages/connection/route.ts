// Owns the address of a connection, and what stands in it.

import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../app/root.ts'
import { given, textIn, wordIn } from '../../app/search-params.ts'

export const TABS = ['streams', 'runs', 'review', 'schedule', 'budgets', 'options'] as const

export const connectionRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/connections/$id',
  validateSearch: (search: Record<string, unknown>) =>
    given({ tab: wordIn(search, 'tab', TABS), run: textIn(search, 'run') }),
}).lazy(() => import('./page.tsx').then(({ page }) => page))
