// Owns the results of a search: what each record is called, the part of its text that was found, and where it is from.

import type { KeyboardEvent } from 'react'
import type { Answer } from '../../api/queries.ts'
import { Marked } from '../../parts/marked.tsx'
import { piecesOf } from '../../parts/pieces.ts'
import { RecordLink } from '../../parts/record-link.tsx'

type Result = Answer<'getSearch'>['results'][number]

interface ResultsProps {
  readonly results: readonly Result[]
  readonly sought: string
  /** Whether some may have other words for the same: those say so. */
  readonly isByMeaning: boolean
}

export function Results({ results, sought, isByMeaning }: ResultsProps) {
  const isFound = (text: string) => piecesOf(text, sought).some((piece) => piece.isFound)
  return (
    <ol
      aria-label="Results"
      onKeyDown={step}
      className="flex flex-col overflow-hidden rounded-lg border border-line bg-surface shadow-card"
    >
      {results.map((result) => (
        <li key={`${result.connection}/${result.stream}/${result.key}`} className="border-b border-line last:border-0">
          <RecordLink
            place={result}
            className="flex flex-col gap-0.5 px-4 py-2.5 -outline-offset-2 hover:bg-raised/60 focus-visible:bg-raised"
          >
            <span className="flex flex-wrap items-baseline gap-x-3 sm:flex-nowrap">
              <span className="min-w-0 flex-1 truncate font-medium max-sm:basis-full">
                <Marked text={result.title} sought={sought} />
              </span>
              {isByMeaning && !isFound(result.title) && !isFound(result.snippet) && (
                <span className="shrink-0 text-xs text-accent">near in meaning</span>
              )}
              <span className="shrink-0 text-xs text-muted">
                {result.connection} · {result.stream}
              </span>
            </span>
            {result.snippet !== result.title && (
              <span className="line-clamp-2 text-sm break-words text-muted">
                <Marked text={result.snippet} sought={sought} />
              </span>
            )}
          </RecordLink>
        </li>
      ))}
    </ol>
  )
}

/** The arrow keys walk through them; above the first is the input. */
function step(event: KeyboardEvent<HTMLOListElement>): void {
  const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  if (by === 0) return
  event.preventDefault()
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-open]')]
  const at = all.findIndex((one) => one === document.activeElement) + by
  const next = at < 0 ? document.querySelector<HTMLElement>('main input[type=search]') : all[at]
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}
