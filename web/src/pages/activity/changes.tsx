// Owns the list of changes: what happened to which record, and opened, what of it is different.

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { Pill, type Tone } from '../../parts/pill.tsx'
import { addressOf } from '../../parts/record-link.tsx'
import { Loaded, Skeleton } from '../../parts/states.tsx'
import { Time } from '../../parts/values.tsx'
import { Differences } from '../record/differences.tsx'
import { explanationQuery } from '../record/queries.ts'
import type { Change } from './queries.ts'

export const WORDS: Readonly<Record<Change['op'], string>> = {
  insert: 'New',
  update: 'Changed',
  restore: 'Restored',
  remove: 'Removed',
}

const TONES: Readonly<Record<Change['op'], Tone>> = { insert: 'good', update: 'busy', restore: 'good', remove: 'bad' }

interface ChangesProps {
  readonly changes: readonly Change[]
  /** The number of the one that is open. */
  readonly open: number | undefined
  readonly toggle: (seq: number) => void
}

export function Changes({ changes, open, toggle }: ChangesProps) {
  return (
    <ol
      aria-label="Changes"
      className="flex flex-col overflow-hidden rounded-lg border border-line bg-surface shadow-card"
    >
      {changes.map((change) => {
        const isOpen = change.seq === open
        return (
          <li key={change.seq} data-seq={change.seq} className="border-b border-line last:border-0">
            <button
              type="button"
              data-open
              aria-expanded={isOpen}
              onClick={() => toggle(change.seq)}
              className="grid min-h-10 w-full grid-cols-[auto_5.5rem_minmax(0,1fr)_auto] items-center gap-x-3 px-3 py-1.5 text-left text-sm -outline-offset-2 hover:bg-raised/60 sm:grid-cols-[auto_5.5rem_minmax(0,1fr)_minmax(0,12rem)_5.5rem]"
            >
              <ChevronRight
                aria-hidden
                className={`size-3.5 text-muted transition-transform ${isOpen ? 'rotate-90' : ''}`}
              />
              <span>
                <Pill tone={TONES[change.op]}>{WORDS[change.op].toLowerCase()}</Pill>
              </span>
              <span className="min-w-0">
                <span className="block truncate font-medium">{change.title ?? change.key}</span>
                <span className="block truncate text-xs text-muted sm:hidden">
                  {change.connection} · {change.stream}
                </span>
              </span>
              <span className="truncate text-xs text-muted max-sm:hidden">
                {change.connection} · {change.stream}
              </span>
              <span className="text-right text-xs text-muted">
                <Time at={change.at} />
              </span>
            </button>
            {isOpen && <Opened change={change} />}
          </li>
        )
      })}
    </ol>
  )
}

function Opened({ change: { connection, stream, key, ordinal, run } }: { readonly change: Change }) {
  const why = useQuery(explanationQuery({ id: connection, stream, key }))
  return (
    <div className="border-t border-line bg-bg/50">
      <Loaded query={why} wait={<Skeleton className="m-4 h-16" />}>
        {({ versions }) => {
          const version = versions.find((one) => one.ordinal === ordinal)
          if (version === undefined)
            return <p className="px-4 py-3 text-sm text-muted">What it changed is no longer kept.</p>
          if (version.changes.length === 0) return <p className="px-4 py-3 text-sm text-muted">{version.rule.says}</p>
          return <Differences version={version} />
        }}
      </Loaded>
      <p className="flex flex-wrap gap-x-5 gap-y-1 border-t border-line px-4 py-2 text-xs">
        <Link {...addressOf({ connection, stream, key })} className="text-accent hover:underline">
          The record {key}
        </Link>
        {run !== null && (
          <Link to="/runs" search={{ run }} className="text-accent hover:underline">
            The run that made it
          </Link>
        )}
      </p>
    </div>
  )
}
