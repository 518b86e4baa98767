// Owns what the runs of this process tell while they work, to whoever listens in it. Other processes see what is stored.

import type { Logger } from '../../model/ports.ts'
import type { RunStatus } from '../../model/run.ts'
import { tellOutside } from '../../model/told.ts'
import type { RunProgress } from './progress.ts'

/** `run.progress` comes with every page, after it is stored; `run.stopping`, when somebody here has asked it to stop. */
export type RunEvent =
  | (RunOf & { readonly type: 'run.started' })
  | (RunOf & { readonly type: 'run.stopping' })
  | (RunOf & { readonly type: 'run.progress'; readonly progress: RunProgress })
  | (RunOf & {
      readonly type: 'run.finished'
      readonly status: RunStatus
      /** False: the lease or the database was lost, and another process finds the run interrupted. */
      readonly isStored: boolean
      /** When it ended, in milliseconds since 1970, by the earlier of our clock and the source's. */
      readonly at: number
    })

interface RunOf {
  readonly project: string
  readonly connection: string
  /** Its id. */
  readonly run: string
}

export interface Events {
  /** `make` is asked only when somebody listens. */
  tell(make: () => RunEvent): void
  /** Returns what ends it. The failure of a listener is logged, and harms no run. */
  listen(listener: (event: RunEvent) => void): () => void
}

export function createEvents(logger: Logger): Events {
  const listeners = new Set<(event: RunEvent) => void>()
  return {
    tell(make) {
      if (listeners.size === 0) return
      const event = make()
      for (const listener of listeners) {
        tellOutside(logger, event.type, () => listener(event))
      }
    },
    listen(listener) {
      // A function that listens twice hears everything twice.
      const own = (event: RunEvent) => listener(event)
      listeners.add(own)
      return () => void listeners.delete(own)
    },
  }
}
