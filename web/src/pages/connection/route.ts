// Owns the address of a connection, and what stands in it.

import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../app/root.ts'
import { given, textIn, wordIn } from '../../app/search-params.ts'

export const TABS = ['streams', 'runs', 'review', 'schedule', 'budgets', 'options'] as const

/** The part of the page on which a person does what a to-do asks for; undefined: it is not one part. */
export function tabOf(what: string): (typeof TABS)[number] | undefined {
  if (what === 'login' || what === 'connect') return 'options'
  return what === 'removals' || what === 'quarantine' ? 'review' : undefined
}

export const connectionRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/connections/$id',
  validateSearch: (search: Record<string, unknown>) =>
    given({ tab: wordIn(search, 'tab', TABS), run: textIn(search, 'run') }),
}).lazy(() => import('./page.tsx').then(({ page }) => page))
