// Owns the address of a stream's records, and what stands in it: which records, in which order, and which columns.

import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../app/root.ts'
import { given, textIn } from '../../app/search-params.ts'

export interface View {
  readonly q?: string
  /** Conditions, as the API writes them. */
  readonly where?: readonly string[]
  readonly order?: string
  readonly columns?: readonly string[]
  readonly asOf?: string
  readonly removed?: boolean
}

/** What becomes other of a view; undefined: it is left out. */
export type ViewChange = { readonly [Name in keyof View]: View[Name] | undefined }

export const recordsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/connections/$id/streams/$stream',
  validateSearch: (search: Record<string, unknown>): View =>
    given({
      q: textIn(search, 'q'),
      where: textsIn(search, 'where'),
      order: textIn(search, 'order'),
      columns: textsIn(search, 'columns'),
      asOf: textIn(search, 'asOf'),
      removed: search['removed'] === true ? true : undefined,
    }) as View,
}).lazy(() => import('./page.tsx').then(({ page }) => page))

function textsIn(search: Record<string, unknown>, name: string): readonly string[] | undefined {
  const value = search[name]
  const texts = Array.isArray(value)
    ? value.filter((one) => typeof one === 'string')
    : typeof value === 'string'
      ? [value]
      : []
  return texts.length === 0 ? undefined : texts
}
