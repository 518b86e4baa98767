// Owns the command palette: pages, connections, streams, views that were saved, records, and what can be done with them, found by typing.

import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import {
  Bookmark,
  FileText,
  LogOut,
  type LucideIcon,
  Monitor,
  Moon,
  Plus,
  RefreshCw,
  Search,
  Sun,
  Table,
} from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import { useSync, useSyncAll } from '../api/actions.ts'
import { statusQuery } from '../api/queries.ts'
import { hasWord, searchQuery } from '../api/search.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Dot, healthWords } from '../parts/pill.tsx'
import { addressOf } from '../parts/record-link.tsx'
import { plural } from '../parts/values.tsx'
import { leave } from './navigation.tsx'
import { PLACES } from './places.ts'
import { savedPlaces } from './saved-views.tsx'
import { chooseTheme } from './theme.ts'

/** Records that are found by what is typed. */
const FOUND_MAX = 6
/** With what the values of items begin that the server has found. */
const FOUND = 'found: '
const HEADING =
  '[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-3 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted'

export default function Palette({ close }: { readonly close: () => void }) {
  const navigate = useNavigate()
  const { data } = useQuery(statusQuery)
  const sync = useSync()
  const syncAll = useSyncAll()
  const connections = data?.connections ?? []
  const [saved] = useState(savedPlaces)
  const [typed, setTyped] = useState('')
  const sought = useDeferredValue(typed)
  const found = useQuery(searchQuery({ q: sought, limit: FOUND_MAX }))
  const records = hasWord(typed) ? (found.data?.results ?? []) : []
  const begin = async (id: string) => {
    const run = await sync.mutateAsync({ id }).catch(() => null)
    // One that waits until the connection is free has no page yet.
    if (run !== null) await navigate({ to: '/connections/$id', params: { id }, search: { tab: 'runs', run } })
  }
  const act = (deed: () => unknown) => () => {
    close()
    deed()
  }
  return (
    <Dialog title="Find or do" place="top" close={close}>
      <Command label="Find or do" loop filter={score}>
        <Command.Input
          autoFocus
          value={typed}
          onValueChange={setTyped}
          placeholder="Find something, or say what to do…"
          className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none placeholder:text-muted"
        />
        <Command.List className={`max-h-[50vh] overflow-y-auto px-1.5 pb-2 ${HEADING}`}>
          <Command.Empty className="px-4 py-8 text-center text-sm text-muted">Nothing has that name.</Command.Empty>
          <Command.Group heading="Pages">
            {PLACES.map(({ path, label, icon }) => (
              <Item key={path} icon={icon} choose={act(() => navigate({ to: path }))}>
                {label}
              </Item>
            ))}
          </Command.Group>
          {connections.length > 0 && (
            <Command.Group heading="Connections">
              {connections.map((connection) => (
                <Item
                  key={connection.id}
                  dot={<Dot tone={connection.health} />}
                  more={`${connection.connector} · ${healthWords(connection)}`}
                  choose={act(() => navigate({ to: '/connections/$id', params: { id: connection.id } }))}
                >
                  {connection.id}
                </Item>
              ))}
            </Command.Group>
          )}
          {saved.length > 0 && (
            <Command.Group heading="Saved views">
              {saved.map(({ path, name, of, search }) => (
                <Item
                  key={`${path} ${name}`}
                  icon={Bookmark}
                  more={of}
                  choose={act(() => navigate({ to: path, search: search as never }))}
                >
                  {name}
                </Item>
              ))}
            </Command.Group>
          )}
          <Command.Group heading="Do">
            <Item icon={Plus} choose={act(() => navigate({ to: '/add' }))}>
              Add a connection
            </Item>
            <Item icon={RefreshCw} choose={act(() => syncAll.mutate(undefined))}>
              Sync every connection
            </Item>
            {connections.map(({ id }) => (
              <Item key={id} icon={RefreshCw} choose={act(() => begin(id))}>
                {`Sync ${id}`}
              </Item>
            ))}
            <Item icon={Sun} choose={act(() => chooseTheme('light'))}>
              Light theme
            </Item>
            <Item icon={Moon} choose={act(() => chooseTheme('dark'))}>
              Dark theme
            </Item>
            <Item icon={Monitor} choose={act(() => chooseTheme('system'))}>
              Theme of the system
            </Item>
            <Item icon={LogOut} choose={act(leave)}>
              Log out
            </Item>
          </Command.Group>
          {typed.trim() !== '' && connections.length > 0 && (
            <Command.Group heading="Streams">
              {connections.flatMap(({ id, streams }) =>
                streams.map(({ stream, totalRecords }) => (
                  <Item
                    key={`${id}/${stream}`}
                    id={`stream ${id}/${stream} ${id} ${stream}`}
                    icon={Table}
                    more={plural(totalRecords, 'record')}
                    choose={act(() => navigate({ to: '/connections/$id/streams/$stream', params: { id, stream } }))}
                  >
                    {`${id} / ${stream}`}
                  </Item>
                )),
              )}
            </Command.Group>
          )}
          {hasWord(typed) && (
            <Command.Group heading="Records">
              {records.map(({ connection, stream, key, title }) => (
                <Item
                  key={`${connection}/${stream}/${key}`}
                  id={`${FOUND}${connection}/${stream}/${key}`}
                  icon={FileText}
                  more={`${connection} · ${stream}`}
                  choose={act(() => navigate(addressOf({ connection, stream, key })))}
                >
                  {title}
                </Item>
              ))}
              <Item
                id={`${FOUND}search`}
                icon={Search}
                choose={act(() => navigate({ to: '/search', search: { q: typed } }))}
              >
                {`Search for “${typed}”`}
              </Item>
            </Command.Group>
          )}
        </Command.List>
      </Command>
    </Dialog>
  )
}

/**
 * How well something fits what is typed: each word is a part of it, best at its beginning. Letters here and there are no word: who
 * types `sync` means no `stream yt/channel`. Records were found already: they stand behind what is called as it was typed.
 */
function score(value: string, search: string): number {
  if (value.startsWith(FOUND)) return 0.3
  const text = value.toLowerCase()
  const typed = search.trim().toLowerCase()
  if (text.startsWith(typed)) return 1
  if (!typed.split(/\s+/).every((word) => text.includes(word))) return 0
  return /[^\p{L}\p{N}]/u.test(text[text.indexOf(typed) - 1] ?? 'a') ? 0.8 : 0.5
}

interface ItemProps {
  readonly icon?: LucideIcon
  readonly dot?: React.ReactNode
  readonly more?: string
  /** By which it is told from others, and found. @default its words */
  readonly id?: string
  readonly choose: () => void
  readonly children: string
}

function Item({ icon: Icon, dot, more, id, choose, children }: ItemProps) {
  return (
    <Command.Item
      value={id ?? `${children} ${more ?? ''}`}
      onSelect={choose}
      className="flex h-9 cursor-pointer items-center gap-3 rounded-md px-3 text-sm data-[selected=true]:bg-raised"
    >
      <span className="grid w-4 shrink-0 place-items-center text-muted">
        {Icon ? <Icon aria-hidden className="size-4" /> : dot}
      </span>
      <span className="min-w-0 truncate">{children}</span>
      {more !== undefined && <span className="ml-auto shrink-0 truncate text-xs text-muted">{more}</span>}
    </Command.Item>
  )
}
