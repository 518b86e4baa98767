// Owns the way to a page, above its title: each part of it leads there.

import { Link, type LinkProps } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'

export interface Step {
  readonly label: string
  readonly to: LinkProps
}

export function Trail({ steps }: { readonly steps: readonly Step[] }) {
  return (
    <nav aria-label="Where this is" className="mb-0.5 flex min-w-0 items-center gap-1 text-sm text-muted">
      {steps.map(({ label, to }) => (
        <span key={label} className="flex min-w-0 items-center gap-1">
          <Link {...to} title={label} className="truncate hover:text-text hover:underline">
            {label}
          </Link>
          <ChevronRight aria-hidden className="size-3.5 shrink-0" />
        </span>
      ))}
    </nav>
  )
}

/** To a connection, for what stands in it. */
export function connectionStep(id: string): Step {
  return { label: id, to: { to: '/connections/$id', params: { id } } }
}
