// Owns what is said of a past that is not known: a moment before a stream was first read shows no records, and that is
// not the same as none.

import type { Connection } from '../connection.ts'
import { relativeTime } from '../model/relative-time.ts'
import type { Tidemark } from '../tidemark.ts'
import type { Cli } from './cli.ts'

/** Runs that are looked through for the first one that read a stream; of more it is not said when that was. */
const RUNS = 10_000

/** Says that at this moment (milliseconds since 1970) nothing of the stream was known, if so. */
export async function noteUnknownPast(
  cli: Cli,
  { store, project }: Tidemark,
  { id, row: { no } }: Connection,
  { stream, asOf }: { readonly stream: string; readonly asOf: number },
): Promise<void> {
  const runs = await store.runs.list({ project, connectionNo: no, limit: RUNS })
  const first = runs.findLast(({ passes }) => passes.some((pass) => pass.stream === stream && pass.pages > 0))
  if (first && (asOf >= first.startedAt || runs.length === RUNS)) return
  const when = first ? `was first read ${relativeTime(first.startedAt, cli.now())}` : 'has not been read yet'
  cli.note(`note: ${id}/${stream} ${when}; nothing is known about earlier times`)
}
