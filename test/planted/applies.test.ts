// Owns the check that every planted fault still fits: its text stands exactly once in the source it is planted in, and
// the tests that catch it exist. Whether they do catch it is shown by `npm run planted-faults`.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { READING } from '../faults/reading.ts'
import { RUNNING } from '../faults/running.ts'
import { NAMED_STYLES, STYLES } from '../simulation/style.ts'
import type { PlantedFault } from './fault.ts'
import { occurrences, PLANTED } from './planted.ts'

const ROOT = join(import.meta.dirname, '..', '..')

test.each(PLANTED.map((fault) => [fault.id, fault] as const))('the planted fault %s fits', (_id, fault) => {
  for (const { file, find, put } of fault.edits) {
    expect(occurrences(readFileSync(join(ROOT, file), 'utf8'), find), `${file}: ${find}`).toBe(1)
    expect(put).not.toBe(find)
  }
  expect(catchersOf(fault).filter((catcher) => !exists(catcher))).toEqual([])
})

test('every planted fault has a name of its own, and names a scenario that exists', () => {
  expect(new Set(PLANTED.map(({ id }) => id)).size).toBe(PLANTED.length)
  expect(PLANTED.length).toBeGreaterThanOrEqual(30)
  const names = new Set([...READING, ...RUNNING].map(({ name }) => name))
  for (const { caughtBy } of PLANTED) {
    if ('style' in caughtBy || !caughtBy.only?.startsWith('no single fault')) continue
    expect(names).toContain(caughtBy.only.slice('no single fault matters: '.length, -1))
  }
})

function catchersOf({ caughtBy }: PlantedFault): readonly string[] {
  return 'style' in caughtBy ? [caughtBy.style] : caughtBy.tests
}

function exists(catcher: string): boolean {
  return [...STYLES, ...NAMED_STYLES].some(({ name }) => name === catcher) || existsSync(join(ROOT, catcher))
}
