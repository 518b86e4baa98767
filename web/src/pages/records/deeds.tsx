// Owns what can be done with what a table shows: a file of all of it, and copies of the rows that are chosen.

import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { connectionQuery } from '../../api/queries.ts'
import { Button } from '../../parts/button.tsx'
import { Menu, MenuItem } from '../../parts/menu.tsx'
import { plural } from '../../parts/values.tsx'
import { addressOf, orderOf, type Place, whichOf } from './asked.ts'
import { COPIES, copyText, tableOf, textOf } from './copies.ts'
import type { View } from './route.ts'

export function Export({
  place,
  view,
  columns,
}: {
  readonly place: Place
  readonly view: View
  readonly columns: readonly string[]
}) {
  const get = (format: string) => {
    const query = { ...whichOf(view), ...orderOf(view), columns: ['_key', ...columns], format }
    const link = document.createElement('a')
    link.href = addressOf(place, 'export', query)
    link.download = ''
    link.click()
  }
  return (
    <Menu button={<Button icon={<Download aria-hidden className="size-3.5" />}>Export</Button>}>
      {(['csv', 'json', 'jsonl', 'tsv'] as const).map((format) => (
        <MenuItem key={format} icon={<Download aria-hidden />} onSelect={() => get(format)}>
          {`As ${format.toUpperCase()}`}
        </MenuItem>
      ))}
    </Menu>
  )
}

interface ChosenProps {
  readonly place: Place
  readonly chosen: ReadonlySet<string>
  readonly columns: readonly string[]
  readonly forget: () => void
}

/** What can be done with the rows that are chosen. */
export function Chosen({ place, chosen, columns, forget }: ChosenProps) {
  const { data } = useQuery(connectionQuery(place.id))
  const table = tableOf(data?.connector ?? '', place)
  const keys = [...chosen]
  return (
    <div
      role="toolbar"
      aria-label="Selected records"
      className="flex flex-wrap items-center gap-2 rounded-lg border border-line bg-surface px-3 py-2 shadow-card"
    >
      <span className="mr-auto text-sm">{plural(chosen.size, 'record')} selected</span>
      {COPIES.map(([copy, words]) => (
        <Button
          key={copy}
          size="small"
          onClick={() =>
            void copyText(
              textOf(copy, place, { keys, columns: ['_key', ...columns], table }),
              plural(chosen.size, 'record'),
            )
          }
        >
          {words}
        </Button>
      ))}
      <Button size="small" look="quiet" onClick={forget}>
        Clear
      </Button>
    </div>
  )
}
