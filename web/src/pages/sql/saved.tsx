// Owns statements that a person keeps: in this browser, by a name.

import { Bookmark, Trash2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button, IconButton } from '../../parts/button.tsx'
import { Input } from '../../parts/field.tsx'

interface Saved {
  readonly name: string
  readonly sql: string
}

const KEPT = 'tidemark-statements'
const KEPT_MAX = 200

/** Statements to begin with. */
const EXAMPLES: readonly Saved[] = [
  {
    name: 'Runs and what they changed',
    sql: 'select started_at, _connection, status, inserted, updated, removed, requests\nfrom runs\norder by started_at desc\nlimit 100',
  },
  {
    name: 'Changes by stream and kind',
    sql: 'select _connection, stream, op, count(*) as changes\nfrom changes\ngroup by _connection, stream, op\norder by changes desc',
  },
  {
    name: 'Streams that are not complete',
    sql: "select _connection, stream, coverage, coverage_note, total_records\nfrom streams\nwhere coverage <> 'complete'",
  },
  {
    name: 'Requests by host and status',
    sql: 'select _connection, status, count(*) as requests\nfrom requests\ngroup by _connection, status\norder by requests desc',
  },
]

function kept(): readonly Saved[] {
  try {
    const all: unknown = JSON.parse(localStorage.getItem(KEPT) ?? '[]')
    return Array.isArray(all) ? all.filter(isSaved) : []
  } catch {
    return []
  }
}

function isSaved(one: unknown): one is Saved {
  const { name, sql } = (one ?? {}) as Partial<Saved>
  return typeof name === 'string' && typeof sql === 'string'
}

export function SavedStatements({ text, open }: { readonly text: string; readonly open: (sql: string) => void }) {
  const [all, setAll] = useState(kept)
  const [name, setName] = useState('')
  const keep = (next: readonly Saved[]) => {
    localStorage.setItem(KEPT, JSON.stringify(next))
    setAll(next)
  }
  const save = (event: FormEvent) => {
    event.preventDefault()
    const named = name.trim()
    if (named === '' || text.trim() === '') return
    keep([{ name: named, sql: text }, ...all.filter((one) => one.name !== named)].slice(0, KEPT_MAX))
    setName('')
  }
  return (
    <div className="flex flex-col gap-2">
      <form onSubmit={save} className="flex gap-1.5" aria-label="Save the statement">
        <Input
          label="Name of the statement"
          placeholder="Save it as…"
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <Button type="submit" disabled={name.trim() === '' || text.trim() === ''}>
          Save
        </Button>
      </form>
      <ul aria-label="Saved statements" className="flex flex-col">
        {all.map((one) => (
          <li key={one.name} className="group flex items-center">
            <Opener saved={one} open={open} />
            <IconButton
              size="small"
              label={`Delete ${one.name}`}
              onClick={() => keep(all.filter(({ name: other }) => other !== one.name))}
              icon={<Trash2 aria-hidden className="size-3.5" />}
            />
          </li>
        ))}
        {EXAMPLES.map((one) => (
          <li key={one.name} className="flex">
            <Opener saved={one} open={open} isExample />
          </li>
        ))}
      </ul>
    </div>
  )
}

interface OpenerProps {
  readonly saved: Saved
  readonly open: (sql: string) => void
  readonly isExample?: boolean
}

function Opener({ saved: { name, sql }, open, isExample = false }: OpenerProps) {
  return (
    <button
      type="button"
      title={sql}
      onClick={() => open(sql)}
      className={`flex h-7 min-w-0 flex-1 items-center gap-2 rounded-md px-2 text-left text-sm hover:bg-raised ${isExample ? 'text-muted' : ''}`}
    >
      <Bookmark aria-hidden className="size-3.5 shrink-0 text-muted" />
      <span className="truncate">{name}</span>
    </button>
  )
}
