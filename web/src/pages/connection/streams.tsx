// Owns the streams of a connection: what is stored of each, how complete that is, drawn as what was read and the gaps in it.

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type Answer, type Gap, gapsQuery } from '../../api/queries.ts'
import { type Interval, Intervals } from '../../parts/bar.tsx'
import { Coverage } from '../../parts/pill.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { Count, countText, Due, plural, relative, Time } from '../../parts/values.tsx'
import { Gaps } from './gaps.tsx'
import { coverageQuery } from './queries.ts'

type Times = Answer<'getConnectionsIdCoverage'>['coverage'][number]['intervals']
type State = Answer<'getConnectionsId'>['states'][number]

export function Streams({ connection }: { readonly connection: Answer<'getConnectionsId'> }) {
  const { data } = useQuery(gapsQuery(connection.id))
  const { activeRun } = connection
  // A walk that goes on has left nothing out yet.
  const gaps = (data?.gaps ?? []).filter(({ run }) => activeRun === null || run !== activeRun.id)
  const isBeingRead = ({ lastSuccessAt, totalRecords }: State) =>
    activeRun !== null && lastSuccessAt === null && totalRecords > 0
  const times = useQuery(coverageQuery(connection.id)).data?.coverage
  const timesOf = (name: string) => times?.find(({ stream }) => stream === name)?.intervals ?? null
  const gapsOf = (name: string) => gaps.filter(({ stream }) => stream === name)
  const columns: readonly Column<State>[] = [
    {
      id: 'stream',
      title: 'Stream',
      cell: ({ stream, held, quarantined, unconfirmed }) => (
        <>
          <Link
            to="/connections/$id/streams/$stream"
            params={{ id: connection.id, stream }}
            data-open
            className="font-medium hover:text-accent hover:underline"
          >
            {stream}
          </Link>
          <Waiting held={held} quarantined={quarantined} unconfirmed={unconfirmed} />
        </>
      ),
    },
    { id: 'records', title: 'Records', cell: ({ totalRecords }) => <Count n={totalRecords} />, isNumber: true },
    {
      id: 'coverage',
      title: 'Coverage',
      cell: (state) => (
        <div className="flex min-w-32 flex-col gap-1.5 sm:min-w-52">
          <div className="flex items-center gap-2">
            <Coverage coverage={state.coverage} isBeingRead={isBeingRead(state)} />
            {state.coverage.note !== '' && !isBeingRead(state) && (
              <span className="line-clamp-2 text-xs text-muted">{state.coverage.note}</span>
            )}
          </div>
          <Intervals
            intervals={intervalsOf(state, gapsOf(state.stream), timesOf(state.stream))}
            label={timesOf(state.stream)?.map(timeText).join('; ') ?? labelOf(state, gapsOf(state.stream))}
          />
        </div>
      ),
    },
    { id: 'read', title: 'Last read', cell: ({ lastSuccessAt }) => <Time at={lastSuccessAt} /> },
    { id: 'full', title: 'Last full read', cell: ({ lastFullAt }) => <Time at={lastFullAt} />, isWide: true },
    {
      id: 'newest',
      title: 'Newest record',
      cell: ({ lastRecordAt }) => <Time at={lastRecordAt} none="–" />,
      isWide: true,
    },
    { id: 'next', title: 'Next run', cell: ({ nextRunAt }) => <Due at={nextRunAt} none="–" />, isWide: true },
  ]
  return (
    <div className="flex flex-col gap-6">
      <Table
        label={`Streams of ${connection.id}`}
        columns={columns}
        rows={connection.states}
        keyOf={({ stream }) => stream}
      />
      {gaps.length > 0 && <Gaps id={connection.id} gaps={gaps} />}
    </div>
  )
}

function Waiting({ held, quarantined, unconfirmed }: Pick<State, 'held' | 'quarantined' | 'unconfirmed'>) {
  const told = [
    ...(held > 0 ? [`${countText(held)} held`] : []),
    ...(quarantined > 0 ? [`${countText(quarantined)} in quarantine`] : []),
    ...(unconfirmed > 0 ? [`${countText(unconfirmed)} to be confirmed`] : []),
  ]
  return told.length === 0 ? null : <p className="text-xs text-warn">{told.join(' · ')}</p>
}

/**
 * What was read, and each gap in it, as wide as its time is long. Where no times are known, gaps stand at the end: what was not
 * reached.
 */
function intervalsOf({ coverage, totalRecords }: State, gaps: readonly Gap[], times: Times): readonly Interval[] {
  if (times?.some(({ kind }) => kind === 'gap')) return toScale(times)
  if (coverage.kind === 'unread') return [{ from: 0, to: 1, kind: 'unread', title: 'not read yet' }]
  if (gaps.length === 0) return [{ from: 0, to: 1, kind: 'read', title: `${plural(totalRecords, 'record')} read` }]
  const width = Math.min(0.5, 0.15 * gaps.length)
  const each = width / gaps.length
  const missing = gaps.map((gap, i): Interval => {
    const from = 1 - width + i * each
    return { from, to: from + each * 0.9, kind: 'gap', title: gapText(gap) }
  })
  return [{ from: 0, to: 1 - width, kind: 'read', title: `${plural(totalRecords, 'record')} read` }, ...missing]
}

/**
 * On the scale of the source's own time, up to where it was asked for. What reaches back to the beginning of all begins at the left
 * edge.
 */
function toScale(times: NonNullable<Times>): readonly Interval[] {
  const known = times.flatMap(({ from, to }) => [...(from === null ? [] : [from]), to]).map((at) => Date.parse(at))
  const end = Math.max(...known)
  const first = Math.min(...known)
  // Before the first time that is known stands what nobody has dated: a tenth of the length.
  const begin = times[0]?.from === null ? first - Math.max(1, end - first) / 9 : first
  const place = (at: number) => (at - begin) / Math.max(1, end - begin)
  return times.map((time) => ({
    kind: time.kind,
    from: time.from === null ? 0 : place(Date.parse(time.from)),
    to: place(Date.parse(time.to)),
    title: timeText(time),
  }))
}

function momentText(at: string): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
}

function timeText({ kind, from, to, note }: NonNullable<Times>[number]): string {
  const span = `${from === null ? 'from the beginning' : `from ${momentText(from)}`} up to ${momentText(to)}`
  return kind === 'read' ? `read ${span}` : `gap: ${span}${note === '' ? '' : `, ${note}`}`
}

function labelOf({ coverage, stream }: State, gaps: readonly Gap[]): string {
  if (gaps.length === 0) return `${stream}: ${coverage.kind}`
  return `${stream}: ${gaps.map(gapText).join('; ')}`
}

/** `a newestFirst that began 2 days ago ended by budget after 3 pages`, and what the run said of it. */
function gapText(gap: Gap): string {
  const { pass, opened_at: openedAt, ended, pages, note } = gap
  const began = typeof openedAt === 'string' ? `since ${relative(Date.parse(openedAt), Date.now())}` : ''
  const broke = typeof ended === 'string' ? `ended by ${ended}` : ''
  const after = typeof pages === 'number' ? `after ${plural(pages, 'page')}` : ''
  const words = [typeof pass === 'string' ? pass : '', began, broke, after, typeof note === 'string' ? note : '']
  return `gap: ${words.filter((word) => word !== '').join(', ')}`
}
