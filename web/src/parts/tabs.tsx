// Owns tabs whose choice stands in the address: each is a link.

import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'

export interface Tab {
  readonly id: string
  readonly label: string
  /** Shown beside the label where it is not zero. */
  readonly count?: number
}

/** `id` of the tab that is shown; the address has it as `tab`. */
export function Tabs({
  tabs,
  shown,
  label,
}: {
  readonly tabs: readonly Tab[]
  readonly shown: string
  readonly label: string
}) {
  const nav = useRef<HTMLElement>(null)
  useEffect(() => {
    // Where a narrow window cuts them off, the one that is shown is seen.
    nav.current?.querySelector(`[aria-current]`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [shown])
  return (
    <nav
      ref={nav}
      aria-label={label}
      className="cuts -mb-px flex gap-1 overflow-x-auto border-b border-line [--under:var(--bg)]"
    >
      {tabs.map(({ id, label: text, count = 0 }) => (
        <Link
          key={id}
          to="."
          // Each page has words of its own for its tabs.
          search={(before) => ({ ...before, tab: (id === tabs[0]?.id ? undefined : id) as never })}
          replace
          // One of them is current, the first only where the address names none.
          activeOptions={{ exact: true, explicitUndefined: true }}
          aria-current={id === shown ? 'page' : undefined}
          className={`flex h-9 items-center gap-2 border-b-2 px-2.5 text-sm whitespace-nowrap ${id === shown ? 'border-accent font-medium text-text' : 'border-transparent text-muted hover:text-text'}`}
        >
          {text}
          {count > 0 && <span className="rounded-full bg-raised px-1.5 text-xs">{count}</span>}
        </Link>
      ))}
    </nav>
  )
}
