// Owns the shape of a planted fault in a decision of the walk through a listing: each is caught by the test of its reducer.

import { edit, type PlantedFault } from './fault.ts'

export const REDUCER = 'src/engine/passes/listing/reducer.ts'
export const END = 'src/engine/passes/listing/end.ts'
export const ROW = 'src/engine/passes/listing/walk-row.ts'

export type Line = readonly [id: string, what: string, file: string, find: string, put: string, test: string]

export function planted(lines: readonly Line[]): readonly PlantedFault[] {
  return lines.map(([id, what, file, find, put, only]) => ({
    id,
    mode: 'FM-01',
    what,
    edits: [edit(file, find, put)],
    caughtBy: { tests: ['test/engine/listing-reducer.test.ts'], only },
  }))
}
