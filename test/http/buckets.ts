// Owns the buckets that limiters share in tests: those of a real store in memory, with a note of what was asked of them.

import type { Clock } from '../../src/model/ports.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'

export interface Buckets extends Pick<Store, 'limits' | 'now' | 'close'> {
  /** Every reservation: what was wanted and what was given. */
  readonly reserved: readonly { readonly key: string; readonly want: number; readonly granted: number }[]
  /** Every block: until when. */
  readonly blocked: readonly { readonly key: string; readonly until: number | null }[]
}

export async function openBuckets(clock: Clock): Promise<Buckets> {
  const store = await openSqliteStore({ path: ':memory:', clock })
  const reserved: Buckets['reserved'][number][] = []
  const blocked: Buckets['blocked'][number][] = []
  return {
    reserved,
    blocked,
    now: async () => store.now(),
    close: async () => store.close(),
    limits: {
      ...store.limits,
      async reserve(bucket) {
        const reservation = await store.limits.reserve(bucket)
        reserved.push({ key: bucket.key, want: bucket.want, granted: reservation.granted })
        return reservation
      },
      async block(bucket) {
        blocked.push({ key: bucket.key, until: bucket.until })
        await store.limits.block(bucket)
      },
    },
  }
}
