// Owns the planted faults of what a run reads: parts that were ordered, which passes are due, whose turn it is, and what
// an empty, capped or unreadable listing means.

import { edit, type PlantedFault } from './fault.ts'

const WINDOW = 'src/engine/passes/window/reducer.ts'

const PART = 'src/engine/passes/read-part.ts'
const FULL = 'src/engine/passes/kinds/full-pass.ts'
const NO_GAP = 'test/promises/no-gap-is-forgotten.test.ts'

export const PASSES: readonly PlantedFault[] = [
  {
    id: 'range-forgotten',
    mode: 'FM-62',
    what: 'what a range that breaks off leaves unread is forgotten',
    edits: [
      edit(PART, '  await write(run, entry, { walks: [open()] })\n  let', '  let'),
      edit(PART, '    await write(run, entry, { walks: [open()] })\n    run', '    run'),
    ],
    caughtBy: { tests: [NO_GAP], only: 'is read to its end by the next sync' },
  },
  {
    id: 'range-moves-cursor',
    mode: 'FM-22',
    what: 'a range that lies ahead of all that was read moves the cursor when it is finished',
    edits: [edit(WINDOW, 'const follows = !part ||', 'const follows = part || !part ||')],
    caughtBy: { tests: [NO_GAP], only: 'hides nothing that is older' },
  },
  {
    id: 'capped-stands-for-all',
    mode: 'FM-62',
    what: 'a run with a capped full pass leaves out the passes that read what lies below its cap',
    edits: [
      edit(
        FULL,
        "return capOf(listing) >= capOf('listing' in other",
        "return Number.POSITIVE_INFINITY >= capOf('listing' in other",
      ),
    ],
    caughtBy: { tests: ['test/promises/what-is-read-changes.test.ts'], only: 'does not stand for a pass' },
  },
  {
    id: 'capped-closes-what-reads-all',
    mode: 'FM-62',
    what: 'a capped full pass closes the walk of a pass that is gone and read all',
    edits: [
      edit(
        'src/engine/passes/state.ts',
        'reachOf(reads, kind) >= reachOf(before.reads, pass))',
        'reachOf(reads, kind) >= Math.min(0, reachOf(before.reads, pass)))',
      ),
    ],
    caughtBy: { tests: ['test/promises/what-is-read-changes.test.ts'], only: 'and closes no walk' },
  },
  {
    id: 'unproved-for-ever',
    mode: 'FM-62',
    what: 'what only a full pass can prove is kept by a stream that has none any more',
    edits: [edit('src/engine/passes/state.ts', "if (kinds.includes('fullPass') ||", 'if (kinds.length > 0 ||')],
    caughtBy: { tests: ['test/engine/state.test.ts'], only: 'is forgotten with it' },
  },
  {
    id: 'holes-wait-for-windows',
    mode: 'FM-62',
    what: 'where every run is a full one, a part that a window left out is never tried again',
    edits: [edit(FULL, 'of openWindows(covered, run.openWalks)) await', 'of openWindows(covered, [])) await')],
    caughtBy: { tests: [NO_GAP], only: 'is tried again where runs are full ones' },
  },
  {
    id: 'full-pass-never-due',
    mode: 'FM-31',
    what: 'a full pass that declares no rhythm never runs by itself beside other passes',
    edits: [edit(FULL, 'everyRuns ?? (every === undefined ? EVERY_RUNS : undefined)', 'everyRuns')],
    caughtBy: { tests: [NO_GAP], only: 'that declares no rhythm runs beside other passes' },
  },
  {
    id: 'last-stream-starves',
    mode: 'FM-62',
    what: 'under a cap, the first stream takes all requests of every run',
    edits: [edit('src/engine/runs/run.ts', 'of await this.#inTurn()', 'of this.#names')],
    caughtBy: { tests: [NO_GAP], only: 'comes first in the next one' },
  },
  {
    id: 'in-turn-under-a-cap-only',
    mode: 'FM-61',
    what: 'a stream behind one that always uses up the limit is never read',
    edits: [
      edit(
        'src/engine/runs/run.ts',
        '    const readAt = new Map',
        '    if (!isCapped(this.#order)) return this.#names\n    const readAt = new Map',
      ),
    ],
    caughtBy: { tests: [NO_GAP], only: 'ends the run' },
  },
  {
    id: 'limited-stream-counts-as-read',
    mode: 'FM-61',
    what: 'a stream whose only request was refused for a limit counts as read, and has to wait its turn again',
    edits: [edit('src/engine/runs/outcome.ts', 'pages === 0 && (', 'pages < 0 && (')],
    caughtBy: { tests: [NO_GAP], only: 'a limit behind the first stream' },
  },
  {
    id: 'connections-never-in-turn',
    mode: 'FM-61',
    what: 'a connection behind some that always use up the limit is never read',
    edits: [
      edit(
        'src/operations/sync-all.ts',
        'places.toSorted(([a], [b]) => (reachedAt[a] ?? 0) - (reachedAt[b] ?? 0))',
        'places',
      ),
    ],
    caughtBy: { tests: [NO_GAP], only: 'a connection that earlier syncs' },
  },
  {
    id: 'filter-breaks-off-unsaid',
    mode: 'FM-11',
    what: 'nobody says what of a filter is left when its run ends early',
    edits: [
      edit(
        'src/engine/passes/read-part.ts',
        '    run.asides.push(leftNote(run, left.length > 0 ? left : wheres))\n',
        '',
      ),
    ],
    caughtBy: { tests: [NO_GAP], only: 'a filter that breaks off' },
  },
  {
    id: 'range-of-later-streams-forgotten',
    mode: 'FM-11',
    what: 'a range is no gap in the streams that its run does not come to',
    edits: [edit('src/engine/runs/run.ts', 'if (over && !isPart(this.#order)) break', 'if (over) break')],
    caughtBy: { tests: [NO_GAP], only: 'reaches only the first stream' },
  },
  {
    id: 'empty-below-its-cap',
    mode: 'FM-31',
    what: 'the cap of a listing explains that it is empty, and nobody is asked',
    edits: [edit('src/engine/passes/removals/reconcile.ts', "isEmpty ? 'complete' : ", '')],
    caughtBy: { tests: [NO_GAP], only: 'is held for a person' },
  },
  {
    id: 'empty-for-ever',
    mode: 'FM-31',
    what: 'a listing that stays empty leaves a stream that removes nothing a gap for ever',
    edits: [edit('src/engine/passes/kinds/newest-first.ts', 'if (run.kept.listedNothing)', 'if (run.live < 0)')],
    caughtBy: { tests: [NO_GAP], only: 'is complete when a second run finds it empty' },
  },
  {
    id: 'climbed-and-known',
    mode: 'FM-09',
    what: 'a record that has changed stops a walk in a list of unknown order, though it may have climbed',
    edits: [
      edit(
        'src/engine/passes/rows/place.ts',
        'return !isSameContent(incoming.raw, stored.raw, [...volatile, ...(metrics as readonly string[])])',
        'return isSameContent(incoming.raw, stored.raw, volatile) && metrics.length < 0',
      ),
    ],
    caughtBy: { tests: ['test/promises/what-changes-stops-no-walk.test.ts'], only: 'above three new ones' },
  },
  {
    id: 'only-the-last-total-counts',
    mode: 'FM-21',
    what: 'the totals of a window’s pages but the last are not compared',
    edits: [edit('src/engine/passes/window/counts.ts', 'total >= promised.least', 'total >= 0')],
    caughtBy: { tests: ['test/promises/totals-of-windows.test.ts'] },
  },
  {
    id: 'group-is-left-where-pages-shifted',
    mode: 'FM-09',
    what: 'a later run that has seen all of a group again leaves it where the page of a token comes out',
    edits: [
      edit(
        'src/engine/passes/window/step.ts',
        'group.left ?? (shown.length === 0 || group.late ? left : null)',
        'group.left ?? left',
      ),
    ],
    caughtBy: { tests: ['test/engine/by-cursor.test.ts'], only: 'is no place to leave it to' },
  },
  {
    id: 'others-speak-for-the-stream',
    mode: 'FM-21',
    what: 'rows of another stream in a shared list count for what is left of this one',
    edits: [edit('src/engine/passes/removals/reconcile.ts', 'run.stream.belongs ? live - unseen : listed', 'listed')],
    caughtBy: { tests: ['test/promises/shared-listings.test.ts'], only: 'a person decides' },
  },
  {
    id: 'group-begins-again',
    mode: 'FM-09',
    what: 'every run reads a group of equal times from its first page',
    edits: [
      edit(
        'src/engine/passes/window/step.ts',
        '  if (since === null) return null\n  if (!group) return inside',
        '  if (since !== 0) return null\n  if (!group) return inside',
      ),
    ],
    caughtBy: { tests: ['test/promises/groups-larger-than-a-run.test.ts'] },
  },
  {
    id: 'shape-asked-once',
    mode: 'FM-69',
    what: 'an answer without its list is asked for once',
    edits: [edit('src/engine/passes/ask-again.ts', 'attempt >= attempts ||', 'attempt >= 1 ||')],
    caughtBy: { tests: ['test/promises/shapes-are-asked-again.test.ts'], only: 'what comes at last' },
  },
  {
    id: 'unreadable-is-empty',
    mode: 'FM-15',
    what: 'a page of rows that cannot be read counts as empty, so that a region of them ends every run',
    edits: [
      edit('src/engine/passes/progress-guard.ts', 'shown.parsed.length + shown.unread.length', 'shown.parsed.length'),
    ],
    caughtBy: { tests: ['test/promises/unreadable-regions.test.ts'], only: 'what lies behind' },
  },
  {
    id: 'unreadable-are-alike',
    mode: 'FM-15',
    what: 'pages of rows that cannot be read all look the same, which is taken for a loop',
    edits: [edit('src/engine/passes/progress-guard.ts', ', ...unread.map(({ raw }) => raw)]', ']')],
    caughtBy: { tests: ['test/promises/unreadable-regions.test.ts'], only: 'what lies behind' },
  },
  {
    id: 'null-is-a-total',
    mode: 'FM-15',
    what: 'a total of null counts as one that is less than what was shown before',
    edits: [edit('src/connector/page-shape.ts', 'value !== null)', 'value !== null || value === total)')],
    caughtBy: { tests: ['test/promises/totals-of-windows.test.ts'], only: 'null behind the first page' },
  },
  {
    id: 'null-goes-on',
    mode: 'FM-15',
    what: 'a next page of null is asked for',
    edits: [edit('src/connector/page-shape.ts', 'value !== null)', 'value !== null || value === next)')],
    caughtBy: { tests: ['test/promises/connector-slips.test.ts'], only: 'may be written as null' },
  },
  {
    id: 'idle-runs-do-not-count',
    mode: 'FM-20',
    what: 'a full pass that stands alone is never due again, for runs that had nothing to read do not count',
    edits: [edit('src/store/system/runs.ts', 'succeeded || idle]', 'succeeded]')],
    caughtBy: { tests: ['test/promises/a-full-pass-alone.test.ts'] },
  },
  {
    id: 'files-stand-for-a-pass',
    mode: 'FM-20',
    what: 'a full pass waits for others to read first, where the others are only files',
    edits: [
      edit(
        'src/connector/passes.ts',
        "kind === 'newestFirst' || kind === 'fullPass'",
        "kind === 'newestFirst' || kind === 'fullPass' || kind === 'upload'",
      ),
    ],
    caughtBy: { tests: ['test/promises/a-full-pass-alone.test.ts'], only: 'beside files' },
  },
  {
    id: 'kept-records-cover-walks',
    mode: 'FM-37',
    what: 'an empty listing whose records a person keeps closes the walks of others',
    edits: [
      edit('src/engine/passes/removals/reconcile.ts', 'listed + position.unreadable > 0 || run.live === 0', 'true'),
    ],
    caughtBy: { tests: ['test/promises/kept-records-cover-nothing.test.ts'], only: 'leaves the gap below' },
  },
  {
    id: 'earlier-runs-cover-walks',
    mode: 'FM-37',
    what: 'an empty listing closes the walks of others by what an earlier run has read of it',
    edits: [
      edit('src/engine/passes/removals/reconcile.ts', 'listed + position.unreadable > 0 ||', 'walk.records > 0 ||'),
    ],
    caughtBy: { tests: ['test/promises/kept-records-cover-nothing.test.ts'], only: 'closes no other' },
  },
  {
    id: 'one-page-is-believed',
    mode: 'FM-37',
    what: 'a full pass that ends on its first page does not ask for the total',
    edits: [edit('src/engine/passes/listing/counts.ts', "pass.kind === 'fullPass' || isResumed", 'isResumed')],
    caughtBy: { tests: ['test/promises/short-full-passes.test.ts'] },
  },
  {
    id: 'failed-first-is-the-first',
    mode: 'FM-23',
    what: 'a first full pass that failed is taken for one that was made',
    edits: [edit('src/engine/passes/kinds/full-pass.ts', 'if (alone && row.lastFullAt === null)', 'if (false)')],
    caughtBy: { tests: ['test/promises/a-full-pass-alone.test.ts'], only: 'until everything was listed once' },
  },
  {
    id: 'disordered-range-counts-as-read',
    mode: 'FM-24',
    what: 'of a range without an order what lies before the last record counts as read',
    edits: [edit('src/engine/passes/read-part.ts', 'isSorted = pass.sorted ?? true', 'isSorted = true')],
    caughtBy: { tests: ['test/connectors/tiktok-shop-products.test.ts'], only: 'nothing counts as read' },
  },
  {
    id: 'moving-window-has-an-end',
    mode: 'FM-24',
    what: 'a product that changes while pages are turned leaves the window, and another one moves up to a page that was read',
    edits: [
      edit(
        'src/connectors/tiktok-shop/products.ts',
        'update_time_ge: since }',
        'update_time_ge: since, update_time_le: Math.floor(Date.now() / 1_000) - 1 }',
      ),
    ],
    caughtBy: { tests: ['test/connectors/tiktok-shop-products.test.ts'], only: 'passes no product over' },
  },
]
