// Owns the planted faults of removing and restoring.

import { edit, type PlantedFault, scenario } from './fault.ts'

const FULL_PASS = 'src/engine/passes/removals/guard.ts'
const RECONCILE = 'src/engine/passes/removals/reconcile.ts'

export const REMOVING: readonly PlantedFault[] = [
  {
    id: 'held-as-it-was-missed',
    mode: 'FM-02',
    what: 'removals that are too many are held before anything rules out that they slipped past the reader',
    edits: [
      edit(
        'src/engine/passes/removals/reconcile.ts',
        "lacking.proof === 'reading' && lacking.listed > 0",
        "lacking.proof === 'reading' && lacking.listed < 0",
      ),
    ],
    caughtBy: { tests: ['test/promises/removals-decided.test.ts'], only: 'slips past the reader' },
  },
  {
    id: 'one-witness',
    mode: 'FM-37',
    what: 'one listing that lacks a record is enough to remove it',
    edits: [edit('src/engine/passes/removals/witness.ts', 'else doubtful.push(absent)', 'else gone.push(absent)')],
    caughtBy: scenario('running', 'records that two listings lack'),
  },
  {
    id: 'guard-off',
    mode: 'FM-35',
    what: 'any number of removals is believed',
    edits: [edit(RECONCILE, 'lacking.reason !== undefined && lacking.proof !== undefined', 'lacking.reason === ""')],
    caughtBy: scenario('running', 'so many removals that they are held'),
  },
  {
    id: 'empty-listing-believed',
    mode: 'FM-31',
    what: 'a source that lists nothing has nothing',
    edits: [edit(FULL_PASS, 'if (listed === 0 && live > 0) return', 'if (listed < 0 && live > 0) return')],
    caughtBy: { tests: ['test/engine/full-pass.test.ts'] },
  },
  {
    id: 'cap-removes',
    mode: 'FM-14',
    what: 'what a capped listing no longer shows is removed',
    edits: [
      edit(FULL_PASS, "  if (listing === 'complete') return true\n", '  if (absent !== undefined) return true\n'),
    ],
    caughtBy: { style: 'capped', seeds: 60 },
  },
  {
    id: 'beyond-the-cap-unasked',
    mode: 'FM-14',
    what: 'nobody is asked about what a capped listing can not show',
    edits: [
      edit(RECONCILE, 'else if (pass.witness) beyond.push(absent)', 'else if (!pass.witness) beyond.push(absent)'),
    ],
    caughtBy: { tests: ['test/connectors/reddit.test.ts'], only: 'asked for by id' },
  },
  {
    id: 'beyond-the-cap-by-absence',
    mode: 'FM-14',
    what: 'records that a capped listing can not show are removed without a word of the witness',
    edits: [edit(RECONCILE, '...(beyond?.gone ?? [])', '...lacking.beyond')],
    caughtBy: { tests: ['test/connectors/reddit.test.ts'], only: 'what it no longer shows is kept' },
  },
  {
    id: 'known-by-a-clock',
    mode: 'FM-37',
    what: 'a clock decides which records were known before a full pass began',
    edits: [
      edit(
        'src/store/system/walks.ts',
        'AND +r._id <= ${KNOWN_TO}',
        'AND r._first_seen_at < (SELECT opened_at FROM tm_walks WHERE stream_no = $1 AND walk = $2)',
      ),
    ],
    caughtBy: { tests: ['test/promises/a-clock-that-was-wrong.test.ts'] },
  },
  {
    id: 'known-since-its-first-beginning',
    mode: 'FM-38',
    what: 'a full pass that begins again at the top knows only what was stored before its first beginning',
    edits: [edit('src/store/system/page.ts', 'ELSE excluded.known_to END', 'ELSE tm_walks.known_to END')],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'began for the last time' },
  },
  {
    id: 'moved-is-gone',
    mode: 'FM-37',
    what: 'a listing that moved while it was read proves an absence',
    edits: [
      edit(
        'src/engine/passes/listing/proof.ts',
        "  if (pages === 1) return 'walk'\n",
        "  if (pages > 0) return 'walk'\n",
      ),
    ],
    caughtBy: { tests: ['test/promises/what-moves-is-not-removed.test.ts'] },
  },
  {
    id: 'one-look-is-enough',
    mode: 'FM-37',
    what: 'a look at the top that took several pages is believed',
    edits: [edit('src/engine/passes/listing/top-look.ts', 'look.pages === 1 ||', 'look.pages > 0 ||')],
    caughtBy: { tests: ['test/promises/what-moves-is-not-removed.test.ts'] },
  },
  {
    id: 'second-reading-skipped',
    mode: 'FM-37',
    what: 'a listing that is read again need not show the same',
    edits: [edit(RECONCILE, 'again.position.evidence.trail === trail', "again.ended === 'exhausted'")],
    caughtBy: { tests: ['test/promises/what-moves-is-not-removed.test.ts'] },
  },
  {
    id: 'no-restore',
    mode: 'FM-38',
    what: 'a record that comes back stays a tombstone',
    edits: [
      edit(
        'src/engine/passes/rows/upsert.ts',
        "      updates.push({ ...incoming, expect: head.ordinal, op: 'restore', version: false, walk: ground.walk })\n",
        '',
      ),
    ],
    caughtBy: scenario('running', 'a record that comes back'),
  },
  {
    id: 'stale-page-restores',
    mode: 'FM-38',
    what: 'a page that was asked for before the removal lifts the tombstone',
    edits: [edit('src/engine/passes/rows/upsert.ts', ' : askedAt < head.removedAt', ' : askedAt < 0')],
    caughtBy: { tests: ['test/engine/upsert.test.ts'] },
  },
  {
    id: 'tombstone-forgets',
    mode: 'FM-35',
    what: 'a removal throws the last content away',
    edits: [
      edit(
        'src/store/sqlite/writer.ts',
        "  remove({ streamNo, at, runNo, page }: Origin, { key, expect, reason }: Batch['removals'][number]): boolean {\n    if (!this.#changedOne('supersede', streamNo, key, expect)) return false\n",
        "  remove({ streamNo, at, runNo, page }: Origin, { key, expect, reason }: Batch['removals'][number]): boolean {\n",
      ),
    ],
    caughtBy: { tests: ['test/promises/removals.test.ts'] },
  },
  {
    id: 'error-swallowed',
    mode: 'FM-33',
    what: 'an error in the middle of a listing is swallowed, and the listing taken for whole',
    edits: [
      edit(
        'src/engine/passes/kinds/full-pass.ts',
        '        const read = await walkListing(run, entry, pass, resumed, { ground: NO_GROUND, badPages })\n',
        `        const read = await walkListing(run, entry, pass, resumed, { ground: NO_GROUND, badPages }).catch((error: unknown) => {
        const walk = run.openWalks.find((one) => one.pass === pass.kind)
        if (!walk) throw error
        return { ended: 'exhausted' as const, walk, position: positionFrom(walk.position), empty: false, fromTop: true }
      })
`,
      ),
    ],
    caughtBy: { style: 'full-keyset', seeds: 60 },
  },
  {
    id: 'a-total-proves-absence',
    mode: 'FM-37',
    what: 'the total of an offset listing proves that nothing has slipped past its reader',
    edits: [
      edit('src/engine/passes/listing/proof.ts', "if (pass.paging !== 'keyset') return", 'if (total !== seen) return'),
    ],
    caughtBy: { tests: ['test/promises/what-slips-past-is-not-removed.test.ts'] },
  },
  {
    id: 'between-pages-is-absent',
    mode: 'FM-37',
    what: 'a record whose place lies between two pages was not there',
    edits: [
      edit(
        'src/engine/passes/listing/spans.ts',
        '(isFirst || order < high)',
        '(isFirst || order < (high as number) + 2)',
      ),
      edit('src/engine/passes/listing/spans.ts', '(isEnd || order > low)', '(isEnd || order > (low as number) - 2)'),
    ],
    caughtBy: { tests: ['test/promises/what-slips-past-is-not-removed.test.ts'] },
  },
  {
    id: 'region-that-slides',
    mode: 'FM-37',
    what: 'pages that are read again prove an absence although the listing slides meanwhile',
    edits: [
      edit(
        'src/engine/passes/removals/place-proof.ts',
        'isStill: again.rows === first.rows',
        'isStill: again.rows !== null',
      ),
    ],
    caughtBy: { tests: ['test/promises/what-slips-past-is-not-removed.test.ts'], only: 'slides once more' },
  },
]
