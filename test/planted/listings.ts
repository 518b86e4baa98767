// Owns the planted faults of listings: totals, pages that can't be read, and large groups of one time.

import { edit, type PlantedFault } from './fault.ts'

const LISTING = 'src/engine/passes/listing/walk.ts'
const REDUCER = 'src/engine/passes/listing/reducer.ts'
const BELOW = 'src/engine/passes/listing/read-below.ts'
const COUNTS = 'src/engine/passes/listing/counts.ts'
const END = 'src/engine/passes/listing/end.ts'
const STEP = 'src/engine/passes/listing/step.ts'
const STOP = 'src/engine/passes/listing/stop-rule.ts'
const FIRST_KEYS = 'src/engine/passes/listing/first-keys.ts'
const TOTALS = 'src/engine/passes/listing/totals.ts'
const STREAM = 'src/engine/passes/run-stream.ts'
const PAGES = 'src/engine/passes/bad-pages.ts'
const FULL = 'src/engine/passes/kinds/full-pass.ts'

/** Lists that show no order. */
const BY_POSITION: readonly PlantedFault[] = [
  {
    id: 'known-is-ground-anywhere',
    mode: 'FM-01',
    what: 'known records that were put on top again stop a walk above what is new below them',
    edits: [edit(STOP, 'if (left !== undefined) {', 'if (left !== undefined && enough < 0) {')],
    caughtBy: { style: 'saved-again', seeds: 60 },
  },
  {
    id: 'rest-of-page-unheard',
    mode: 'FM-01',
    what: 'what seemed to be ground stops a walk, though something new stands below it on the same page',
    edits: [edit(STOP, 'stopAt = beside.isGround ? i : -1', 'if (beside.isGround) stopAt = i')],
    caughtBy: { tests: ['test/engine/first-keys.test.ts'], only: 'is ground' },
  },
  {
    id: 'order-is-neighbourhood',
    mode: 'FM-01',
    what: 'records in their old order count as ground, though others stood between them',
    edits: [
      edit(
        FIRST_KEYS,
        'before.left === left + 1 ? before.run',
        'before.left !== null && left < before.left ? before.run',
      ),
    ],
    caughtBy: { tests: ['test/engine/first-keys.test.ts'], only: 'is ground' },
  },
  {
    id: 'old-top-comes-back',
    mode: 'FM-01',
    what: 'a walk that began earlier puts the top that it has read in place of a later one',
    edits: [edit(FIRST_KEYS, '(!isNew && before !== undefined && before.walk > walk)', 'false')],
    caughtBy: { tests: ['test/engine/first-keys.test.ts'], only: 'had begun before' },
  },
  {
    id: 'broken-walk-forgets-its-top',
    mode: 'FM-01',
    what: 'a walk that goes on in another run has forgotten the top that it had read',
    edits: [
      edit(
        'src/engine/passes/listing/position.ts',
        'withPage(from.firstKeys, read.placed, pass)',
        'withPage([], read.placed, pass)',
      ),
    ],
    caughtBy: { tests: ['test/promises/saved-again.test.ts'], only: 'was cut short' },
  },
  {
    id: 'same-read-is-another',
    mode: 'FM-01',
    what: 'what a full pass has read of the list that the walk from the top reads, too, is no ground for that one',
    edits: [
      edit(
        'src/engine/passes/same-read.ts',
        '(declared.get(one) ?? one) === (declared.get(other) ?? other)',
        'one === other',
      ),
    ],
    caughtBy: { tests: ['test/promises/saved-again.test.ts'], only: 'reads the same list' },
  },
  {
    id: 'full-pass-remembers-no-top',
    mode: 'FM-01',
    what: 'a stream whose top only a full pass has read remembers none of it',
    edits: [
      edit(
        'src/engine/passes/removals/reconcile.ts',
        '...(firstKeys ? { firstKeys } : {}),',
        '...(firstKeys && strays ? { firstKeys } : {}),',
      ),
    ],
    caughtBy: { tests: ['test/promises/saved-again.test.ts'], only: 'a full pass has read' },
  },
]

