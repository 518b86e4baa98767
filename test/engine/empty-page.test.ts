// Owns the proof that an empty page behind pages with records is no end by itself: without a total, the page before it is
// read once more, and then itself.

import { describe, expect, test } from 'vitest'
import { fullPass } from '../../src/connector/passes.ts'
import { TOP } from '../../src/engine/passes/listing/position.ts'
import { emptyStep, startAt, type Walking } from '../../src/engine/passes/listing/step.ts'

const pass = fullPass({ every: '1d', pageSize: 2, paging: 'offset', read: async () => ({ records: [] }) })
const EMPTY = { records: [] }

function behind(position: Partial<typeof TOP>): Walking {
  return startAt({ ...TOP, tail: ['a', 'b'], ...position }, pass, true)
}

describe('an empty page', () => {
  test('behind pages with records: the page before is read again, and then itself', () => {
    const first = emptyStep(pass, behind({}), EMPTY, true)
    expect(first).toMatchObject({ go: { to: 'before' }, walking: { doubt: 'page before' } })
    const second = emptyStep(pass, first.walking, { records: ['a'], next: 'b' }, true)
    expect(second.go).toBeUndefined()
    expect(emptyStep(pass, second.walking, EMPTY, true).go).toBeUndefined()
  })

  test('where the page before is empty now as well: everything is read again', () => {
    const { walking } = emptyStep(pass, behind({}), EMPTY, true)
    expect(emptyStep(pass, walking, EMPTY, true)).toMatchObject({ go: { to: 'reread' } })
  })
})
