// Owns when a connection and each of its streams run by themselves: what is set, in words, and a form that changes it.

import { Clock, Pencil } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Problem } from '../../api/client.ts'
import type { Answer } from '../../api/queries.ts'
import { useMay } from '../../api/scopes.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Choice, Field } from '../../parts/field.tsx'
import { scheduleWords } from '../../parts/schedule-words.ts'
import { ScopeNeeded } from '../../parts/scope-needed.tsx'
import { EmptyState, ErrorState } from '../../parts/states.tsx'
import { Section } from '../../parts/surface.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { toast } from '../../parts/toast.tsx'
import { Due, Time } from '../../parts/values.tsx'
import { useSetSchedule } from './deeds.ts'

type Known = Answer<'getConnectionsId'>
type Schedule = Known['schedules'][number]

export function Schedules({ connection }: { readonly connection: Known }) {
  const { id, schedules } = connection
  const maySet = useMay('write')
  /** Null: a new one. */
  const [edited, setEdited] = useState<Schedule | null>()
  return (
    <Section
      title="Schedule"
      lead="A server runs it then. A stream with a schedule of its own is left out of that of the connection."
      actions={
        maySet && (
          <Button onClick={() => setEdited(null)} icon={<Pencil aria-hidden className="size-3.5" />}>
            Set a schedule
          </Button>
        )
      }
    >
      {!maySet && <ScopeNeeded scope="write" what="Setting a schedule" />}
      {schedules.length === 0 ? (
        <EmptyState icon={<Clock aria-hidden />} title={`${id} runs when somebody asks for it`}>
          Set a schedule, and it is read by itself as long as a server runs.
        </EmptyState>
      ) : (
        <Table
          label={`Schedules of ${id}`}
          columns={COLUMNS}
          rows={schedules}
          keyOf={({ stream }) => stream ?? ''}
          {...(maySet ? { open: setEdited } : {})}
        />
      )}
      {edited !== undefined && <Editor connection={connection} schedule={edited} close={() => setEdited(undefined)} />}
    </Section>
  )
}

const COLUMNS: readonly Column<Schedule>[] = [
  {
    id: 'stream',
    title: 'What',
    cell: ({ stream }) => <span className="font-medium">{stream ?? 'the whole connection'}</span>,
  },
  { id: 'when', title: 'When', cell: ({ schedule }) => <span title={schedule}>{scheduleWords(schedule)}</span> },
  { id: 'zone', title: 'Time zone', cell: ({ timezone }) => timezone, isWide: true },
  { id: 'quiet', title: 'Quiet hours', cell: ({ quietHours }) => quietHours ?? '–', isWide: true },
  { id: 'next', title: 'Next run', cell: ({ nextRunAt }) => <Due at={nextRunAt} none="no stream is left for it" /> },
  { id: 'last', title: 'Last by schedule', cell: ({ lastRunAt }) => <Time at={lastRunAt} />, isWide: true },
]

const KINDS = ['every', 'cron', 'adaptive', 'off'] as const
type Kind = (typeof KINDS)[number]

const KIND_WORDS: Readonly<Record<Kind, string>> = {
  every: 'every so often',
  cron: 'at times of the clock (cron)',
  adaptive: 'as often as it changes',
  off: 'never by itself',
}

/** `every 15m` taken apart. */
function partsOf(spec: string | undefined): { readonly kind: Kind; readonly rest: string } {
  const kind = KINDS.find((one) => spec?.startsWith(one)) ?? 'every'
  return { kind, rest: spec?.slice(kind.length).trim() ?? '' }
}

interface EditorProps {
  readonly connection: Known
  readonly schedule: Schedule | null
  readonly close: () => void
}

