// Owns the planted faults of dates that a wrong clock has written.

import { edit, type PlantedFault } from './fault.ts'

const PROMISE = 'test/promises/a-clock-that-was-wrong.test.ts'
const LEASE = 'src/engine/runs/lease.ts'

export const CLOCKS: readonly PlantedFault[] = [
  {
    id: 'late-clock-is-not-heeded',
    mode: 'FM-30',
    what: 'a window that our clock has ended stands, though the look ahead has told the source’s',
    edits: [
      edit(
        'src/engine/passes/kinds/by-cursor.ts',
        'skewOf(run) - before <= START_KNOWN_TO_MS',
        'skewOf(run) >= before',
      ),
    ],
    caughtBy: { tests: ['test/promises/dated-ahead-is-said.test.ts'], only: 'read on' },
  },
  {
    id: 'full-pass-put-off',
    mode: 'FM-30',
    what: 'the next full pass waits for the date of one that lies ahead',
    edits: [edit('src/engine/passes/kinds/full-pass.ts', 'at <= now + CLOCKS_APART_MS', 'at >= 0')],
    caughtBy: { tests: [PROMISE] },
  },
  {
    id: 'block-outlives-its-clock',
    mode: 'FM-30',
    what: 'a limit that was met while the clock was ahead is waited for until that time comes',
    edits: [
      edit('src/store/bucket.ts', '  if (now < blockedSince - SMALL_STEP_MS) return NO_BLOCK\n', ''),
      edit('src/store/bucket.ts', 'now < blockedSince ? Math.min(blockedBehind ?? now, now) : null', 'null'),
    ],
    caughtBy: { tests: [PROMISE] },
  },
  {
    id: 'spent-until-its-time-comes',
    mode: 'FM-30',
    what: 'what was spent while the clock was ahead counts until that time comes',
    edits: [edit('src/store/spending.ts', 'slot > now ? (behind ?? now) : null', 'null')],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'while the clock was ahead' },
  },
  {
    id: 'lease-of-the-future',
    mode: 'FM-30',
    what: 'a lease that was taken while the clock was ahead is anybody’s only when its time comes',
    edits: [edit(LEASE, 'heldBy.expiresAt > now + LEASE_MS + CLOCKS_APART_MS ?', 'heldBy.expiresAt < 0 ?')],
    caughtBy: { tests: [PROMISE] },
  },
  {
    id: 'living-holder-robbed',
    mode: 'FM-30',
    what: 'a lease of a clock that was ahead is taken from a holder who lives',
    edits: [edit(LEASE, 'generation === before.generation && expiresAt === before.expiresAt', 'expiresAt > 0')],
    caughtBy: { tests: [PROMISE] },
  },
  {
    id: 'removed-until-its-time-comes',
    mode: 'FM-30',
    what: 'what a person removed while the clock was ahead is restored only when that time comes',
    edits: [edit('src/engine/passes/state.ts', 'asked: Math.max(keptFrom(value).asked ?? 0, at)', 'asked: at - at')],
    caughtBy: { tests: [PROMISE] },
  },
  {
    id: 'settled-by-the-future',
    mode: 'FM-30',
    what: 'a look that is dated ahead says that no record can come into a group any more',
    edits: [edit('src/engine/passes/listing/walk.ts', 'read.at <= run.scope.http.now() ?', 'read.at > 0 ?')],
    caughtBy: { tests: [PROMISE] },
  },
  {
    id: 'rate-over-the-future',
    mode: 'FM-30',
    what: 'a run that is dated ahead counts as a month without changes',
    edits: [edit('src/engine/due/adaptive.ts', '    return !isAhead\n', '    return true || isAhead\n')],
    caughtBy: { tests: ['test/engine/adaptive.test.ts'] },
  },
  {
    id: 'pruned-by-the-future',
    mode: 'FM-30',
    what: 'what is young is pruned because our clock is ahead',
    edits: [
      edit(
        'src/engine/runs/run.ts',
        'Math.min(clock.now(), this.#streams[0]?.scope.http.now() ?? clock.now())',
        'clock.now()',
      ),
    ],
    caughtBy: { tests: [PROMISE] },
  },
  {
    id: 'far-ahead-unsaid',
    mode: 'FM-30',
    what: 'nobody looks for records that are dated more than a year ahead',
    edits: [
      edit(
        'src/engine/due/look-ahead-due.ts',
        'return !isRecent(lookedFar, now, LOOK_FAR_EVERY_MS)',
        'return lookedFar === now',
      ),
    ],
    caughtBy: { tests: ['test/promises/dated-ahead-is-said.test.ts'] },
  },
]
