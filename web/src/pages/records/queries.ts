// Owns what the pages of records ask beside the rows themselves.

import { queryOptions } from '@tanstack/react-query'

/** Another number whenever a run has changed the records of a connection: what makes records old makes it old. */
export const newsQuery = (connection: string) =>
  queryOptions({
    queryKey: ['records', connection, 'news'],
    queryFn: () => Promise.resolve(performance.now()),
    staleTime: Number.POSITIVE_INFINITY,
  })
