// Owns the form of a connector's options, of a new connection and of one that exists: a field each, those that few need apart,
// and what the server says is wrong beside the field that it is about.

import { ChevronRight } from 'lucide-react'
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { Problem } from '../../api/client.ts'
import { ErrorState } from '../../parts/states.tsx'
import { askedFor } from './connectors.ts'
import { OptionField } from './option-field.tsx'
import { shownValue, type Written } from './option-values.ts'
import type { Option } from './queries.ts'

interface OptionsFormProps {
  readonly options: readonly Option[]
  /** What is set of a connection that exists, without its secrets. */
  readonly before?: Readonly<Record<string, unknown>>
  readonly problem: unknown
  /** Whether `head` shows what is wrong. */
  readonly isShownAbove?: boolean
  readonly submit: (written: Written) => void
  /** Fields that stand above the options. */
  readonly head?: ReactNode
  /** The buttons. */
  readonly children: ReactNode
}

export function OptionsForm(props: OptionsFormProps) {
  const { options, before, problem, isShownAbove = false, submit, head, children } = props
  const [written, setWritten] = useState<Written>({})
  /** Fields that were written since the problem was told: what it says of them is old. */
  const [mended, setMended] = useState<readonly string[]>([])
  const form = useRef<HTMLFormElement>(null)
  const { usual, advanced } = askedFor(options)
  const issues = problem instanceof Problem ? problem.issues : []
  const errorOf = ({ name, label }: Option) => {
    const issue = issues.find(({ option }) => option === name)
    return issue === undefined || mended.includes(name) ? undefined : `${label} ${issue.message}.`
  }
  const named = new Set(options.map(({ name }) => name))
  const isBeside = isShownAbove || issues.some(({ option }) => option !== null && named.has(option))
  const together = issues.filter(({ option }) => option === null)
  const hasAdvancedError = advanced.some((option) => errorOf(option) !== undefined)
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [problem])
  const send = (event: FormEvent) => {
    event.preventDefault()
    setMended([])
    submit(written)
  }
  const fields = (shown: readonly Option[]) =>
    shown.map((option) => (
      <OptionField
        key={option.name}
        option={option}
        value={option.name in written ? (written[option.name] ?? null) : shownValue(before?.[option.name])}
        isStored={before !== undefined}
        change={(value) => {
          setWritten({ ...written, [option.name]: value })
          setMended([...mended, option.name])
        }}
        error={errorOf(option)}
      />
    ))
  return (
    <form ref={form} noValidate onSubmit={send} className="flex flex-col gap-5">
      {head}
      {fields(usual)}
      {advanced.length > 0 && (
        <details open={hasAdvancedError || undefined} className="group rounded-lg border border-line">
          <summary className="flex h-9 items-center gap-2 px-3 text-sm font-medium select-none">
            <ChevronRight aria-hidden className="size-3.5 text-muted transition-transform group-open:rotate-90" />
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
      <div className="flex flex-wrap items-center gap-2">{children}</div>
    </form>
  )
}
