// Owns buttons, and links that look like them.

import { Loader2 } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'

type Look = 'primary' | 'plain' | 'quiet' | 'danger'

const LOOKS: Readonly<Record<Look, string>> = {
  primary: 'bg-accent text-on-accent border-transparent hover:brightness-110',
  plain: 'bg-surface text-text border-line shadow-card hover:border-strong hover:bg-raised',
  quiet: 'bg-transparent text-muted border-transparent hover:bg-raised hover:text-text',
  danger: 'bg-surface text-bad border-line shadow-card hover:bg-bad-soft hover:border-bad',
}

/** The classes of a button, for a link that is to look like one. */
export function buttonLook(look: Look = 'plain', size: 'small' | 'usual' = 'usual'): string {
  const height = size === 'small' ? 'h-7 px-2 text-xs gap-1.5' : 'h-8 px-3 text-sm gap-2'
  return `inline-flex items-center justify-center rounded-md border font-medium whitespace-nowrap select-none transition-colors disabled:opacity-50 ${height} ${LOOKS[look]}`
}

interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: Look
  readonly size?: 'small' | 'usual'
  readonly icon?: ReactNode
  /** It is being done: the button turns, and takes no second press. */
  readonly isBusy?: boolean
}

export function Button({ look, size, icon, isBusy = false, disabled, children, className = '', ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled === true || isBusy}
      aria-busy={isBusy || undefined}
      className={`${buttonLook(look, size)} ${className}`}
    >
      {isBusy ? <Loader2 aria-hidden className="size-3.5 animate-spin" /> : icon}
      {children}
    </button>
  )
}

/** A button that is a picture alone; its label is read aloud and shown under the pointer. */
export function IconButton({ label, className = '', ...rest }: ButtonProps & { readonly label: string }) {
  return (
    <Button look="quiet" {...rest} aria-label={label} title={label} className={`!px-0 w-8 shrink-0 ${className}`} />
  )
}
