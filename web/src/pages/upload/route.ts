// Owns the address of an upload, and what stands in it.

import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../app/root.ts'
import { given, textIn } from '../../app/search-params.ts'

export const uploadRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/connections/$id/upload',
  validateSearch: (search: Record<string, unknown>) => given({ stream: textIn(search, 'stream') }),
}).lazy(() => import('./page.tsx').then(({ page }) => page))
