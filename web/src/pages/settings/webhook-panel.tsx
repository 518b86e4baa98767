// Owns one webhook beside the list: what became of its messages, testing it, sending again, deleting it.

import { useQuery } from '@tanstack/react-query'
import { RotateCcw, Send, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Button, IconButton } from '../../parts/button.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Pill, type Tone } from '../../parts/pill.tsx'
import { ErrorState, Loaded } from '../../parts/states.tsx'
import { Facts } from '../../parts/surface.tsx'
import { countText, plural, Time } from '../../parts/values.tsx'
import { useDeleteWebhook, useReplay, useTestWebhook } from './actions.ts'
import { type Message, webhookQuery } from './queries.ts'

export function WebhookPanel({ id, close }: { readonly id: string; readonly close: () => void }) {
  const webhook = useQuery(webhookQuery(id))
  const test = useTestWebhook()
  const replay = useReplay()
  const drop = useDeleteWebhook()
  const [isAsking, setAsking] = useState(false)
  return (
    <Dialog title="Webhook" place="side" close={close}>
      <Loaded query={webhook}>
        {({ url, events, note, dead, waiting, createdAt, allowPrivateNetwork, messages }) => (
          <div className="flex flex-col gap-5">
            <div>
              <p className="font-medium break-all">{url}</p>
              {note !== '' && <p className="text-sm text-muted">{note}</p>}
            </div>
            <div className="flex flex-wrap gap-2">
              <Button
                isBusy={test.isPending}
                onClick={() => test.mutate(id)}
                icon={<Send aria-hidden className="size-3.5" />}
              >
                Test it
              </Button>
              {dead > 0 && (
                <Button
                  isBusy={replay.isPending}
                  onClick={() => replay.mutate({ id })}
                  icon={<RotateCcw aria-hidden className="size-3.5" />}
                >
                  Send {plural(dead, 'message')} again
                </Button>
              )}
              <Button look="danger" onClick={() => setAsking(true)} icon={<Trash2 aria-hidden className="size-3.5" />}>
                Delete
              </Button>
            </div>
            {test.data && <Tested message={test.data} />}
            {(test.error ?? replay.error) && <ErrorState error={test.error ?? replay.error} />}
            <Facts
              className="grid-cols-2 sm:grid-cols-3"
              facts={[
                ['Created', <Time key="created" at={createdAt} />],
                ['Waiting', countText(waiting)],
                ['Given up', countText(dead)],
                ['Private network', allowPrivateNetwork ? 'allowed' : 'refused'],
              ]}
            />
            <p className="text-sm">
              <span className="text-muted">Told of </span>
              {events.join(', ')}
            </p>
            <section aria-label="Messages" className="flex flex-col gap-2">
              <h3 className="text-sm font-medium">Messages, the newest first</h3>
              {messages.length === 0 && <p className="text-sm text-muted">Nothing was to be told yet.</p>}
              {messages.length > 0 && (
                <ul className="divide-y divide-line rounded-lg border border-line">
                  {messages.map((message) => (
                    <MessageRow
                      key={message.id}
                      message={message}
                      replay={() => replay.mutate({ id, message: message.id })}
                    />
                  ))}
                </ul>
              )}
            </section>
          </div>
        )}
      </Loaded>
      {isAsking && (
        <Confirm
          title="Delete this webhook?"
          act="Delete"
          isBusy={drop.isPending}
          error={drop.error}
          confirm={() => drop.mutate(id, { onSuccess: close })}
          close={() => setAsking(false)}
        >
          All that is still to be sent to it is deleted too. That can't be undone.
        </Confirm>
      )}
    </Dialog>
  )
}

const STATES: Readonly<Record<Message['state'], readonly [tone: Tone, words: string]>> = {
  waiting: ['busy', 'waiting'],
  delivered: ['good', 'delivered'],
  dead: ['bad', 'given up'],
}

function MessageRow({ message, replay }: { readonly message: Message; readonly replay: () => void }) {
  const { event, at, state, tries, status, error, nextAt } = message
  const [tone, words] = STATES[state]
  return (
    <li className="flex items-start gap-3 px-3 py-2 text-sm">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-mono text-xs">{event}</span>
          <Pill tone={tone}>{words}</Pill>
        </p>
        <p className="text-xs text-muted">
          <Time at={at} /> · {plural(tries, 'try', 'tries')}
          {status !== null && ` · answer ${status}`}
          {nextAt !== null && (
            <>
              {' · next '}
              <Time at={nextAt} />
            </>
          )}
        </p>
        {error !== null && state !== 'delivered' && <p className="text-xs break-words text-bad">{error}</p>}
      </div>
      {state !== 'waiting' && (
        <IconButton
          label={`Send ${event} again`}
          onClick={replay}
          icon={<RotateCcw aria-hidden className="size-3.5" />}
        />
      )}
    </li>
  )
}

function Tested({ message: { state, status, error } }: { readonly message: Message }) {
  const isTaken = state === 'delivered'
  return (
    <p
      role="status"
      className={`rounded-lg px-3 py-2 text-sm ${isTaken ? 'bg-good-soft text-good' : 'bg-bad-soft text-bad'}`}
    >
      {isTaken ? 'The test was taken' : 'The test was not taken'}
      {status !== null && `, with answer ${status}`}.{!isTaken && error !== null && ` ${error}`}
    </p>
  )
}
