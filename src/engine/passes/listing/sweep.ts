// Owns reading those pages of a leg again where records were shown a second time, until nothing can be missing there. See
// shown-twice.ts for what that proves.

import type { ListingPass } from '../../../connector/passes.ts'
import type { Key } from '../../../model/record.ts'
import { REREADS_MAX } from '../removals/guard.ts'
import { broughtBy, storePage } from '../rows/page.ts'
import { examinerOf } from '../rows/place.ts'
import type { PassEntry, StreamRun } from '../stream-run.ts'
import { placedRows, type ShownTwice, Sweeps, type Swept } from './shown-twice.ts'
import type { ListingSource } from './source.ts'

/** Pages that are read again for the places of a leg: so many, or REREADS_MAX times as many as it has, if that is more. */
export const SWEPT_PAGES_MIN = 200

interface Leg {
  readonly run: StreamRun
  readonly entry: PassEntry
  readonly pass: ListingPass
  readonly source: ListingSource
  /** The number of the walk, under which what is found counts as seen. */
  readonly walk: number
  readonly twice: ShownTwice
  /** The total that the leg was told last. */
  readonly total: number
  /** So many different records it must have read; null: they are not counted. */
  readonly least: number | null
  /** The source had as many records all the time: as many different ones are all of them. */
  readonly isStill: boolean
}

/** Reads until each place has shown all of its records, or, while the total stands still, as many were read as there are. */
export async function sweep(leg: Leg): Promise<Swept> {
  const { run, twice, walk, least } = leg
  const sweeps = new Sweeps(twice)
  const shown: Shown = { keys: new Set(), news: new Set(), isStill: leg.isStill }
  const limit = Math.max(SWEPT_PAGES_MIN, REREADS_MAX * twice.pages.length)
  const count = async () => (least === null ? 0 : run.scope.world.store.walks.countSeen(run.row.no, walk))
  let judged: ReturnType<Sweeps['close']> = 'more'
  for (let spent = 0; judged === 'more'; ) {
    const pages = sweeps.wanted
    spent += pages.length
    if (spent > limit || pages.length > run.scope.purse.requestsLeft) break
    if (await readRound(leg, sweeps, pages, shown)) judged = sweeps.close()
    else sweeps.forget()
    if (least !== null && shown.isStill && (await count()) - shown.news.size >= least) judged = 'whole'
  }
  const read = await count()
  const isWhole = judged === 'whole'
  const asksTop = isWhole && least !== null && read < least && run.scope.purse.requestsLeft > 0
  return { isWhole, read, came: asksTop ? await lookForNews(leg, shown.keys) : null }
}

/** What was shown while places were read again. */
interface Shown {
  readonly keys: Set<Key>
  /** Records that stand above, or beside, the top of the leg, and were not there when it began. */
  readonly news: Set<Key>
  /** The total has not moved since the leg began. */
  isStill: boolean
}

/** Reads pages once more. False: the listing has moved meanwhile. */
async function readRound(leg: Leg, sweeps: Sweeps, pages: readonly number[], shown: Shown): Promise<boolean> {
  const { run, entry, pass, source, walk } = leg
  const top = leg.twice.pages[0]?.high
  let total: number | undefined
  for (const [i, page] of pages.entries()) {
    const asked = source.ask(sweeps.tokenOf(page) ?? undefined)
    const next = pages.findIndex((one, j) => j > i && one !== page + j - i)
    const behind = (next < 0 ? pages.length : next) - i - 1
    if (behind > 0) source.askAhead({ token: sweeps.tokenOf(page + 1), pages: behind })
    const answer = await asked.page
    const work = {
      ...broughtBy(answer, asked.at),
      walk,
      keepSeen: leg.least !== null,
      examine: examinerOf(pass),
    }
    const { parsed, unread } = await storePage(run, entry, work)
    source.done()
    if (answer.total !== leg.total) shown.isStill = false
    const rows = placedRows(pass, parsed)
    for (const { key, order } of rows) {
      shown.keys.add(key)
      if (top !== undefined && order >= top && !leg.twice.top.has(key)) shown.news.add(key)
    }
    // A row that can't be read may be any record.
    const isPlain = unread.length === 0 && answer.total !== undefined && (total ?? answer.total) === answer.total
    if (!isPlain) {
      source.forget()
      return false
    }
    total = answer.total
    sweeps.see(page, rows, answer.next === undefined)
  }
  return true
}

/**
 * How many records stand above those with which the leg began, but for those that were seen when places were read again.
 * What has come since the leg ended explains nothing of what it lacked.
 */
async function lookForNews({ run, entry, pass, source, twice, total }: Leg, shown: ReadonlySet<Key>) {
  const asked = source.ask(undefined)
  const answer = await asked.page
  const work = {
    ...broughtBy(answer, asked.at),
    walk: null,
    keepSeen: false,
    examine: examinerOf(pass),
  }
  const { parsed } = await storePage(run, entry, work)
  source.done()
  const keys = parsed.map(({ incoming }) => incoming.key)
  const began = keys.findIndex((key) => twice.top.has(key))
  if (began < 0 || answer.total === undefined) return null
  const came = keys.slice(0, began).filter((key) => !shown.has(key)).length
  return Math.max(0, came - Math.max(0, answer.total - total))
}
