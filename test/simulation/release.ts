// Owns what a seed makes of the connector's releases, and of how long what is written down is kept.

import type { Retention } from '../../src/engine/followers/retention.ts'
import type { Random } from '../../src/testing/emulators/kit/random.ts'
import type { GrownColumn, Release } from './connector.ts'
import type { Scale } from './style.ts'

/** A metric has to be a column from the beginning. */
export const FIRST_RELEASE = ({ metrics }: Scale): Release => ({
  no: 0,
  columns: metrics ? ['score'] : [],
  lenient: false,
  state: 1,
  migrates: true,
})

/** What its author makes of it next. Nothing is unlearned. */
export function nextRelease(last: Release, random: Random): Release {
  const missing = (['created', 'score'] as const).filter((name) => !last.columns.includes(name))
  const added: readonly GrownColumn[] = missing.length > 0 && random.chance(0.7) ? [random.pick(missing)] : []
  return {
    no: last.no + 1,
    columns: [...last.columns, ...added],
    lenient: last.lenient || random.chance(0.6),
    state: last.state + (random.chance(0.3) ? 1 : 0),
    migrates: random.chance(0.5),
  }
}

/** The first of these is longer than any sync, and than any time between two. */
export function retentionOf(random: Random): Retention | undefined {
  if (random.chance(0.6)) return undefined
  const pick = () => random.pick(['150m', '4h', 'forever'] as const)
  return { changes: pick(), requests: '1h', versions: pick() }
}
