// Owns what stands where there is no content: nothing yet, not loaded yet, and what went wrong.

import { AlertTriangle, RotateCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { Problem } from '../api/client.ts'
import { Button } from './button.tsx'

interface EmptyProps {
  readonly icon?: ReactNode
  readonly title: string
  readonly children?: ReactNode
  readonly action?: ReactNode
}

export function EmptyState({ icon, title, children, action }: EmptyProps) {
  return (
    <div className="flex flex-col items-center gap-2 rounded-lg border border-dashed border-strong px-6 py-12 text-center">
      {icon !== undefined && <div className="mb-1 text-muted [&_svg]:size-6">{icon}</div>}
      <p className="font-medium">{title}</p>
      {children !== undefined && <div className="max-w-md text-sm text-muted">{children}</div>}
      {action !== undefined && <div className="mt-3">{action}</div>}
    </div>
  )
}

/** What went wrong, what can be done about it, and a way to try again. */
export function ErrorState({ error, again }: { readonly error: unknown; readonly again?: () => void }) {
  const hint = error instanceof Problem ? error.hint : null
  const code = error instanceof Problem ? error.code : null
  return (
    <div role="alert" className="flex items-start gap-3 rounded-lg border border-bad/40 bg-bad-soft px-4 py-3">
      <AlertTriangle aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{error instanceof Error ? error.message : 'Something went wrong.'}</p>
        {hint !== null && <p className="mt-0.5 text-sm">{hint}</p>}
        {code !== null && <p className="mt-1 font-mono text-xs text-muted">{code}</p>}
      </div>
      {again && (
        <Button size="small" onClick={again} icon={<RotateCw aria-hidden className="size-3.5" />}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** The place of something that is being loaded. */
export function Skeleton({ className = 'h-4 w-full' }: { readonly className?: string }) {
  return <div aria-hidden className={`breathes rounded-md bg-raised ${className}`} />
}

/** A list that is being loaded. */
export function SkeletonRows({ rows = 5 }: { readonly rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-2">
      {Array.from({ length: rows }, (_, i) => (
        <Skeleton key={i} className="h-9 w-full" />
      ))}
    </div>
  )
}

interface Asked<Data> {
  readonly data: Data | undefined
  readonly error: unknown
  readonly refetch: () => unknown
}

/** The content of a query, or what stands for it. What was known is shown while it is asked again. */
export function Loaded<Data>({
  query,
  wait,
  children,
}: {
  readonly query: Asked<Data>
  readonly wait?: ReactNode
  readonly children: (data: Data) => ReactNode
}) {
  if (query.data !== undefined) return children(query.data)
  if (query.error !== null && query.error !== undefined)
    return <ErrorState error={query.error} again={() => void query.refetch()} />
  return wait ?? <SkeletonRows />
}
