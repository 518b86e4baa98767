// Owns the address of the catalogue, and what stands in it: which catalog of which connection, and which titles of it.

import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../app/root.ts'
import { textIn, wordIn } from '../../app/search-params.ts'

export const ORDERS = ['title', 'newest', 'year', 'rating'] as const

export interface CatalogueView {
  readonly connection?: string
  /** The number of a catalog; left out: the newest. */
  readonly n?: number
  readonly stream?: string
  readonly category?: string
  readonly q?: string
  readonly order?: (typeof ORDERS)[number]
  /** The catalog that it is compared with. */
  readonly than?: number
}

export type CatalogueChange = { readonly [Name in keyof CatalogueView]: CatalogueView[Name] | undefined }

export const catalogueRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/catalogue',
  validateSearch: (search: Record<string, unknown>): CatalogueView =>
    Object.fromEntries(
      Object.entries({
        connection: textIn(search, 'connection'),
        n: numberIn(search, 'n'),
        stream: textIn(search, 'stream'),
        category: textIn(search, 'category'),
        q: textIn(search, 'q'),
        order: wordIn(search, 'order', ORDERS),
        than: numberIn(search, 'than'),
      }).filter(([, value]) => value !== undefined),
    ),
}).lazy(() => import('./page.tsx').then(({ page }) => page))

function numberIn(search: Record<string, unknown>, name: string): number | undefined {
  const value = Number(search[name])
  return Number.isSafeInteger(value) && value > 0 ? value : undefined
}
