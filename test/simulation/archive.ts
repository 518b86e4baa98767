// Owns what the mirror has shown of itself by and by. Where old changes and contents are deleted, nothing else of them may
// be missing, and whoever judges still needs them.

import type { Change, Mirror, Version } from './mirror.ts'
import { Violation } from './oracle.ts'

export class Archive {
  readonly #changes: Change[] = []
  readonly #versions = new Map<string, Map<number, Version>>()

  /** The mirror as if nothing had ever been deleted of it. */
  add(mirror: Mirror): Mirror {
    this.#addChanges(mirror.changes)
    for (const [key, versions] of mirror.versions) this.#addVersions(key, versions)
    const versions = new Map([...this.#versions].map(([key, known]) => [key, [...known.values()].sort(byOrdinal)]))
    return { ...mirror, changes: [...this.#changes], versions }
  }

  /** I11: only the oldest changes go, and never all that nobody has read. */
  #addChanges(changes: readonly Change[]): void {
    const first = changes[0]?.seq ?? this.#changes.length + 1
    if (first > this.#changes.length + 1) throw new Violation('I11', `the feed begins at ${first}, too far on`)
    for (const [index, change] of changes.entries()) {
      const { seq, key, op } = change
      if (seq !== first + index) throw new Violation('I11', `change ${seq} stands where ${first + index} belongs`)
      const known = this.#changes[seq - 1]
      if (!known) this.#changes.push(change)
      else if (known.key !== key || known.op !== op) throw new Violation('I11', `change ${seq} is another one now`)
    }
  }

  /** I10: the first content of a record stays, and none changes. */
  #addVersions(key: string, versions: readonly Version[]): void {
    const known = this.#versions.get(key) ?? new Map<number, Version>()
    this.#versions.set(key, known)
    const first = versions.find(({ op }) => op !== 'superseded')
    if (known.size > 0 && first?.ordinal !== 1) throw new Violation('I10', `${key} has lost its first content`)
    for (const version of versions) {
      const before = known.get(version.ordinal)
      if (before && (before.content !== version.content || before.op !== version.op)) {
        throw new Violation(
          'I10',
          `${key}: version ${version.ordinal} was ${before.content}, and is ${version.content}`,
        )
      }
      known.set(version.ordinal, version)
    }
  }
}

function byOrdinal(a: Version, b: Version): number {
  return a.ordinal - b.ordinal
}
