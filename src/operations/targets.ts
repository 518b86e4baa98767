// Owns how connections and streams are named together: `me`, `me/stars`. Pure.

import { TidemarkError } from '../model/errors.ts'

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
export function parseTarget(text: string): { readonly connection: string; readonly stream: string } {
  const [connection = '', stream = '', ...rest] = text.split('/')
  if (connection === '' || stream === '' || rest.length > 0) {
    throw new TidemarkError('argument_invalid', `"${text}" names no stream: write <connection>/<stream>.`, {
      hint: 'List connections and their streams with: tidemark status',
    })
  }
  return { connection, stream }
}
