// Owns finding the next position from which a window can be read, when the page at hand can't be: it asks where
// step-over.ts says, and keeps what it is shown.

import type { Page } from '../../../connector/page.ts'
import type { ByCursor } from '../../../connector/passes.ts'
import { isPageFault } from '../../../model/errors.ts'
import { askingOnce, askPage } from '../ask-page.ts'
import { broughtBy, storePage } from '../rows/page.ts'
import { examinerOf } from '../rows/place.ts'
import type { PassEntry, StreamRun } from '../stream-run.ts'
import { probeAt, probed, searchFrom } from './step-over.ts'

/** Whose page is read. */
export interface Place {
  readonly run: StreamRun
  readonly entry: PassEntry
  readonly pass: ByCursor<unknown, unknown>
}

/** The next position from which the window can be read; undefined: there is none, or nobody can tell. */
export async function findReadable(place: Place, from: number | null, until: number): Promise<number | undefined> {
  const { run, pass } = place
  let search = searchFrom(from, until, pass.unitMs !== undefined)
  let isEmpty = true
  for (let at = probeAt(search); at !== undefined; at = probeAt(search)) {
    if (run.scope.purse.requestsLeft < 2) return undefined
    const page = await probe(place, at, until)
    if (page) isEmpty = page.records.length === 0
    search = probed(search, at, page !== undefined)
  }
  const { good, bad } = search
  // Where the window has no end in time, what is still to come may stand before a place where there is nothing yet.
  return good !== undefined && pass.unitMs === undefined && isEmpty && good - bad > 1 ? undefined : good
}

/** A page from this position on, which is stored and anchors nothing; undefined: it can't be read. */
async function probe({ run, entry, pass }: Place, since: number, until: number): Promise<Page | undefined> {
  const asked = askPage(run, pass, { since, until }, askingOnce(run.scope.http))
  const page = await asked.page.catch((error: unknown) => {
    if (!isPageFault(error)) throw error
  })
  if (!page) return undefined
  const work = {
    ...broughtBy(page, asked.at),
    walk: null,
    keepSeen: false,
    examine: examinerOf(pass),
  }
  await storePage(run, entry, work)
  return page
}
