// Owns the choice of notifications in this browser, and what they can do here.

import { BellRing, CloudUpload } from 'lucide-react'
import type { ReactNode } from 'react'
import { type NotificationState, turnNotifications, useNotifications } from '../../app/notifications.ts'
import { beginPush, type PushState, usePush } from '../../app/push.ts'
import { Button } from '../../parts/button.tsx'
import { Pill, type Tone } from '../../parts/pill.tsx'
import { Card, Section } from '../../parts/surface.tsx'
import { useTestPush } from './actions.ts'

type Said = readonly [tone: Tone, word: string, says: string]

const STATES: Readonly<Record<NotificationState, Said>> = {
  on: ['good', 'on', 'A run of 20 s or more ended, a login must be renewed, removals wait for you.'],
  off: ['idle', 'off', 'Your browser asks you once whether this server may show them.'],
  denied: ['warn', 'refused', 'This browser was told to refuse them: change that in its settings for this address.'],
  absent: ['idle', 'not possible', 'This browser shows none for this address: it takes https, or this machine itself.'],
}

export function Notifications() {
  const state = useNotifications()
  const push = usePush()
  const test = useTestPush()
  const [tone, word, says] = STATES[state]
  return (
    <Section
      title="Notifications"
      lead="When a long run ends, a login must be renewed, or removals wait for you, and nobody is looking at the dashboard."
    >
      <Card className="divide-y divide-line">
        <Choice icon={BellRing} title="In this browser" tone={tone} word={word} says={says}>
          {(state === 'on' || state === 'off') && (
            <Button look={state === 'on' ? 'plain' : 'primary'} onClick={() => void turnNotifications(state === 'off')}>
              {state === 'on' ? 'Turn off' : 'Turn on'}
            </Button>
          )}
        </Choice>
        {state === 'on' && (
          <Choice icon={CloudUpload} title="While the dashboard is closed" {...closedSays(push)}>
            {push.is === 'on' && (
              <Button isBusy={test.isPending} onClick={() => test.mutate(push.id)}>
                Send a test
              </Button>
            )}
            {(push.is === 'failed' || push.is === 'off') && <Button onClick={() => void beginPush()}>Try again</Button>}
          </Choice>
        )}
      </Card>
      <p className="text-xs text-muted">To tell another program, whether a browser is open or not, make a webhook.</p>
    </Section>
  )
}

function closedSays(push: PushState): { readonly tone: Tone; readonly word: string; readonly says: string } {
  if (push.is === 'on')
    return {
      tone: 'good',
      word: 'on',
      says: 'By the push service of this browser, which cannot read what it passes on.',
    }
  if (push.is === 'absent')
    return {
      tone: 'idle',
      word: 'not possible',
      says: 'This browser has no push service. An installed app may have one.',
    }
  if (push.is === 'failed') return { tone: 'warn', word: 'not reached', says: push.why }
  return { tone: 'idle', word: 'off', says: 'The server does not know this browser yet.' }
}

interface ChoiceProps {
  readonly icon: typeof BellRing
  readonly title: string
  readonly tone: Tone
  readonly word: string
  readonly says: string
  readonly children: ReactNode
}

function Choice({ icon: Icon, title, tone, word, says, children }: ChoiceProps) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-4 px-4 py-3.5">
      <div className="flex min-w-0 flex-1 basis-60 items-start gap-3">
        <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
        <div className="min-w-0">
          <p className="flex flex-wrap items-center gap-2 font-medium">
            {title} <Pill tone={tone}>{word}</Pill>
          </p>
          <p className="text-sm break-words text-muted">{says}</p>
        </div>
      </div>
      {children}
    </div>
  )
}
