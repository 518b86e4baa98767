// Owns how a view of records is asked of the API: the same for the table, for what is copied, and for the file.

import type { View } from './route.ts'

export interface Place {
  readonly id: string
  readonly stream: string
}

/** Which records are meant, as the query of a call. */
export function whichOf({ q, where = [], asOf, removed }: View) {
  const all = [...where, ...(q === undefined ? [] : [`_any~=${q}`])]
  return {
    ...(all.length === 0 ? {} : { where: all }),
    ...(asOf === undefined ? {} : { asOf }),
    ...(removed ? { removed } : {}),
  }
}

export function orderOf({ order }: View): { readonly order?: string } {
  return order === undefined ? {} : { order }
}

/** The address of the view below the API, for a program or a file. */
export function addressOf(
  { id, stream }: Place,
  part: string,
  query: Readonly<Record<string, string | boolean | readonly string[]>>,
): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (name === 'where' && Array.isArray(value)) for (const one of value) search.append(name, one)
    else search.set(name, Array.isArray(value) ? value.join(',') : String(value))
  }
  const path = `/api/connections/${encodeURIComponent(id)}/streams/${encodeURIComponent(stream)}/${part}`
  return search.size === 0 ? path : `${path}?${search}`
}
