// Owns what needs a person: logins, held removals, records that could not be read. It stands above everything else.

import { Link } from '@tanstack/react-router'
import { ChevronRight, UserRound } from 'lucide-react'
import type { Connection } from '../../api/queries.ts'
import { wayOf } from '../connection/to-do.ts'

/** Listed at once, at most. */
const SHOWN_MAX = 6

export function ToDos({ connections }: { readonly connections: readonly Connection[] }) {
  const all = connections.flatMap(({ id, todo, lastRun }) =>
    todo.map((one) => ({ id, ...one, ...wayOf(one, lastRun) })),
  )
  if (all.length === 0) return null
  return (
    <section
      aria-label="What needs you"
      className="overflow-hidden rounded-lg border border-warn/40 bg-surface shadow-card"
    >
      <h2 className="flex items-center gap-2 border-b border-warn/30 bg-warn-soft px-4 py-2 text-sm font-semibold text-warn">
        <UserRound aria-hidden className="size-4" />
        What needs you
        <span className="font-normal">{all.length}</span>
      </h2>
      <ul>
        {all.slice(0, SHOWN_MAX).map(({ id, stream, what, message, joint, search, words }) => (
          <li
            key={`${id} ${stream} ${what}`}
            className="relative flex items-center gap-3 border-b border-line px-4 py-2.5 last:border-0 hover:bg-raised/60"
          >
            <div className="min-w-0 flex-1">
              <p>
                <Link
                  to="/connections/$id"
                  params={{ id }}
                  search={search}
                  data-open
                  className="font-medium after:absolute after:inset-0"
                >
                  {stream === null ? id : `${id}/${stream}`}
                </Link>
                {joint}
                {message}
              </p>
            </div>
            <span className="shrink-0 text-sm text-accent max-sm:hidden">{words}</span>
            <ChevronRight aria-hidden className="size-4 shrink-0 text-muted" />
          </li>
        ))}
      </ul>
      {all.length > SHOWN_MAX && (
        <p className="border-t border-line px-4 py-2 text-xs text-muted">and {all.length - SHOWN_MAX} more</p>
      )}
    </section>
  )
}
