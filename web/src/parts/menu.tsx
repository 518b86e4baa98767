// Owns menus of things to do.

import { DropdownMenu } from 'radix-ui'
import type { ReactNode } from 'react'

/** A menu behind a button. */
export function Menu({ button, children }: { readonly button: ReactNode; readonly children: ReactNode }) {
  return (
    // Not modal: what lies behind may scroll, and nothing is written into the page's style.
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{button}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          className="appears z-40 min-w-48 rounded-lg border border-line bg-surface p-1 shadow-high"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

interface ItemProps {
  readonly icon?: ReactNode
  readonly onSelect: () => void
  readonly isDanger?: boolean
  readonly children: ReactNode
}

export function MenuItem({ icon, onSelect, isDanger = false, children }: ItemProps) {
  return (
    <DropdownMenu.Item
      onSelect={onSelect}
      className={`flex h-8 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-sm outline-none select-none data-highlighted:bg-raised [&_svg]:size-4 [&_svg]:text-muted ${isDanger ? 'text-bad [&_svg]:text-bad' : ''}`}
    >
      {icon}
      {children}
    </DropdownMenu.Item>
  )
}

export function MenuLine() {
  return <DropdownMenu.Separator className="my-1 h-px bg-line" />
}
