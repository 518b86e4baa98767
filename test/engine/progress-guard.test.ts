// Owns the proof that the guard against endless listings counts the pages of one listing, and not those of several.

import { expect, test } from 'vitest'
import { PAGES_MAX, ProgressGuard } from '../../src/engine/passes/progress-guard.ts'

/** So many pages, each with a token and a row of its own. */
function see(guard: ProgressGuard, pages: number): void {
  for (let i = 0; i < pages; i++) guard.see(i, i + 1, { parsed: [], unread: [row(i)] })
}

const row = (i: number) => ({ key: null, index: 0, raw: `${i}`, code: 'record_invalid' as const, message: '' })

test('a listing that is read anew has its pages once more; one that goes on does not', () => {
  const guard = new ProgressGuard('notes')
  see(guard, PAGES_MAX)
  guard.restart()
  see(guard, PAGES_MAX)
  guard.forget()
  expect(() => see(guard, 1)).toThrow(expect.objectContaining({ code: 'page_loop' }))
})
