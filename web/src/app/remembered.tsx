// Owns the filters that a person used last on a page, kept in this browser. The address comes first: only who opens a page without a
// filter gets those, and is told so. What a link brings is not kept; what is chosen on the page is.

import { X } from 'lucide-react'
import { useEffect, useState } from 'react'

type Filters = Readonly<Record<string, unknown>>

const KEY = 'tidemark-filters-'

interface Remembered {
  /** Changes the address as a person wants it, and keeps what it says then. */
  readonly choose: (change: object) => void
  /** Whether what is shown was brought back. */
  readonly isBack: boolean
  /** Forgets it, and shows all. */
  readonly clear: () => void
}

/** `names` of `search` are the filters of a page; `change` writes them into the address. */
export function useRemembered(
  page: string,
  names: readonly string[],
  { search, change }: { readonly search: Filters; readonly change: (filters: object) => void },
): Remembered {
  const [isBack, setBack] = useState(false)
  const none = () => Object.fromEntries(names.map((name) => [name, undefined]))
  useEffect(() => {
    if (names.some((name) => search[name] !== undefined)) return
    const kept = read(page, names)
    if (Object.keys(kept).length === 0) return
    setBack(true)
    change(kept)
    // Once, as the page is opened: who takes a filter away has none.
  }, [page])
  const isFiltered = names.some((name) => search[name] !== undefined)
  return {
    isBack: isBack && isFiltered,
    choose: (next) => {
      setBack(false)
      const filters = Object.entries({ ...search, ...next }).filter(
        ([name, value]) => names.includes(name) && value !== undefined,
      )
      write(page, Object.fromEntries(filters))
      change(next)
    },
    clear: () => {
      setBack(false)
      write(page, {})
      change(none())
    },
  }
}

/** Says that filters were brought back, and takes them away. */
export function BroughtBack({ of: { isBack, clear } }: { readonly of: Remembered }) {
  if (!isBack) return null
  return (
    <p role="status" className="flex flex-wrap items-center gap-x-2 text-sm text-muted">
      Filtered as you left it.
      <button type="button" onClick={clear} className="inline-flex items-center gap-1 text-accent hover:underline">
        <X aria-hidden className="size-3.5" />
        Clear the filters
      </button>
    </p>
  )
}

/** What another version has written is none; a page reads each value as it reads those of its address. */
function read(page: string, names: readonly string[]): Filters {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY + page) ?? '{}') as Filters
    return Object.fromEntries(Object.entries(kept).filter(([name]) => names.includes(name)))
  } catch {
    return {}
  }
}

function write(page: string, filters: Filters): void {
  if (Object.keys(filters).length === 0) localStorage.removeItem(KEY + page)
  else localStorage.setItem(KEY + page, JSON.stringify(filters))
}
