// Owns what is asked of the search: by the page, and by the command palette.

import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, told } from './client.ts'

export interface Sought {
  readonly q: string
  readonly connection?: string | undefined
  readonly since?: string | undefined
  readonly removed?: boolean | undefined
  readonly semantic?: boolean | undefined
  readonly limit: number
}

/** Whether there is a word to look for: the API refuses a text without one. */
export function hasWord(q: string): boolean {
  return /[\p{L}\p{N}]/u.test(q)
}

/** Whoever goes on typing cancels what was asked, and sees the results before until the next are there. */
export const searchQuery = (sought: Sought) =>
  queryOptions({
    queryKey: ['search', sought],
    queryFn: ({ signal }) => {
      const query = Object.fromEntries(
        Object.entries(sought).filter(([, value]) => value !== undefined && value !== false),
      )
      return told(api.GET('/api/search', { params: { query: { ...query, q: sought.q } }, signal }))
    },
    enabled: hasWord(sought.q),
    placeholderData: keepPreviousData,
  })
