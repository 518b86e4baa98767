// Owns the state of a project in the text format of Prometheus. Pure.

import type { ConnectionStatus } from '../../engine/runs/documents.ts'

interface Metric {
  readonly name: string
  readonly help: string
  readonly rows: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[]
}

/** Source of the format: prometheus.io/docs/instrumenting/exposition_formats (text, version 0.0.4). */
export function metricsText(connections: readonly ConnectionStatus[]): string {
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
  ]
  return metrics.map(textOf).join('')
}

function textOf({ name, help, rows }: Metric): string {
  const lines = rows.map(([labels, value]) => {
    const text = Object.entries(labels).map(([label, of]) => `${label}="${of.replaceAll(/["\\\n]/g, escaped)}"`)
    return `${name}{${text.join(',')}} ${value}\n`
  })
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`
}

function escaped(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`
}
