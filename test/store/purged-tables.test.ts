// Owns the promise that no table is forgotten where a connection is deleted: one that is added later fails here first.

import { expect, it } from 'vitest'
import { SQLITE } from '../../src/store/sqlite/dialect.ts'
import { OWN, POSITIONS } from '../../src/store/system/purge.ts'
import { systemTables } from '../../src/store/system/schema.ts'

it('every table whose rows belong to a stream, a run or a connection is among those that a purge empties', () => {
  const tables = systemTables(SQLITE.types, SQLITE.words).matchAll(/CREATE TABLE (\w+) \(([^;]*);/g)
  const belonging = [...tables].filter(([, , columns = '']) => /^\s*(?:stream|run|connection)_no /m.test(columns))
  const names = belonging.map(([, name]) => name).filter((name) => name !== 'tm_changes')
  expect(names.length).toBeGreaterThan(12)
  expect([...POSITIONS, ...OWN].map(([name]) => name)).toEqual(expect.arrayContaining(names))
})
