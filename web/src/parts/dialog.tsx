// Owns dialogs: the browser's own, so that focus, Escape and what lies behind are its business.

import { X } from 'lucide-react'
import { type ReactNode, useLayoutEffect, useRef } from 'react'
import { IconButton } from './button.tsx'

interface DialogProps {
  readonly title: string
  readonly close: () => void
  readonly children: ReactNode
  /** `side`: beside the content, as high as the window. `top`: like a prompt, without a head. @default middle */
  readonly place?: 'middle' | 'side' | 'top'
}

const PLACES: Readonly<Record<'middle' | 'side' | 'top', string>> = {
  middle: 'w-[min(34rem,calc(100vw-2rem))] max-h-[85dvh] rounded-xl border',
  side: 'at-side h-dvh max-h-dvh w-[min(34rem,100vw)] max-w-none border-l',
  top: 'at-top w-[min(38rem,calc(100vw-2rem))] rounded-xl border',
}

/** Is open as long as it is rendered. */
export function Dialog({ title, close, children, place = 'middle' }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const shown = dialog.current
    if (shown && !shown.open) shown.showModal()
    // The browser gives the focus to whatever can have it first: a button, or a frame in which typing is lost. A finger has asked
    // for no keyboard.
    if (!matchMedia('(pointer: coarse)').matches) shown?.querySelector<HTMLElement>('input, textarea, select')?.focus()
    // It gives the focus back to where it was, which it can only while it stands in the page.
    return () => shown?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault()
        close()
      }}
      onClick={(event) => {
        // What lies behind it belongs to the element itself.
        if (event.target === event.currentTarget) close()
      }}
      className={`appears overflow-hidden border-line bg-surface p-0 text-text shadow-high ${PLACES[place]}`}
    >
      {place === 'top' ? (
        children
      ) : (
        <div className="flex h-full max-h-[inherit] flex-col">
          <header className="flex items-center justify-between gap-3 border-b border-line py-2.5 pr-2.5 pl-5">
            <h2 className="truncate font-semibold">{title}</h2>
            <IconButton label="Close" onClick={close} icon={<X aria-hidden className="size-4" />} />
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto p-5">{children}</div>
        </div>
      )}
    </dialog>
  )
}
