// Owns the page on which a service is connected: the form, whose login it is, and the way to its first sync.

import { useQuery } from '@tanstack/react-query'
import { createLazyRoute, getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Check as CheckIcon, RefreshCw, Upload } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useSync } from '../../api/actions.ts'
import { useMay } from '../../api/scopes.ts'
import { Button, buttonLook } from '../../parts/button.tsx'
import { ScopeNeeded } from '../../parts/scope-needed.tsx'
import { ErrorState, Loaded } from '../../parts/states.tsx'
import { Card, Facts, Page } from '../../parts/surface.tsx'
import { Trail } from '../../parts/trail.tsx'
import { countText, Money, plural } from '../../parts/values.tsx'
import { accountText, checkProblem, isWrong } from './check-words.ts'
import { ConnectForm } from './connect-form.tsx'
import { connectorName, isFed, periodText, proposedId } from './connectors.ts'
import { type Connected, type Connector, connectorQuery, takenQuery, useConnect, useDiscard } from './queries.ts'

export const page = createLazyRoute('/add/$connector')({ component: ConnectPage })

const route = getRouteApi('/add/$connector')

function ConnectPage() {
  const { connector: name } = route.useParams()
  const connector = useQuery(connectorQuery(name))
  const taken = useQuery(takenQuery)
  const mayConnect = useMay('admin')
  return (
    <Page
      title={`Connect ${connectorName(name)}`}
      lead={connector.data?.title}
      above={<Trail steps={[{ label: 'Add a connection', to: { to: '/add' } }]} />}
    >
      <Loaded query={connector}>
        {(known) => (
          <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
            {mayConnect ? (
              <Loaded query={taken}>{(ids) => <Connecting key={name} connector={known} taken={ids} />}</Loaded>
            ) : (
              <ScopeNeeded scope="admin" what="Connecting a service" />
            )}
            <About connector={known} />
          </div>
        )}
      </Loaded>
    </Page>
  )
}

function Connecting({ connector, taken: now }: { readonly connector: Connector; readonly taken: readonly string[] }) {
  // As it was when the page was opened: the one that it makes is not in its own way.
  const [taken] = useState(now)
  const [made, setMade] = useState<string>()
  const connect = useConnect()
  const discard = useDiscard()
  const { data: connected } = connect
  const isRefused = connected !== undefined && isWrong(connected.check)
  if (connected && !isRefused && connect.isSuccess) return <Ready connector={connector} connected={connected} />
  const problem = isRefused && connect.isSuccess ? checkProblem(connected.check) : connect.error
  return (
    <Card className="p-5">
      {made !== undefined && isRefused && connect.isSuccess && (
        <div className="mb-5 flex flex-col gap-2">
          <ErrorState error={problem} />
          <p className="text-sm text-muted">
            {made} is kept, and reads nothing until its login is right. Mend what is wrong, and test it again.
          </p>
        </div>
      )}
      <ConnectForm
        connector={connector}
        proposed={proposedId(connector.name, taken)}
        taken={taken}
        made={made}
        problem={isRefused && connect.isSuccess ? undefined : problem}
        isBusy={connect.isPending || discard.isPending}
        submit={(login) => connect.mutate(login, { onSuccess: ({ id }) => setMade(id) })}
        discard={() => {
          if (made !== undefined) {
            discard.mutate(made, {
              onSuccess: () => {
                setMade(undefined)
                connect.reset()
              },
            })
          }
        }}
      />
    </Card>
  )
}

/** It is connected: whose it is, what a first sync would do, and the button that begins it. */
function Ready({ connector, connected }: { readonly connector: Connector; readonly connected: Connected }) {
  const { id, check, plan } = connected
  const navigate = useNavigate()
  const sync = useSync()
  const begin = useRef<HTMLButtonElement>(null)
  useEffect(() => begin.current?.focus(), [])
  const open = () => void navigate({ to: '/connections/$id', params: { id } })
  const upload = () => void navigate({ to: '/connections/$id/upload', params: { id } })
  const fed = isFed(connector)
  return (
    <Card className="appears flex flex-col gap-4 p-5">
      <div className="flex items-start gap-3">
        <span className="grid size-7 shrink-0 place-items-center rounded-full bg-good-soft text-good">
          <CheckIcon aria-hidden className="size-4" />
        </span>
        <div role="status">
          <h2 className="font-semibold">{id} is connected</h2>
          <p className="text-sm text-muted" data-account>
            {accountText(check)}
          </p>
        </div>
      </div>
      {check.error && <ErrorState error={checkProblem(check)} />}
      {plan && !fed && (
        <Facts
          className="grid-cols-2 rounded-lg border border-line px-4 py-3 sm:grid-cols-3"
          facts={[
            ['Streams', countText(plan.streams.length)],
            ['Requests of a first sync', plan.requests === null ? 'known as it reads' : countText(plan.requests)],
            [
              'Cost',
              plan.cost !== null ? (
                <Money key="cost" amount={plan.cost} currency={plan.currency} />
              ) : plan.paid ? (
                'known as it reads'
              ) : (
                'none'
              ),
            ],
          ]}
        />
      )}
      {plan?.costNote && <p className="text-sm text-warn">{plan.costNote}</p>}
      <div className="flex flex-wrap items-center gap-2">
        {fed ? (
          <Button ref={begin} look="primary" onClick={upload} icon={<Upload aria-hidden className="size-3.5" />}>
            Upload a file
          </Button>
        ) : (
          <Button
            ref={begin}
            look="primary"
            isBusy={sync.isPending}
            onClick={() => sync.mutate({ id }, { onSuccess: open })}
            icon={<RefreshCw aria-hidden className="size-3.5" />}
          >
            Start the first sync
          </Button>
        )}
        <Link to="/connections/$id" params={{ id }} className={buttonLook('quiet')}>
          Look at it first
        </Link>
      </div>
    </Card>
  )
}

/** What it reads, beside the form. */
function About({ connector: { streams, limits, webhooks } }: { readonly connector: Connector }) {
  return (
    <aside aria-label="What it reads" className="flex flex-col gap-4 text-sm">
      <section className="flex flex-col gap-2">
        <h2 className="text-xs font-medium text-muted">What it reads</h2>
        <ul className="flex flex-col gap-2.5">
          {streams.map(({ stream, title, passes, columns, metrics }) => (
            <li key={stream} className="flex flex-col gap-0.5">
              <p>
                <span className="font-mono text-xs">{stream}</span>{' '}
                <span className="text-xs text-muted">
                  {columns.length > 0 ? plural(columns.length, 'column') : 'its own columns'}
                  {metrics.length > 0 && `, ${plural(metrics.length, 'metric')} over time`}
                </span>
              </p>
              {title !== null && <p className="text-xs text-muted">{title}</p>}
              {passes
                .flatMap(({ accepts }) => accepts ?? [])
                .map((accepts) => (
                  <p key={accepts} className="text-xs text-muted">
                    From a file: {accepts}
                  </p>
                ))}
            </li>
          ))}
        </ul>
      </section>
      {limits.length > 0 && (
        <section className="flex flex-col gap-1">
          <h2 className="text-xs font-medium text-muted">Limits that it keeps</h2>
          <ul className="text-xs">
            {limits.map(({ requests, per, when }) => (
              <li key={`${requests} ${per} ${when}`}>
                {plural(requests, 'request')} per {periodText(per)}
                {when !== null && `, ${when}`}
              </li>
            ))}
          </ul>
        </section>
      )}
      {webhooks && (
        <p className="text-xs text-muted">Takes webhooks of the service: changes are read within seconds.</p>
      )}
    </aside>
  )
}
