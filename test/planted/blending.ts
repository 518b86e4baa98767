// Owns the planted faults of blends: who is the same, which value stands, and what is remembered.

import { edit, type PlantedFault } from './fault.ts'

const RULES = 'src/engine/passes/blends/rules.ts'
const MEMBER = 'src/engine/passes/blends/member.ts'
const PASS = 'src/engine/passes/kinds/blend.ts'
const PROPERTIES = 'test/engine/blend-rules.test.ts'
const WHOLE = 'test/promises/blends.test.ts'

export const BLENDING: readonly PlantedFault[] = [
  {
    id: 'blend-waits-for-news',
    mode: 'FM-60',
    what: 'a blend that another run was making is not looked at again before something changes',
    edits: [edit('src/engine/followers/blender.ts', "if (verdict === 'wait') tried", "if (verdict === 'stop') tried")],
    caughtBy: { tests: ['test/promises/blends.test.ts'], only: 'that was being made when' },
  },
  {
    id: 'blends-of-one-name-share-a-table',
    mode: 'FM-77',
    what: 'a blend stands in the table of the one that has its name in another project',
    edits: [
      edit(
        'src/store/system/stream-place.ts',
        'if (shape.table === undefined) return name',
        "if (shape.table !== '') return name",
      ),
    ],
    caughtBy: { tests: ['test/promises/blends-of-one-name.test.ts'], only: 'in SQLite' },
  },
  {
    id: 'headers-of-other-projects',
    mode: 'FM-77',
    what: 'a project is shown the columns that only the sheets of another one have',
    edits: [
      edit(
        'src/store/system/project-views.ts',
        'const isOwn = ({ name }: Column) =>',
        'const isOwn = ({ name }: Column) => isShared ||',
      ),
    ],
    caughtBy: { tests: ['test/promises/blends-of-one-name.test.ts'], only: 'in SQLite' },
  },
  {
    id: 'max-forgets',
    mode: 'FM-56',
    what: 'the largest value is that of today, and falls',
    edits: [edit(RULES, "new Set(['max', 'first'])", "new Set(['first'])")],
    caughtBy: { tests: [PROPERTIES], only: 'max never falls' },
  },
  {
    id: 'unreadable-is-zero',
    mode: 'FM-53',
    what: 'a cell that is no number is 0',
    edits: [edit(MEMBER, 'if (digits === null) return null', 'if (digits === null) return 0')],
    caughtBy: { tests: [WHOLE], only: 'by hand' },
  },
  {
    id: 'rules-above-the-person',
    mode: 'FM-56',
    what: 'a rule stands above what a person has set',
    edits: [edit(MEMBER, 'const one: Chosen | undefined = set ?', 'const one: Chosen | undefined = set && !found ?')],
    caughtBy: { tests: [WHOLE], only: 'by hand' },
  },
  {
    id: 'profiles-by-spelling',
    mode: 'FM-57',
    what: 'a profile in capitals is another one',
    edits: [edit('src/model/profile-url.ts', 'const kind = first.toLowerCase()', 'const kind = first')],
    caughtBy: { tests: ['test/model/profile-url.test.ts'] },
  },
  {
    id: 'the-identity-before-is-forgotten',
    mode: 'FM-57',
    what: 'a record that moved to another identity still counts for the one before',
    edits: [
      edit(
        PASS,
        'if (identity !== undefined) identities.add(identity)',
        'if (identity !== undefined) { identities.clear(); identities.add(identity) }',
      ),
    ],
    caughtBy: { tests: [WHOLE], only: 'another identity' },
  },
  {
    id: 'no-snapshot-of-a-quiet-day',
    mode: 'FM-29',
    what: 'what has not changed gets no snapshot on a new day',
    edits: [
      edit(PASS, 'const isNewDay = !at || scope.dayOf(at.at) !== scope.dayOf(clock.now())', 'const isNewDay = !at'),
    ],
    caughtBy: { tests: [WHOLE], only: 'once a day' },
  },
  {
    id: 'one-verb-knows-spellings',
    mode: 'FM-56',
    what: 'only set takes every spelling of an identity; explain, history and records take the stored one alone',
    edits: [edit('src/operations/record-key.ts', 'shape.table === undefined ?', 'true ?')],
    caughtBy: { tests: ['test/cli/blend.test.ts'] },
  },
  {
    id: 'a-blend-is-disconnected',
    mode: 'FM-57',
    what: 'a blend is disconnected like a login, and no command brings it back',
    edits: [edit('src/operations/disconnect.ts', 'if (connector === BLEND) throw', 'if (false) throw')],
    caughtBy: { tests: ['test/cli/blend.test.ts'] },
  },
  {
    id: 'max-sees-only-the-end',
    mode: 'FM-56',
    what: 'what a source showed between two makings of a blend is not remembered',
    edits: [edit(PASS, 'const past = at ?', 'const past = Math.random() > 2 && at ?')],
    caughtBy: { tests: [WHOLE], only: 'remembers what a source showed' },
  },
  {
    id: 'of-a-past-the-first',
    mode: 'FM-56',
    what: 'of two contents that came since, the first counts alone',
    edits: [edit(RULES, "name === 'max' && compare(later, one) > 0", 'compare(later, one) > Number.MAX_VALUE')],
    caughtBy: { tests: [PROPERTIES], only: 'of a past that was seen at once' },
  },
  {
    id: 'two-blends-one-table',
    mode: 'FM-57',
    what: 'two blends of a project whose names differ in a dash share a table, and each shows the records of both',
    edits: [
      edit('src/engine/passes/blends/table.ts', 'if (shared === undefined) continue', 'if (shared !== "") continue'),
    ],
    caughtBy: { tests: [WHOLE], only: 'no other blend of the project' },
  },
  {
    id: 'a-lost-column-is-kept-quiet',
    mode: 'FM-58',
    what: 'a column that feeds a blend is renamed in the sheet, and nobody is told',
    edits: [edit('src/engine/passes/blends/gone.ts', 'if (looked === 0) return []', 'if (looked >= 0) return []')],
    caughtBy: { tests: ['test/promises/sheets-in-blends.test.ts'], only: 'in SQLite' },
  },
]
