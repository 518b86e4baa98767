// Owns the question before something that can't be undone.

import { type ReactNode, useEffect, useRef } from 'react'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { ErrorState } from './states.tsx'

interface ConfirmProps {
  readonly title: string
  /** What the button says: the deed itself. */
  readonly act: string
  readonly isBusy: boolean
  readonly error?: unknown
  readonly confirm: () => void
  readonly close: () => void
  /** What comes of it. */
  readonly children: ReactNode
}

export function Confirm({ title, act, isBusy, error, confirm, close, children }: ConfirmProps) {
  // Enter does not do it by accident.
  const keep = useRef<HTMLButtonElement>(null)
  useEffect(() => keep.current?.focus(), [])
  return (
    <Dialog title={title} close={close}>
      <div className="flex flex-col gap-5">
        <p className="text-sm">{children}</p>
        {error !== null && error !== undefined && <ErrorState error={error} />}
        <div className="flex justify-end gap-2">
          <Button ref={keep} onClick={close}>
            Keep it
          </Button>
          <Button look="danger" isBusy={isBusy} onClick={confirm}>
            {act}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
