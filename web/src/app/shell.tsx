// Owns what stands around every page: the navigation, the command palette, the keys, messages, and word that the server is gone.

import { useQueryClient } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { onRunEnd, startLive, useIsUp } from '../api/live.ts'
import { Toasts, toast } from '../parts/toast.tsx'
import { useKeys } from './keys.ts'
import { BottomBar, Sidebar } from './navigation.tsx'
import { notifyOfEnd, renewNotifications } from './notifications.ts'

const Palette = lazy(() => import('./palette.tsx'))
const KeyHelp = lazy(() => import('./key-help.tsx'))

/** Runs shorter than this end without a message, in milliseconds. */
const LONG_MS = 20_000

interface ShellProps {
  readonly session: { readonly project: string; readonly scopes: readonly string[] }
  readonly children: ReactNode
}

export function Shell({ session, children }: ShellProps) {
  const client = useQueryClient()
  const [open, setOpen] = useState<'palette' | 'keys'>()
  useEffect(() => startLive(client), [client])
  useEffect(() => onRunEnd(tellOfEnd), [])
  useEffect(() => onRunEnd(notifyOfEnd), [])
  useEffect(renewNotifications, [])
  useKeys({ palette: () => setOpen('palette'), help: () => setOpen('keys') })
  const close = () => setOpen(undefined)
  return (
    <div className="flex min-h-dvh">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-surface focus:px-3 focus:py-2 focus:shadow-high"
      >
        Skip to the content
      </a>
      <Sidebar project={session.project} openPalette={() => setOpen('palette')} />
      <main id="main" tabIndex={-1} className="min-w-0 flex-1 pb-20 outline-none lg:pb-0">
        <Gone />
        {children}
      </main>
      <BottomBar openPalette={() => setOpen('palette')} />
      <Toasts />
      <Suspense fallback={null}>
        {open === 'palette' && <Palette close={close} />}
        {open === 'keys' && <KeyHelp close={close} />}
      </Suspense>
    </div>
  )
}

/** Said while the server cannot be heard. */
function Gone() {
  const isUp = useIsUp()
  if (isUp) return null
  return (
    <div
      role="alert"
      className="sticky top-0 z-30 border-b border-warn/40 bg-warn-soft px-4 py-2 text-center text-sm text-warn"
    >
      The server is not responding. What you see may be out of date; this page tries again by itself.
    </div>
  )
}

function tellOfEnd({
  connection,
  status,
  startedAt,
  finishedAt,
  error,
}: Parameters<Parameters<typeof onRunEnd>[0]>[0]): void {
  const took = Date.parse(finishedAt ?? startedAt) - Date.parse(startedAt)
  if (status === 'failed' || status === 'paused') {
    toast({
      text: `${connection}: ${error?.message ?? status}`,
      kind: 'bad',
      ...(error?.hint ? { hint: error.hint } : {}),
    })
  } else if (took >= LONG_MS) {
    toast({ text: `The run of ${connection} has ended: ${status}.`, kind: 'good' })
  }
}
