// Owns the batch that says nothing: what every write starts from.

import { NO_COUNTS } from '../../model/run.ts'
import type { Batch } from '../../store/store.ts'

export type Place = Pick<Batch, 'lease' | 'leaseUntil' | 'project' | 'runNo' | 'streamNo' | 'at' | 'day'>

export function emptyBatch(place: Place): Batch {
  return {
    ...place,
    page: 0,
    walk: null,
    inserts: [],
    updates: [],
    touches: [],
    missed: [],
    removals: [],
    snapshots: [],
    seen: [],
    quarantine: [],
    walks: [],
    requests: [],
    pass: null,
    counts: NO_COUNTS,
    expected: null,
  }
}
