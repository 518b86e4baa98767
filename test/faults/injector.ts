// Owns the fault itself: counting what can fail, and making the n-th of it fail.

import { TidemarkError } from '../../src/model/errors.ts'
import type { Store } from '../../src/store/store.ts'
import { wrap } from '../simulation/process.ts'
import type { Fault } from './scenario.ts'

export type Fate = 'before' | 'after' | 'killed' | undefined

export class Injector {
  /** What could have failed so far, while somebody was counting, in order. */
  readonly operations: string[] = []
  readonly fault: Fault | undefined
  /** Whether what happens now is counted, and fails if it is its turn. */
  counting = false
  #broken: 'store' | 'wire' | undefined

  constructor(fault: Fault | undefined) {
    this.fault = fault
  }

  /** Every other killed process ran on this host, where its death is known; of the others only the lease's end tells. */
  get sameHost(): boolean {
    return this.fault === undefined || this.fault.at % 2 === 0
  }

  /** What becomes of the next thing that can fail; undefined: it does what it should. */
  fate(operation: string, where: 'store' | 'wire'): Fate {
    if (!this.counting) return undefined
    this.operations.push(operation)
    const { fault } = this
    if (fault === undefined) return undefined
    if (this.operations.length !== fault.at) return this.#broken === where ? 'before' : undefined
    if (fault.kind !== 'outage') return fault.kind
    this.#broken = where
    return 'before'
  }

  /** An outage has ended. */
  mend(): void {
    this.#broken = undefined
  }

  /** A store whose n-th call fails. `heard` is called after those that did what they should. */
  store(store: Store, heard: (method: string) => void, die: () => Promise<never>): Store {
    return wrap(store, async (method, args, call) => {
      const fate = this.fate(method, 'store')
      const failed = () => new TidemarkError('database_io', `Injected: ${method}.`)
      if (fate === 'before') throw failed()
      const result = await call(args)
      heard(method)
      if (fate === 'after') throw failed()
      // What was begun on the side, as the run ended, may be answered in the next one, which nothing kills.
      return fate === 'killed' && this.counting ? die() : result
    })
  }

  /** Whether a rotated token was lost on its way from the source to the database: nobody else may ask for a login. */
  get lostToken(): boolean {
    if (!this.fault) return false
    const until = this.operations.slice(0, this.fault.at)
    const asked = until.lastIndexOf('POST /token')
    return asked >= 0 && !until.slice(asked).some((operation) => operation.startsWith('GET'))
  }
}
