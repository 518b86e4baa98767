// Owns the proof that an editor explains what an author of a connector writes: everything that the declarations of
// connectors export, and each of its fields, has a doc comment.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, '..', '..', 'src', 'connector')

/** Lines that declare something, and stand under no doc comment. `Values` in columns.ts only computes types. */
function undocumented(text: string): string[] {
  const lines = text.split('\n')
  let depth: 'none' | 'type' = 'none'
  return lines.filter((line, place) => {
    if (/^(?:export )?(?:interface|type) (?!Values).*\{$/.test(line)) depth = 'type'
    const declares = /^export (?:interface|type|function|const|class) /.test(line)
    const isField = depth === 'type' && /^ +(?:readonly \w+\??:|\w+\??\()/.test(line)
    if (line.startsWith('}')) depth = 'none'
    if (!declares && !isField) return false
    // Overloads, and what the linter is told, stand between.
    let above = place - 1
    while (/^ *\/\/ oxlint-/.test(lines[above] ?? '')) above--
    return !(lines[above] ?? '').endsWith('*/')
  })
}

test.each(['passes.ts', 'connector.ts', 'page.ts', 'options.ts', 'fields.ts', 'columns.ts'])(
  'everything that %s declares has a doc comment',
  (file) => expect(undocumented(readFileSync(join(folder, file), 'utf8'))).toEqual([]),
)

test('what has none is found', () => {
  expect(
    undocumented('/** A. */\nexport interface A {\n  readonly b: string\n  /** C. */\n  readonly c: string\n}\n'),
  ).toEqual(['  readonly b: string'])
})
