// Owns the planted faults of walks that go on in another run: what they begin anew, where they go on, and what they pay for.

import { edit, type PlantedFault } from './fault.ts'

const STEP = 'src/engine/passes/listing/step.ts'
const FULL = 'src/engine/passes/kinds/full-pass.ts'

const ONE_PAGE = { tests: ['test/promises/one-page-a-run.test.ts'] }
const ANEW = { tests: ['test/promises/walks-begin-anew.test.ts'] }
const READS = { tests: ['test/promises/what-is-read-changes.test.ts'] }

export const WALKS_ANEW: readonly PlantedFault[] = [
  {
    id: 'other-option-same-ground',
    mode: 'FM-31',
    what: 'what was read with another option of the connection stays ground',
    edits: [
      edit(
        'src/engine/passes/rows/page-parts.ts',
        'return since === undefined ? numbers :',
        'return since !== null ? numbers :',
      ),
    ],
    caughtBy: READS,
  },
  {
    id: 'listing-reaches-unseen',
    mode: 'FM-31',
    what: 'a listing that reaches further is taken for the one that was read',
    edits: [
      edit(
        'src/engine/passes/reads.ts',
        "    ...Object.fromEntries(passes.map((pass) => [pass.kind, reach('listing' in pass ? pass.listing : undefined)])),\n",
        '',
      ),
    ],
    caughtBy: READS,
  },
  {
    id: 'walk-of-a-pass-that-is-gone',
    mode: 'FM-31',
    what: 'an open walk of a pass that is gone stays a gap for ever',
    edits: [
      edit('src/engine/passes/state.ts', '!kinds.includes(pass)', "pass === ('' as string) && !kinds.includes(pass)"),
    ],
    caughtBy: READS,
  },
  {
    id: 'coarser-end-is-exclusive',
    mode: 'FM-31',
    what: 'the exclusive end of what is unread is rounded down by a migration, and its last unit is never read',
    edits: [edit('src/engine/passes/state.ts', '? end : end + 1', '? end : end')],
    caughtBy: { ...ANEW, only: '^the end of a part that is unread' },
  },
  {
    id: 'moved-walks-unwritten',
    mode: 'FM-31',
    what: 'a walk that a run does not come to keeps its place in another listing',
    edits: [edit('src/engine/passes/stream-run.ts', '[...moved, ...own].map', 'own.map')],
    caughtBy: { ...ANEW, only: '^a walk of another board begins again' },
  },
  {
    id: 'other-listing-counts',
    mode: 'FM-31',
    what: 'records that a walk has seen of another listing count for the one that it begins again with',
    edits: [edit('src/engine/passes/stream-run.ts', '...run.moved.map(({ walk }) => walk), ', '')],
    caughtBy: { ...ANEW, only: '^what a walk has counted' },
  },
  {
    id: 'old-order-stays',
    mode: 'FM-31',
    what: 'contents keep the order that another release has given them',
    edits: [
      edit('src/store/stream-shape.ts', "if ((before.order ?? 'asked') === (shape.order ?? 'asked')) had", 'had'),
    ],
    caughtBy: READS,
  },
  {
    id: 'page-before-comes-first-for-ever',
    mode: 'FM-12',
    what: 'a walk that goes on reads its last page again before anything else, in every run',
    edits: [edit(STEP, '!(sought || paid)', '!paid')],
    caughtBy: { ...ONE_PAGE, only: 'with one request a run' },
  },
  {
    id: 'paid-page-is-looked-at-first',
    mode: 'FM-63',
    what: 'a walk of paid pages that goes on pays for its last page again, whatever the next one shows',
    edits: [edit(STEP, '!(sought || paid)', '!sought')],
    caughtBy: { ...ONE_PAGE, only: 'pays for no page again' },
  },
  {
    id: 'next-page-is-believed',
    mode: 'FM-12',
    what: 'the next page of a walk that goes on counts, though nothing shows that it goes on where the last one ended',
    edits: [
      edit(STEP, 'if (mustShowPlace(pass, before, seen)) {', 'if (mustShowPlace(pass, before, seen) && pass.total) {'),
    ],
    caughtBy: { ...ONE_PAGE, only: 'records leave' },
  },
  {
    id: 'page-before-is-believed',
    mode: 'FM-12',
    what: 'the next page counts, whatever the page before it shows afterwards',
    edits: [edit(STEP, '|| !endsAsBefore(pass, before.position, seen)', '')],
    caughtBy: { ...ONE_PAGE, only: 'two records leave' },
  },
  {
    id: 'place-is-looked-for-from-the-start',
    mode: 'FM-12',
    what: 'a run that ends while it looks for its place forgets how far it has looked',
    edits: [edit(STEP, 'pending: null, token: seen.next ?? null, passed }', 'pending: null }')],
    caughtBy: { ...ONE_PAGE, only: 'pages of news arrive' },
  },
  {
    id: 'empty-page-is-doubted-for-ever',
    mode: 'FM-12',
    what: 'a run that ends before it has looked at an empty page again begins with that page',
    edits: [edit('src/engine/passes/listing/reducer.ts', "back.walking.doubt === 'page before'", 'false')],
    caughtBy: { ...ONE_PAGE, only: 'an empty page' },
  },
  {
    id: 'parts-are-paid-for-ever',
    mode: 'FM-63',
    what: 'a paid listing that no run may read whole is paid for again and again, in parts',
    edits: [edit(FULL, 'pass.paid && !goesOn && !(await affordsWhole(run))', 'false')],
    caughtBy: { tests: ['test/promises/paid-pages-once.test.ts'], only: 'no run may pay for' },
  },
  {
    id: 'plan-reads-behind-the-cap',
    mode: 'FM-61',
    what: 'a plan counts pages that a capped listing does not have',
    edits: [edit('src/engine/passes/kinds/foresee.ts', 'Math.min(records, capOf(listing))', 'Math.max(records, 0)')],
    caughtBy: { tests: ['test/promises/plan-is-what-happens.test.ts'], only: 'ends at a cap' },
  },
  {
    id: 'plan-forgets-the-count',
    mode: 'FM-61',
    what: 'a plan leaves out the question for the total',
    edits: [
      edit(
        'src/engine/passes/kinds/foresee.ts',
        'return pages + (canBeCounted(pass) ? 1',
        'return pages + (pass.paid ? 1',
      ),
    ],
    caughtBy: { tests: ['test/promises/plan-is-what-happens.test.ts'], only: 'ends at a cap' },
  },
  {
    id: 'old-part-of-an-order-stays',
    mode: 'FM-11',
    what: 'an order to list everything is met by what an earlier run has listed, whatever has changed since',
    edits: [edit('src/engine/passes/kinds/kind.ts', "mode === 'full' && read.ended === 'exhausted'", 'false')],
    caughtBy: { tests: ['test/promises/full-lists-everything.test.ts'], only: 'once more' },
  },
  {
    id: 'paid-order-is-paid-twice',
    mode: 'FM-63',
    what: 'an order to list everything that goes on where an earlier one broke off pays for all pages again',
    edits: [edit('src/engine/passes/kinds/newest-first.ts', 'isAnew || (isOld && !pass.paid)', 'isAnew || isOld')],
    caughtBy: { tests: ['test/promises/full-lists-everything.test.ts'], only: 'not paid for twice' },
  },
  {
    id: 'closed-walk-goes-on',
    mode: 'FM-63',
    what: 'a walk that another one has closed by reading to the end is gone on with in the same run, and paid for',
    edits: [edit('src/engine/passes/kinds/newest-first.ts', '      if (!isOpen(resumed)) continue\n', '')],
    caughtBy: { tests: ['test/promises/full-lists-everything.test.ts'], only: 'has closed is not gone on with' },
  },
]
