// Owns the errors of names that something has not: what was probably meant, and what it has.

import { TidemarkError } from './errors.ts'
import { knownNames } from './near-miss.ts'

/** `owner`: `Connection "me"`, `Connector github`. */
export function streamUnknown(owner: `Connect${string}`, name: string, streams: readonly string[]): TidemarkError {
  return new TidemarkError('stream_unknown', `${owner} has no stream "${name}".`, {
    hint: knownNames(name, streams, 'Its streams'),
  })
}

/** Of a record that the stream has not, nor ever had. `of`: the connection and the stream, as in `me/stars`. */
export function recordUnknown(of: string, key: string): TidemarkError {
  return new TidemarkError('record_unknown', `The stream ${of} has never had a record "${key}".`, {
    hint: `List keys with: tidemark records ${of} --limit 10`,
  })
}

export function columnUnknown(stream: string, name: string, columns: readonly string[]): TidemarkError {
  return new TidemarkError('column_unknown', `Stream "${stream}" has no column "${name}".`, {
    hint: knownNames(name, columns, 'Its columns'),
  })
}

export function metricUnknown(stream: string, name: string, metrics: readonly string[]): TidemarkError {
  return new TidemarkError('metric_unknown', `Stream "${stream}" keeps no snapshots of "${name}".`, {
    hint: metrics.length > 0 ? knownNames(name, metrics, 'Its metrics') : 'It keeps none at all.',
  })
}
