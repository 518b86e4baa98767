// Owns the planted faults of looking back: what has changed lately, and what has moved the most.

import { edit, type PlantedFault } from './fault.ts'

const SNAPSHOTS = 'src/store/system/snapshots.ts'
const conformance = (only: string) => ({ tests: ['test/conformance/sqlite.test.ts'], only })

export const LOOKING: readonly PlantedFault[] = [
  {
    id: 'page-repeats-its-edge',
    mode: 'FM-15',
    what: 'the next page of what has changed begins with the last change of the page before',
    edits: [edit('src/store/system/feed.ts', 'c.seq < $${', 'c.seq <= $${')],
    caughtBy: conformance('are shown the newest first'),
  },
  {
    id: 'moved-since-before',
    mode: 'FM-21',
    what: 'a record has moved since its first value, and not since the time that was asked for',
    edits: [
      edit(
        SNAPSHOTS,
        "one(what, 'AND n._at <= $2', 'DESC')}, ${one(what, 'AND n._at > $2', 'ASC')",
        "one(what, 'AND n._at <= $2', 'ASC')}, ${one(what, 'AND n._at > $2', 'ASC')",
      ),
    ],
    caughtBy: conformance('was before a moment and is now'),
  },
  {
    id: 'lengths-of-keys-are-remembered-for-ever',
    mode: 'FM-15',
    what: 'keys that are longer than all before them are not among the records that are read by key',
    edits: [
      edit(
        'src/store/system/records.ts',
        'AND seq > $3 AND stream_no = $2`',
        'AND seq < 0 AND seq > $3 AND stream_no = $2`',
      ),
    ],
    caughtBy: conformance('whole numbers by their size'),
  },
  {
    id: 'calls-of-other-machines-are-taken',
    mode: 'FM-9',
    what: 'a call that another machine carries out is carried out here, too',
    edits: [edit('src/server/api/idempotency.ts', 'now - at >= GONE_MS', 'now - at >= 0')],
    caughtBy: { tests: ['test/server/idempotency.test.ts'], only: 'machine that is gone' },
  },
]
