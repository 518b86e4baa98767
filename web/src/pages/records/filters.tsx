// Owns the filters of a view: each condition as the API writes it, added and taken away one by one.

import { CalendarClock, Plus, X } from 'lucide-react'
import { Popover } from 'radix-ui'
import { type FormEvent, useState } from 'react'
import { Button } from '../../parts/button.tsx'
import { Choice, Field, textIn } from '../../parts/field.tsx'
import type { Outline } from './source.ts'

const SIGNS = [
  ['=', 'is'],
  ['!=', 'is not'],
  ['~=', 'contains'],
  ['>=', 'at least'],
  ['<=', 'at most'],
] as const

const WORDS = new Map<string, string>(SIGNS)

/** `stars>=100` as its column, its comparison and its value. */
export function partsOf(where: string): readonly [column: string, sign: string, value: string] {
  const [, column = where, sign = '=', value = ''] = /^([^=]*?)([!~<>]?=)([^]*)$/.exec(where) ?? []
  return [column, sign, value]
}

export function Conditions({
  where,
  change,
}: {
  readonly where: readonly string[]
  readonly change: (where: readonly string[]) => void
}) {
  return where.map((one) => {
    const [column, sign, value] = partsOf(one)
    return (
      <span
        key={one}
        className="inline-flex h-8 max-w-full items-center gap-1.5 rounded-md border border-accent/40 bg-accent-soft pl-2.5 text-sm"
      >
        <span className="truncate">
          {column} <span className="text-muted">{WORDS.get(sign)}</span> <span className="font-medium">{value}</span>
        </span>
        <button
          type="button"
          aria-label={`Remove the filter ${one}`}
          onClick={() => change(where.filter((other) => other !== one))}
          className="grid size-7 shrink-0 place-items-center text-muted hover:text-text"
        >
          <X aria-hidden className="size-3.5" />
        </button>
      </span>
    )
  })
}

/** The moment of which the records are shown: now, unless one is chosen. */
export function AsOf({
  at,
  change,
}: {
  readonly at: string | undefined
  readonly change: (at: string | undefined) => void
}) {
  const [isOpen, setOpen] = useState(false)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const value = textIn(event.currentTarget, 'at')
    setOpen(false)
    change(value === '' ? undefined : `${value}:00Z`)
  }
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button
          icon={<CalendarClock aria-hidden className="size-3.5" />}
          className={at === undefined ? '' : '!border-accent bg-accent-soft'}
        >
          {at === undefined ? 'As of' : `As of ${at.slice(0, 16).replace('T', ' ')}`}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          aria-label="As of"
          className="appears z-40 w-72 rounded-lg border border-line bg-surface p-3 shadow-high"
        >
          <form onSubmit={submit} className="flex flex-col gap-3">
            <Field
              label="As they were at"
              name="at"
              type="datetime-local"
              required
              defaultValue={at?.slice(0, 16) ?? ''}
              help="In UTC. Records are shown with the content that they had then."
            />
            <div className="flex justify-end gap-2">
              {at !== undefined && (
                <Button
                  onClick={() => {
                    setOpen(false)
                    change(undefined)
                  }}
                >
                  As they are now
                </Button>
              )}
              <Button type="submit" look="primary">
                Show them
              </Button>
            </div>
          </form>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

export function AddCondition({
  outline,
  add,
}: {
  readonly outline: Outline | undefined
  readonly add: (where: string) => void
}) {
  const [isOpen, setOpen] = useState(false)
  const [column, setColumn] = useState('')
  const [sign, setSign] = useState('=')
  const names = ['_key', ...(outline?.columns ?? []).map(({ name }) => name)]
  const chosen = column === '' ? (names[1] ?? '_key') : column
  const type = outline?.columns.find(({ name }) => name === chosen)?.type
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const value = textIn(event.currentTarget, 'value')
    setOpen(false)
    add(`${chosen}${sign}${value}`)
  }
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button icon={<Plus aria-hidden className="size-3.5" />}>Filter</Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={6}
          aria-label="New filter"
          className="appears z-40 w-72 rounded-lg border border-line bg-surface p-3 shadow-high"
        >
          <form onSubmit={submit} className="flex flex-col gap-3">
            <Choice label="Column" value={chosen} onChange={({ target }) => setColumn(target.value)}>
              {names.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </Choice>
            <Choice label="Comparison" value={sign} onChange={({ target }) => setSign(target.value)}>
              {SIGNS.map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </Choice>
            {type === 'boolean' && sign !== '~=' ? (
              <Choice label="Value" name="value">
                <option>true</option>
                <option>false</option>
              </Choice>
            ) : (
              <Field
                label="Value"
                name="value"
                autoComplete="off"
                inputMode={(type === 'integer' || type === 'real') && sign !== '~=' ? 'decimal' : 'text'}
              />
            )}
            <Button type="submit" look="primary">
              Add filter
            </Button>
          </form>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
