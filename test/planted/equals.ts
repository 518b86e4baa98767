// Owns the planted faults of listings that show records twice: equals that never stand still, and pages that several
// streams share.

import { edit, type PlantedFault } from './fault.ts'

export const EQUALS: readonly PlantedFault[] = [
  {
    id: 'equals-are-counted-while-titles-leave',
    mode: 'FM-09',
    what: 'places that were shown twice count as read when as many records were read as there are, though some left meanwhile',
    edits: [
      edit(
        'src/engine/passes/listing/walk.ts',
        'const isStill = first === total && first === least',
        'const isStill = true',
      ),
    ],
    caughtBy: { tests: ['test/promises/equals-that-never-stand-still.test.ts'], only: 'come and go' },
  },
  {
    id: 'equals-of-what-is-new-are-left',
    mode: 'FM-09',
    what: 'a walk for what is new ends though equals on its pages were shown twice, and others not at all',
    edits: [edit('src/engine/passes/listing/reducer.ts', "kind === 'newestFirst' && fromTop && equals > 0", 'false')],
    caughtBy: { tests: ['test/promises/equals-that-never-stand-still.test.ts'], only: 'come in one second' },
  },
  {
    id: 'equals-are-whole-at-once',
    mode: 'FM-09',
    what: 'a place that was shown twice counts as read once it was read again, whatever it has shown',
    edits: [
      edit(
        'src/engine/passes/listing/shown-twice.ts',
        'if (keys.size === shown.length) this.#groups.delete(order)',
        'if (keys.size <= shown.length) this.#groups.delete(order)',
      ),
    ],
    caughtBy: { tests: ['test/engine/shown-twice.test.ts'] },
  },
  {
    id: 'shared-rows-lose-their-text',
    mode: 'FM-01',
    what: 'a stream that is given a page which another one has read stores another text than the source has sent',
    edits: [edit('src/engine/passes/listing/joint-pages.ts', '? keptText(row) : undefined', '? undefined : undefined')],
    caughtBy: { style: 'shared', seeds: 10 },
  },
  {
    id: 'shared-pages-are-dated-apart',
    mode: 'FM-03',
    what: 'each stream of a run dates what it asks for by a line of its own, after somebody has set the clock back',
    edits: [
      edit(
        'src/engine/passes/stream-run.ts',
        'scope.asked = Math.max(scope.asked, run.asked, scope.world.clock.now())',
        'scope.asked = Math.max(run.asked, scope.world.clock.now())',
      ),
      edit('src/engine/passes/listing/shown-to-others.ts', 'Math.max(at, run.askedBefore) - 1', 'at'),
    ],
    caughtBy: { style: 'shared', seeds: 40 },
  },
  {
    id: 'shown-below-the-walk-is-dropped',
    mode: 'FM-01',
    what: 'what a stream was shown below the end of its own walk, on a page that another one has read, is dropped',
    edits: [
      edit(
        'src/engine/passes/listing/shown-to-others.ts',
        'for (const { page, at, number } of scope.shared.notShownTo(listing, name)) {',
        'for (const { page, at, number } of [] as never[]) {',
      ),
    ],
    caughtBy: { style: 'shared', seeds: 40 },
  },
  {
    id: 'one-listing-planned-twice',
    mode: 'FM-01',
    what: 'a plan counts the pages of a listing for each stream that reads it',
    edits: [edit('src/engine/runs/plan-listings.ts', 'Math.max(0, pages - before)', 'pages')],
    caughtBy: { tests: ['test/promises/shared-listings.test.ts'], only: 'is planned as it is read' },
  },
]
