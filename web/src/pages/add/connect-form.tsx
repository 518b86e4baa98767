// Owns the form of a new connection: its name and the options of its connector, each with what the server says is wrong with it.

import { type FormEvent, useEffect, useRef, useState } from 'react'
import { Problem } from '../../api/client.ts'
import { Button } from '../../parts/button.tsx'
import { Field } from '../../parts/field.tsx'
import { ErrorState } from '../../parts/states.tsx'
import { askedFor } from './connectors.ts'
import { OptionField } from './option-field.tsx'
import type { Connector, Login, Option } from './queries.ts'

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
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  /** Fields that were written since the problem was told: what it says of them is old. */
  const [mended, setMended] = useState<readonly string[]>([])
  const form = useRef<HTMLFormElement>(null)
  const { usual, advanced } = askedFor(connector.options)
  const issues = problem instanceof Problem ? problem.issues : []
  const isTaken = made === undefined && taken.includes(id)
  const idError = isTaken ? `A connection is called ${id} already.` : idErrorOf(problem, mended)
  const errorOf = ({ name, label }: Option) => {
    const issue = issues.find(({ option }) => option === name)
    return issue === undefined || mended.includes(name) ? undefined : `${label} ${issue.message}.`
  }
  const named = new Set(connector.options.map(({ name }) => name))
  const isBeside = idError !== undefined || issues.some(({ option }) => option !== null && named.has(option))
  const together = issues.filter(({ option }) => option === null)
  const hasAdvancedError = advanced.some((option) => errorOf(option) !== undefined)
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [problem])
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (isTaken) return form.current?.querySelector<HTMLElement>('[name=id]')?.focus()
    setMended([])
    submit({
      connector: connector.name,
      id: id.trim(),
      options: optionsOf(connector.options, values, made !== undefined),
    })
  }
  const fields = (options: readonly Option[]) =>
    options.map((option) => (
      <OptionField
        key={option.name}
        option={option}
        value={values[option.name] ?? ''}
        change={(value) => {
          setValues({ ...values, [option.name]: value })
          setMended([...mended, option.name])
        }}
        error={errorOf(option)}
      />
    ))
  return (
    <form ref={form} noValidate onSubmit={send} className="flex flex-col gap-5">
      <Field
        label="Name"
        name="id"
        value={id}
        readOnly={made !== undefined}
        onChange={({ target }) => {
          setId(target.value)
          setMended([...mended, 'id'])
        }}
        error={idError}
        help="What the connection is called here, in commands and in tables: letters, digits, dots, dashes, underscores."
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
      />
      {fields(usual)}
      {advanced.length > 0 && (
        <details open={hasAdvancedError || undefined} className="group rounded-lg border border-line">
          <summary className="flex h-9 items-center gap-2 px-3 text-sm font-medium select-none">
            Advanced
            <span className="truncate text-xs font-normal text-muted group-open:hidden">
              {advanced.map(({ label }) => label).join(', ')}
            </span>
          </summary>
          <div className="flex flex-col gap-5 border-t border-line p-3">{fields(advanced)}</div>
        </details>
      )}
      {together.map(({ message }) => (
        <p key={message} role="alert" className="text-sm text-bad">
          {`${message.slice(0, 1).toUpperCase()}${message.slice(1)}.`}
        </p>
      ))}
      {problem !== null && problem !== undefined && !isBeside && together.length === 0 && (
        <ErrorState error={problem} />
      )}
      <div className="flex flex-wrap items-center gap-2">
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
      </div>
    </form>
  )
}

/** Codes that are about the name. */
const OF_NAME = ['id_invalid', 'connection_conflict', 'argument_invalid']

function idErrorOf(problem: unknown, mended: readonly string[]): string | undefined {
  if (!(problem instanceof Problem) || !OF_NAME.includes(problem.code) || mended.includes('id')) return undefined
  return [problem.message, problem.hint ?? ''].join(' ').trim()
}

/**
 * What was written; what was left empty is left out, or taken away where the page has given it before. A secret that is left
 * empty stays as it is.
 */
function optionsOf(
  options: readonly Option[],
  values: Readonly<Record<string, string>>,
  isAgain: boolean,
): Readonly<Record<string, unknown>> {
  const given = options.flatMap(({ name, type }): readonly (readonly [string, unknown])[] => {
    const value = values[name]?.trim()
    if (value === undefined) return []
    if (value === '') return isAgain ? [[name, null]] : []
    return [[name, type === 'switch' ? value === 'true' : value]]
  })
  return Object.fromEntries(given)
}
