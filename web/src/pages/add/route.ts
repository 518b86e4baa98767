// Owns the addresses of adding a connection: the choice of a connector, and the form of one.

import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../app/root.ts'
import { given, textIn } from '../../app/search-params.ts'

export const addRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/add',
  validateSearch: (search: Record<string, unknown>) => given({ q: textIn(search, 'q') }),
}).lazy(() => import('./page.tsx').then(({ page }) => page))

export const connectRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/add/$connector',
}).lazy(() => import('./connect-page.tsx').then(({ page }) => page))
