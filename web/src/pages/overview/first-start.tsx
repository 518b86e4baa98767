// Owns the overview before anything is connected: services to begin with, and emulated ones for whoever has no account at hand.

import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { ArrowRight, FlaskConical } from 'lucide-react'
import { useMay } from '../../api/scopes.ts'
import { Button, buttonLook } from '../../parts/button.tsx'
import { ScopeNeeded } from '../../parts/scope-needed.tsx'
import { ErrorState, Loaded, Skeleton } from '../../parts/states.tsx'
import { Card, Code } from '../../parts/surface.tsx'
import { connectorName, needsOf } from '../add/connectors.ts'
import { connectorsQuery, samplesQuery, useSample } from '../add/queries.ts'

/** Those that most people have an account of, or need none for. */
const POPULAR: readonly string[] = ['github', 'youtube', 'tiktok-export', 'reddit', 'sheets', 'stalker']

export default function FirstStart() {
  const connectors = useQuery(connectorsQuery)
  const mayConnect = useMay('admin')
  return (
    <div className="flex flex-col gap-8">
      <section aria-label="Connect a service" className="flex flex-col gap-3">
        <div className="flex flex-wrap items-end justify-between gap-3">
          <div>
            <h2 className="font-semibold">Nothing is connected yet</h2>
            <p className="text-sm text-muted">
              Choose a service, log in, and its records are here, with their history.
            </p>
          </div>
          <Link to="/add" className={buttonLook()}>
            All services
            <ArrowRight aria-hidden className="size-3.5" />
          </Link>
        </div>
        {!mayConnect && <ScopeNeeded scope="admin" what="Connecting a service" />}
        <Loaded query={connectors} wait={<Waiting />}>
          {({ connectors: all }) => (
            <ul aria-label="Services" className="grid grid-cols-1 gap-3 sm:grid-cols-2 lg:grid-cols-3">
              {all
                .filter(({ name }) => POPULAR.includes(name))
                .toSorted((a, b) => POPULAR.indexOf(a.name) - POPULAR.indexOf(b.name))
                .map((connector) => (
                  <li key={connector.name} className="contents">
                    <Card className="relative flex flex-col gap-1 p-4 transition-colors hover:border-strong">
                      <h3 className="font-medium">
                        <Link
                          to="/add/$connector"
                          params={{ connector: connector.name }}
                          data-open
                          className="after:absolute after:inset-0 after:rounded-lg"
                        >
                          {connectorName(connector.name)}
                        </Link>
                      </h3>
                      <p className="text-sm text-muted">{connector.title}</p>
                      <p className="mt-1 truncate text-xs text-muted">Needs: {needsOf(connector)}</p>
                    </Card>
                  </li>
                ))}
            </ul>
          )}
        </Loaded>
      </section>
      <Samples mayConnect={mayConnect} />
    </div>
  )
}

/** What this server emulates; where it does not, what does. */
function Samples({ mayConnect }: { readonly mayConnect: boolean }) {
  const navigate = useNavigate()
  const { data } = useQuery(samplesQuery)
  const sample = useSample()
  const samples = data?.samples ?? []
  const start = (connector: string) =>
    sample.mutate(connector, { onSuccess: (id) => void navigate({ to: '/connections/$id', params: { id } }) })
  return (
    <section aria-label="Try it without an account" className="rounded-lg border border-dashed border-strong p-5">
      <div className="flex items-start gap-3">
        <FlaskConical aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
        <div className="flex min-w-0 flex-col gap-3">
          <div>
            <h2 className="font-semibold">No account at hand?</h2>
            <p className="text-sm text-muted">
              {samples.length > 0
                ? 'This server plays a service on this machine, with invented records. It is a connection like any other, and can be deleted like one.'
                : 'In a terminal, all services play their part, in a database that is thrown away:'}
            </p>
          </div>
          {samples.length === 0 && (
            <p>
              <Code>tidemark demo</Code>
            </p>
          )}
          {mayConnect && samples.length > 0 && (
            <ul aria-label="Emulated services" className="flex flex-wrap gap-2">
              {samples.map(({ connector }) => (
                <li key={connector}>
                  <Button
                    aria-label={`Try an emulated ${connectorName(connector)}`}
                    isBusy={sample.isPending && sample.variables === connector}
                    disabled={sample.isPending}
                    onClick={() => start(connector)}
                  >
                    {connectorName(connector)}
                  </Button>
                </li>
              ))}
            </ul>
          )}
          {sample.error !== null && <ErrorState error={sample.error} />}
        </div>
      </div>
    </section>
  )
}

function Waiting() {
  return (
    <div role="status" aria-label="Loading" className="grid grid-cols-1 gap-3 sm:grid-cols-2 lg:grid-cols-3">
      {Array.from({ length: 6 }, (_, i) => (
        <Skeleton key={i} className="h-24" />
      ))}
    </div>
  )
}
