// Owns the judgement of what is made of the mirror: after a complete run it is made of what the mirror has then.

import { revOf } from './api.ts'
import type { Mirror, Mirrors, Published } from './mirror.ts'
import { Violation } from './violation.ts'

/** I22: a summary adds up the records that there are. */
export function judgeSummary(mirror: Mirror, summary: ReturnType<Mirrors['summary']>): void {
  const scores = [...mirror.live.values()].map((content) => Number(/"score":(-?\d+)/.exec(content)?.[1]))
  const score = scores.length === 0 ? null : scores.reduce((sum, one) => sum + one, 0)
  const { count, score: told } = summary ?? {}
  if (count === mirror.live.size && told === score) return
  throw new Violation(
    'I22',
    `${mirror.live.size} records have a score of ${score}, the summary says ${count} and ${told}`,
  )
}

/** How many are kept. */
const KEPT = 5

/** I24: each complete run publishes what there is at its end, no other run does, and the last ones are kept. */
export class Catalogs {
  /** The last one that was judged, and how many changes there were then. */
  #last: { readonly n: number; readonly changes: number } | undefined

  judge(published: readonly Published[]): void {
    const [first] = published
    const wrong = published.find(({ status }) => status !== 'succeeded')
    if (wrong) throw new Violation('I24', `catalog ${wrong.n} is published by a run that ${wrong.status}`)
    if (published.length > KEPT) throw new Violation('I24', `${published.length} catalogs are kept`)
    const gap = published.find(({ n }, i) => n !== (first?.n ?? 0) + i)
    if (gap) throw new Violation('I24', `catalog ${gap.n} does not follow the one before it`)
    if (first && first.n > 1 && published.length < KEPT) throw new Violation('I24', `the oldest catalog is ${first.n}`)
  }

  /** After a complete run, behind which nobody has written anything. */
  judgeRun(run: string, mirror: Mirror, mirrors: Mirrors): void {
    const published = mirrors.published()
    const last = published.at(-1)
    // A process that stood still tells of its run when another one has published after it.
    if (last?.run !== run && published.some((one) => one.run === run)) return
    if (last?.run !== run)
      throw new Violation('I24', `${run} was complete, and the last catalog is ${last?.n} of ${last?.run}`)
    const { streams, byCategory, stats } = mirrors.document(last.n)
    const listed = new Map(streams.items.map((item) => [item._key, item]))
    const other = [...mirror.live].find(([key, content]) => Number(listed.get(key)?.rev) !== revOf(content))
    if (other) throw new Violation('I24', `catalog ${last.n} does not have ${other[0]} as ${other[1]}`)
    const total = mirror.live.size
    if (streams.items.length !== total || stats.totals.items !== total) {
      throw new Violation(
        'I24',
        `catalog ${last.n} lists ${streams.items.length} of ${total}, and says ${stats.totals.items}`,
      )
    }
    const sorted = Object.values(byCategory.items).flat()
    if (new Set(sorted).size !== total || sorted.length !== total) {
      throw new Violation('I24', `catalog ${last.n} has ${sorted.length} keys in categories, of ${total} records`)
    }
    const before = this.#last
    this.#last = { n: last.n, changes: mirror.changes.length }
    if (before?.n !== last.n - 1 && last.n !== 1) return
    const came = mirror.changes.slice(before?.changes ?? 0).filter(({ op }) => op === 'insert' || op === 'restore')
    const added = last.n === 1 ? total : came.length
    if (stats.newItemsAdded === added) return
    throw new Violation('I24', `${added} records came since, and catalog ${last.n} says ${stats.newItemsAdded}`)
  }
}
