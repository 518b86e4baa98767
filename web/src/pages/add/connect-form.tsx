// Owns the form of a new connection: its name above the options of its connector, and what the server says of the name.

import { useRef, useState } from 'react'
import { Problem } from '../../api/client.ts'
import { Button } from '../../parts/button.tsx'
import { Field } from '../../parts/field.tsx'
import { writtenOptions } from './option-values.ts'
import { OptionsForm } from './options-form.tsx'
import type { Connector, Login } from './queries.ts'

interface ConnectFormProps {
  readonly connector: Connector
  readonly proposed: string
  readonly taken: readonly string[]
  /** The name of the connection that this page has made already; undefined: it has made none. */
  readonly made: string | undefined
  readonly problem: unknown
  readonly isBusy: boolean
  readonly submit: (login: Login) => void
  readonly discard: () => void
}

export function ConnectForm(props: ConnectFormProps) {
  const { connector, proposed, taken, made, problem, isBusy, submit, discard } = props
  const [id, setId] = useState(proposed)
  /** Whether the name was written since the problem was told: what it says of it is old. */
  const [isMended, setMended] = useState(false)
  const head = useRef<HTMLDivElement>(null)
  const isTaken = made === undefined && taken.includes(id)
  const idError = isTaken ? `A connection is called ${id} already.` : isMended ? undefined : idErrorOf(problem)
  return (
    <OptionsForm
      options={connector.options}
      problem={problem}
      isShownAbove={idError !== undefined}
      submit={(written) => {
        if (isTaken) return head.current?.querySelector('input')?.focus()
        setMended(false)
        const options = writtenOptions(connector.options, written, made !== undefined)
        submit({ connector: connector.name, id: id.trim(), options })
      }}
      head={
        <div ref={head}>
          <Field
            label="Name"
            name="id"
            value={id}
            readOnly={made !== undefined}
            onChange={({ target }) => {
              setId(target.value)
              setMended(true)
            }}
            error={idError}
            help="What the connection is called here, in commands and in tables: letters, digits, dots, dashes, underscores."
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
        </div>
      }
    >
      <Button look="primary" type="submit" isBusy={isBusy}>
        {made === undefined ? 'Connect' : 'Test it again'}
      </Button>
      {made !== undefined && (
        <Button look="quiet" disabled={isBusy} onClick={discard}>
          Discard {made}
        </Button>
      )}
      <p className="text-xs text-muted" role="status">
        {isBusy
          ? 'The service is asked whose login it is…'
          : 'Asks the service whose login it is, and reads nothing yet.'}
      </p>
    </OptionsForm>
  )
}

/** Codes that are about the name. */
const OF_NAME = ['id_invalid', 'connection_conflict', 'argument_invalid']

function idErrorOf(problem: unknown): string | undefined {
  if (!(problem instanceof Problem) || !OF_NAME.includes(problem.code)) return undefined
  return [problem.message, problem.hint ?? ''].join(' ').trim()
}
