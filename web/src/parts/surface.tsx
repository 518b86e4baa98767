// Owns what content lies on: the head of a page, cards, sections, and pairs of a name and a value.

import { type ReactNode, useEffect } from 'react'

interface PageProps {
  readonly title: string
  /** What the tab of the browser says, where that is more than the title. */
  readonly tab?: string
  readonly lead?: ReactNode
  readonly actions?: ReactNode
  /** The way to it, above its title. */
  readonly above?: ReactNode
  /** It fills the window, and what is in it scrolls. @default false */
  readonly isFull?: boolean
  readonly children: ReactNode
}

/** A page: its title, what can be done, and its content. */
export function Page({ title, tab = title, lead, actions, above, isFull = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${tab} · Tidemark`
  }, [tab])
  return (
    <div
      className={`mx-auto flex w-full flex-col px-4 sm:px-6 ${isFull ? 'fills gap-3 pt-5 pb-4 lg:pt-7' : 'max-w-6xl gap-5 py-5 lg:px-8 lg:py-7'}`}
    >
      <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          {above}
          <h1 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xl font-semibold tracking-tight">{title}</h1>
          {lead !== undefined && <div className="mt-1 text-sm text-muted">{lead}</div>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

export function Card({ children, className = '' }: { readonly children: ReactNode; readonly className?: string }) {
  return <div className={`rounded-lg border border-line bg-surface shadow-card ${className}`}>{children}</div>
}

interface SectionProps {
  readonly title: string
  readonly lead?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** @public */
export function Section({ title, lead, actions, children }: SectionProps) {
  return (
    <section aria-label={title} className="flex flex-col gap-2.5">
      <div className="flex flex-wrap items-end justify-between gap-2">
        <div>
          <h2 className="text-sm font-semibold">{title}</h2>
          {lead !== undefined && <p className="text-xs text-muted">{lead}</p>}
        </div>
        {actions}
      </div>
      {children}
    </section>
  )
}

/** Names and values. */
export function Facts({
  facts,
  className = '',
}: {
  readonly facts: readonly (readonly [string, ReactNode])[]
  readonly className?: string
}) {
  return (
    <dl className={`grid gap-x-4 gap-y-2 ${className}`}>
      {facts.map(([name, value]) => (
        <div key={name} className="min-w-0">
          <dt className="text-xs text-muted">{name}</dt>
          <dd className="truncate text-sm">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** A text that a person copies, such as a command. */
export function Code({ children }: { readonly children: string }) {
  return <code className="rounded bg-raised box-decoration-clone px-1.5 py-0.5 break-words select-all">{children}</code>
}
