// Owns the tables that can be asked: found by name, each with its columns, put into the statement by a press.

import { queryOptions, useQuery } from '@tanstack/react-query'
import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { api, told } from '../../api/client.ts'
import { Input } from '../../parts/field.tsx'
import { Loaded } from '../../parts/states.tsx'
import { countText } from '../../parts/values.tsx'

/** All tables of a project fit into one answer. */
const TABLES_MAX = 1_000

const tablesQuery = queryOptions({
  queryKey: ['records', 'tables'],
  queryFn: () => told(api.GET('/api/tables', { params: { query: { limit: TABLES_MAX } } })),
  staleTime: 60_000,
})

interface SchemaProps {
  /** Puts a name where the cursor stands. */
  readonly put: (name: string) => void
  /** Asks for the rows of a table. */
  readonly look: (sql: string) => void
}

export function Schema({ put, look }: SchemaProps) {
  const tables = useQuery(tablesQuery)
  const [sought, setSought] = useState('')
  const word = sought.trim().toLowerCase()
  return (
    <div className="flex min-h-0 flex-col gap-2">
      <Input
        label="Find a table or a column"
        placeholder="Find a table or a column…"
        value={sought}
        onChange={({ target }) => setSought(target.value)}
      />
      <Loaded query={tables}>
        {({ tables: all }) => {
          const shown = all.filter(({ table, columns }) => [table, ...columns].some((one) => one.includes(word)))
          return (
            <ul
              aria-label="Tables"
              tabIndex={0}
              className="-mx-1 flex max-h-72 flex-col overflow-y-auto px-1 lg:max-h-[calc(100dvh-24rem)]"
            >
              {shown.map((one) => (
                <Table key={one.table} table={one} word={word} put={put} look={look} />
              ))}
              {shown.length === 0 && <li className="py-2 text-sm text-muted">No table or column has that name.</li>}
            </ul>
          )
        }}
      </Loaded>
    </div>
  )
}

interface TableProps extends SchemaProps {
  readonly table: {
    readonly table: string
    readonly what: string
    readonly rows: number | null
    readonly columns: readonly string[]
  }
  readonly word: string
}

function Table({ table: { table, what, rows, columns }, word, put, look }: TableProps) {
  const [isChosen, setIsChosen] = useState(false)
  const found = word !== '' && !table.includes(word) ? columns.filter((one) => one.includes(word)) : columns
  const isOpen = isChosen || found !== columns
  return (
    <li>
      <div className="flex items-center gap-1 rounded-md hover:bg-raised">
        <button
          type="button"
          aria-expanded={isOpen}
          title={what}
          onClick={() => setIsChosen(!isChosen)}
          className="flex h-7 min-w-0 flex-1 items-center gap-1 px-1 text-left text-sm"
        >
          <ChevronRight
            aria-hidden
            className={`size-3.5 shrink-0 text-muted transition-transform ${isOpen ? 'rotate-90' : ''}`}
          />
          <span className="truncate">{table}</span>
        </button>
        <button
          type="button"
          aria-label={rows === null ? `view the rows of ${table}, not counted` : `Rows of ${table}: ${countText(rows)}`}
          title={rows === null ? 'Look at its rows, which nobody has counted' : 'Look at its rows'}
          onClick={() => look(`select * from ${table} limit 100`)}
          className="h-7 px-1.5 text-xs text-muted hover:text-accent"
        >
          {rows === null ? 'view' : countText(rows)}
        </button>
      </div>
      {isOpen && (
        <ul className="ml-3.5 border-l border-line pl-1.5">
          {found.map((column) => (
            <li key={column}>
              <button
                type="button"
                onClick={() => put(column)}
                title="Put it into the statement"
                className="h-6 w-full truncate rounded px-1.5 text-left font-mono text-xs text-muted hover:bg-raised hover:text-text"
              >
                {column}
              </button>
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}
