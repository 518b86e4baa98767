// Owns the list of keys that a person can look up.

import { Dialog } from '../parts/dialog.tsx'
import { PLACES } from './places.ts'

const KEYS: readonly (readonly [keys: string, does: string])[] = [
  ['Ctrl K', 'find a page, a connection or something to do'],
  ['/', 'filter the list'],
  ['j  k', 'to the next one of a list, or the one before'],
  ['o  Enter', 'open it'],
  ['e', 'show what is in it, in its place'],
  ['x  Space', 'choose a row of a table; with Shift, all up to it'],
  ['Esc', 'close, or let go'],
  ...PLACES.map(({ key, label }) => [`g ${key}`, `go to ${label.toLowerCase()}`] as const),
  ['?', 'this list'],
]

export default function KeyHelp({ close }: { readonly close: () => void }) {
  return (
    <Dialog title="Keys" close={close}>
      <dl className="grid grid-cols-[auto_1fr] items-baseline gap-x-6 gap-y-2.5 text-sm">
        {KEYS.map(([keys, does]) => (
          <div key={keys} className="contents">
            <dt className="flex gap-1.5">
              {keys.split(/ +/).map((key) => (
                <kbd key={key} className="rounded border border-line bg-raised px-1.5 py-0.5 text-xs">
                  {key}
                </kbd>
              ))}
            </dt>
            <dd className="text-muted">{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
