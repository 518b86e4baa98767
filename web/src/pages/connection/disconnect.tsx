// Owns the end of a connection: its secrets are forgotten, or all of it is deleted, once its name was typed.

import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { SwitchField } from '../../parts/inputs.tsx'
import { ErrorState } from '../../parts/states.tsx'
import { useDisconnect } from './deeds.ts'

export function DisconnectDialog({ id, close }: { readonly id: string; readonly close: () => void }) {
  const [typed, setTyped] = useState('')
  const [purge, setPurge] = useState(false)
  const navigate = useNavigate()
  const end = useDisconnect()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (typed !== id) return
    end.mutate(
      { id, purge },
      {
        onSuccess: () => {
          close()
          if (purge) void navigate({ to: '/' })
        },
      },
    )
  }
  return (
    <Dialog title={`Disconnect ${id}`} close={close}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <p className="text-sm">
          Its login and its schedules are forgotten, and nothing reads it any more. Its records stay, with their
          history.
        </p>
        <SwitchField
          label="Delete everything that is stored of it, too"
          help="Records, history, runs: nobody can bring them back."
          isOn={purge}
          change={setPurge}
        />
        <Field
          label={`Type ${id} to confirm`}
          value={typed}
          autoComplete="off"
          autoFocus
          onChange={({ target }) => setTyped(target.value)}
        />
        {end.error !== null && <ErrorState error={end.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Keep it</Button>
          <Button look="danger" type="submit" disabled={typed !== id} isBusy={end.isPending}>
            {purge ? 'Delete all of it' : 'Disconnect'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