export const LISTINGS: readonly PlantedFault[] = [
  ...BY_POSITION,
  {
    id: 'others-leave-holes',
    mode: 'FM-01',
    what: 'rows of another kind are left out of a listing, so that its total says nothing',
    edits: [
      edit(
        'src/connectors/stalker.ts',
        ': readTable(portal, page)',
        ": readTable(portal, page).then(({ next, records }) => ({ next, records: records.filter((row) => isOf(type === 'vod' ? 'movies' : 'series')(row as object)) }))",
      ),
    ],
    caughtBy: { tests: ['test/promises/shared-listings.test.ts'], only: 'one table of films and series' },
  },
  {
    id: 'others-are-stored',
    mode: 'FM-01',
    what: 'a row of another kind is seen under the key of a record, which is then never missing',
    edits: [edit('src/engine/passes/rows/others.ts', 'key: `${MARK}${incoming.key}`', 'key: incoming.key')],
    caughtBy: { tests: ['test/promises/shared-listings.test.ts'], only: 'two kinds in one list' },
  },
  {
    id: 'shared-pages-again',
    mode: 'FM-01',
    what: 'a stream is given a page that another one has read though it has asked for something later itself',
    edits: [edit('src/engine/passes/listing/joint-pages.ts', 'let i = places.get(stream) ?? 0', 'let i = 0')],
    caughtBy: { tests: ['test/engine/shared-pages.test.ts'] },
  },
  {
    id: 'shown-to-others-is-dropped',
    mode: 'FM-01',
    what: 'a row on a page that only another stream has read is dropped, where its own walk has ended above',
    edits: [edit('src/engine/runs/run.ts', 'await storeShownToOthers(run)', 'void storeShownToOthers')],
    caughtBy: {
      tests: ['test/promises/shared-listings.test.ts'],
      only: 'a page that is read for one of the streams',
    },
  },
  {
    id: 'no-answer-is-an-absence',
    mode: 'FM-12',
    what: 'what stood in a section for which the source has no answer is gone when it has none a second time',
    edits: [
      edit(
        'src/connectors/stalker.ts',
        "isTold(key) ? 'unknown' : 'unanswered'",
        "isTold(key) ? 'unknown' : 'unknown'",
      ),
    ],
    caughtBy: { tests: ['test/connectors/stalker-envelopes.test.ts'], only: 'no answer for its categories' },
  },
  {
    id: 'pace-never-lowered',
    mode: 'FM-61',
    what: 'a service that refuses is asked for as much at once as before',
    edits: [
      edit(
        'src/http/pace.ts',
        'if (strained) return isNow ? narrowed(pace, Math.floor(pace.width / 2)) : pace',
        'if (strained) return pace',
      ),
    ],
    caughtBy: { tests: ['test/http/pace.test.ts', 'test/promises/read-ahead.test.ts'] },
  },
  {
    id: 'reads-behind-the-end',
    mode: 'FM-15',
    what: 'pages are read ahead below the last one',
    edits: [edit(REDUCER, 'return Math.max(1, Math.ceil(totals.total / rows) - page)', 'return 16')],
    caughtBy: { tests: ['test/promises/read-ahead.test.ts'], only: 'pages are asked for at once' },
  },
  {
    id: 'total-of-the-page',
    mode: 'FM-15',
    what: 'a total that is smaller than what was shown ends the listing of a portal',
    edits: [
      edit(
        'src/connectors/stalker.ts',
        '(total === shown && (p > 1 || rows.length < size))',
        '(said !== undefined && said <= shown)',
      ),
    ],
    caughtBy: { tests: ['test/connectors/stalker-envelopes.test.ts'], only: 'a listing is read to its end' },
  },
  {
    id: 'guessed-total',
    mode: 'FM-01',
    what: 'a listing that does not name its last page is taken to have the one row that was asked for',
    edits: [
      edit(
        'src/connectors/github.ts',
        "return linkHeader(answer, 'next') === undefined ? rows(answer.body, 'stars').length : undefined",
        "return rows(answer.body, 'stars').length",
      ),
    ],
    caughtBy: { tests: ['test/connectors/github-total.test.ts'] },
  },
  {
    id: 'shrinking-unseen',
    mode: 'FM-01',
    what: 'a list that shrinks between two runs is read on where the last run has left it, and its totals say nothing',
    edits: [
      edit(STEP, 'const seeks = !fromTop && seeksFirst(position, pass)', 'const seeks = false'),
      edit(STEP, 'if (mustShowPlace(pass, before, seen)) {', 'if (mustShowPlace(pass, before, seen) && !pass) {'),
      edit(TOTALS, 'if (left <= 0 || isFull(', 'if (left <= 0 || known || isFull('),
      edit(TOTALS, '!proven && before.ahead > 0 &&', '!proven && before.ahead > 1e6 &&'),
    ],
    caughtBy: { tests: ['test/promises/small-budgets.test.ts'], only: 'when the list shrinks between two runs' },
  },
  {
    id: 'capped-compares-nothing',
    mode: 'FM-01',
    what: 'the total of a capped listing is no evidence of what was read',
    edits: [
      edit(
        END,
        '      : tellsRead(pass, walking)\n  if (!isAsked) {',
        '      : pass.listing === undefined\n  if (!isAsked) {',
      ),
    ],
    caughtBy: { tests: ['test/promises/capped-listings.test.ts'] },
  },
  {
    id: 'capped-boundary-believed',
    mode: 'FM-01',
    what: 'a total that falls between the pages of a capped listing says nothing',
    edits: [edit(TOTALS, 'if (left <= 0 || isFull(', 'if (left <= 0 || cap < 1e9 || isFull(')],
    caughtBy: { tests: ['test/promises/capped-listings.test.ts'] },
  },
  {
    id: 'capped-total-of-all',
    mode: 'FM-01',
    what: 'a capped listing has to show as many records as its source has',
    edits: [
      edit(TOTALS, 'total === null ? total : Math.min(total, cap)', 'total === null ? total : Math.max(total, 0)'),
      edit(END, 'isShort(read, Math.min(known, capOf(pass.listing)))', 'isShort(read, known)'),
      edit(END, 'Math.min(told, cap) - (top', 'told - (top'),
    ],
    caughtBy: { tests: ['test/promises/capped-listings.test.ts'] },
  },
  {
    id: 'capped-pushed-out-is-lost',
    mode: 'FM-01',
    what: 'what arrivals push out at the end of a listing at its cap counts as missed',
    edits: [
      edit(
        END,
        'const isCut = position.totals.most >= capOf(pass.listing)',
        'const isCut = position.totals.most > 1e9',
      ),
    ],
    caughtBy: { tests: ['test/promises/capped-listings.test.ts'] },
  },
  {
    id: 'capped-blank-end-believed',
    mode: 'FM-01',
    what: 'an empty page ends a walk that goes on in a listing at its cap, whose total then proves nothing',
    edits: [edit(STEP, ' && knowsRead(pass, before) && tellsRead(pass, before)', '')],
    caughtBy: { tests: ['test/promises/capped-listings.test.ts'] },
  },
  {
    id: 'totals-first-and-last',
    mode: 'FM-01',
    what: 'a total is compared with the one that the walk began with, and with none in between',
    edits: [
      edit(TOTALS, 'const left = known.total + known.repeats - total', 'const left = (known.least ?? 0) - total'),
    ],
    caughtBy: { tests: ['test/promises/dipping-totals.test.ts'], only: 'in runs of 4 requests' },
  },
  {
    id: 'pushed-down-is-new',
    mode: 'FM-13',
    what: 'what more than a page of arrivals has pushed down counts as arrived once more where it is met again',
    edits: [edit(TOTALS, 'equals - ahead - pushed -', 'equals - ahead - 0 * pushed -')],
    caughtBy: { tests: ['test/engine/totals.test.ts'] },
  },
  {
    id: 'arrivals-hide-leavings',
    mode: 'FM-01',
    what: 'records that are met twice are not taken for arrivals',
    edits: [edit(TOTALS, 'repeats: before.repeats + repeats,', 'repeats: 0 * repeats,')],
    caughtBy: { tests: ['test/promises/dipping-totals.test.ts'], only: 'with totals: asked' },
  },
  {
    id: 'boundary-in-doubt-passed',
    mode: 'FM-01',
    what: 'a total that falls is noticed, and the walk goes on behind the boundary',
    edits: [
      edit(
        STEP,
        "{ to: 'stay', why: doubt.why } : { to: 'before' }",
        "{ to: 'stay', why: doubt.why } : goOn(pass, -1, seen.next)",
      ),
    ],
    caughtBy: { style: 'dipping-totals', seeds: 260 },
  },
  {
    id: 'keyset-count-unasked',
    mode: 'FM-01',
    what: 'a keyset listing with a declared total is never asked for it',
    edits: [
      edit(
        COUNTS,
        "canBeCounted({ total }: Pick<ListingPass<never, never>, 'total'>): boolean {\n  return total !== undefined",
        'return pass.total !== undefined && shifts(pass)',
      ),
    ],
    caughtBy: { tests: ['test/promises/totals-of-keysets.test.ts'], only: 'totals: asked' },
  },
  {
    id: 'keyset-total-of-an-outage',
    mode: 'FM-01',
    what: 'a keyset listing whose empty page says that there is nothing is taken at its word',
    edits: [edit(STEP, ': (before.position.totals.least ?? totals.least)', ': totals.least')],
    caughtBy: { tests: ['test/promises/totals-of-keysets.test.ts'], only: 'totals: page' },
  },
  {
    id: 'reread-without-a-count',
    mode: 'FM-01',
    what: 'a listing that is read again, and says at once that it is at its end, is not compared with a total',
    edits: [edit(COUNTS, 'isResumed || rereads > 0 || pages > 1', 'isResumed || pages > 1')],
    caughtBy: { tests: ['test/promises/totals-of-keysets.test.ts'], only: 'totals: asked' },
  },
  {
    id: 'fewer-is-fine',
    mode: 'FM-01',
    what: 'a total that falls while pages are turned is taken for the number of records to be read',
    edits: [edit(TOTALS, 'if (known.unproven > 0) {', 'if (known.unproven > 1e9) {')],
    caughtBy: { style: 'dipping-full', seeds: 40 },
  },
  {
    id: 'window-total-unheard',
    mode: 'FM-01',
    what: 'a window that shows fewer records than its source says it has is complete',
    edits: [
      edit(
        'src/engine/passes/window/counts.ts',
        'return this.#decisions.isShort(shown, total) ?',
        'return !this.#decisions.isShort(shown, total) && shown < 0 ?',
      ),
    ],
    caughtBy: { tests: ['test/promises/totals-of-windows.test.ts'], only: 'fifty and shows ten' },
  },
  {
    id: 'blank-page-of-a-window',
    mode: 'FM-01',
    what: 'pages that follow a token promise nothing of what stands behind them',
    edits: [
      edit(
        'src/engine/passes/window/counts.ts',
        'if (page.next !== undefined && since !== null && !track.unsorted) {',
        'if (page.next !== undefined && since !== null && !track.unsorted && request.token === null) {',
      ),
    ],
    caughtBy: { tests: ['test/promises/totals-of-windows.test.ts'], only: 'hides nothing' },
  },
  {
    id: 'bad-page-starves',
    mode: 'FM-33',
    what: 'a page that can’t be read ends the run, before anything looks for what is new',
    edits: [edit(PAGES, 'if (badPages.has(error)) return undefined', 'if (badPages.has(error)) throw error')],
    caughtBy: { tests: ['test/promises/a-bad-page-starves-nothing.test.ts'] },
  },
  {
    id: 'gap-closed-from-above',
    mode: 'FM-11',
    what: 'a walk that broke off ends at what a later walk has read above its gap',
    edits: [
      edit(
        'src/engine/passes/listing/page-seen.ts',
        'const isLater = (head?.walk ?? 0) > walk',
        'const isLater = (head?.walk ?? 0) > walk + 1_000_000',
      ),
    ],
    caughtBy: { tests: ['test/promises/a-bad-page-starves-nothing.test.ts'] },
  },
  {
    id: 'below-unread',
    mode: 'FM-33',
    what: 'what is listed below a page that can’t be read waits for that page',
    edits: [
      edit(
        LISTING,
        'if (!before || token === undefined || token === null || !pass.skip) return',
        'if (before || token === undefined || token === null || !pass.skip) return',
      ),
    ],
    caughtBy: { tests: ['test/promises/a-bad-page-starves-nothing.test.ts'] },
  },
  {
    id: 'below-unread-from-above',
    mode: 'FM-33',
    what: 'what lies below a page that can’t be read waits until the same walk fails there twice',
    edits: [edit(BELOW, 'return [position, ...others.map(', 'return [position, ...others.slice(0, 0).map(')],
    caughtBy: { tests: ['test/promises/a-bad-page-starves-nothing.test.ts'], only: 'comes to the page from above' },
  },
  {
    id: 'pushed-down-unread',
    mode: 'FM-33',
    what: 'what has moved down from a page that can’t be read waits for that page',
    edits: [edit(BELOW, 'return isDone && shifted > 0 ?', 'return isDone && shifted < 0 ?')],
    caughtBy: { tests: ['test/promises/a-bad-page-starves-nothing.test.ts'], only: 'has moved down' },
  },
  {
    id: 'pushed-far-down-unread',
    mode: 'FM-33',
    what: 'what more than a page of news has moved down from a page that can’t be read waits for that page',
    edits: [edit(BELOW, 'const isPast = shifted <= rows &&', 'const isPast =')],
    caughtBy: { tests: ['test/promises/a-bad-page-starves-nothing.test.ts'], only: 'further down' },
  },
  {
    id: 'bad-page-is-green',
    mode: 'FM-33',
    what: 'a run that could not read a page does not fail',
    edits: [edit(STREAM, '  if (badPages.first) throw badPages.first.error\n', '')],
    caughtBy: { style: 'bad-pages', seeds: 40 },
  },
  {
    id: 'full-pass-starves-others',
    mode: 'FM-33',
    what: 'a full pass that stands before a page that can’t be read keeps the others from looking for what is new',
    edits: [edit(FULL, 'if (others.length > 0) return runOthers()', 'if (others.length > 0) return')],
    caughtBy: { style: 'bad-pages-total', seeds: 40 },
  },
  {
    id: 'full-pass-starves-its-top',
    mode: 'FM-33',
    what: 'a full pass that stands before a page that can’t be read does not look at the top',
    edits: [edit(FULL, 'if (open && goesOn) await', 'if (open && !goesOn) await')],
    caughtBy: { style: 'bad-pages-full', seeds: 60 },
  },
  {
    id: 'tie-total-unheard',
    mode: 'FM-09',
    what: 'a group that can’t get new members is left unread, however many records the source has',
    edits: [
      edit(STEP, 'return total === undefined || total === expected', 'return total === undefined || total >= 0'),
      edit(
        REDUCER,
        'const isAsExpected = total === expectedBy(facts.kept.read, walking.unknown)',
        'const isAsExpected = (total ?? 0) >= (expectedBy(facts.kept.read, walking.unknown) ?? 0)',
      ),
    ],
    caughtBy: { tests: ['test/promises/large-ties-are-cheap.test.ts'] },
  },
  {
    id: 'tie-always-settled',
    mode: 'FM-09',
    what: 'a group of equal times is taken to be whole before its time is over',
    edits: [
      edit(
        'src/engine/passes/listing/settled.ts',
        'return settles !== undefined && time + Math.max(unitMs, 1_000) + durationMs(settles) <= at',
        'return settles !== undefined && time + Math.max(unitMs, 1_000) + durationMs(settles) > 0',
      ),
    ],
    caughtBy: { tests: ['test/promises/large-ties-are-cheap.test.ts'] },
  },
  {
    id: 'tie-read-by-every-run',
    mode: 'FM-09',
    what: 'a group that can’t get new members is read whole by every run',
    edits: [
      edit(STEP, 'insideAt >= 0 && endsInside(pass, before, seen)', 'insideAt > 1e9 && endsInside(pass, before, seen)'),
    ],
    caughtBy: { tests: ['test/promises/large-ties-are-cheap.test.ts'] },
  },
]
