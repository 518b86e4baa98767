// Owns the short messages that come and go: what was done, and what was not.

import { AlertTriangle, CheckCircle2, X } from 'lucide-react'
import { useSyncExternalStore } from 'react'

export interface Toast {
  readonly text: string
  readonly hint?: string
  readonly kind: 'good' | 'bad'
}

/** How long they stay, in milliseconds; what went wrong stays longer. */
const STAYS_MS = { good: 4_000, bad: 12_000 } as const
const SHOWN_MAX = 4

let toasts: readonly (Toast & { readonly id: number })[] = []
let made = 0
const listeners = new Set<() => void>()

export function toast(one: Toast): void {
  const id = ++made
  change([...toasts.filter(({ text }) => text !== one.text), { ...one, id }].slice(-SHOWN_MAX))
  setTimeout(() => dismiss(id), STAYS_MS[one.kind])
}

function dismiss(id: number): void {
  change(toasts.filter((one) => one.id !== id))
}

function change(next: typeof toasts): void {
  toasts = next
  for (const changed of listeners) changed()
}

const subscribe = (changed: () => void) => {
  listeners.add(changed)
  return () => void listeners.delete(changed)
}

/** Where they are shown: once, in the shell. */
export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts)
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed right-4 bottom-20 z-50 flex w-80 max-w-[calc(100vw-2rem)] flex-col gap-2 lg:bottom-4"
    >
      {shown.map(({ id, text, hint, kind }) => (
        <div
          key={id}
          className="appears pointer-events-auto flex items-start gap-2.5 rounded-lg border border-line bg-surface p-3 text-sm shadow-high"
        >
          {kind === 'good' ? (
            <CheckCircle2 aria-hidden className="mt-0.5 size-4 shrink-0 text-good" />
          ) : (
            <AlertTriangle aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
          )}
          <div className="min-w-0 flex-1 break-words">
            <p>{text}</p>
            {hint !== undefined && <p className="mt-0.5 text-xs text-muted">{hint}</p>}
          </div>
          <button type="button" aria-label="Dismiss" onClick={() => dismiss(id)} className="text-muted hover:text-text">
            <X aria-hidden className="size-3.5" />
          </button>
        </div>
      ))}
    </div>
  )
}
