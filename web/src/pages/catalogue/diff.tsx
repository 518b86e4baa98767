// Owns what differs between two catalogs: what came, what went and what changed, by stream.

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { EmptyState, Loaded } from '../../parts/states.tsx'
import { Card, Section } from '../../parts/surface.tsx'
import { countText } from '../../parts/values.tsx'
import { diffQuery } from './queries.ts'

/** So many of each are listed; the records themselves have the rest. */
const LISTED_MAX = 200

interface DiffProps {
  readonly connection: string
  readonly from: number
  readonly to: number
}

export function Diff({ connection, from, to }: DiffProps) {
  const diff = useQuery(diffQuery(connection, from, to))
  return (
    <div
      tabIndex={0}
      role="region"
      aria-label={`From catalog ${from} to ${to}`}
      className="min-h-0 flex-1 overflow-y-auto"
    >
      <Loaded query={diff}>
        {({ streams }) => {
          const all = Object.entries(streams).filter(
            ([, { added, removed, changed }]) => added.length + removed.length + changed.length > 0,
          )
          if (all.length === 0)
            return <EmptyState title="Nothing differs">{`Catalogs ${from} and ${to} hold the same titles.`}</EmptyState>
          return (
            <div className="flex flex-col gap-6">
              {all.map(([stream, { added, removed, changed }]) => (
                <Section key={stream} title={stream}>
                  <div className="grid gap-3 md:grid-cols-3">
                    <Names title="Came" look="text-good" {...{ connection, stream }} rows={added} />
                    <Names title="Went" look="text-bad" {...{ connection, stream }} rows={removed} />
                    <Names
                      title="Changed"
                      look="text-accent"
                      {...{ connection, stream }}
                      rows={changed.map(({ _key, after }) => ({ ...after, _key }))}
                      more={(i) => Object.keys(changed[i]?.after ?? {}).join(', ')}
                    />
                  </div>
                </Section>
              ))}
            </div>
          )
        }}
      </Loaded>
    </div>
  )
}

interface NamesProps {
  readonly connection: string
  readonly stream: string
  readonly title: string
  readonly look: string
  readonly rows: readonly { readonly _key: string; readonly [name: string]: unknown }[]
  readonly more?: (i: number) => string
}

function Names({ connection, stream, title, look, rows, more }: NamesProps) {
  return (
    <Card className="min-w-0 self-start">
      <h3 className="flex justify-between border-b border-line px-3 py-2 text-sm font-medium">
        {title} <span className={look}>{countText(rows.length)}</span>
      </h3>
      <ul className="divide-y divide-line text-sm">
        {rows.slice(0, LISTED_MAX).map((row, i) => (
          <li key={row._key} className="min-w-0 px-3 py-1.5">
            <Link
              to="/connections/$id/streams/$stream/records/$key"
              params={{ id: connection, stream, key: row._key }}
              data-open
              className="block truncate hover:text-accent hover:underline"
            >
              {nameOf(row)}
            </Link>
            {more && <p className="truncate text-xs text-muted">{more(i)}</p>}
          </li>
        ))}
        {rows.length > LISTED_MAX && (
          <li className="px-3 py-1.5 text-xs text-muted">{`and ${countText(rows.length - LISTED_MAX)} more`}</li>
        )}
        {rows.length === 0 && <li className="px-3 py-1.5 text-xs text-muted">none</li>}
      </ul>
    </Card>
  )
}

function nameOf(row: NamesProps['rows'][number]): string {
  const found = [row['title'], row['name']].find((value) => typeof value === 'string' && value !== '')
  return typeof found === 'string' ? found : row._key
}
