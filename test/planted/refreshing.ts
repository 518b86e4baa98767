// Owns the planted faults of reading known records again by key.

import { edit, type PlantedFault } from './fault.ts'

const ABSENT = 'src/engine/passes/refresh/absent.ts'
const ORDER = 'src/engine/passes/refresh/order.ts'
const REFRESH = 'src/engine/passes/kinds/refresh.ts'
const ROUND = 'src/engine/passes/refresh/round.ts'
const PROMISE = 'test/promises/refreshed-by-key.test.ts'

type Line = readonly [id: string, what: string, file: string, find: string, put: string, only: string]

const LINES: readonly Line[] = [
  [
    'shown-is-asked-for',
    'what a listing of the run has shown is asked for again',
    'src/engine/passes/rows/page.ts',
    'run.shownKeys?.add(incoming.key)',
    'void incoming',
    'takes one snapshot of each record',
  ],
  [
    'partial-marks',
    'what an answer that was cut short lacks is unavailable',
    ROUND,
    'if (partial === true || ',
    'if (',
    'an answer that was cut short',
  ],
  [
    'unread-marks',
    'a row that can be told by nothing is none of those that are lacking',
    ROUND,
    ' || unread.some(({ key }) => key === null)) return',
    ') return',
    'a row that can be told by nothing',
  ],
  [
    'one-answer-removes',
    'one answer that lacks a record removes it',
    REFRESH,
    'again.absent.map(({ key }) => key)',
    'first',
    'what two requests lack is removed',
  ],
  [
    'any-number-is-gone',
    'removals by key are never too many to believe',
    ABSENT,
    'decisions.heldReason({ missing: missing.length,',
    'decisions.heldReason({ missing: 0,',
    'too many to believe',
  ],
  [
    'listed-stays-unavailable',
    'a record that is listed again stays unavailable',
    'src/engine/passes/rows/upsert.ts',
    'missedBy !== null || (unavailableSince !== null && !isOfFile)',
    'missedBy !== null || (unavailableSince !== null && isOfFile)',
    'what is listed again is available',
  ],
  [
    'stale-is-complete',
    'a run that did not come to all known records leaves the stream complete',
    'src/engine/passes/run-stream.ts',
    'if (stale) return',
    'if (stale && stale.records < 0) return',
    'the rest is said to be stale',
  ],
  [
    'early-end-is-silent',
    'a run that ends before its refresh says nothing of it',
    'src/engine/passes/run-stream.ts',
    'if (due && isCleanStop(error)',
    'if (due && !isCleanStop(error)',
    'a budget that ends before the refresh',
  ],
  [
    'slowest-first',
    'the records that grow least are read first',
    ORDER,
    'b.growth - a.growth || a.readAt',
    'a.growth - b.growth || a.readAt',
    'those come first that grow fastest',
  ],
  [
    'poison-comes-first',
    'a key that breaks every answer is asked for as if it had not',
    REFRESH,
    'isDoubtful: doubted.has(one.key)',
    'isDoubtful: doubted.has(`${one.key} `)',
    'comes last next time',
  ],
  [
    'refresh-is-a-success',
    'a run that only refreshes counts towards the next full pass',
    'src/engine/runs/outcome.ts',
    "const isDone = mode !== 'refresh' && ",
    'const isDone = ',
    'mode refresh reads nothing but what is known',
  ],
]

export const REFRESHING: readonly PlantedFault[] = [
  ...LINES.map(
    ([id, what, file, find, put, only]): PlantedFault => ({
      id,
      mode: 'FM-20',
      what,
      edits: [edit(file, find, put)],
      caughtBy: { tests: [PROMISE], only },
    }),
  ),
  {
    id: 'away-is-unmarked',
    mode: 'FM-20',
    what: 'what is asked for and not returned is left as it is',
    edits: [edit(ROUND, 'for (const part of chunks(absent,', 'for (const part of chunks([] as typeof absent,')],
    caughtBy: { style: 'refreshed', seeds: 100 },
  },
  {
    id: 'no-turn',
    mode: 'FM-20',
    what: 'what nothing is expected of is never read while there is anything else',
    edits: [edit(ORDER, 'const isTurn = since + 1 >= every', 'const isTurn = since < 0 && every > 0')],
    caughtBy: { tests: ['test/engine/refresh-order.test.ts'], only: 'has its turn' },
  },
  {
    id: 'older-answer-marks',
    mode: 'FM-33',
    what: 'a paid run of an earlier sync marks as unavailable what this sync has been shown',
    edits: [edit(ROUND, '!told.has(key) && !isShown(key)', '!told.has(key)')],
    caughtBy: { tests: ['test/promises/paid-refresh.test.ts'], only: 'that an earlier sync has started' },
  },
]
