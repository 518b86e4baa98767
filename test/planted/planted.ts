// Owns the list of all planted faults.

import { ANNOUNCING } from './announcing.ts'
import { ANSWERS } from './answers.ts'
import { BLENDING } from './blending.ts'
import { CLOCKS } from './clocks.ts'
import { CREATORS } from './creators.ts'
import { EQUALS } from './equals.ts'
import type { PlantedFault } from './fault.ts'
import { LISTINGS } from './listings.ts'
import { LOGINS } from './logins.ts'
import { LOOKING } from './looking.ts'
import { MONEY } from './money.ts'
import { PASSES } from './passes.ts'
import { READING } from './reading.ts'
import { REFRESHING } from './refreshing.ts'
import { REMOVING } from './removing.ts'
import { ROWS } from './rows.ts'
import { RUNNING } from './running.ts'
import { SEARCHING } from './searching.ts'
import { SERVING } from './serving.ts'
import { SHEETS } from './sheets.ts'
import { UPLOADING } from './uploading.ts'
import { WALK_ENDS } from './walk-ends.ts'
import { WALKS } from './walks.ts'
import { WALKS_ANEW } from './walks-anew.ts'
import { WINDOWS } from './windows.ts'
import { WRITING } from './writing.ts'

export const PLANTED: readonly PlantedFault[] = [
  ...PASSES,
  ...READING,
  ...EQUALS,
  ...LISTINGS,
  ...WALKS,
  ...WALKS_ANEW,
  ...WALK_ENDS,
  ...WINDOWS,
  ...REFRESHING,
  ...REMOVING,
  ...WRITING,
  ...RUNNING,
  ...LOGINS,
  ...LOOKING,
  ...ANSWERS,
  ...ROWS,
  ...SHEETS,
  ...CLOCKS,
  ...CREATORS,
  ...UPLOADING,
  ...BLENDING,
  ...MONEY,
  ...SERVING,
  ...SEARCHING,
  ...ANNOUNCING,
]

/** How often an edit's text stands in a source. */
export function occurrences(source: string, find: string): number {
  return source.split(find).length - 1
}
