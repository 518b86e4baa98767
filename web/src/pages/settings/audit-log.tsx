// Owns the audit log: who has started, changed or ended what, filtered in the address.

import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ScrollText } from 'lucide-react'
import { Fragment } from 'react'
import { statusQuery } from '../../api/queries.ts'
import { BroughtBack, useRemembered } from '../../app/remembered.tsx'
import { Button } from '../../parts/button.tsx'
import { Choice } from '../../parts/field.tsx'
import { Pill } from '../../parts/pill.tsx'
import { EmptyState, Loaded, SkeletonRows } from '../../parts/states.tsx'
import { Section } from '../../parts/surface.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { Time } from '../../parts/values.tsx'
import { type Deed, deedsQuery } from './queries.ts'
import { SINCE } from './route.ts'

const route = getRouteApi('/settings')

const COLUMNS: readonly Column<Deed & { readonly no: number }>[] = [
  { id: 'at', title: 'When', cell: ({ at }) => <Time at={at} /> },
  {
    id: 'operation',
    title: 'What',
    cell: ({ operation, connection }) => (
      <>
        <span title={operation} className="font-medium">
          {wordsOf(operation)}
        </span>
        {connection !== null && <span className="block text-xs text-muted md:hidden">{connection}</span>}
      </>
    ),
  },
  {
    id: 'connection',
    title: 'Connection',
    cell: ({ connection }) => connection ?? <span className="text-muted">–</span>,
    isWide: true,
  },
  {
    id: 'given',
    title: 'With',
    cell: ({ given }) => (
      <span title={JSON.stringify(given)} className="line-clamp-2 max-w-96 text-xs break-words text-muted">
        {Object.keys(given).length === 0
          ? '–'
          : Object.entries(given).map(([name, value], i) => (
              <Fragment key={name}>
                {i > 0 && ' · '}
                {name} <code className="text-text">{valueText(value)}</code>
              </Fragment>
            ))}
      </span>
    ),
    isWide: true,
  },
  {
    id: 'who',
    title: 'Who',
    cell: ({ who }) => <span className="text-xs break-all text-muted">{who}</span>,
    isWide: true,
  },
  {
    id: 'outcome',
    title: 'Outcome',
    cell: ({ outcome }) => <Pill tone={outcome === 'done' ? 'good' : 'bad'}>{outcome}</Pill>,
  },
]

/** `createToken` as a person says it: create token. */
function wordsOf(operation: string): string {
  return operation.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(', ')
  return JSON.stringify(value)
}

const FILTERS = ['connection', 'since']

export function AuditLog() {
  const { connection, since } = route.useSearch()
  const navigate = route.useNavigate()
  const { data: known } = useQuery(statusQuery)
  const deeds = useInfiniteQuery(deedsQuery(connection, since))
  const to = (search: object) => void navigate({ search: (before) => ({ ...before, ...search }), replace: true })
  const remembered = useRemembered('audit', FILTERS, { search: { connection, since }, change: to })
  const change = (name: 'connection' | 'since', value: string) =>
    remembered.choose({ [name]: value === '' ? undefined : value })
  return (
    <Section
      title="Audit log"
      lead="Every change and every end, those that failed too, with the token or the face that it came through."
      actions={
        <div className="flex w-full gap-2 sm:w-auto">
          <div className="flex-1 sm:w-44">
            <Choice
              label="Connection"
              isBare
              value={connection ?? ''}
              onChange={({ target }) => change('connection', target.value)}
            >
              <option value="">All connections</option>
              {known?.connections.map(({ id }) => (
                <option key={id}>{id}</option>
              ))}
            </Choice>
          </div>
          <div className="flex-1 sm:w-36">
            <Choice label="Since" isBare value={since ?? ''} onChange={({ target }) => change('since', target.value)}>
              <option value="">Since ever</option>
              {SINCE.map((one) => (
                <option key={one} value={one}>
                  Last {one}
                </option>
              ))}
            </Choice>
          </div>
        </div>
      }
    >
      <BroughtBack of={remembered} />
      <Loaded query={deeds} wait={<SkeletonRows rows={10} />}>
        {({ pages }) => {
          const all = pages.flatMap((one) => one.deeds).map((deed, no) => ({ ...deed, no }))
          return all.length === 0 ? (
            <EmptyState icon={<ScrollText aria-hidden />} title="Nothing was done">
              Each run that somebody asks for, each change and each end is written down here.
            </EmptyState>
          ) : (
            <Table label="Audit log" columns={COLUMNS} rows={all} keyOf={({ no }) => String(no)} />
          )
        }}
      </Loaded>
      {deeds.hasNextPage && (
        <div className="flex justify-center">
          <Button isBusy={deeds.isFetchingNextPage} onClick={() => void deeds.fetchNextPage()}>
            Show older ones
          </Button>
        </div>
      )}
    </Section>
  )
}
