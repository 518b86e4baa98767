// Owns the planted faults of sheets: which rows are one, which columns are kept, what an empty tab means, and by whose clock a
// login is signed.

import { edit, type PlantedFault } from './fault.ts'

const GRID = 'src/connectors/sheets/grid.ts'
const SHEETS_CONNECTOR = 'src/connectors/sheets.ts'
const SHAPE = 'src/engine/passes/rows/shape.ts'
const STORED = 'src/engine/passes/rows/stored-shape.ts'
const ROWS = 'test/connectors/sheets.test.ts'

const RECONCILE = 'src/engine/passes/removals/reconcile.ts'

export const SHEETS: readonly PlantedFault[] = [
  {
    id: 'failed-formula-is-a-key',
    mode: 'FM-58',
    what: 'a row whose key is a formula that fails is a record of its own, and the one that it was is removed',
    edits: [edit(GRID, 'key !== null && FAILED.test(key) ? null : key', 'key')],
    caughtBy: { tests: [ROWS], only: 'whose key is a formula that shows #REF!' },
  },
  {
    id: 'unlisted-waits-for-ever',
    mode: 'FM-33',
    what: 'what could not be read keeps its stream incomplete for ever, though the source shows it no more',
    edits: [edit(RECONCILE, '    ...(isAll ? { unlisted: { walk: walk.walk, before: walk.openedAt } } : {}),\n', '')],
    caughtBy: { tests: [ROWS], only: 'leaves nothing that waits for ever' },
  },
  {
    id: 'unlisted-beside-unread',
    mode: 'FM-33',
    what: 'what is not listed waits no longer, though a row that could not be read may be it',
    edits: [edit(RECONCILE, "proof === 'walk' && listed > 0", 'listed > 0')],
    caughtBy: { tests: [ROWS], only: 'without a key may be any' },
  },
  {
    id: 'second-row-of-a-key-is-dropped',
    mode: 'FM-58',
    what: 'of two rows with one key, the first is taken and the other is lost',
    edits: [edit(GRID, 'return all.length > 1 ?', 'return all.length > 99 ?')],
    caughtBy: { tests: [ROWS], only: 'whose key stands twice' },
  },
  {
    id: 'ambiguous-key-column',
    mode: 'FM-58',
    what: 'of two columns with the header of the key, the first is taken',
    edits: [edit(GRID, 'if (places.length > 1) {', 'if (places.length > 99) {')],
    caughtBy: { tests: [ROWS], only: 'two columns have its header' },
  },
  {
    id: 'found-columns-are-forgotten',
    mode: 'FM-53',
    what: 'a column that the sheet no longer has keeps its last cells, as if they were of today',
    edits: [edit(STORED, 'compileStream(connector, name, known?.shape)', 'compileStream(connector, name)')],
    caughtBy: { tests: [ROWS], only: 'are the headers' },
  },
  {
    id: 'empty-tab-has-no-rows',
    mode: 'FM-58',
    what: 'a tab without any content, headers included, is taken for one without rows',
    edits: [edit(GRID, 'if (at < 0) {', 'if (at < 0) return { columns: [], rows: [] }\n  if (at < 0) {')],
    caughtBy: { tests: [ROWS], only: 'where the tab is empty' },
  },
  {
    id: 'found-columns-without-end',
    mode: 'FM-53',
    what: 'a connection takes as many found columns as its pages tell of in all runs',
    edits: [edit(SHAPE, '.slice(0, room)', '')],
    caughtBy: { tests: ['test/promises/open-streams.test.ts'], only: 'of more columns than a connection can have' },
  },
  {
    id: 'signed-by-a-wrong-clock',
    mode: 'FM-24',
    what: 'a login that is refused for its time is not signed again by the time that the refusal tells',
    edits: [edit(SHEETS_CONNECTOR, "error.code === 'clock_skewed'", 'error.code === undefined')],
    caughtBy: { tests: ['test/connectors/sheets-login.test.ts'], only: "is signed by Google's clock" },
  },
  {
    id: 'either-of-two-tabs',
    mode: 'FM-58',
    what: 'of two tabs that only blanks tell apart, the first is read',
    edits: [edit('src/connectors/sheets/tabs.ts', 'first && others.length === 0 &&', 'first && others.length < 99 &&')],
    caughtBy: { tests: [ROWS], only: 'two tabs that only blanks tell apart' },
  },
]
