// Owns fields of a form: a label, an input, what it is for, and what is wrong with it.

import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from 'react'

export const BOX =
  'h-8 w-full rounded-md border border-line bg-surface px-2.5 text-sm shadow-card placeholder:text-muted hover:border-strong focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 aria-invalid:border-bad'

export interface FieldProps {
  readonly label: string
  readonly help?: ReactNode
  readonly error?: string | undefined
  readonly isOptional?: boolean
}

/** What stands around an input. */
export function Frame({
  id,
  label,
  help,
  error,
  isOptional = false,
  children,
}: FieldProps & { readonly id: string; readonly children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
        {isOptional && <span className="ml-1.5 text-xs font-normal text-muted">optional</span>}
      </label>
      {children}
      <Said id={id} help={help} error={error} />
    </div>
  )
}

/** What is said of an input, under it: what is wrong first, then what it is. */
export function Said({ id, help, error }: Pick<FieldProps, 'help' | 'error'> & { readonly id: string }) {
  return (
    <>
      {error !== undefined && (
        <p id={`${id}-error`} role="alert" className="text-xs text-bad">
          {error}
        </p>
      )}
      {help !== undefined && (
        <p id={`${id}-help`} className="text-xs break-words text-muted">
          {help}
        </p>
      )}
    </>
  )
}

/** The ids of what is said of an input. */
export const described = (id: string, help: ReactNode, error: string | undefined) =>
  [error === undefined ? '' : `${id}-error`, help === undefined ? '' : `${id}-help`].join(' ').trim() || undefined

export function Field({
  label,
  help,
  error,
  isOptional,
  ...input
}: FieldProps & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId()
  const frame = {
    label,
    help,
    ...(error === undefined ? {} : { error }),
    ...(isOptional === undefined ? {} : { isOptional }),
  }
  return (
    <Frame id={id} {...frame}>
      <input
        id={id}
        {...input}
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={described(id, help, error)}
        className={BOX}
      />
    </Frame>
  )
}

/** A choice of few. */
export function Choice({
  label,
  help,
  error,
  isOptional,
  isBare = false,
  children,
  ...select
}: FieldProps & { readonly isBare?: boolean } & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId()
  const frame = {
    label,
    help,
    ...(error === undefined ? {} : { error }),
    ...(isOptional === undefined ? {} : { isOptional }),
  }
  const box = (
    <select
      id={id}
      {...select}
      aria-label={isBare ? label : undefined}
      aria-invalid={error === undefined ? undefined : true}
      aria-describedby={described(id, help, error)}
      className={`${BOX} pr-7`}
    >
      {children}
    </select>
  )
  return isBare ? (
    box
  ) : (
    <Frame id={id} {...frame}>
      {box}
    </Frame>
  )
}

/** An input without a visible label, such as a filter. */
export function Input({
  label,
  className = '',
  ...input
}: { readonly label: string } & InputHTMLAttributes<HTMLInputElement>) {
  return <input {...input} aria-label={label} className={`${BOX} ${className}`} />
}

/** What a filter says while it is empty, with the key that goes there; a finger has none. */
export function withKey(words: string): string {
  return matchMedia('(pointer: coarse)').matches ? words : `${words}  /`
}

/** What was written into a field of a form. */
export function textIn(form: HTMLFormElement, name: string): string {
  const value = new FormData(form).get(name)
  return typeof value === 'string' ? value : ''
}
