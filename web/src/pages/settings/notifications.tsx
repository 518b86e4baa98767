// Owns the choice of notifications in this browser.

import { BellRing } from 'lucide-react'
import { type NotificationState, turnNotifications, useNotifications } from '../../app/notifications.ts'
import { Button } from '../../parts/button.tsx'
import { Pill, type Tone } from '../../parts/pill.tsx'
import { Card, Section } from '../../parts/surface.tsx'

const STATES: Readonly<Record<NotificationState, readonly [tone: Tone, word: string, says: string]>> = {
  on: ['good', 'on', 'Shown while the dashboard is open in the background, in a tab or installed.'],
  off: ['idle', 'off', 'Your browser asks you once whether this server may show them.'],
  denied: ['warn', 'refused', 'This browser was told to refuse them: change that in its settings for this address.'],
  absent: ['idle', 'not possible', 'This browser shows none for this address: it takes https, or this machine itself.'],
}

export function Notifications() {
  const state = useNotifications()
  const [tone, word, says] = STATES[state]
  return (
    <Section
      title="Notifications"
      lead="When a long run ends, or a login must be renewed, and nobody is looking at the dashboard."
    >
      <Card className="flex flex-wrap items-center justify-between gap-4 px-4 py-3.5">
        <div className="flex min-w-0 items-start gap-3">
          <BellRing aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
          <div>
            <p className="flex items-center gap-2 font-medium">
              In this browser <Pill tone={tone}>{word}</Pill>
            </p>
            <p className="text-sm text-muted">{says}</p>
          </div>
        </div>
        {(state === 'on' || state === 'off') && (
          <Button look={state === 'on' ? 'plain' : 'primary'} onClick={() => void turnNotifications(state === 'off')}>
            {state === 'on' ? 'Turn off' : 'Turn on'}
          </Button>
        )}
      </Card>
      <p className="text-xs text-muted">To tell another program, whether a browser is open or not, make a webhook.</p>
    </Section>
  )
}
