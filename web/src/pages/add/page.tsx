// Owns the choice of a connector: what each reads, and what a person needs for it.

import { useQuery } from '@tanstack/react-query'
import { createLazyRoute, getRouteApi, Link } from '@tanstack/react-router'
import { FileUp, KeyRound, Search } from 'lucide-react'
import { Button } from '../../parts/button.tsx'
import { Input, withKey } from '../../parts/field.tsx'
import { EmptyState, Loaded, Skeleton } from '../../parts/states.tsx'
import { Card, Page } from '../../parts/surface.tsx'
import { connectorName, fits, isFed, isPaid, needsOf } from './connectors.ts'
import { type Connector, connectorsQuery } from './queries.ts'

export const page = createLazyRoute('/add')({ component: AddPage })

const route = getRouteApi('/add')

function AddPage() {
  const { q = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const connectors = useQuery(connectorsQuery)
  const shown = (connectors.data?.connectors ?? []).filter((one) => fits(one, q)).toSorted(byName)
  const [first] = shown
  const open = (connector: string) => void navigate({ to: '/add/$connector', params: { connector } })
  const filter = (text: string) => void navigate({ search: text === '' ? {} : { q: text }, replace: true })
  return (
    <Page
      title="Add a connection"
      lead="Choose the service to keep a mirror of. Logins are sealed, and stay on this server."
      actions={
        <div className="w-full sm:w-64">
          <Input
            type="search"
            label="Find a connector"
            placeholder={withKey('Find…')}
            value={q}
            onKeyDown={({ key }) => {
              if (key === 'Enter' && first) open(first.name)
            }}
            onChange={({ target }) => filter(target.value)}
          />
        </div>
      }
    >
      <Loaded query={connectors} wait={<Waiting />}>
        {() => {
          if (shown.length === 0) {
            return (
              <EmptyState
                icon={<Search aria-hidden />}
                title="No connector fits"
                action={<Button onClick={() => filter('')}>Show all of them</Button>}
              >
                One of your own is a file of about thirty lines: see <code>tidemark new connector</code>.
              </EmptyState>
            )
          }
          return (
            <ul aria-label="Connectors" className={GRID}>
              {shown.map((connector) => (
                <ConnectorCard key={connector.name} connector={connector} />
              ))}
            </ul>
          )
        }}
      </Loaded>
    </Page>
  )
}

/** By the name that is shown; what reads nothing, such as a maker of vectors, is no service to mirror, and comes last. */
function byName(a: Connector, b: Connector): number {
  const reads = Number(b.streams.length > 0) - Number(a.streams.length > 0)
  return reads === 0 ? connectorName(a.name).localeCompare(connectorName(b.name)) : reads
}

const GRID = 'grid grid-cols-[repeat(auto-fill,minmax(min(100%,19rem),1fr))] gap-3'

function ConnectorCard({ connector }: { readonly connector: Connector }) {
  const { name, title, streams } = connector
  return (
    <li className="contents">
      <Card className="relative flex flex-col gap-2.5 p-4 transition-colors hover:border-strong">
        <div>
          <h2 className="font-semibold">
            <Link
              to="/add/$connector"
              params={{ connector: name }}
              data-open
              className="after:absolute after:inset-0 after:rounded-lg"
            >
              {connectorName(name)}
            </Link>
          </h2>
          <p className="mt-0.5 text-sm text-muted">{title}</p>
        </div>
        <ul aria-label={`Streams of ${name}`} className="flex flex-wrap gap-1">
          {streams.map(({ stream }) => (
            <li key={stream} className="rounded bg-raised px-1.5 py-0.5 font-mono text-2xs text-muted">
              {stream}
            </li>
          ))}
        </ul>
        <p className="mt-auto flex items-center gap-2 border-t border-line pt-2.5 text-xs text-muted">
          {isFed(connector) ? (
            <FileUp aria-hidden className="size-3.5 shrink-0" />
          ) : (
            <KeyRound aria-hidden className="size-3.5 shrink-0" />
          )}
          <span className="truncate">{needsOf(connector)}</span>
          {isPaid(connector) && <span className="ml-auto text-warn">costs money</span>}
        </p>
      </Card>
    </li>
  )
}

function Waiting() {
  return (
    <div role="status" aria-label="Loading" className={GRID}>
      {Array.from({ length: 9 }, (_, i) => (
        <Skeleton key={i} className="h-36" />
      ))}
    </div>
  )
}
