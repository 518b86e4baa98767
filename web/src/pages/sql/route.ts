// Owns the address of the SQL box, and what stands in it: the statement that is run, and how its answer is shown.

import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../app/root.ts'
import { given, textIn, wordIn } from '../../app/search-params.ts'

/** Rows of an answer, at most, and how long it may take, in seconds: what is offered, the first unless one is chosen. */
export const ROWS = ['1000', '10000', '100000'] as const
export const SECONDS = ['30', '10', '120', '600'] as const

export const sqlRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sql',
  validateSearch: (search: Record<string, unknown>) =>
    given({
      sql: textIn(search, 'sql'),
      view: wordIn(search, 'view', ['chart'] as const),
      rows: ROWS.find((one) => one === String(search['rows'])),
      seconds: SECONDS.find((one) => one === String(search['seconds'])),
      /** Of the chart: the column along it, and those that are drawn. */
      x: textIn(search, 'x'),
      y: textIn(search, 'y'),
    }),
}).lazy(() => import('./page.tsx').then(({ page }) => page))
