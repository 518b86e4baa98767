// Owns the planted faults of upstream runs that cost money: what is started twice, paid for and forgotten, or asked for in
// the wrong number.

import { edit, type PlantedFault } from './fault.ts'

const INTENT = 'src/engine/passes/jobs/intent.ts'
const UPSTREAM = 'src/engine/passes/jobs/upstream-run.ts'
const WALK = 'src/engine/passes/jobs/newest-walk.ts'
const LEG = 'src/engine/passes/jobs/leg.ts'
const SIZE = 'src/engine/passes/jobs/batch-size.ts'

const once = (only: string) => ({ tests: ['test/promises/paid-runs-once.test.ts'], only })
const bills = (only: string) => ({ tests: ['test/promises/paid-bills.test.ts'], only })
const earlier = (only: string) => ({ tests: ['test/promises/paid-runs-of-earlier-syncs.test.ts'], only })
const BATCH = { tests: ['test/engine/batch-size.test.ts'] }

export const MONEY: readonly PlantedFault[] = [
  {
    id: 'few-of-many-are-all',
    mode: 'FM-32',
    what: 'two answers that have by far not what the vendor estimates are the whole profile',
    edits: [edit('src/engine/passes/jobs/leg.ts', 'const FAR_FROM_ALL = 0.5', 'const FAR_FROM_ALL = 0')],
    caughtBy: { tests: ['test/engine/leg.test.ts'], only: 'by far not what is estimated' },
  },
  {
    id: 'start-without-an-intent',
    mode: 'FM-63',
    what: 'nothing is written before an upstream run is started',
    edits: [edit(INTENT, 'await world.store.intents.plan(lease, { ...planned, runNo })', '')],
    caughtBy: { style: 'paid-runs', seeds: 20 },
  },
  {
    id: 'lost-start-is-repeated',
    mode: 'FM-63',
    what: 'a start without an answer is started again, and not looked for',
    edits: [edit(INTENT, 'if (found !== undefined && found !== null) {', 'if (found === intent.id) {')],
    caughtBy: once('is found, and started once'),
  },
  {
    id: 'looked-for-by-our-clock',
    mode: 'FM-22',
    what: 'a start without an answer is looked for at the time of our clock, however wrong that is',
    edits: [edit(INTENT, 'began + http.now() - now - CLOCKS_APART_MS', 'began - CLOCKS_APART_MS')],
    caughtBy: once('by the vendor’s clock'),
  },
  {
    id: 'refused-start-is-looked-for',
    mode: 'FM-63',
    what: 'a start that the vendor has rejected counts as one of unknown outcome',
    edits: [edit(INTENT, '{ rejectsForFree: true }', '{ rejectsForFree: false }')],
    caughtBy: once('is looked for by nobody'),
  },
  {
    id: 'other-profile-is-stored',
    mode: 'FM-34',
    what: 'what was started for other options is stored as if it were of these',
    edits: [edit(INTENT, 'return options === optionsOf(run) ? ask : undefined', 'return ask')],
    caughtBy: once('another profile'),
  },
  {
    id: 'cap-is-kept-to-ourselves',
    mode: 'I9',
    what: 'the vendor is not told what a run may cost',
    edits: [edit(INTENT, '...(costLeft === null ? {} : { costLeft }) }\n  const begin', '}\n  const begin')],
    caughtBy: once('a cap is passed on'),
  },
  {
    id: 'old-run-is-of-now',
    mode: 'FM-23',
    what: 'what an earlier sync has started long ago is taken for what there is',
    edits: [edit(WALK, 'const walks = this.#isOld ? [row, this.#walkBehind(askedAt)] : [row]', 'const walks = [row]')],
    caughtBy: earlier('what has come since is'),
  },
  {
    id: 'clock-set-back-makes-young',
    mode: 'FM-22',
    what: 'a run that was started before the clock was set back counts as started now',
    edits: [edit(WALK, 'age < 0 || age > OLD_FROM_MS', 'age > OLD_FROM_MS')],
    caughtBy: earlier('set back'),
  },
  {
    id: 'all-is-paid-twice',
    mode: 'FM-63',
    what: 'behind an old run that listed everything, everything is paid for once more',
    edits: [edit('src/engine/passes/kinds/newest-by-job.ts', 'isOld; toEnd = false)', 'isOld; )')],
    caughtBy: earlier('pays once for everything'),
  },
  {
    id: 'bill-ends-without-its-run',
    mode: 'FM-63',
    what: 'the end of a run tells of requests that no page has carried, and not of what they have cost',
    edits: [
      edit(
        'src/store/system/runs.ts',
        'requests, ...(cost === undefined ? {} : { cost }) })\n    yield* writeIntents({ intents })',
        'requests })',
      ),
    ],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'no page could tell of' },
  },
  {
    id: 'sleeper-pays',
    mode: 'FM-63',
    what: 'a process that stood still asks for what costs money without a look whether its lease holds',
    edits: [edit('src/http/client.ts', 'await asked.beforeSent?.()', 'await Promise.resolve()')],
    caughtBy: { tests: ['test/promises/leases-lost-while-waiting.test.ts'] },
  },
  {
    id: 'every-short-run-is-waited-for',
    mode: 'FM-63',
    what: 'a bill of all rows that were delivered is not believed where more were asked for, and each such run waits',
    edits: [edit(UPSTREAM, 'return rows > 0 && this.#isBilled(rows)', 'return rows < 0 && this.#isBilled(rows)')],
    caughtBy: bills('all that was delivered is final'),
  },
  {
    id: 'a-part-of-the-bill-is-all',
    mode: 'FM-63',
    what: 'a bill that tells too little is taken for the final one as soon as the rows are there',
    edits: [edit(UPSTREAM, 'return rows > 0 && this.#isBilled(rows)', 'return rows > 0')],
    caughtBy: bills('preliminary figures'),
  },
  {
    id: 'money-comes-back-twice',
    mode: 'FM-63',
    what: 'a budget gets money back before the bill is written: whoever takes the run over gives it back once more',
    edits: [
      edit(
        UPSTREAM,
        'settleBehind(scope, this.intent, purse.charged(this.#aside, bill.cost - before.cost))',
        'void purse.charge(this.#aside, bill.cost - before.cost)',
      ),
    ],
    caughtBy: { tests: ['test/promises/budgets-survive-kills.test.ts'] },
  },
  {
    id: 'outage-of-0-is-the-end',
    mode: 'FM-37',
    what: 'a run that delivers nothing and tells a total of 0 closes the walk of what others have delivered',
    edits: [
      edit(LEG, 'return isTold || size >=', 'return size >='),
      edit(
        LEG,
        "if (met && !toEnd) return { to: 'close', ended: 'met-anchored' }",
        "if (met && !toEnd) return { to: 'close', ended: 'met-anchored' }\n  if (total !== null && total <= rows) return END",
      ),
    ],
    caughtBy: earlier('an outage'),
  },
  {
    id: 'dear-run-is-started',
    mode: 'I9',
    what: 'a run is started though it may cost more than is left',
    edits: [edit(INTENT, 'needs > costLeft + ROUNDING', 'needs < 0')],
    caughtBy: once('is not started'),
  },
  {
    id: 'bill-is-counted-twice',
    mode: 'FM-64',
    what: 'a run whose rows are fetched by a later sync is billed once more',
    edits: [edit(UPSTREAM, 'this.#bill = started.intent.bill', 'this.#bill = null')],
    caughtBy: once('from where they broke off'),
  },
  {
    id: 'binary-digits-in-money',
    mode: 'I9',
    what: 'costs are added up as binary fractions, and 0.1 and 0.2 are 0.30000000000000004',
    edits: [
      edit('src/store/system/requests.ts', 'round((coalesce(cost, 0) + $3)::numeric, 10)', 'coalesce(cost, 0) + $3'),
    ],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'adds up money' },
  },
  {
    id: 'unread-rows-are-known',
    mode: 'FM-65',
    what: 'rows that could not be read count as known, so that sizes creep',
    edits: [edit(LEG, 'leg.rows - leg.known - leg.pinned', 'leg.fresh')],
    caughtBy: { tests: ['test/connectors/creators-rows.test.ts'], only: 'ids of all sorts' },
  },
  {
    id: 'rows-are-not-counted',
    mode: 'FM-64',
    what: 'only what the vendor says of its bill is counted, not what it has delivered',
    edits: [edit(UPSTREAM, 'billed?.items ?? 0, this.#rows ?? 0)', 'billed?.items ?? 0)')],
    caughtBy: bills('bills the rows that it delivers'),
  },
  {
    id: 'preliminary-bill',
    mode: 'FM-64',
    what: 'the first figures of a bill are taken for the last',
    edits: [edit(UPSTREAM, 'if (this.#isPreliminary) {', 'if (rows < 0) {')],
    caughtBy: bills('preliminary figures'),
  },
  {
    id: 'late-bill-breaks-the-cap',
    mode: 'FM-64',
    what: 'what a run is said to have cost at its end is taken for the bill where a cap bounds it, and the rest is spent again',
    edits: [
      edit(UPSTREAM, 'if (await this.#isCapped()) await', 'if ((await this.#isCapped()) && this.#endedAt < 0) await'),
    ],
    caughtBy: bills('spends no more than'),
  },
  {
    id: 'every-bill-is-waited-for',
    mode: 'FM-64',
    what: 'a run under a cap waits for its bill, which bills all that was asked for already',
    edits: [edit(UPSTREAM, 'return due !== null && (items', 'return due === 0 && (items')],
    caughtBy: bills('is final: under'),
  },
  {
    id: 'half-of-a-bill-is-final',
    mode: 'FM-64',
    what: 'a bill is final under a cap whatever it bills',
    edits: [
      edit(
        UPSTREAM,
        'return due !== null && (items ?? 0) >= rows && (cost ?? 0) + ROUNDING >= due',
        'return due !== null',
      ),
    ],
    caughtBy: bills('preliminary figures are'),
  },
  {
    id: 'bill-of-nothing-is-believed',
    mode: 'FM-64',
    what: 'rows that have cost nothing at the end of their run have cost nothing for ever',
    edits: [edit(UPSTREAM, 'cost === 0 ||', 'cost < 0 ||')],
    caughtBy: bills('where nothing bounds it'),
  },
  {
    id: 'closed-with-the-first-part',
    mode: 'FM-22',
    what: 'an upstream run is closed before all of its rows are stored',
    edits: [edit(UPSTREAM, "this.#note('open')\n    return { id", "this.#note('read')\n    return { id")],
    caughtBy: bills('wherever it is killed'),
  },
  {
    id: 'waits-for-ever',
    mode: 'FM-45',
    what: 'a run that does not end is waited for without a limit',
    edits: [edit(UPSTREAM, 'began + pause > JOB_WAIT_MAX_MS', 'began + pause < 0')],
    caughtBy: earlier('waited for by the next one'),
  },
  {
    id: 'rows-begin-again',
    mode: 'FM-64',
    what: 'rows that broke off are fetched from the first page again',
    edits: [
      edit(
        WALK,
        'let leg = before?.intent === upstream.intent ? before : legOf(upstream.intent)',
        'let leg = before ? legOf(upstream.intent) : legOf(upstream.intent)',
      ),
    ],
    caughtBy: once('from where they broke off'),
  },
  {
    id: 'place-is-of-the-page',
    mode: 'FM-03',
    what: 'the first rows of each page count as pinned',
    edits: [
      edit(
        'src/engine/passes/listing/page-seen.ts',
        'isPinned(viewer, one.record, place + i)',
        'isPinned(viewer, one.record)',
      ),
    ],
    caughtBy: once('pinned posts that nobody marks'),
  },
  {
    id: 'short-answer-is-the-end',
    mode: 'FM-18',
    what: 'any answer with fewer rows than asked for is taken for the end',
    edits: [edit(LEG, 'return isClear || isRepeated ? END', 'return isClear || !isRepeated ? END')],
    caughtBy: { tests: ['test/engine/leg.test.ts'] },
  },
  {
    id: 'size-without-a-bound',
    mode: 'FM-65',
    what: 'as many are asked for as are expected, however many that are',
    edits: [edit(SIZE, 'Math.min(bestSize(question), mostOf(question))', 'bestSize(question)')],
    caughtBy: BATCH,
  },
  {
    id: 'sizes-creep',
    mode: 'FM-65',
    what: 'after a size that was not enough, one row more is asked for at a time',
    edits: [edit(SIZE, 'failed + 1, leastOf(question), size)', 'failed + 1, size)')],
    caughtBy: BATCH,
  },
  {
    id: 'count-leaves-no-room',
    mode: 'FM-65',
    what: 'a number of new records that is told is asked for exactly, though what lies below them may need one run more',
    edits: [
      edit(
        SIZE,
        'if (exact > failed && asked + exact <= whole + SLACK.items) return exact',
        'if (exact > failed) return exact',
      ),
    ],
    caughtBy: BATCH,
  },
  {
    id: 'failure-proves-new-ones',
    mode: 'FM-65',
    what: 'a size that was not enough counts as so many new records, though others may have kept it from being enough',
    edits: [edit(SIZE, 'failed + 1)\n  return FACTORS', 'failed + 6)\n  return FACTORS')],
    caughtBy: BATCH,
  },
]
