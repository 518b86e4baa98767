// Owns `tidemark status`: how complete and how fresh each stream is, and what its last run came to.

import type { ConnectionStatus, StreamStatus } from '../../engine/runs/report.ts'
import type { Tidemark } from '../../open.ts'
import type { QuarantinePlace } from '../../store/store.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { lookOf, plural, statusText } from '../describe-run.ts'
import { pausedText } from '../pauses.ts'
import { oneLine, printable } from '../printable.ts'
import { runProgressText } from '../progress.ts'
import { nextText, placeName, SCHEDULE_COLUMNS, scheduleRow } from '../schedule-rows.ts'
import { type Cell, count, table } from '../table.ts'
import type { Paint } from '../terminal.ts'
import { ago } from '../times.ts'

export const declare: Declare = (program, run) =>
  program
    .command('status')
    .summary('how complete and how fresh everything is')
    .description(
      'Shows each stream: its live records, whether all of the source is covered, when it was last read completely, and ' +
        'what its connection is doing; then what is scheduled.',
    )
    .addHelpText('after', examples('tidemark status', 'tidemark status --json'))
    .action(run(status))

async function status(cli: Cli): Promise<void> {
  const tidemark = await cli.open()
  const connections = await tidemark.status()
  if (cli.options.json) return cli.json({ connections, streams: connections.flatMap(streamRows) })
  if (connections.length === 0) return cli.note('Nothing is connected. See: tidemark connect --help')
  const rows = connections.flatMap((connection) => tableRows(connection, cli.now()))
  await cli.out.write(table(COLUMNS, rows, cli.out))
  const active = connections.flatMap((connection) => progressLine(connection, cli.out.paint))
  if (active.length > 0) await cli.out.write(`\n${active.join('')}`)
  const schedules = connections.flatMap(({ id, paused, schedules: own }) =>
    own.map((schedule) => scheduleRow({ name: placeName(id, schedule.stream), schedule, paused }, cli.now())),
  )
  if (schedules.length > 0) await cli.out.write(`\n${table(SCHEDULE_COLUMNS, schedules, cli.out)}`)
  for (const { id, streams } of connections) {
    for (const { stream, coverage } of streams) {
      if (coverage.kind !== 'unread' && coverage.note !== '') cli.note(`${id}/${stream}: ${printable(coverage.note)}`)
    }
  }
  await noteQuarantine(cli, tidemark)
}

/** How many records in quarantine are counted; of more it is said that there are more. */
const COUNTED = 500

/** What could not be read is missing from the records, however complete the coverage is. */
async function noteQuarantine(cli: Cli, { store, project }: Tidemark): Promise<void> {
  const places = new Map<string, number>()
  let counted = 0
  let after: QuarantinePlace | undefined
  while (counted < COUNTED) {
    const rows = await store.quarantined({ project, limit: COUNTED - counted, ...(after ? { after } : {}) })
    if (rows.length === 0) break
    for (const { connection, stream, streamNo, identity } of rows) {
      const place = placeName(connection, stream)
      places.set(place, (places.get(place) ?? 0) + 1)
      after = { streamNo, identity }
    }
    counted += rows.length
  }
  for (const [place, n] of places) cli.note(`${place}: ${plural(n, 'record')} could not be read: tidemark quarantine`)
  if (counted === COUNTED) cli.note(`There may be more of them; ${count(COUNTED)} were counted.`)
}

/** The rows of the SQL table `streams`, by its own names. */
function streamRows({ id, streams }: ConnectionStatus): Record<string, unknown>[] {
  return streams.map((stream) => ({
    connection: id,
    stream: stream.stream,
    last_run_at: stream.lastRunAt,
    last_success_at: stream.lastSuccessAt,
    last_full_at: stream.lastFullAt,
    runs_since_full: stream.runsSinceFull,
    last_record_at: stream.lastRecordAt,
    last_mode: stream.lastMode,
    last_records: stream.lastRecords,
    total_records: stream.totalRecords,
    next_run_at: stream.nextRunAt,
    coverage: stream.coverage.kind,
  }))
}

function tableRows(connection: ConnectionStatus, now: number): Cell[][] {
  const { id, streams } = connection
  return streams.map((stream): Cell[] => [
    { text: id, style: 'bold' },
    stream.stream,
    count(stream.totalRecords),
    coverageCell(stream),
    ago(stream.lastSuccessAt, now),
    stateCell(connection),
    nextText(stream.nextRunAt, now),
    ago(stream.lastFullAt, now),
  ])
}

function coverageCell({ coverage }: StreamStatus): Cell {
  if (coverage.kind === 'complete') return { text: coverage.kind, style: 'green' }
  return coverage.kind === 'unread' ? coverage.kind : { text: coverage.kind, style: 'yellow' }
}

function stateCell({ paused, activeRun, lastRun }: ConnectionStatus): Cell {
  if (activeRun) return { text: 'running', style: 'cyan' }
  if (paused.length > 0) return { text: pausedText(paused), style: 'magenta' }
  if (!lastRun) return 'never ran'
  return { text: statusText(lastRun), style: lookOf(lastRun.status).style }
}

/** How far the run of a connection has come, while there is one. */
function progressLine({ id, activeRun }: ConnectionStatus, paint: Paint): string[] {
  if (!activeRun?.progress) return []
  const { sign, style } = lookOf('running')
  return [`${paint(style, sign)} ${paint('bold', oneLine(id))}  ${runProgressText(activeRun.progress)}\n`]
}

const COLUMNS = [
  { title: 'CONNECTION' },
  { title: 'STREAM' },
  { title: 'RECORDS', align: 'right' },
  { title: 'COVERAGE' },
  { title: 'FRESH', whole: true },
  { title: 'LAST RUN' },
  { title: 'NEXT RUN', optional: true },
  { title: 'LAST FULL', optional: true },
] as const
