// Owns what is said of connections that have nothing to read and are there for others: those that make vectors. Pure.

import { oneLine } from './printable.ts'

export function noStreamText(ids: readonly string[]): string {
  const [verb, whose] = ids.length === 1 ? ['has', 'its'] : ['have', 'their']
  return `${oneLine(ids.join(', '))} ${verb} no stream of ${whose} own: search --semantic uses what ${whose} service makes.`
}

/** Where there is nothing else. */
export function nothingToRead(ids: readonly string[]): string {
  return `There is nothing to read yet: ${noStreamText(ids)} To connect a service that has streams: tidemark connect --help`
}
