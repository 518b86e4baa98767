// Owns the parsing of a page's rows, with a turn for everybody else in between; and that of a page which was asked for
// ahead, which is parsed as soon as it is there: while the store writes the page before it.

import type { Page } from '../../../connector/page.ts'
import type { AskedPage } from '../ask-page.ts'
import type { StreamRun } from '../stream-run.ts'
import { RECORDS_PER_CHECKPOINT_MAX } from './page-parts.ts'
import type { ReadRow, RowParser } from './shape.ts'

/** How long rows are read without a turn for anybody else, in milliseconds. */
export const BUSY_MAX_MS = 50
/** After so many rows the clock is looked at. */
const ROWS_PER_LOOK = 64

/** Each row stands alone, whatever its neighbours are. A heartbeat, a signal and other runs have their turn meanwhile. */
export async function parseRows(
  { parser, scope }: Pick<StreamRun, 'parser' | 'scope'>,
  { rows, askedAt }: { readonly rows: readonly unknown[]; readonly askedAt: number },
  lookForEnd: () => void,
): Promise<readonly ReadRow[]> {
  const { clock } = scope.world
  let since = clock.mono()
  const read: ReadRow[] = []
  for (let i = 0; i < rows.length; i++) {
    if (i % ROWS_PER_LOOK === 0) {
      if (rows.length - i > RECORDS_PER_CHECKPOINT_MAX) lookForEnd()
      if (clock.mono() - since > BUSY_MAX_MS) {
        await clock.sleep(0)
        since = clock.mono()
      }
    }
    read.push(parser.parse(rows[i], i, askedAt))
  }
  return read
}

/** The rows of a page as they were parsed ahead, and by what. */
export interface EarlyRows {
  readonly parser: RowParser
  readonly read: readonly ReadRow[]
}

/** A page that was asked for ahead. */
export interface AskedAhead {
  /** Undefined: it has to be parsed when its turn comes. Never rejects. */
  readonly early?: Promise<EarlyRows | undefined>
}

/** Parses a page as soon as it is there. What goes wrong goes wrong again when its turn comes. */
export async function parseEarly(run: StreamRun, { page, at }: AskedPage): Promise<EarlyRows | undefined> {
  const { parser, scope } = run
  try {
    const { records: rows, columns }: Page = await page
    // It will grow the parser.
    if (columns || run.parser !== parser) return undefined
    return {
      parser,
      read: await parseRows({ parser, scope }, { rows, askedAt: at }, () => scope.signal.throwIfAborted()),
    }
  } catch {
    return undefined
  }
}

/** What was parsed ahead, unless the page before has told of new columns. */
export function readBy({ parser }: StreamRun, early: EarlyRows | undefined): readonly ReadRow[] | undefined {
  return early?.parser === parser ? early.read : undefined
}
