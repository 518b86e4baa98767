// Owns the growing of an open stream: the columns that a page tells of become columns of its table before a row of the page
// is read, and what was stored before is read again for them.

import type { FoundColumn } from '../../../connector/page.ts'
import { fillColumns } from '../fill-columns.ts'
import type { StreamRun } from '../stream-run.ts'

/** @throws TidemarkError connector_invalid where the stream is not open; shape_conflict for a name that can't be one */
export async function growColumns(run: StreamRun, found: readonly FoundColumn[]): Promise<void> {
  const parser = run.parser.grown(found)
  if (parser === run.parser) return
  const { world, lease, signal } = run.scope
  const row = await world.store.streams.define(run.row.connectionNo, parser.shape)
  await fillColumns(world.store, lease, row, parser, signal)
  run.parser = parser
}
