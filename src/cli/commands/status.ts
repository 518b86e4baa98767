// Owns `tidemark status`: how complete and how fresh each stream is, and what its last run came to.

import type { ConnectionStatus, StreamStatus } from '../../engine/runs/documents.ts'
import { isCovered } from '../../model/coverage.ts'
import { count } from '../../model/plural.ts'
import { streamRows } from '../../operations/documents/stream-rows.ts'
import { status as operation } from '../../operations/status.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import type { Paint } from '../terminal/output.ts'
import { pausedText, standingText } from '../terminal/pauses.ts'
import { oneLine, printable } from '../terminal/printable.ts'
import { runProgressText } from '../terminal/progress.ts'
import { lookOf, statusText } from '../terminal/runs.ts'
import { idleText, nextText, placeName, SCHEDULE_COLUMNS, type ShownSchedule } from '../terminal/schedules.ts'
import { noStreamText, nothingToRead } from '../terminal/streamless.ts'
import type { Cell, ColumnOf } from '../terminal/table.ts'
import { ago } from '../terminal/times.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'status', operation, {
    args: ['connection'],
    says:
      'FRESH is when a run last read the stream to its end; LAST FULL, when a full pass last listed everything, which is ' +
      'what notices removals (-: never).',
    examples: ['tidemark status --json'],
  }).action(run(status))

async function status(cli: Cli, only?: string): Promise<void> {
  const tidemark = await cli.open()
  const connections = await tidemark.status({ connection: only })
  if (cli.options.json) return cli.json({ connections, streams: connections.flatMap(streamRows) })
  if (connections.length === 0) return cli.note('Nothing is connected. See: tidemark connect --help')
  const rows = connections.flatMap((of) => of.streams.map((stream) => ({ of, stream })))
  await cli.table(COLUMNS, rows)
  const streamless = connections.flatMap(({ id, streams }) => (streams.length === 0 ? [id] : []))
  if (streamless.length > 0) cli.note(rows.length === 0 ? nothingToRead(streamless) : noStreamText(streamless))
  const active = connections.flatMap((connection) => progressLine(connection, cli.out.paint))
  if (active.length > 0) await cli.out.write(`\n${active.join('')}`)
  const schedules = connections.flatMap(({ id, paused, schedules: own }) =>
    own.map((schedule): ShownSchedule => ({ name: placeName(id, schedule.stream), schedule, paused })),
  )
  if (schedules.length > 0) cli.out.line()
  await cli.table(SCHEDULE_COLUMNS, schedules)
  for (const { id, standing, streams, schedules: own } of connections) {
    if (standing.state !== 'on') cli.err.line(standingText(id, standing))
    for (const text of own.flatMap((one) => idleText(id, one) ?? [])) cli.note(text)
    for (const stream of streams) sayCoverage(cli, placeName(id, stream.stream), stream)
  }
}

/** Why a stream is not complete is never kept quiet; what there is to know of one that is, may be. */
function sayCoverage(cli: Cli, place: string, { coverage, lastRunAt }: StreamStatus): void {
  if (coverage.note === '' || (coverage.kind === 'unread' && lastRunAt === null)) return
  const line = `${place}: ${printable(coverage.note)}`
  if (isCovered(coverage)) cli.note(line)
  else cli.err.line(line)
}

function coverageCell({ coverage: { kind }, held, quarantined }: StreamStatus): Cell {
  if (kind === 'complete') return { text: kind, style: 'green' }
  if (kind === 'unread') return kind
  const n = kind === 'held' ? ` ${count(held)}` : kind === 'quarantined' ? ` ${count(quarantined)}` : ''
  return { text: `${kind}${n}`, style: kind === 'unavailable' ? 'red' : 'yellow' }
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

interface StreamOf {
  readonly of: ConnectionStatus
  readonly stream: StreamStatus
}

const COLUMNS: readonly ColumnOf<StreamOf>[] = [
  { title: 'CONNECTION', of: ({ of }) => ({ text: of.id, style: 'bold' }) },
  { title: 'STREAM', of: ({ stream }) => stream.stream },
  { title: 'RECORDS', align: 'right', of: ({ stream }) => count(stream.totalRecords) },
  { title: 'COVERAGE', of: ({ stream }) => coverageCell(stream) },
  { title: 'FRESH', whole: true, of: ({ stream }, now) => ago(stream.lastSuccessAt, now) },
  { title: 'LAST RUN', of: ({ of }) => stateCell(of) },
  { title: 'NEXT RUN', optional: true, of: ({ stream }, now) => nextText(stream.nextRunAt, now) },
  { title: 'LAST FULL', optional: true, of: ({ stream }, now) => ago(stream.lastFullAt, now) },
]
