// Owns how connections and streams are named together: `me`, `me/stars`.

import { TidemarkError } from '../model/errors.ts'
import type { Mirror } from './mirror.ts'

interface StreamTarget {
  readonly connection: string
  readonly stream: string
}

/**
 * `<connection>[/<stream>]`… gathered by connection, in the order in which they were named; no streams means all.
 *
 * @throws TidemarkError argument_invalid
 */
export function gatherTargets(targets: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const wholes = new Set(targets.filter((target) => !target.includes('/')))
  const gathered = new Map<string, string[]>()
  for (const target of targets) {
    if (!target.includes('/')) {
      if (target === '') throw new TidemarkError('argument_invalid', 'The name of a connection is empty.')
      gathered.set(target, [])
      continue
    }
    const { connection, stream } = parseTarget(target)
    const streams = gathered.get(connection) ?? []
    if (!wholes.has(connection) && !streams.includes(stream)) streams.push(stream)
    gathered.set(connection, streams)
  }
  return gathered
}

/** `<connection>/<stream>`, both needed. @throws TidemarkError argument_invalid */
export function parseTarget(text: string): StreamTarget {
  const [connection = '', stream = '', ...rest] = text.split('/')
  if (connection === '' || stream === '' || rest.length > 0) throw noStream(text)
  return { connection, stream }
}

/**
 * The same; where a connection alone is named, the hint says which streams it has.
 *
 * @throws TidemarkError argument_invalid
 */
export async function streamTarget(
  { store, project }: Pick<Mirror, 'store' | 'project'>,
  text: string,
): Promise<StreamTarget> {
  const row = text.includes('/') ? undefined : await store.connections.find(project, text)
  if (!row) return parseTarget(text)
  const names = (await store.streams.list(row.no)).map(({ stream }) => `${text}/${stream}`)
  throw noStream(text, names.length === 1 ? `Did you mean ${names[0]}?` : `Its streams: ${names.join(', ')}`)
}

function noStream(text: string, hint = 'List connections and their streams with: tidemark status'): TidemarkError {
  return new TidemarkError('argument_invalid', `"${text}" names no stream: write <connection>/<stream>.`, { hint })
}
