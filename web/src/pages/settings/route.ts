// Owns the address of the settings, and what stands in it: the part that is shown, and what is open or filtered there.

import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../app/root.ts'
import { given, textIn, wordIn } from '../../app/search-params.ts'

export const SETTINGS = [
  'tokens',
  'webhooks',
  'budgets',
  'projects',
  'key',
  'audit',
  'workers',
  'notifications',
] as const
export const SINCE = ['1h', '24h', '7d', '30d'] as const

export const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings',
  validateSearch: (search: Record<string, unknown>) =>
    given({
      tab: wordIn(search, 'tab', SETTINGS),
      webhook: textIn(search, 'webhook'),
      connection: textIn(search, 'connection'),
      since: wordIn(search, 'since', SINCE),
    }),
}).lazy(() => import('./page.tsx').then(({ page }) => page))
