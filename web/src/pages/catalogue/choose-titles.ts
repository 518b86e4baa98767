// Owns which titles of a catalog are shown, and in which order. Pure.

import type { Catalog, Title } from './read-catalog.ts'
import type { CatalogueView } from './route.ts'

const byTitle = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

const COMPARE: Readonly<Record<NonNullable<CatalogueView['order']>, (a: Title, b: Title) => number>> = {
  title: (a, b) => byTitle.compare(a.title, b.title),
  newest: (a, b) => (a.added < b.added ? 1 : a.added > b.added ? -1 : 0),
  year: (a, b) => (b.year ?? 0) - (a.year ?? 0),
  rating: (a, b) => (b.rating ?? 0) - (a.rating ?? 0),
}

const sorted = new WeakMap<Catalog, Map<string, readonly Title[]>>()

/** All titles in an order; put in order once for each catalog. */
function inOrder(catalog: Catalog, order: NonNullable<CatalogueView['order']>): readonly Title[] {
  const known = sorted.get(catalog) ?? new Map<string, readonly Title[]>()
  sorted.set(catalog, known)
  const found = known.get(order) ?? catalog.titles.toSorted(COMPARE[order])
  known.set(order, found)
  return found
}

/** Those that have all the words that are looked for. */
export function chosenTitles(
  catalog: Catalog,
  { stream, category, q = '', order = 'title' }: CatalogueView,
): readonly Title[] {
  const words = q
    .toLocaleLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return inOrder(catalog, order).filter(
    (one) =>
      (stream === undefined || one.stream === stream) &&
      (category === undefined || one.category === category) &&
      words.every((word) => one.sought.includes(word)),
  )
}

/** Categories of a stream, or of all, with how many titles each has; those with the most first. */
export function categoryCounts({ titles, categories }: Catalog, stream: string | undefined) {
  const counts = new Map<string, number>()
  for (const one of titles) {
    if (stream !== undefined && one.stream !== stream) continue
    counts.set(one.category, (counts.get(one.category) ?? 0) + 1)
  }
  return [...counts]
    .map(([id, count]) => ({ id, name: categories.get(id) ?? id, count }))
    .filter(({ id }) => id !== '')
    .sort((a, b) => b.count - a.count)
}
