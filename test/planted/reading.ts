// Owns the planted faults of reading: cursors, walks, pages, and what counts as an answer.

import { edit, type PlantedFault, scenario } from './fault.ts'

const BY_CURSOR = 'src/engine/passes/window/step.ts'
const NEWEST_FIRST = 'src/engine/passes/listing/stop-rule.ts'
const REDUCER = 'src/engine/passes/listing/reducer.ts'
const STEP = 'src/engine/passes/listing/step.ts'
const WINDOW = 'src/engine/passes/window/reducer.ts'

export const READING: readonly PlantedFault[] = [
  {
    id: 'unsorted-by-last-total',
    mode: 'FM-01',
    what: 'in a window in no order only the total of the last page counts, which a record that left has lowered',
    edits: [
      edit(
        'src/engine/passes/window/counts.ts',
        'this.#sorted ? page.total : this.#shown.mostWith(page)',
        'page.total',
      ),
    ],
    caughtBy: { tests: ['test/promises/totals-of-windows.test.ts'], only: 'slide over' },
  },
  {
    id: 'tried-again-on-top',
    mode: 'FM-69',
    what: 'what the HTTP client has tried five times is tried five times again',
    edits: [
      edit(
        'src/engine/passes/ask-again.ts',
        "error.verdict === 'retry' && error.tried === undefined",
        "error.verdict === 'retry'",
      ),
    ],
    caughtBy: { tests: ['test/promises/shapes-are-asked-again.test.ts'], only: 'has tried already' },
  },
  {
    id: 'cursor-now',
    mode: 'FM-22',
    what: 'the cursor becomes the time at which the pass has ended',
    edits: [
      edit(WINDOW, 'keptAfter({ decisions, bounds, kept, part }', 'keptAfter({ decisions, bounds, kept, part, now }'),
      edit(WINDOW, 'const cursor = follows ?', 'const cursor = done ? Math.floor(now / 1000) : follows ?'),
    ],
    caughtBy: { style: 'window', seeds: 300 },
  },
  {
    id: 'cursor-from-the-future',
    mode: 'FM-26',
    what: 'a record dated in the future carries the cursor with it',
    edits: [edit(BY_CURSOR, 'Math.min(track.largest, start)', 'track.largest')],
    caughtBy: { tests: ['test/engine/by-cursor.test.ts'] },
  },
  {
    id: 'cursor-before-data',
    mode: 'FM-39',
    what: 'walk and cursor are committed before the records of the page',
    edits: [
      edit(
        'src/engine/passes/stream-run.ts',
        '  const result = await world.store.checkpoint(batch)',
        `  const nothing = { inserts: [], updates: [], touches: [], snapshots: [], seen: [], quarantine: [], requests: [], counts: NO_COUNTS }
  if (batch.walks.length > 0) await world.store.checkpoint({ ...batch, ...nothing, pass: { ...batch.pass, pages: 0, requests: 0 } })
  const result = await world.store.checkpoint(batch)`,
      ),
    ],
    caughtBy: { tests: ['test/store/crash-wal.test.ts'], only: 'a log cut' },
  },
  {
    id: 'cursor-exclusive',
    mode: 'FM-09',
    what: 'the next window begins behind the cursor',
    edits: [edit(BY_CURSOR, 'openUntil === undefined ? cursor - overlap', 'openUntil === undefined ? cursor + 1')],
    caughtBy: scenario('reading', 'equal times at the end of a window'),
  },
  {
    id: 'ahead-is-said-nowhere',
    mode: 'FM-26',
    what: 'what the source dates ahead of its own clock is mentioned nowhere',
    edits: [edit('src/engine/passes/window/look-ahead.ts', 'if (ahead === 0) return', 'if (ahead >= 0) return')],
    caughtBy: { tests: ['test/promises/dated-ahead-is-said.test.ts'] },
  },
  {
    id: 'bad-page-starves-window',
    mode: 'FM-24',
    what: 'a page of a window that always fails keeps all newer changes out',
    edits: [edit(WINDOW, 'return !paid && leftOut.size', 'return paid && leftOut.size')],
    caughtBy: { tests: ['test/promises/a-bad-page-of-a-window.test.ts'] },
  },
  {
    id: 'left-out-is-forgotten',
    mode: 'FM-24',
    what: 'a walk that comes to its end covers what it had to leave out',
    edits: [edit(WINDOW, 'new Set(fromBeginning ? [] : holesOf', 'new Set(fromBeginning || !part ? [] : holesOf')],
    caughtBy: { tests: ['test/promises/a-bad-page-of-a-window.test.ts'] },
  },
  {
    id: 'moved-stays-ground',
    mode: 'FM-06',
    what: 'a record whose change was read by a filter stops the walk at its new place',
    edits: [edit('src/engine/passes/rows/upsert.ts', 'moved ? ground.walk : keeps', 'moved ? keeps : keeps')],
    caughtBy: { tests: ['test/promises/read-elsewhere-stops-no-walk.test.ts'] },
  },
  {
    id: 'any-listing-is-ground',
    mode: 'FM-06',
    what: 'what a full pass over another listing has found stops the walk from the top',
    edits: [edit('src/engine/passes/rows/place.ts', 'walk: isSame ? walk : null', 'walk: isSame ? walk : walk')],
    caughtBy: { tests: ['test/promises/read-elsewhere-stops-no-walk.test.ts'] },
  },
  {
    id: 'overlap-needs-no-unit',
    mode: 'FM-25',
    what: 'an overlap in time is taken for none where nobody knows the unit of the order',
    edits: [
      edit(
        'src/connector/check-connector.ts',
        "typeof overlap === 'string' && durationOf(overlap) !== 0",
        "typeof overlap === 'string' && durationOf(overlap) === undefined",
      ),
    ],
    caughtBy: { tests: ['test/promises/what-is-declared-is-honoured.test.ts'] },
  },
  {
    id: 'misspelt-is-ignored',
    mode: 'FM-25',
    what: 'an option that nobody knows is ignored',
    edits: [edit('src/connector/check-connector.ts', 'if (Object.hasOwn(rules, name)) continue', 'if (name) continue')],
    caughtBy: { tests: ['test/promises/what-is-declared-is-honoured.test.ts'] },
  },
  {
    id: 'no-overlap',
    mode: 'FM-25',
    what: 'nothing before the cursor is asked for again',
    edits: [edit(BY_CURSOR, 'openUntil === undefined ? cursor - overlap', 'openUntil === undefined ? cursor')],
    caughtBy: { style: 'window', seeds: 300 },
  },
  {
    id: 'tie-lost-on-page-boundary',
    mode: 'FM-09',
    what: 'the next page begins behind the last position of this one',
    edits: [
      edit(
        BY_CURSOR,
        '{ since: advanced ? last : track.since, done }',
        '{ since: advanced ? last + 1 : track.since, done }',
      ),
    ],
    caughtBy: scenario('reading', 'a group of equal times that is larger than a page'),
  },
  {
    id: 'our-clock-for-theirs',
    mode: 'FM-24',
    what: 'the source’s clock is taken to be ours',
    edits: [edit('src/http/source-clock.ts', 'now: () => clock.now() + skew', 'now: () => clock.now() + 0 * skew')],
    caughtBy: scenario('reading', 'a source whose clock is far off'),
  },
  {
    id: 'first-known-stops',
    mode: 'FM-04',
    what: 'the first known record ends a walk',
    edits: [
      edit(NEWEST_FIRST, 'const enough = Math.max(stopAfter, STOP_AFTER_MIN)', 'const enough = 0 * stopAfter + 1'),
    ],
    caughtBy: { tests: ['test/engine/newest-first.test.ts'] },
  },
  {
    id: 'known-is-anchored',
    mode: 'FM-11',
    what: 'a record that an open walk has stored stops a walk, over the hole below it',
    edits: [
      edit(
        'src/engine/passes/rows/upsert.ts',
        ' && head.walk !== null && !openWalks.has(head.walk)',
        ' && openWalks.has !== undefined',
      ),
    ],
    caughtBy: { style: 'newest-keyset', seeds: 400 },
  },
  {
    id: 'pins-stop',
    mode: 'FM-04',
    what: 'pinned records count as known ground',
    edits: [edit(NEWEST_FIRST, '    if (pinned) continue\n', '    if (pinned && !anchored) continue\n')],
    caughtBy: { tests: ['test/promises/nothing-lost.test.ts'] },
  },
  {
    id: 'stop-inside-a-tie',
    mode: 'FM-09',
    what: 'a walk stops inside a group of equal order values',
    edits: [edit(NEWEST_FIRST, 'last !== null && order !== last) stopAt', 'last !== null) stopAt')],
    caughtBy: { tests: ['test/engine/newest-first.test.ts'] },
  },
  {
    id: 'order-believed',
    mode: 'FM-05',
    what: 'a listing that breaks its own order still stops a walk',
    edits: [edit(NEWEST_FIRST, 'stopAt: unsorted ? -1 : stopAt', 'stopAt')],
    caughtBy: { tests: ['test/engine/newest-first.test.ts'] },
  },
  {
    id: 'page-cap',
    mode: 'FM-13',
    what: 'a walk reads two pages and calls it the end',
    edits: [
      edit(STEP, ': goOn(pass, stopAt, seen.next)', ': goOn(pass, stopAt, walking.pages >= 2 ? undefined : seen.next)'),
    ],
    caughtBy: scenario('reading', 'a first sync, newest first'),
  },
  {
    id: 'empty-page-ends',
    mode: 'FM-17',
    what: 'an empty page behind full ones is the end at once',
    edits: [
      edit(
        STEP,
        "  if (page.records.length > 0 || page.next !== undefined || doubt === 'page itself') return { walking }",
        "  if (page.records.length >= 0 || doubt === 'page itself') return { walking }",
      ),
    ],
    caughtBy: { tests: ['test/engine/empty-page.test.ts'] },
  },
  {
    id: 'offset-resumed-blindly',
    mode: 'FM-01',
    what: 'an offset walk goes on at its page number, whatever has left the list meanwhile',
    edits: [
      edit(STEP, 'const seeks = !fromTop && seeksFirst(position, pass)', 'const seeks = false'),
      edit(STEP, 'if (mustShowPlace(pass, before, seen)) {', 'if (mustShowPlace(pass, before, seen) && !pass) {'),
    ],
    caughtBy: { tests: ['test/promises/nothing-lost.test.ts'] },
  },
  {
    id: 'total-ignored',
    mode: 'FM-01',
    what: 'fewer records than the source says it has are enough',
    edits: [
      edit(
        'src/engine/passes/removals/guard.ts',
        'return total !== undefined && distinct < total',
        'return total !== undefined && distinct < 0',
      ),
    ],
    caughtBy: { tests: ['test/engine/full-pass.test.ts'] },
  },
  {
    id: 'resume-from-zero',
    mode: 'FM-16',
    what: 'a walk that broke off begins at the top again',
    edits: [
      edit(
        REDUCER,
        'const position = resumed ? positionFrom(resumed.position) : { ...TOP, toEnd }',
        'const position = resumed ? { ...positionFrom(resumed.position), next: null } : { ...TOP, toEnd }',
      ),
    ],
    caughtBy: { tests: ['test/promises/nothing-lost.test.ts'] },
  },
  {
    id: 'loop-unseen',
    mode: 'FM-15',
    what: 'nobody notices that the pages go round in circles',
    edits: [
      edit(
        'src/engine/passes/progress-guard.ts',
        '    if (++this.#count > PAGES_MAX)',
        '    if (this.#count >= 0) return\n    if (++this.#count > PAGES_MAX)',
      ),
    ],
    caughtBy: scenario('running', 'a listing that goes round in circles'),
  },
  {
    id: 'pages-of-windows-add-up',
    mode: 'FM-15',
    what: 'the pages of all windows of a walk count as those of one listing, and a long history as a loop',
    edits: [edit('src/engine/passes/progress-guard.ts', '    this.#count = 0\n', '')],
    caughtBy: { tests: ['test/engine/progress-guard.test.ts'] },
  },
  {
    id: 'gap-closed-by-a-limit',
    mode: 'FM-11',
    what: 'a walk that a limit ended counts as closed',
    edits: [
      edit(
        'src/engine/passes/run-stream.ts',
        '.map((open) => ({ ...open, ended }))',
        '.map((open) => ({ ...open, ended, closedAt: run.scope.world.clock.now() }))',
      ),
    ],
    caughtBy: { tests: ['test/promises/nothing-lost.test.ts'] },
  },
  {
    id: 'html-is-empty',
    mode: 'FM-69',
    what: 'a web page in place of JSON is an empty answer',
    edits: [
      edit(
        'src/http/judge.ts',
        "  if (body.kind === 'text') return { failure: notJson(body, answer, setup.host) }",
        "  if (body.kind === 'text') return body.html ? { body: [] } : { failure: notJson(body, answer, setup.host) }",
      ),
    ],
    caughtBy: { tests: ['test/http/client-answers.test.ts'] },
  },
  {
    id: 'error-in-200-is-data',
    mode: 'FM-32',
    what: 'what the service itself calls an error is taken for data when the status is 200',
    edits: [
      edit('src/http/judge.ts', '  const failure = classified(', '  const failure = good ? undefined : classified('),
    ],
    caughtBy: { tests: ['test/http/client-answers.test.ts'] },
  },
  {
    id: 'rows-decide-the-mode',
    mode: 'FM-12',
    what: 'a stream that has records is up to date: walks that broke off are forgotten',
    edits: [
      edit(
        'src/engine/passes/kinds/newest-first.ts',
        'const open = run.openWalks.filter(({ pass: kind }) => kind === pass.kind).sort(',
        'const open = run.openWalks.filter(() => false).sort(',
      ),
      edit(
        'src/engine/passes/rows/upsert.ts',
        ' && head.walk !== null && !openWalks.has(head.walk)',
        ' && openWalks.size >= 0',
      ),
    ],
    caughtBy: { tests: ['test/promises/nothing-lost.test.ts'] },
  },
  {
    id: 'short-page-ends',
    mode: 'FM-18',
    what: 'a page with fewer records than asked for is the last one',
    edits: [
      edit(
        STEP,
        ': goOn(pass, stopAt, seen.next)',
        ': goOn(pass, stopAt, seen.rows < pass.pageSize ? undefined : seen.next)',
      ),
    ],
    caughtBy: { tests: ['test/promises/nothing-lost.test.ts'] },
  },
  {
    id: 'bodies-without-end',
    mode: 'FM-74',
    what: 'a compressed body may unpack to any size',
    edits: [
      edit(
        'src/http/decode.ts',
        'const options = { maxOutputLength: bytesMax }',
        'const options = { maxOutputLength: bytesMax * 10_000 }',
      ),
    ],
    caughtBy: { tests: ['test/http/node-transport.test.ts'] },
  },
  {
    id: 'infinity-in-a-note',
    mode: 'FM-01',
    what: 'how many records have arrived is Infinity where nobody knows, and a note says so',
    edits: [
      edit(
        'src/engine/passes/listing/source.ts',
        'arrived = began < 0 ? null',
        'arrived = began < 0 ? Number.POSITIVE_INFINITY',
      ),
    ],
    caughtBy: { tests: ['test/promises/numbers-in-notes.test.ts'] },
  },
  {
    id: 'full-stops-at-known-ground',
    mode: 'FM-05',
    what: 'a newest-first pass that was ordered to list everything stops at known ground as ever',
    edits: [edit('src/engine/passes/listing/step.ts', 'before.position.toEnd ? NOWHERE : found', 'found')],
    caughtBy: { tests: ['test/promises/full-lists-everything.test.ts'] },
  },
  {
    id: 'full-forgets-its-order',
    mode: 'FM-05',
    what: 'a newest-first walk to the end that begins again at the top stops at known ground',
    edits: [
      edit(
        'src/engine/passes/listing/position.ts',
        'return { ...TOP, rereads, careful, stuck, below, toEnd,',
        'return { ...TOP, rereads, careful, stuck, below,',
      ),
    ],
    caughtBy: { tests: ['test/promises/full-lists-everything.test.ts'] },
  },
  {
    id: 'a-row-twice-is-a-move',
    mode: 'FM-03',
    what: 'a row that stands twice on a page makes another listing of it, so that what is gone is never removed',
    edits: [
      edit(
        'src/engine/passes/listing/proof.ts',
        '    places.add(place)\n',
        '    places.add(`${places.size} ${place}`)\n',
      ),
    ],
    caughtBy: { tests: ['test/engine/listing-proof.test.ts'] },
  },
  {
    id: 'resumed-is-complete',
    mode: 'FM-12',
    what: 'a full pass that goes on in a later run is taken for complete, whatever has come above it since',
    edits: [
      edit(
        'src/engine/passes/kinds/full-pass.ts',
        'others.length > 0 || (await look()) === true',
        'others.length >= 0',
      ),
    ],
    caughtBy: { tests: ['test/promises/resumed-full-passes.test.ts'] },
  },
  {
    id: 'resumed-is-not-listed-again',
    mode: 'FM-12',
    what: 'where a resumed full pass has no requests left to list everything again, no gap says so',
    edits: [
      edit(
        'src/engine/passes/kinds/full-pass.ts',
        'isWhole || paid ? undefined : await openedAnew(run, entry, read.walk)',
        'undefined',
      ),
    ],
    caughtBy: { tests: ['test/promises/resumed-full-passes.test.ts'], only: 'few requests' },
  },
  {
    id: 'doubt-hides-news',
    mode: 'FM-12',
    what: 'a resumed full pass that a doubt has left open keeps the same run from reading what is new',
    edits: [
      edit('src/engine/passes/kinds/full-pass.ts', 'if (!read.fromTop) await', "if (read.ended === 'exhausted') await"),
    ],
    caughtBy: { tests: ['test/promises/resumed-full-passes.test.ts'], only: 'a doubt that leaves' },
  },
  {
    id: 'no-place-ends-a-group',
    mode: 'FM-09',
    what: 'a record without an order value may stop a walk inside of a group of equal times',
    edits: [
      edit(
        'src/engine/passes/listing/stop-rule.ts',
        'if (stopAt < 0 && !isPlaced && last === null && run >= enough)',
        'if (stopAt < 0 && !isPlaced && run >= enough)',
      ),
    ],
    caughtBy: { tests: ['test/engine/newest-first.test.ts'] },
  },
]
