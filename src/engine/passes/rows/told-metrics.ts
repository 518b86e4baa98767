// Owns what the rows of a run tell of the metrics of a stream. A number that one record lacks is hidden there; one that records
// had, and that no row of the run has any more, is gone from the source, and somebody has to hear of it: it is null, never 0.

import { parseDigits } from '../../../model/exact-json.ts'
import { plural } from '../../../model/plural.ts'
import type { Key } from '../../../model/record.ts'
import type { Content } from '../../../store/store.ts'
import type { Parsed, RowParser } from './shape.ts'

interface Page {
  readonly parsed: readonly Parsed[]
  /** What is stored of the records that came with another text. */
  readonly contents: ReadonlyMap<Key, Content>
}

export class ToldMetrics {
  readonly #told = new Set<string>()
  /** How many records had a metric until now, and lack it. */
  readonly #lost = new Map<string, number>()

  /** A page, and what was stored of its records before. */
  see(parser: RowParser, { parsed, contents }: Page): void {
    const { metrics: names } = parser.shape
    if (names.length === 0) return
    for (const { incoming, metrics = [] } of parsed) {
      for (const [place, name] of names.entries()) if (isTold(metrics[place])) this.#told.add(name)
      if (names.every((_, place) => isTold(metrics[place]))) continue
      const content = contents.get(incoming.key)
      const before = content && metricsOf(parser.parse(parseDigits(content.raw), 0, 0))
      for (const [place, name] of names.entries()) {
        if (isTold(before?.[place]) && !isTold(metrics[place])) this.#lost.set(name, (this.#lost.get(name) ?? 0) + 1)
      }
    }
  }

  /** What is gone, for the report of the run. */
  notes(): string[] {
    return (
      [...this.#lost]
        // One record that lacks it may hide it.
        .filter(([name, records]) => records > 1 && !this.#told.has(name))
        .map(
          ([name, records]) =>
            `the source tells no ${name} any more: ${plural(records, 'record')} had one, and it is null now`,
        )
    )
  }
}

function metricsOf(read: ReturnType<RowParser['parse']>): Parsed['metrics'] {
  return 'incoming' in read ? read.metrics : undefined
}

function isTold(value: NonNullable<Parsed['metrics']>[number] | undefined): boolean {
  return value !== null && value !== undefined
}
