// Owns the state of a project, and of the work on its database, in the text format of Prometheus. Pure.

import type { ConnectionStatus } from '../../engine/runs/documents.ts'
import type { Workers } from '../../operations/workers.ts'

interface Metric {
  readonly name: string
  readonly help: string
  readonly rows: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[]
}

/** Source of the format: prometheus.io/docs/instrumenting/exposition_formats (text, version 0.0.4). */
export function metricsText(connections: readonly ConnectionStatus[], { workers, queue, limits }: Workers): string {
  const streams = connections.flatMap(({ id, connector, streams: own }) =>
    own.map((stream) => ({ labels: { connection: id, connector, stream: stream.stream }, stream })),
  )
  const ofStreams = (
    name: string,
    help: string,
    of: (stream: (typeof streams)[number]['stream']) => number | null,
  ) => ({
    name: `tidemark_stream_${name}`,
    help,
    rows: streams.flatMap(({ labels, stream }) => {
      const value = of(stream)
      return value === null ? [] : [[labels, value] as const]
    }),
  })
  const metrics: readonly Metric[] = [
    ofStreams('records', 'Live records.', ({ totalRecords }) => totalRecords),
    ofStreams('complete', '1 where coverage is complete or capped.', ({ coverage: { kind } }) =>
      kind === 'complete' || kind === 'capped' ? 1 : 0,
    ),
    ofStreams('last_success_timestamp_seconds', 'When a run last read the stream to its end.', ({ lastSuccessAt }) =>
      lastSuccessAt === null ? null : Date.parse(lastSuccessAt) / 1_000,
    ),
    ofStreams('held', 'Removals that wait for a person.', ({ held }) => held),
    ofStreams('quarantined', 'Records that could not be read.', ({ quarantined }) => quarantined),
    {
      name: 'tidemark_connection_running',
      help: '1 while a run of the connection is under way.',
      rows: connections.map(({ id, connector, activeRun }) => [{ connection: id, connector }, activeRun ? 1 : 0]),
    },
    {
      name: 'tidemark_connection_paused',
      help: '1 where nothing runs the connection.',
      rows: connections.map(({ id, connector, paused }) => [{ connection: id, connector }, paused.length > 0 ? 1 : 0]),
    },
    // Of the whole database: numbers alone, which tell nothing of what other projects have.
    whole('workers', 'Processes that work on the database.', workers.length),
    whole(
      'workers_capacity',
      'Scheduled runs that they do at a time, at most.',
      sum(workers.map(({ together }) => together)),
    ),
    whole('runs_running', 'Runs under way in the database.', queue.running),
    whole('schedules_due', 'Schedules of the database whose time has come.', queue.due),
    whole(
      'schedules_due_since_timestamp_seconds',
      'Since when the longest overdue schedule is due.',
      queue.dueSince === null ? null : Date.parse(queue.dueSince) / 1_000,
    ),
    whole('orders_open', 'Ordered runs of the database that have not ended.', queue.ordered),
    whole(
      'limits_waiting',
      'Connections of the database that wait for a limit.',
      sum(limits.map(({ waiting }) => waiting)),
    ),
    whole(
      'limits_blocked',
      'Limits that a service has blocked.',
      limits.filter(({ blockedUntil }) => blockedUntil !== null).length,
    ),
  ]
  return metrics.map(textOf).join('')
}

function whole(name: string, help: string, value: number | null): Metric {
  return { name: `tidemark_${name}`, help, rows: value === null ? [] : [[{}, value]] }
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}

function textOf({ name, help, rows }: Metric): string {
  const lines = rows.map(([labels, value]) => {
    const text = Object.entries(labels).map(([label, of]) => `${label}="${of.replaceAll(/["\\\n]/g, escaped)}"`)
    return `${name}${text.length > 0 ? `{${text.join(',')}}` : ''} ${value}\n`
  })
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`
}

function escaped(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`
}
