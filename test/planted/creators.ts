// Owns the planted faults of reading posts through actors that are paid, and of what is made of them.

import { edit, type PlantedFault } from './fault.ts'

const RUNS = 'src/connectors/apify/runs.ts'
const ROWS = 'src/connectors/apify/rows.ts'
const UPSTREAM = 'src/engine/passes/jobs/upstream-run.ts'
const VALUES = 'src/connectors/apify/values.ts'
const SUMMARY = 'src/engine/passes/kinds/summary.ts'

const creators = (only: string) => ({ tests: ['test/connectors/creators.test.ts'], only })
const rows = (only: string) => ({ tests: ['test/connectors/creators-rows.test.ts'], only })
const summaries = (only: string) => ({ tests: ['test/promises/made-of-another-stream.test.ts'], only })

const lost = (only: string) => ({ tests: ['test/connectors/creators-lost-rows.test.ts'], only })

export const CREATORS: readonly PlantedFault[] = [
  {
    id: 'quoted-counts-are-changes',
    mode: 'FM-59',
    what: 'the counts of a post that another one quotes make a version of that one in every run',
    edits: [edit('src/connectors/x.ts', "        'quote',\n", '')],
    caughtBy: rows('what a post quotes'),
  },
  {
    id: 'vanished-in-silence',
    mode: 'FM-54',
    what: 'a metric that its source does not tell any more is null, and nobody hears of it',
    edits: [
      edit(
        'src/engine/passes/rows/told-metrics.ts',
        'records > 1 && !this.#told.has(name)',
        'records < 0 && name === ""',
      ),
    ],
    caughtBy: { tests: ['test/promises/metrics-that-vanish.test.ts'], only: 'no row has any more' },
  },
  {
    id: 'lost-rows-are-the-end',
    mode: 'FM-64',
    what: 'an answer that has fewer rows than it tells of is the end of what a paid run has delivered',
    edits: [edit(ROWS, 'all.length < due', 'all.length < 0')],
    caughtBy: lost('lacks of the number'),
  },
  {
    id: 'repeated-page-is-another',
    mode: 'FM-64',
    what: 'the rows of the page before stand for those of the next one, which nobody reads',
    edits: [edit(ROWS, 'before.includes(digest)', 'before.includes("")')],
    caughtBy: lost('rows of another one'),
  },
  {
    id: 'not-found-is-deleted',
    mode: 'FM-63',
    what: 'a run that its vendor does not find a moment after its start is given up, and paid for again',
    edits: [edit(UPSTREAM, 'this.#startedAt <= KNOWN_WITHIN_MS', 'this.#startedAt < 0')],
    caughtBy: lost('its run'),
  },
  {
    id: 'rows-not-found-are-deleted',
    mode: 'FM-63',
    what: 'rows that are not found a moment after the end of their run are given up, and paid for again',
    edits: [edit(ROWS, 'const FOUND_WITHIN_MS = 60_000', 'const FOUND_WITHIN_MS = -1e15')],
    caughtBy: lost('its rows'),
  },
  {
    id: 'undated-post-is-the-oldest',
    mode: 'FM-03',
    what: 'a post without a readable date stands at the end of time, and breaks the order of those around it',
    edits: [edit('src/connectors/apify/values.ts', 'return at - (at % 1_000)', 'return at * 0')],
    caughtBy: rows('without a readable date'),
  },
  {
    id: 'dates-are-guessed',
    mode: 'FM-10',
    what: 'a date in a form that nobody has documented is read as JavaScript guesses it',
    edits: [
      edit(
        'src/connectors/x.ts',
        'return at === undefined ? null : new Date(at).toISOString()',
        'return at === undefined ? (Number.isNaN(Date.parse(value)) ? null : new Date(value).toISOString()) : new Date(at).toISOString()',
      ),
    ],
    caughtBy: rows('in no documented form'),
  },
  {
    id: 'sentinel-is-empty',
    mode: 'FM-69',
    what: 'rows that say that there is nothing are an empty profile',
    edits: [edit(ROWS, 'records.length === 0 && all.length > 0', 'records.length < 0 && all.length > 0')],
    caughtBy: creators('a run that succeeded with'),
  },
  {
    id: 'no-row-is-a-profile',
    mode: 'FM-69',
    what: 'a run that succeeded without a row has read a profile that has no posts',
    edits: [edit('src/connectors/apify/rows.ts', 'if (isEmpty && (await poll', 'if (!isEmpty && (await poll')],
    caughtBy: creators('a name that nobody has'),
  },
  {
    id: 'intent-not-sent',
    mode: 'FM-63',
    what: 'the id of ours does not stand in the input of a run, so that it is never found again',
    edits: [edit(RUNS, 'json: { ...input, [INTENT]: intent }', 'json: { ...input }')],
    caughtBy: creators('a run whose start was not acknowledged'),
  },
  {
    id: 'no-vendor-cap',
    mode: 'FM-63',
    what: 'a run is started without the vendor’s own cap',
    edits: [edit(RUNS, 'maxTotalChargeUsd: costLeft', 'maxTotalChargeUsd: undefined')],
    caughtBy: creators('is the cap of every run'),
  },
  {
    id: 'pins-break-the-order',
    mode: 'FM-04',
    what: 'posts that are pinned above newer ones make every search pay for the whole profile',
    edits: [edit(VALUES, 'export const PINS_MAX = 3', 'export const PINS_MAX = 0')],
    caughtBy: creators('a later one pays for what is new'),
  },
  {
    id: 'failed-run-is-whole',
    mode: 'FM-64',
    what: 'a run that was cut off has delivered all that there is',
    edits: [edit(RUNS, "  ABORTED: 'failed',", "  ABORTED: 'succeeded',")],
    caughtBy: creators('of a run that ended ABORTED'),
  },
  {
    id: 'hidden-is-minus-one',
    mode: 'FM-54',
    what: 'likes that are hidden are one less than none',
    edits: [edit(VALUES, "value === undefined || value === '' || value === -1", "value === undefined || value === ''")],
    caughtBy: rows('likes that are hidden are null'),
  },
  {
    id: 'escapes-undone-twice',
    mode: 'FM-60',
    what: 'an escape that somebody has written is undone with those of the service',
    edits: [
      edit(
        'src/connectors/x.ts',
        "text: unescaped(firstOf(row, 'fullText', 'text'))",
        "text: unescaped(unescaped(firstOf(row, 'fullText', 'text')))",
      ),
    ],
    caughtBy: rows('of X are without escapes'),
  },
  {
    id: 'sums-of-a-part',
    mode: 'FM-78',
    what: 'the sum over the posts that were read stands for all of them',
    edits: [edit(SUMMARY, 'if (openWalks.length > 0)', 'if (openWalks.length < 0)')],
    caughtBy: summaries('has no sums while a part'),
  },
  {
    id: 'summary-of-nothing',
    mode: 'FM-78',
    what: 'a run that has read nothing of a stream makes a summary of it',
    edits: [edit(SUMMARY, '!other || (other.shown.length === 0 && !wasRead)', '!other')],
    caughtBy: summaries('is not made where the run has seen nothing'),
  },
]
