// Owns the address of the search, and what stands in it.

import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../app/root.ts'
import { given, textIn, wordIn } from '../../app/search-params.ts'

/** Only what has changed since then, as the API takes it, with its name. */
export const SINCES = { '1d': '24 hours', '7d': '7 days', '30d': '30 days', '365d': 'a year' } as const
/** Results are shown so many at first, and then as many as the API gives. */
export const SHOWN = { first: 30, most: 200 } as const

export const searchRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/search',
  validateSearch: (search: Record<string, unknown>) =>
    given({
      q: textIn(search, 'q'),
      connection: textIn(search, 'connection'),
      since: wordIn(search, 'since', Object.keys(SINCES) as (keyof typeof SINCES)[]),
      show: wordIn(search, 'show', ['removed'] as const),
      by: wordIn(search, 'by', ['meaning'] as const),
      all: search['all'] === true ? (true as const) : undefined,
    }),
}).lazy(() => import('./page.tsx').then(({ page }) => page))
