// Owns the choice of columns: found by name, shown or hidden, and moved.

import { ArrowDown, ArrowUp, Columns3 } from 'lucide-react'
import { Popover } from 'radix-ui'
import { useState } from 'react'
import { Button, IconButton } from '../button.tsx'
import { Input } from '../field.tsx'
import { moved } from './layout.ts'

interface ColumnsProps {
  /** All of them, in their order. */
  readonly names: readonly string[]
  readonly hidden: readonly string[]
  readonly change: (change: { readonly order?: readonly string[]; readonly hidden?: readonly string[] }) => void
  readonly reset: () => void
}

export function ColumnsButton({ names, hidden, change, reset }: ColumnsProps) {
  const [filter, setFilter] = useState('')
  const found = names.filter((name) => name.toLowerCase().includes(filter.toLowerCase()))
  const turn = (name: string) =>
    change({ hidden: hidden.includes(name) ? hidden.filter((one) => one !== name) : [...hidden, name] })
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button icon={<Columns3 aria-hidden className="size-3.5" />}>
          Columns
          <span className="text-xs text-muted">
            {names.length - hidden.length}/{names.length}
          </span>
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          aria-label="Columns"
          className="appears z-40 flex max-h-[min(28rem,70dvh)] w-72 flex-col rounded-lg border border-line bg-surface shadow-high"
        >
          <div className="border-b border-line p-2">
            <Input
              label="Find a column"
              type="search"
              placeholder="Find a column…"
              value={filter}
              onChange={({ target }) => setFilter(target.value)}
            />
          </div>
          <ul className="min-h-0 flex-1 overflow-y-auto p-1">
            {found.map((name) => (
              <li key={name} className="flex items-center gap-1 rounded-md pr-1 hover:bg-raised">
                <label className="flex h-8 min-w-0 flex-1 cursor-pointer items-center gap-2.5 px-2 text-sm">
                  <input
                    type="checkbox"
                    checked={!hidden.includes(name)}
                    onChange={() => turn(name)}
                    className="size-3.5"
                  />
                  <span className="truncate">{name}</span>
                </label>
                <IconButton
                  label={`Move ${name} to the left`}
                  size="small"
                  className="!w-6"
                  onClick={() => change({ order: moved(names, name, -1) })}
                  icon={<ArrowUp aria-hidden className="size-3.5" />}
                />
                <IconButton
                  label={`Move ${name} to the right`}
                  size="small"
                  className="!w-6"
                  onClick={() => change({ order: moved(names, name, 1) })}
                  icon={<ArrowDown aria-hidden className="size-3.5" />}
                />
              </li>
            ))}
            {found.length === 0 && (
              <li className="px-2 py-6 text-center text-sm text-muted">No column has that name.</li>
            )}
          </ul>
          <div className="flex justify-between gap-2 border-t border-line p-2">
            <Button size="small" look="quiet" onClick={() => change({ hidden: [] })}>
              Show all
            </Button>
            <Button size="small" look="quiet" onClick={reset}>
              Reset
            </Button>
          </div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