function Editor({ connection: { id, states }, schedule, close }: EditorProps) {
  const before = partsOf(schedule?.schedule)
  const [stream, setStream] = useState(schedule?.stream ?? '')
  const [kind, setKind] = useState<Kind>(before.kind)
  const [every, setEvery] = useState(before.kind === 'every' && before.rest !== '' ? before.rest : '15m')
  const [cron, setCron] = useState(before.kind === 'cron' ? before.rest : '0 3 * * *')
  const [timezone, setTimezone] = useState(schedule?.timezone ?? '')
  const [quietHours, setQuietHours] = useState(schedule?.quietHours ?? '')
  const set = useSetSchedule(id)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const isOff = kind === 'off'
    const wish = {
      spec: kind === 'every' ? `every ${every.trim()}` : kind === 'cron' ? `cron ${cron.trim()}` : kind,
      ...(stream === '' ? {} : { stream }),
      ...(isOff || timezone.trim() === '' ? {} : { timezone: timezone.trim() }),
      ...(isOff || quietHours.trim() === '' ? {} : { quietHours: quietHours.trim() }),
    }
    const told = await set.mutateAsync(wish).catch(() => undefined)
    if (told === undefined) return
    const now = told.schedules.find((one) => (one.stream ?? '') === stream)
    toast({ text: saidOf(stream === '' ? id : `${id}/${stream}`, now), kind: 'good' })
    close()
  }
  const problem = set.error instanceof Problem ? set.error : undefined
  const wrong = (code: string) =>
    problem?.code === code ? { error: [problem.message, problem.hint ?? ''].join(' ').trim() } : {}
  const isPlaced = problem !== undefined && FIELD_CODES.includes(problem.code)
  return (
    <Dialog title={`Schedule of ${id}`} close={close}>
      <form
        onSubmit={(event) => void submit(event)}
        onChange={() => set.error !== null && set.reset()}
        className="flex flex-col gap-4"
      >
        <Choice label="Of" value={stream} onChange={({ target }) => setStream(target.value)}>
          <option value="">the whole connection</option>
          {states.map((one) => (
            <option key={one.stream}>{one.stream}</option>
          ))}
        </Choice>
        <Choice label="It runs" value={kind} onChange={({ target }) => setKind(target.value as Kind)}>
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {KIND_WORDS[one]}
            </option>
          ))}
        </Choice>
        {kind === 'every' && (
          <Field
            label="Every"
            value={every}
            required
            onChange={({ target }) => setEvery(target.value)}
            help="Such as 15m, 6h or 1d."
            {...wrong('schedule_invalid')}
          />
        )}
        {kind === 'cron' && (
          <Field
            label="Times"
            value={cron}
            required
            onChange={({ target }) => setCron(target.value)}
            help="Minute, hour, day of the month, month, day of the week: 0 3 * * * is every day at three."
            {...wrong('schedule_invalid')}
          />
        )}
        {kind !== 'off' && (
          <>
            <Field
              label="Time zone"
              isOptional
              value={timezone}
              placeholder="that of the project"
              onChange={({ target }) => setTimezone(target.value)}
              help="An IANA name, such as Europe/Berlin."
              {...wrong('timezone_invalid')}
            />
            <Field
              label="Quiet hours"
              isOptional
              value={quietHours}
              placeholder="none"
              onChange={({ target }) => setQuietHours(target.value)}
              help="No scheduled run begins within, such as 22:00-06:00."
              {...wrong('quiet_hours_invalid')}
            />
          </>
        )}
        {set.error !== null && !isPlaced && <ErrorState error={set.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" type="submit" isBusy={set.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** What is wrong with one field, by the code that the API refuses it with. */
const FIELD_CODES: readonly string[] = ['schedule_invalid', 'timezone_invalid', 'quiet_hours_invalid']

/** `me runs every 15m, next on 29 Nov 2026, 17:15.` */
function saidOf(name: string, schedule: Schedule | undefined): string {
  if (schedule === undefined) return `${name} runs when somebody asks for it.`
  const { schedule: spec, nextRunAt, timezone } = schedule
  if (nextRunAt === null) return `${name}: ${spec}. No stream is left that it reads.`
  const at = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short', timeZone: timezone })
  return `${name}: ${spec}. It runs next on ${at.format(Date.parse(nextRunAt))} (${timezone}).`
}
