// Owns what growth asks of the server.

import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, told } from '../../api/client.ts'
import { type By, type Line, lineText } from './lines.ts'

/** The points of a line, of the last `spanMs` milliseconds. */
export const metricsQuery = ({ line, spanMs, by }: { readonly line: Line; readonly spanMs: number; readonly by: By }) =>
  queryOptions({
    queryKey: ['records', line.connection, 'metrics', lineText(line), spanMs, by],
    queryFn: ({ signal }) => {
      const { connection, stream, metric, key } = line
      const since = new Date(Date.now() - spanMs).toISOString()
      const query = { metric, by, since, ...(key === null ? {} : { key }) }
      return told(
        api.GET('/api/connections/{id}/streams/{stream}/metrics', {
          params: { path: { id: connection, stream }, query },
          signal,
        }),
      )
    },
    placeholderData: keepPreviousData,
  })

/** So many records are offered by name; others by their key. */
const OFFERED = 50

/** The records of a stream in which a metric is highest. */
export const highestQuery = ({ connection, stream, metric }: Omit<Line, 'key'>) =>
  queryOptions({
    queryKey: ['records', connection, 'highest', stream, metric],
    queryFn: ({ signal }) =>
      told(
        api.GET('/api/connections/{id}/streams/{stream}/records', {
          params: {
            path: { id: connection, stream },
            query: { order: `${metric}:desc`, limit: OFFERED, columns: [metric] },
          },
          signal,
        }),
      ),
  })

/** So many records that moved most. */
const MOVERS = 10

/** The records of a line's stream that moved most in the last `spanMs` milliseconds. */
export const moversQuery = ({
  line,
  spanMs,
  by,
}: {
  readonly line: Line
  readonly spanMs: number
  readonly by: MoversBy
}) =>
  queryOptions({
    queryKey: ['records', line.connection, 'movers', line.stream, line.metric, spanMs, by],
    queryFn: ({ signal }) => {
      const since = new Date(Date.now() - spanMs).toISOString()
      return told(
        api.GET('/api/connections/{id}/streams/{stream}/movers', {
          params: {
            path: { id: line.connection, stream: line.stream },
            query: { metric: line.metric, since, by, limit: MOVERS },
          },
          signal,
        }),
      )
    },
    placeholderData: keepPreviousData,
  })

export type MoversBy = 'change' | 'percent'
