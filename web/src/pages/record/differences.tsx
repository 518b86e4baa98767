// Owns what a version changed, field by field: what was, and what is.

import type { Version } from './queries.ts'
import { Value } from './value.tsx'

export function Differences({ version: { op, changes } }: { readonly version: Pick<Version, 'op' | 'changes'> }) {
  return (
    <dl className="divide-y divide-line text-sm">
      {changes.map(({ field, before, after }) => (
        <div key={field} className="grid gap-x-4 px-4 py-1.5 md:grid-cols-[12rem_minmax(0,1fr)]">
          <dt className="truncate text-muted">{field}</dt>
          <dd className="flex min-w-0 flex-col gap-0.5 break-words">
            {op !== 'insert' && before !== null && (
              <del className="rounded bg-bad-soft px-1.5 text-bad no-underline">
                <span aria-hidden>− </span>
                <Value value={before} />
              </del>
            )}
            {after !== null && (
              <ins className={op === 'insert' ? 'no-underline' : 'rounded bg-good-soft px-1.5 text-good no-underline'}>
                {op !== 'insert' && <span aria-hidden>+ </span>}
                <Value value={after} />
              </ins>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}
