// Owns what can be done with a connection: run it, stop it, read all of it again, pause it.

import { Ellipsis, Pause, Play, RefreshCw, RotateCcw, Square } from 'lucide-react'
import { useCancel, usePause, useSync } from '../../api/actions.ts'
import { useLive } from '../../api/live.ts'
import type { Answer } from '../../api/queries.ts'
import { Button, IconButton } from '../../parts/button.tsx'
import { Menu, MenuItem, MenuLine } from '../../parts/menu.tsx'
import { UploadDoor } from '../upload/door.tsx'

export function Actions({ connection }: { readonly connection: Answer<'getConnectionsId'> }) {
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
          onClick={() => sync.mutate({ id })}
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
        <MenuItem icon={<RotateCcw aria-hidden />} onSelect={() => sync.mutate({ id, mode: 'full' })}>
          Read all of it again
        </MenuItem>
        <MenuLine />
        <MenuItem
          icon={isPaused ? <Play aria-hidden /> : <Pause aria-hidden />}
          onSelect={() => pause.mutate({ id, paused: !isPaused })}
        >
          {isPaused ? 'Resume' : 'Pause'}
        </MenuItem>
      </Menu>
    </>
  )
}
