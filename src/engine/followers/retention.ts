// Owns how long what is written down is kept, and the deleting of what is older: a little after every run, so that nobody
// waits for it and nobody has to think of it.

import { type Duration, durationMs } from '../../model/duration.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { Store } from '../../store/store.ts'
import type { Follower } from './follower.ts'

/** For how long each is kept; `forever` for ever. Records, the first content of each, runs and snapshots always stay. */
export interface Retention {
  /** The feed: a reader that is away for longer has to begin anew. @default '90d' */
  readonly changes?: Duration | 'forever'
  /** The ledger of requests, which `explain` tells of. @default '30d' */
  readonly requests?: Duration | 'forever'
  /** Past contents: `--as-of` is exact as far back as they go. @default 'forever' */
  readonly versions?: Duration | 'forever'
  /** The audit log: who has started, changed or ended what. @default '365d' */
  readonly audit?: Duration | 'forever'
}

const RETENTION = {
  changes: '90d',
  requests: '30d',
  audit: '365d',
  versions: 'forever',
} as const satisfies Required<Retention>

/** Webhooks that came are known again for so long; services send one again for a day and a half at most. */
export const WEBHOOKS_KEPT = '7d'
/** Messages that were sent, or given up, can be sent again for so long. */
export const MESSAGES_KEPT = '30d'

/** Rows that are deleted after a run, at most, and in one transaction. */
export const PRUNED_PER_RUN_MAX = 20_000
export const PRUNED_AT_ONCE_MAX = 1_000

/** In the order in which they are pruned. */
const KINDS = ['requests', 'changes', 'audit', 'versions'] as const

type Kind = (typeof KINDS)[number]

/**
 * What was asked for, and the defaults for the rest.
 *
 * @throws TidemarkError retention_invalid
 */
export function checkedRetention(asked: Retention = {}): Retention {
  const retention = { ...RETENTION, ...asked }
  for (const what of KINDS) {
    const kept = retention[what]
    try {
      if (kept !== 'forever') durationMs(kept)
    } catch {
      throw new TidemarkError('retention_invalid', `"${kept}" is no time to keep ${what} for.`)
    }
  }
  return retention
}

/** Follows the time rather than the feed: what was young enough for the last run may be too old by now. */
export function keeper(retention: Retention): Follower {
  return {
    name: 'retention',
    async follow({ store, project, now, logger }) {
      const pruned = await prune(store, project, retention, now)
      await store.inbox.prune(now - durationMs(WEBHOOKS_KEPT), PRUNED_AT_ONCE_MAX)
      await store.webhooks.prune(now - durationMs(MESSAGES_KEPT), PRUNED_AT_ONCE_MAX)
      if (Object.values(pruned).some((count) => count > 0)) {
        logger.event('info', 'retention.pruned', { project, ...pruned })
      }
    },
  }
}

/** What goes: everything before these moments. */
export function pruneBefore(retention: Retention, now: number): readonly { what: Kind; before: number }[] {
  return KINDS.flatMap((what) => {
    const kept = retention[what] ?? RETENTION[what]
    return kept === 'forever' ? [] : [{ what, before: now - durationMs(kept) }]
  })
}

/** Deletes what is older than it has to be, as much as one run may; what is left over, the next run deletes. */
export async function prune(
  store: Store,
  project: string,
  retention: Retention,
  now: number,
): Promise<Readonly<Record<Kind, number>>> {
  const pruned = { requests: 0, changes: 0, audit: 0, versions: 0 }
  let left = PRUNED_PER_RUN_MAX
  for (const { what, before } of pruneBefore(retention, now)) {
    let gone: number
    do {
      const limit = Math.min(left, PRUNED_AT_ONCE_MAX)
      gone = limit === 0 ? 0 : await store.history.prune({ project, what, before, limit })
      pruned[what] += gone
      left -= gone
    } while (gone === PRUNED_AT_ONCE_MAX)
  }
  return pruned
}
