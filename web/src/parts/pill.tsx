// Owns words with a colour: the health of a connection, how a run ended, how complete a stream is. The word is always there;
// the colour never stands alone.

import type { Connection, Run, StreamState } from '../api/queries.ts'

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'idle'

const TONES: Readonly<Record<Tone, string>> = {
  good: 'bg-good-soft text-good',
  busy: 'bg-accent-soft text-accent',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  idle: 'bg-raised text-muted',
}

/** Each has a shape of its own, for eyes that do not tell the colours apart. */
const DOTS: Readonly<Record<Tone, string>> = {
  good: 'size-1.5 rounded-full bg-good',
  busy: 'size-2 rounded-full border-2 border-accent breathes',
  warn: 'triangle size-2 bg-warn',
  bad: 'size-1.5 bg-bad',
  idle: 'size-1.5 rounded-full border border-muted',
}

export function Pill({
  tone,
  children,
  title,
}: {
  readonly tone: Tone
  readonly children: string
  readonly title?: string
}) {
  return (
    <span
      title={title}
      className={`inline-flex h-5 items-center gap-1.5 rounded-full px-2 text-xs font-medium whitespace-nowrap ${TONES[tone]}`}
    >
      <Dot tone={tone} />
      {children}
    </span>
  )
}

/** The colour alone, beside a word that says the same. */
export function Dot({ tone }: { readonly tone: Tone }) {
  return <span aria-hidden className={`shrink-0 ${DOTS[tone]}`} />
}

const HEALTHS: Readonly<Record<Connection['health'], string>> = {
  good: 'up to date',
  busy: 'running',
  idle: 'not read yet',
  warn: 'needs attention',
  bad: 'not working',
}

/** The health of a connection in words: why it stands still, where it does. */
export function healthWords({ health, standing }: Pick<Connection, 'health' | 'standing'>): string {
  return standing.state === 'on' ? HEALTHS[health] : standing.state
}

export function Health({ connection }: { readonly connection: Pick<Connection, 'health' | 'standing'> }) {
  const { health, standing } = connection
  const tone = standing.state === 'paused' && health !== 'bad' ? 'idle' : health
  return <Pill tone={tone}>{healthWords(connection)}</Pill>
}

const ENDINGS: Readonly<Record<Run['status'], Tone>> = {
  running: 'busy',
  succeeded: 'good',
  incomplete: 'warn',
  paused: 'warn',
  cancelled: 'idle',
  failed: 'bad',
}

export function RunStatus({ status }: { readonly status: Run['status'] }) {
  return <Pill tone={ENDINGS[status]}>{status}</Pill>
}

const COVERAGES: Readonly<Record<StreamState['coverage']['kind'], Tone>> = {
  complete: 'good',
  capped: 'good',
  unread: 'idle',
  unproved: 'warn',
  stale: 'warn',
  held: 'warn',
  quarantined: 'warn',
  gap: 'warn',
  unavailable: 'bad',
}

/** Nothing of it is known to be missing. */
export function isWhole({ coverage: { kind } }: Pick<StreamState, 'coverage'>): boolean {
  return kind === 'complete' || kind === 'capped'
}

/** Of a stream that its first run is reading, what is missing is no fault. */
export function Coverage({
  coverage,
  isBeingRead = false,
}: Pick<StreamState, 'coverage'> & { readonly isBeingRead?: boolean }) {
  if (isBeingRead && (coverage.kind === 'unread' || coverage.kind === 'gap')) return <Pill tone="busy">reading</Pill>
  return (
    <Pill tone={COVERAGES[coverage.kind]} {...(coverage.note === '' ? {} : { title: coverage.note })}>
      {coverage.kind}
    </Pill>
  )
}
