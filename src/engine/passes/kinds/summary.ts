// Owns the kind of pass that makes one record of another stream: of the rows of it that this run has read, and of sums over
// its live records. It asks the source for nothing.

import { isComplete } from '../../../model/run.ts'
import type { PassOf } from '../../due/plan.ts'
import { storePage } from '../rows/page.ts'
import { beginPass, type StreamRun } from '../stream-run.ts'
import type { Kind } from './kind.ts'

/** Records that are read at a time. */
const READ_AT_ONCE = 1_000

export const SUMMARY: Kind<PassOf<'summary'>> = {
  standsFor: () => false,
  describe: ({ of }) => `made of what the run reads of ${of}; asks for nothing`,
  plan: ({ of }) => ({ why: `made of what is read of ${of}`, requests: 0 }),
  foresee: (pass, plan) => [{ pass, ...plan }],

  async run(run, { kind, of, sums, make }) {
    const other = run.scope.streamOf(of)
    const wasRead = other?.passes.some(({ ended }) => isComplete(ended)) ?? false
    if (!other || (other.shown.length === 0 && !wasRead)) {
      run.notes.push(`${run.name}: it is made of what the run reads of ${of}, and that is nothing`)
      return
    }
    const entry = beginPass(run, kind)
    const { totals, count } = await addUp(other, sums)
    const made = make({ options: run.scope.options, rows: other.shown, totals, count })
    entry.ended = 'exhausted'
    await storePage(run, entry, { rows: [made], askedAt: other.asked, walk: null, keepSeen: false })
  },
}

/** Null where it can't be told: while a part of the records has not been read, or where no record has the number. */
async function addUp({ scope, row, openWalks }: StreamRun, sums: readonly string[]) {
  const totals: Record<string, number | null> = Object.fromEntries(sums.map((column) => [column, null]))
  if (openWalks.length > 0) return { totals, count: null }
  const { records } = scope.world.store
  let count = 0
  for (let after: string | undefined; ; ) {
    const page = await records.list({
      streamNo: row.no,
      columns: sums,
      limit: READ_AT_ONCE,
      ...(after === undefined ? {} : { after }),
    })
    for (const record of page) {
      for (const column of sums) {
        const value = record[column]
        if (value !== null && value !== undefined) totals[column] = (totals[column] ?? 0) + Number(value)
      }
    }
    count += page.length
    after = page.at(-1)?._key
    if (after === undefined || page.length < READ_AT_ONCE) return { totals, count }
  }
}
