// Owns views that a person saves: what a page shows, by a name, kept in this browser.

import { Bookmark, BookmarkPlus, X } from 'lucide-react'
import { type FormEvent, useState, useSyncExternalStore } from 'react'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { Menu, MenuItem, MenuLine } from '../parts/menu.tsx'

type Search = Readonly<Record<string, string | undefined>>

interface View {
  readonly name: string
  readonly search: Search
}

/** Views of a page, at most. */
const VIEWS_MAX = 50
const NAME_CHARS_MAX = 60

const keyOf = (page: string) => `tidemark-views-${page}`
const listeners = new Set<() => void>()

function subscribe(changed: () => void): () => void {
  listeners.add(changed)
  addEventListener('storage', changed)
  return () => {
    listeners.delete(changed)
    removeEventListener('storage', changed)
  }
}

/** What another version has written is none. */
function viewsIn(text: string): readonly View[] {
  try {
    const views = JSON.parse(text) as readonly View[]
    return Array.isArray(views) ? views.filter(({ name, search }) => typeof name === 'string' && search !== null) : []
  } catch {
    return []
  }
}

function useViews(page: string): readonly [readonly View[], (next: readonly View[]) => void] {
  const text = useSyncExternalStore(subscribe, () => localStorage.getItem(keyOf(page)) ?? '[]')
  const change = (next: readonly View[]) => {
    localStorage.setItem(keyOf(page), JSON.stringify(next.slice(-VIEWS_MAX)))
    for (const changed of listeners) changed()
  }
  return [viewsIn(text), change]
}

/** The pages whose views are kept, by the name that they have there. */
const PATHS: Readonly<Record<string, { readonly path: string; readonly of: string }>> = {
  overview: { path: '/', of: 'Overview' },
  runs: { path: '/runs', of: 'Runs' },
}

export interface SavedPlace {
  readonly path: string
  readonly name: string
  /** What it is a view of, in words. */
  readonly of: string
  readonly search: Readonly<Record<string, unknown>>
}

/** Every view that is kept in this browser, with its address: of pages, and of the records of streams. */
export function savedPlaces(): readonly SavedPlace[] {
  return Object.keys(localStorage).flatMap((key): readonly SavedPlace[] => {
    const [, page, place] = /^tidemark-views(?:-(.+)|:(.+))$/.exec(key) ?? []
    const views = viewsIn(localStorage.getItem(key) ?? '[]')
    if (place !== undefined) return placesOf(place, views)
    const known = PATHS[page ?? '']
    return known === undefined ? [] : views.map(({ name, search }) => ({ ...known, name, search }))
  })
}

/** Of the records of a stream; its page keeps them as views of its own. */
function placesOf(place: string, views: readonly (View & { readonly view?: object })[]): readonly SavedPlace[] {
  const [id = '', stream = ''] = place.split('/')
  const path = `/connections/${encodeURIComponent(id)}/streams/${encodeURIComponent(stream)}`
  return views.map(({ name, view = {} }) => ({
    path,
    name,
    of: `${id} / ${stream}`,
    search: view as SavedPlace['search'],
  }))
}

interface SavedViewsProps {
  /** Whose views they are. */
  readonly page: string
  /** What is shown now; what is undefined is not filtered by. */
  readonly search: Search
  readonly choose: (search: Search) => void
}

export function SavedViews({ page, search, choose }: SavedViewsProps) {
  const [views, change] = useViews(page)
  const [isSaving, setSaving] = useState(false)
  const isPlain = Object.values(search).every((value) => value === undefined)
  const shown = views.find((view) => Object.keys(search).every((name) => view.search[name] === search[name]))
  // All that a view can say is said by it: what it does not filter by is not filtered by.
  const whole = (of: Search) => ({ ...Object.fromEntries(Object.keys(search).map((name) => [name, undefined])), ...of })
  return (
    <>
      <Menu
        button={
          <Button icon={<Bookmark aria-hidden className="size-3.5" />}>
            {shown === undefined ? 'Views' : shown.name}
          </Button>
        }
      >
        {views.map((view) => (
          <MenuItem key={view.name} icon={<Bookmark aria-hidden />} onSelect={() => choose(whole(view.search))}>
            {view.name}
          </MenuItem>
        ))}
        {views.length > 0 && <MenuLine />}
        <MenuItem icon={<BookmarkPlus aria-hidden />} onSelect={() => setSaving(true)}>
          Save this view…
        </MenuItem>
        {shown !== undefined && (
          <MenuItem
            icon={<X aria-hidden />}
            isDanger
            onSelect={() => change(views.filter(({ name }) => name !== shown.name))}
          >
            {`Forget “${shown.name}”`}
          </MenuItem>
        )}
        {!isPlain && (
          <MenuItem icon={<X aria-hidden />} onSelect={() => choose(whole({}))}>
            Show all
          </MenuItem>
        )}
      </Menu>
      {isSaving && (
        <NameDialog
          close={() => setSaving(false)}
          save={(name) => change([...views.filter((one) => one.name !== name), { name, search }])}
        />
      )}
    </>
  )
}

function NameDialog({ close, save }: { readonly close: () => void; readonly save: (name: string) => void }) {
  const [name, setName] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() === '') return
    save(name.trim())
    close()
  }
  return (
    <Dialog title="Save this view" close={close}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label="Name"
          autoFocus
          required
          maxLength={NAME_CHARS_MAX}
          value={name}
          onChange={({ target }) => setName(target.value)}
          help="It is kept in this browser. To share what you see, copy the address."
        />
        <Button look="primary" type="submit" className="self-end">
          Save
        </Button>
      </form>
    </Dialog>
  )
}
