// Owns the command palette: pages, connections, records, and what can be done with them, found by typing.

import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { FileText, LogOut, type LucideIcon, Monitor, Moon, Plus, RefreshCw, Search, Sun } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import { useSync, useSyncAll } from '../api/actions.ts'
import { statusQuery } from '../api/queries.ts'
import { hasWord, searchQuery } from '../api/search.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Dot, healthWords } from '../parts/pill.tsx'
import { addressOf } from '../parts/record-link.tsx'
import { leave } from './navigation.tsx'
import { PLACES } from './places.ts'
import { chooseTheme } from './theme.ts'

/** Records that are found by what is typed. */
const FOUND_MAX = 6
const HEADING =
  '[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-3 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted'

export default function Palette({ close }: { readonly close: () => void }) {
  const navigate = useNavigate()
  const { data } = useQuery(statusQuery)
  const sync = useSync()
  const syncAll = useSyncAll()
  const connections = data?.connections ?? []
  const [typed, setTyped] = useState('')
  const sought = useDeferredValue(typed)
  const found = useQuery(searchQuery({ q: sought, limit: FOUND_MAX }))
  const records = hasWord(typed) ? (found.data?.results ?? []) : []
  const act = (deed: () => unknown) => () => {
    close()
    deed()
  }
  return (
    <Dialog title="Find or do" place="top" close={close}>
      <Command label="Find or do" loop>
        <Command.Input
          autoFocus
          value={typed}
          onValueChange={setTyped}
          placeholder="Find a page or a connection, or say what to do…"
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
          {hasWord(typed) && (
            <Command.Group heading="Records">
              {records.map(({ connection, stream, key, title }) => (
                <Item
                  key={`${connection}/${stream}/${key}`}
                  id={`${typed} ${connection}/${stream}/${key}`}
                  icon={FileText}
                  more={`${connection} · ${stream}`}
                  choose={act(() => navigate(addressOf({ connection, stream, key })))}
                >
                  {title}
                </Item>
              ))}
              <Item
                id={`${typed} search`}
                icon={Search}
                choose={act(() => navigate({ to: '/search', search: { q: typed } }))}
              >
                {`Search for “${typed}”`}
              </Item>
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
              <Item key={id} icon={RefreshCw} choose={act(() => sync.mutate({ id }))}>
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
        </Command.List>
      </Command>
    </Dialog>
  )
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
