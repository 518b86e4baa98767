// Owns what can be done with a connection: run it, stop it, plan a run, read all of it again, pause it, end it.

import { Ellipsis, ListChecks, Pause, Play, RefreshCw, RotateCcw, Square, Unplug } from 'lucide-react'
import { useState } from 'react'
import { useCancel, usePause, useSync } from '../../api/actions.ts'
import { useLive } from '../../api/live.ts'
import type { Answer } from '../../api/queries.ts'
import { useMay } from '../../api/scopes.ts'
import { Button, IconButton } from '../../parts/button.tsx'
import { Menu, MenuItem, MenuLine } from '../../parts/menu.tsx'
import { UploadDoor } from '../upload/door.tsx'
import { DisconnectDialog } from './disconnect.tsx'
import { PlanDialog } from './plan.tsx'
import type { PlanMode } from './queries.ts'

interface ActionsProps {
  readonly connection: Answer<'getConnectionsId'>
  /** Shows a run. */
  readonly open: (run: string) => void
}

export function Actions({ connection, open }: ActionsProps) {
  const [planned, setPlanned] = useState<PlanMode>()
  const [isEnding, setEnding] = useState(false)
  const mayEnd = useMay('admin')
  const { id, connector, activeRun, paused } = connection
  const live = useLive(id)
  const sync = useSync()
  const cancel = useCancel()
  const pause = usePause()
  const run = live?.run ?? activeRun?.id
  const isPaused = paused.length > 0
  return (
    <>
      <UploadDoor id={id} connector={connector} />
      {run === undefined ? (
        <Button
          look="primary"
          isBusy={sync.isPending}
          // One that waits until the connection is free has no page yet.
          onClick={() => sync.mutate({ id }, { onSuccess: (begun) => begun !== null && open(begun) })}
          icon={<RefreshCw aria-hidden className="size-3.5" />}
        >
          Sync
        </Button>
      ) : (
        <Button
          look="danger"
          isBusy={cancel.isPending}
          onClick={() => cancel.mutate({ run })}
          icon={<Square aria-hidden className="size-3.5" />}
        >
          Stop
        </Button>
      )}
      <Menu
        button={<IconButton look="plain" label={`More for ${id}`} icon={<Ellipsis aria-hidden className="size-4" />} />}
      >
        <MenuItem icon={<ListChecks aria-hidden />} onSelect={() => setPlanned('auto')}>
          Plan a run…
        </MenuItem>
        <MenuItem icon={<RotateCcw aria-hidden />} onSelect={() => setPlanned('full')}>
          Read all of it again…
        </MenuItem>
        <MenuLine />
        <MenuItem
          icon={isPaused ? <Play aria-hidden /> : <Pause aria-hidden />}
          onSelect={() => pause.mutate({ id, paused: !isPaused })}
        >
          {isPaused ? 'Resume' : 'Pause'}
        </MenuItem>
        {mayEnd && (
          <>
            <MenuLine />
            <MenuItem icon={<Unplug aria-hidden />} isDanger onSelect={() => setEnding(true)}>
              Disconnect…
            </MenuItem>
          </>
        )}
      </Menu>
      {planned !== undefined && <PlanDialog id={id} mode={planned} close={() => setPlanned(undefined)} open={open} />}
      {isEnding && <DisconnectDialog id={id} close={() => setEnding(false)} />}
    </>
  )
}
