// Owns the webhooks that the project sends: who is told of what, making one, whose secret is shown once, and one that is open.

import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Plus, Webhook as WebhookIcon } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { SwitchField } from '../../parts/inputs.tsx'
import { Pill } from '../../parts/pill.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { EmptyState, ErrorState, Loaded } from '../../parts/states.tsx'
import { Section } from '../../parts/surface.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { countText, Time } from '../../parts/values.tsx'
import { useCreateWebhook } from './actions.ts'
import { type Webhook, webhooksQuery } from './queries.ts'
import { WebhookPanel } from './webhook-panel.tsx'

type Event = Webhook['events'][number]

const EVENTS: Readonly<Record<Event, string>> = {
  'run.finished': 'A run has ended as it should.',
  'run.failed': 'A run has failed.',
  'run.paused': 'A login must be renewed.',
  'removals.held': 'Removals wait for a decision.',
  'budget.reached': 'A budget is used up.',
}
const NAMES = Object.keys(EVENTS) as Event[]

const route = getRouteApi('/settings')

const COLUMNS: readonly Column<Webhook>[] = [
  {
    id: 'url',
    title: 'Sent to',
    cell: ({ url, note }) => (
      <>
        <span className="block font-medium break-all">{url}</span>
        {note !== '' && <span className="block text-xs text-muted">{note}</span>}
      </>
    ),
  },
  {
    id: 'events',
    title: 'Told of',
    cell: ({ events }) => (events.length === NAMES.length ? 'everything' : events.join(', ')),
    isWide: true,
  },
  { id: 'state', title: 'State', cell: (webhook) => <State webhook={webhook} /> },
  { id: 'created', title: 'Created', cell: ({ createdAt }) => <Time at={createdAt} />, isWide: true },
]

function State({ webhook: { waiting, dead } }: { readonly webhook: Webhook }) {
  if (dead > 0) return <Pill tone="bad">{`${countText(dead)} given up`}</Pill>
  if (waiting > 0) return <Pill tone="busy">{`${countText(waiting)} waiting`}</Pill>
  return <Pill tone="good">all sent</Pill>
}

export function Webhooks() {
  const { webhook } = route.useSearch()
  const navigate = route.useNavigate()
  const webhooks = useQuery(webhooksQuery)
  const [isMaking, setMaking] = useState(false)
  const show = (id: string | undefined) =>
    void navigate({
      search: ({ webhook: _, ...before }) => ({ ...before, ...(id === undefined ? {} : { webhook: id }) }),
      replace: true,
    })
  return (
    <Section
      title="Webhooks"
      lead="Another program is told when something happens, in a signed message that is tried again until it is taken."
      actions={
        <Button look="primary" onClick={() => setMaking(true)} icon={<Plus aria-hidden className="size-3.5" />}>
          New webhook
        </Button>
      }
    >
      <Loaded query={webhooks}>
        {({ webhooks: all }) =>
          all.length === 0 ? (
            <EmptyState icon={<WebhookIcon aria-hidden />} title="Nobody is told">
              A webhook tells another program of runs that end, logins to renew, removals that wait, and budgets used
              up.
            </EmptyState>
          ) : (
            <Table label="Webhooks" columns={COLUMNS} rows={all} keyOf={({ id }) => id} open={({ id }) => show(id)} />
          )
        }
      </Loaded>
      {isMaking && <NewWebhook close={() => setMaking(false)} />}
      {webhook !== undefined && <WebhookPanel id={webhook} close={() => show(undefined)} />}
    </Section>
  )
}

function NewWebhook({ close }: { readonly close: () => void }) {
  const [url, setUrl] = useState('')
  const [note, setNote] = useState('')
  const [events, setEvents] = useState<readonly Event[]>(NAMES)
  const [isPrivate, setPrivate] = useState(false)
  const create = useCreateWebhook()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate({
      url: url.trim(),
      note,
      events: events.length === NAMES.length ? [] : events,
      allowPrivateNetwork: isPrivate,
    })
  }
  if (create.data) {
    return (
      <Dialog title="The new webhook" close={close}>
        <ShownOnce label="Secret" secret={create.data.secret} done={close}>
          Whoever takes the messages checks their signature with it, as Standard Webhooks say.
        </ShownOnce>
      </Dialog>
    )
  }
  return (
    <Dialog title="New webhook" close={close}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-5">
        <Field
          label="Sent to"
          value={url}
          onChange={({ target }) => setUrl(target.value)}
          placeholder="https://example.com/tidemark"
          inputMode="url"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
        <fieldset className="flex flex-col gap-3">
          <legend className="mb-2 text-sm font-medium">Told of</legend>
          {NAMES.map((name) => (
            <SwitchField
              key={name}
              label={name}
              help={EVENTS[name]}
              isOn={events.includes(name)}
              change={(isOn) => setEvents(NAMES.filter((one) => (one === name ? isOn : events.includes(one))))}
            />
          ))}
        </fieldset>
        <Field
          label="What it is for"
          isOptional
          value={note}
          onChange={({ target }) => setNote(target.value)}
          autoComplete="off"
        />
        <SwitchField
          label="May be in a private network"
          help="Addresses on this machine and in its networks are refused otherwise."
          isOn={isPrivate}
          change={setPrivate}
        />
        {create.error && <ErrorState error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" type="submit" isBusy={create.isPending} disabled={events.length === 0}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
