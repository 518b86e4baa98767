// Owns what a scenario of the n-th-fault loop is: a style of source, what happens in it, and what must be so at the end.

import type { Connector } from '../../src/connector/connector.ts'
import type { Mirror } from '../simulation/mirror.ts'
import type { Scale } from '../simulation/style.ts'
import type { World } from './world.ts'

/**
 * How the n-th operation fails: before it has any effect; so too, with all others of its kind (the database's, the
 * network's) until the sync has ended; after it, unheard; by the death of the process right after it.
 */
export type Kind = 'before' | 'outage' | 'after' | 'killed'

export interface Fault {
  readonly kind: Kind
  /** Which of the operations of the tested syncs, from 1. */
  readonly at: number
}

export interface Scenario {
  readonly name: string
  /** A style of test/simulation/style.ts. */
  readonly style: string
  readonly scale?: Partial<Scale>
  /** Another connector in place of the style's. */
  readonly connector?: (plain: Connector) => Connector
  /** A refresh token may be lost with what is killed: then a person logs in. */
  readonly mayPause?: boolean
  readonly script: (world: World) => Promise<void>
  /** What else must be so of the mirror when it has settled, beside being the source's. */
  readonly check?: (world: World, mirror: Mirror) => void
}
