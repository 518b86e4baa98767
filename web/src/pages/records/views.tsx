// Owns saved views: what stands in the address under a name, remembered in this browser for each stream.

import { Bookmark, BookmarkPlus, X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field, textIn } from '../../parts/field.tsx'
import { Menu, MenuItem, MenuLine } from '../../parts/menu.tsx'
import type { Place } from './asked.ts'
import type { View } from './route.ts'

interface Saved {
  readonly name: string
  readonly view: View
}

const keyOf = ({ id, stream }: Place) => `tidemark-views:${id}/${stream}`

function saved(place: Place): readonly Saved[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(keyOf(place)) ?? '[]')
    return Array.isArray(found) ? (found as Saved[]) : []
  } catch {
    return []
  }
}

interface ViewsProps {
  readonly place: Place
  readonly view: View
  readonly show: (view: View) => void
}

export function Views({ place, view, show }: ViewsProps) {
  const [views, setViews] = useState(() => saved(place))
  const [isNaming, setNaming] = useState(false)
  const keep = (next: readonly Saved[]) => {
    localStorage.setItem(keyOf(place), JSON.stringify(next))
    setViews(next)
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const name = textIn(event.currentTarget, 'name').trim()
    if (name === '') return
    keep([...views.filter((one) => one.name !== name), { name, view }])
    setNaming(false)
  }
  const shown = views.find((one) => JSON.stringify(one.view) === JSON.stringify(view))
  return (
    <>
      <Menu button={<Button icon={<Bookmark aria-hidden className="size-3.5" />}>{shown?.name ?? 'Views'}</Button>}>
        {views.map((one) => (
          <MenuItem key={one.name} icon={<Bookmark aria-hidden />} onSelect={() => show(one.view)}>
            {one.name}
          </MenuItem>
        ))}
        {views.length > 0 && <MenuLine />}
        <MenuItem icon={<BookmarkPlus aria-hidden />} onSelect={() => setNaming(true)}>
          Save this view…
        </MenuItem>
        {shown && (
          <MenuItem icon={<X aria-hidden />} isDanger onSelect={() => keep(views.filter((one) => one !== shown))}>
            Forget this view
          </MenuItem>
        )}
      </Menu>
      {isNaming && (
        <Dialog title="Save this view" close={() => setNaming(false)}>
          <form onSubmit={submit} className="flex flex-col gap-4">
            <Field
              label="Name"
              name="name"
              autoFocus
              autoComplete="off"
              help="Filters, order and columns, kept in this browser. The address of this page shows the same to anybody."
            />
            <Button type="submit" look="primary">
              Save
            </Button>
          </form>
        </Dialog>
      )}
    </>
  )
}
