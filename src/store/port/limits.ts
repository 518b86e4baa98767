// Owns the rate limits that all processes share.

import type { Bucket, Reservation } from '../bucket.ts'

export interface LimitStore {
  /**
   * Takes up to `want` permits from a bucket that holds at most `capacity` and gains `capacity` in `perMs`, but never
   * more than `capacity` within any stretch of `perMs` (see bucket.ts, which decides it for every store). Zero granted: `waitMs` until at least one is there. A bucket that is blocked grants nothing until its time.
   * Given `who`, it has a turn while it waits, and nobody who comes later is served before; it is kept for a while after `waitMs`.
   */
  reserve(bucket: {
    key: string
    capacity: number
    perMs: number
    want: number
    now: number
    who?: string | undefined
  }): Promise<Reservation>
  /** Gives a turn up, if there is one. */
  leave(turn: { key: string; who: string }): Promise<void>
  /** What is known of a bucket; undefined: nothing. `take` in bucket.ts says what it would grant. */
  bucket(key: string): Promise<Bucket | undefined>
  /** Lets a bucket grant nothing until `until`; never shortens a block. With `remaining`, also sets what it holds, if that is less. */
  block(bucket: { key: string; until: number | null; remaining?: number; now: number }): Promise<void>
  /** Gives a bucket another key. Where there is one of that key already, the old one is dropped. */
  rename(from: string, to: string): Promise<void>
}
