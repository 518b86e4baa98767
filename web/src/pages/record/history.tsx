// Owns the history of a record: each version as what it changed, with what made it, the newest first.

import { Pill, type Tone } from '../../parts/pill.tsx'
import { Card } from '../../parts/surface.tsx'
import { Differences } from './differences.tsx'
import { MadeBy } from './fields.tsx'
import type { Explanation } from './queries.ts'

const OPS: Readonly<Record<string, readonly [tone: Tone, words: string]>> = {
  insert: ['good', 'first seen'],
  update: ['busy', 'changed'],
  restore: ['good', 'came back'],
  remove: ['bad', 'removed'],
}

export function History({ why }: { readonly why: Explanation }) {
  return (
    <ol aria-label="Versions, the newest first" className="flex flex-col gap-3">
      {why.versions.toReversed().map((version) => {
        const [tone, words] = OPS[version.op] ?? (['idle', version.op] as const)
        return (
          <li key={`${version.ordinal} ${version.at} ${version.op}`} data-version={version.ordinal}>
            <Card>
              <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-line px-4 py-2 text-xs text-muted">
                <Pill tone={tone}>{words}</Pill>
                <MadeBy version={version} />
              </header>
              {version.changes.length > 0 ? (
                <Differences version={version} />
              ) : (
                <p className="px-4 py-2 text-sm text-muted">{version.rule.says}</p>
              )}
            </Card>
          </li>
        )
      })}
    </ol>
  )
}
