// Owns the ways from page to page: at the side of a wide window, at the foot of a narrow one.

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Command as CommandIcon, LogOut, Monitor, Moon, Plus, Search, Sun } from 'lucide-react'
import { logOut } from '../api/client.ts'
import { queryClient, statusQuery } from '../api/queries.ts'
import { IconButton } from '../parts/button.tsx'
import { Dot, healthWords } from '../parts/pill.tsx'
import { Count } from '../parts/values.tsx'
import { Mark } from './mark.tsx'
import { PLACES } from './places.ts'
import { endPush } from './push.ts'
import { chooseTheme, THEMES, useTheme } from './theme.ts'

const LINK =
  'flex h-8 items-center gap-2.5 rounded-md px-2.5 text-sm text-muted hover:bg-raised hover:text-text aria-[current=page]:bg-raised aria-[current=page]:font-medium aria-[current=page]:text-text'

interface Doors {
  readonly openPalette: () => void
}

export function Sidebar({ project, openPalette }: Doors & { readonly project: string }) {
  return (
    <aside className="sticky top-0 hidden h-dvh w-60 shrink-0 flex-col border-r border-line bg-surface lg:flex">
      <div className="flex items-center gap-2.5 px-4 pt-4 pb-3">
        <Mark />
        <div className="min-w-0 leading-tight">
          <p className="font-semibold tracking-tight">Tidemark</p>
          <p className="truncate text-xs text-muted">{project}</p>
        </div>
      </div>
      <div className="px-3 pb-3">
        <button
          type="button"
          onClick={openPalette}
          className="flex h-8 w-full items-center gap-2 rounded-md border border-line bg-bg px-2.5 text-sm text-muted hover:border-strong"
        >
          <Search aria-hidden className="size-3.5" />
          Find or do…
          <kbd className="ml-auto text-xs">Ctrl K</kbd>
        </button>
      </div>
      <nav aria-label="Pages" className="flex flex-col gap-0.5 px-3">
        {PLACES.map(({ path, label, icon: Icon }) => (
          <Link key={path} to={path} activeOptions={{ exact: path === '/' }} className={LINK}>
            <Icon aria-hidden className="size-4" />
            {label}
          </Link>
        ))}
      </nav>
      <Connections />
      <div className="mt-auto flex items-center justify-between border-t border-line px-3 py-2">
        <ThemeSwitch />
        <IconButton label="Log out" onClick={() => void leave()} icon={<LogOut aria-hidden className="size-4" />} />
      </div>
    </aside>
  )
}

/** Each connection with its health: from one to the other in one step. */
function Connections() {
  const { data } = useQuery(statusQuery)
  if (!data || data.connections.length === 0) return null
  return (
    <nav aria-label="Connections" className="mt-5 flex min-h-0 flex-col gap-0.5 overflow-y-auto px-3 pb-3">
      <div className="flex items-center justify-between pb-1 pl-2.5">
        <p className="text-xs font-medium text-muted">Connections</p>
        <Link
          to="/add"
          aria-label="Add a connection"
          title="Add a connection"
          className="grid size-6 place-items-center rounded text-muted hover:bg-raised hover:text-text"
        >
          <Plus aria-hidden className="size-3.5" />
        </Link>
      </div>
      {data.connections.toSorted(byName).map((connection) => (
        <Link key={connection.id} to="/connections/$id" params={{ id: connection.id }} className={`${LINK} shrink-0`}>
          <span title={healthWords(connection)} className="grid size-4 shrink-0 place-items-center">
            <Dot tone={connection.health} />
            <span className="sr-only">{healthWords(connection)}</span>
          </span>
          <span title={connection.id} className="truncate">
            {connection.id}
          </span>
          <span className="ml-auto text-xs font-normal text-muted">
            <Count n={connection.totalRecords} isShort />
          </span>
        </Link>
      ))}
    </nav>
  )
}

const byName = (a: { readonly id: string }, b: { readonly id: string }) => a.id.localeCompare(b.id)

export function BottomBar({ openPalette }: Doors) {
  const look =
    'flex flex-1 flex-col items-center gap-0.5 rounded-md py-1.5 text-2xs text-muted aria-[current=page]:text-accent'
  return (
    <nav
      aria-label="Pages"
      className="fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-surface px-2 pt-1 pb-[max(0.25rem,env(safe-area-inset-bottom))] lg:hidden"
    >
      {PLACES.slice(0, 4).map(({ path, label, icon: Icon }) => (
        <Link key={path} to={path} activeOptions={{ exact: path === '/' }} className={look}>
          <Icon aria-hidden className="size-5" />
          {label}
        </Link>
      ))}
      <button type="button" onClick={openPalette} className={look}>
        <CommandIcon aria-hidden className="size-5" />
        More
      </button>
    </nav>
  )
}

const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon } as const

function ThemeSwitch() {
  const theme = useTheme()
  return (
    <div role="group" aria-label="Theme" className="flex rounded-md border border-line p-0.5">
      {THEMES.map((one) => {
        const Icon = THEME_ICONS[one]
        return (
          <button
            key={one}
            type="button"
            aria-label={one}
            title={one}
            aria-pressed={theme === one}
            onClick={() => chooseTheme(one)}
            className="grid size-6 place-items-center rounded text-muted hover:text-text aria-pressed:bg-raised aria-pressed:text-text"
          >
            <Icon aria-hidden className="size-3.5" />
          </button>
        )
      })}
    </div>
  )
}

export async function leave(): Promise<void> {
  // Who has left is told nothing more, and whoever comes may be somebody else.
  await endPush()
  await logOut()
  queryClient.clear()
  await queryClient.invalidateQueries()
  location.assign('/')
}
