// Owns the inputs of forms beside plain text: secrets, switches, files that are dropped.

import { ClipboardPaste, Eye, EyeOff } from 'lucide-react'
import { type InputHTMLAttributes, type ReactNode, useId, useRef, useState } from 'react'
import { IconButton } from './button.tsx'
import { BOX, described, type FieldProps, Frame, Said } from './field.tsx'

interface SecretProps extends FieldProps, Omit<InputHTMLAttributes<HTMLInputElement>, 'value' | 'onChange'> {
  readonly value: string
  readonly change: (value: string) => void
}

/** A text that nobody reads over a shoulder; it is pasted and shown by a button each. */
export function SecretField({ label, help, error, isOptional, value, change, ...input }: SecretProps) {
  const id = useId()
  const field = useRef<HTMLInputElement>(null)
  const [isShown, setShown] = useState(false)
  // A browser that does not let pages read has its own way.
  const canPaste = 'clipboard' in navigator && 'readText' in navigator.clipboard
  const paste = async () => {
    const text = await navigator.clipboard.readText().catch(() => '')
    if (text !== '') change(text.trim())
    field.current?.focus()
  }
  return (
    <Frame id={id} label={label} help={help} error={error} {...(isOptional === undefined ? {} : { isOptional })}>
      <div className="relative">
        <input
          id={id}
          ref={field}
          type={isShown ? 'text' : 'password'}
          autoComplete="new-password"
          autoCapitalize="none"
          spellCheck={false}
          data-1p-ignore
          {...input}
          value={value}
          onChange={({ target }) => change(target.value)}
          aria-invalid={error === undefined ? undefined : true}
          aria-describedby={described(id, help, error)}
          className={`${BOX} font-mono ${canPaste ? 'pr-17' : 'pr-9'}`}
        />
        <span className="absolute inset-y-0 right-0.5 flex items-center">
          {canPaste && (
            <IconButton
              label={`Paste ${label}`}
              className="!h-7 !w-7"
              onClick={() => void paste()}
              icon={<ClipboardPaste aria-hidden className="size-3.5" />}
            />
          )}
          <IconButton
            label={isShown ? `Hide ${label}` : `Show ${label}`}
            className="!h-7 !w-7"
            onClick={() => setShown(!isShown)}
            icon={isShown ? <EyeOff aria-hidden className="size-3.5" /> : <Eye aria-hidden className="size-3.5" />}
          />
        </span>
      </div>
    </Frame>
  )
}

interface SwitchProps {
  readonly label: string
  readonly help?: ReactNode
  readonly error?: string | undefined
  readonly name?: string
  readonly isOn: boolean
  readonly change: (isOn: boolean) => void
}

export function SwitchField({ label, help, error, name, isOn, change }: SwitchProps) {
  const id = useId()
  return (
    <div className="flex items-start gap-2.5">
      <input
        id={id}
        type="checkbox"
        name={name}
        checked={isOn}
        onChange={({ target }) => change(target.checked)}
        aria-describedby={described(id, help, error)}
        className="mt-0.5 size-4 shrink-0"
      />
      <div className="flex min-w-0 flex-col gap-0.5">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        <Said id={id} help={help} error={error} />
      </div>
    </div>
  )
}
