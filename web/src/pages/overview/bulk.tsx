// Owns what is done to several connections at once, and says of each whether it was done.

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Pause, Play, RefreshCw, Square, X } from 'lucide-react'
import { api, told } from '../../api/client.ts'
import type { Connection } from '../../api/queries.ts'
import { useMay } from '../../api/scopes.ts'
import { Button } from '../../parts/button.tsx'
import { toast } from '../../parts/toast.tsx'
import { plural } from '../../parts/values.tsx'

type Deed = 'sync' | 'stop' | 'pause' | 'resume'

const DONE: Readonly<Record<Deed, string>> = {
  sync: 'being synced',
  stop: 'being stopped',
  pause: 'paused',
  resume: 'resumed',
}

/** Those that a deed can be done to: what runs can be stopped, what is paused can be resumed. */
const FITS: Readonly<Record<Deed, (connection: Connection) => boolean>> = {
  sync: ({ activeRun, paused }) => activeRun === null && paused.length === 0,
  stop: ({ activeRun }) => activeRun !== null,
  pause: ({ paused }) => paused.length === 0,
  resume: ({ paused }) => paused.length > 0,
}

function doOne(deed: Deed, { id, activeRun }: Connection): Promise<unknown> {
  const params = { params: { path: { id } } }
  if (deed === 'sync') return told(api.POST('/api/connections/{id}/runs', { ...params, body: {} }))
  if (deed === 'stop') return told(api.POST('/api/runs/{id}/cancel', { params: { path: { id: activeRun?.id ?? '' } } }))
  return told(api.PATCH('/api/connections/{id}', { ...params, body: { paused: deed === 'pause' } }))
}

/** The run that began; one that waits until its connection is free has none yet. */
function runOf(answer: unknown): readonly string[] {
  const { id } = answer as { readonly id?: string | null }
  return typeof id === 'string' ? [id] : []
}

interface BulkProps {
  readonly chosen: readonly Connection[]
  readonly clear: () => void
  /** Shows exactly those that something was done to. */
  readonly show: (ids: readonly string[]) => void
}

export function Bulk({ chosen, clear, show }: BulkProps) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const mayRun = useMay('sync')
  const mayPause = useMay('admin')
  const act = useMutation({
    mutationFn: async (deed: Deed) => {
      const fitting = chosen.filter(FITS[deed])
      const ends = await Promise.allSettled(fitting.map((one) => doOne(deed, one)))
      const done = fitting.filter((_, i) => ends[i]?.status === 'fulfilled').map(({ id }) => id)
      const begun = ends.flatMap((end) => (deed === 'sync' && end.status === 'fulfilled' ? runOf(end.value) : []))
      const refused = ends.flatMap((end, i) =>
        end.status === 'rejected' ? [`${fitting[i]?.id}: ${(end.reason as Error).message}`] : [],
      )
      return { done, begun, refused, left: chosen.length - fitting.length }
    },
    onSuccess: ({ done, begun, refused, left }, deed) => {
      const others = left === 0 ? '' : `; of ${left} there was nothing to do`
      const are = done.length === 1 ? 'is' : 'are'
      toast({ text: `${plural(done.length, 'connection')} ${are} ${DONE[deed]}${others}.`, kind: 'good' })
      for (const text of refused) toast({ text, kind: 'bad' })
      clear()
      // Whoever starts something sees it run; what was done otherwise is seen on the cards.
      if (begun.length > 0) void navigate({ to: '/runs', search: begun.length === 1 ? { run: begun[0] } : {} })
      else if (done.length > 0) show(done)
    },
    onSettled: () => client.invalidateQueries(),
  })
  const button = (deed: Deed, label: string, icon: React.ReactNode) => (
    <Button
      size="small"
      disabled={act.isPending || !chosen.some(FITS[deed])}
      onClick={() => act.mutate(deed)}
      icon={icon}
    >
      {label}
    </Button>
  )
  return (
    <div
      role="toolbar"
      aria-label="What is done to those that are chosen"
      className="sticky top-2 z-20 flex flex-wrap items-center gap-2 rounded-lg border border-accent bg-surface px-3 py-2 shadow-high"
    >
      <span className="mr-auto text-sm font-medium">{`${chosen.length} chosen`}</span>
      {mayRun && button('sync', 'Sync', <RefreshCw aria-hidden className="size-3.5" />)}
      {mayRun && button('stop', 'Stop', <Square aria-hidden className="size-3.5" />)}
      {mayPause && button('pause', 'Pause', <Pause aria-hidden className="size-3.5" />)}
      {mayPause && button('resume', 'Resume', <Play aria-hidden className="size-3.5" />)}
      <Button size="small" look="quiet" onClick={clear} icon={<X aria-hidden className="size-3.5" />}>
        Choose none
      </Button>
    </div>
  )
}
