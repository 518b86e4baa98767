// Owns what an emulator remembers of the requests it got: counts for ever, the requests themselves up to a limit.

export interface LoggedRequest {
  /** 1 for the first request since the start or the last reset. */
  readonly number: number
  readonly method: string
  readonly path: string
  /** As it was sent, without the question mark. */
  readonly query: string
  /** 0 when the connection was cut before an answer. */
  readonly status: number
  /** By the emulator's clock, in milliseconds since 1970. */
  readonly at: number
  /** The kind of the fault that was served, if one was. */
  readonly fault?: string
}

/** What to count: a path, exactly or up to a trailing `*`; a method; a status. Absent counts everything. */
export interface LogFilter {
  readonly method?: string
  readonly path?: string
  readonly status?: number
}

export interface RequestLog {
  /** The newest requests in their order; at most `LOG_MAX` are kept. */
  all(filter?: LogFilter): readonly LoggedRequest[]
  /** How many requests there were; a text is a path. Filters by status look at the kept requests only. */
  count(filter?: LogFilter | string): number
  /** Requests per `METHOD path`. */
  perPath(): Readonly<Record<string, number>>
  perStatus(): Readonly<Record<string, number>>
  reset(): void
  add(request: Omit<LoggedRequest, 'number'>): void
}

/** How many requests a log keeps; the oldest go first. */
export const LOG_MAX = 50_000

export function requestLog(): RequestLog {
  let kept: LoggedRequest[] = []
  let total = 0
  const paths = new Map<string, number>()
  const statuses = new Map<string, number>()
  const add = (map: Map<string, number>, name: string): void => void map.set(name, (map.get(name) ?? 0) + 1)
  const matching = (filter: LogFilter): LoggedRequest[] =>
    kept.filter(
      (request) =>
        (filter.method === undefined || request.method === filter.method) &&
        (filter.status === undefined || request.status === filter.status) &&
        (filter.path === undefined || pathMatches(filter.path, request.path)),
    )
  return {
    all: (filter = {}) => matching(filter),
    count: (filter) => {
      if (filter === undefined) return total
      const asked = typeof filter === 'string' ? { path: filter } : filter
      if (asked.status !== undefined) return matching(asked).length
      let sum = 0
      for (const [name, number] of paths) {
        const [method = '', path = ''] = name.split(' ', 2)
        if (asked.method !== undefined && asked.method !== method) continue
        if (asked.path === undefined || pathMatches(asked.path, path)) sum += number
      }
      return sum
    },
    perPath: () => Object.fromEntries(paths),
    perStatus: () => Object.fromEntries(statuses),
    reset: () => {
      kept = []
      total = 0
      paths.clear()
      statuses.clear()
    },
    add: (request) => {
      total++
      // Dropping half at a time keeps the cost of a full log at nothing per request.
      if (kept.length >= LOG_MAX) kept = kept.slice(LOG_MAX / 2)
      kept.push({ number: total, ...request })
      add(paths, `${request.method} ${request.path}`)
      add(statuses, String(request.status))
    },
  }
}

/** Whether a path is the wanted one; a wanted path that ends in `*` is a prefix. */
export function pathMatches(wanted: string, path: string): boolean {
  return wanted.endsWith('*') ? path.startsWith(wanted.slice(0, -1)) : path === wanted
}
