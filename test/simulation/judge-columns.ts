// Owns the judgement of what is made of the raw texts later: columns that came with a later release (I18), and contents
// that could not be read before (I19).

import { revOf } from './api.ts'
import type { Release } from './connector.ts'
import type { Mirror, Mirrors } from './mirror.ts'
import { Violation } from './violation.ts'

/** I18: every content has every column, with the value that its text shows; `rev` has been one from the beginning. */
export function judgeColumns(mirrors: Mirrors, { columns, lenient }: Release, complete: boolean): void {
  for (const { key, raw, cells } of mirrors.cells(complete ? ['rev', ...columns] : ['rev'])) {
    // What this release can't read stays as it was written.
    const readable = lenient || !raw.includes('"title":7')
    for (const [name, cell] of Object.entries(cells)) {
      const shown = new RegExp(`"${name}":(-?\\d+)`).exec(raw)?.[1]
      if (String(cell) === shown || (!readable && name !== 'rev')) continue
      throw new Violation('I18', `${key}: ${name} is ${String(cell)}, and its text says ${raw}`)
    }
  }
}

/** I19: what can be read now is a record, unless there is a newer one, or it is gone since; nothing else has changed. */
export function judgeRetry(before: Mirror, after: Mirror, lenient: boolean): void {
  const changes = after.changes.slice(before.changes.length)
  const strange = changes.find(({ key, op }) => op === 'remove' || !before.quarantined.has(key))
  if (strange) throw new Violation('I19', `reading again what was set aside made ${strange.op} of ${strange.key}`)
  if (!lenient) {
    if (changes.length > 0) throw new Violation('I19', `${changes[0]?.key} can't be read, and was`)
    if (after.quarantined.size === before.quarantined.size) return
    throw new Violation('I19', 'what can be read no better is set aside no longer')
  }
  const [left] = after.quarantined.keys()
  if (left !== undefined) throw new Violation('I19', `${left} can be read now, and is set aside still`)
  for (const [key, contents] of before.quarantined) {
    for (const content of contents) {
      const versions = after.versions.get(key) ?? []
      const found = versions.some((one) => one.content === content || revOf(one.content) > revOf(content))
      if (!found && !after.removed.has(key)) throw new Violation('I19', `${content} was set aside, and is nowhere now`)
    }
  }
}
