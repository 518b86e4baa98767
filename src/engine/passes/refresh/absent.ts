// Owns what becomes of records that were asked for by key and not returned: they are marked, and where their connector says
// that this means removal, removed once a second request lacks them too, unless that are too many to believe.

import { plural } from '../../../model/plural.ts'
import type { Head, Key } from '../../../model/record.ts'
import { chunks, contended, RECORDS_PER_CHECKPOINT_MAX, STALE_TRIES_MAX } from '../rows/page-parts.ts'
import { type PassEntry, type StreamRun, type Writing, write } from '../stream-run.ts'

/** The reason that tombstones of a refresh carry. */
export const REASON_NOT_RETURNED = 'not_returned'

/** A live record that was not returned. */
export interface Absent {
  readonly key: Key
  /** An earlier request lacked it, too. */
  readonly before: boolean
}

/** Marks those that are not marked yet; returns those that are live. */
export async function markUnavailable(
  run: StreamRun,
  entry: PassEntry,
  keys: readonly Key[],
): Promise<readonly Absent[]> {
  let before = new Map<Key, Head>()
  await writeLive(run, entry, keys, (live) => {
    before = live
    const unavailable = [...live].flatMap(([key, { ordinal, unavailableSince }]) =>
      unavailableSince === null ? [{ key, expect: ordinal }] : [],
    )
    return unavailable.length > 0 ? { unavailable, counts: { unavailable: unavailable.length } } : undefined
  })
  return [...before].map(([key, { unavailableSince }]) => ({ key, before: unavailableSince !== null }))
}

/** Removes records that two requests have lacked, or holds their removal, when that are too many of the stream. */
export async function removeAbsent(
  run: StreamRun,
  entry: PassEntry,
  gone: readonly Key[],
  returned: number,
): Promise<void> {
  const { decisions, logger } = run.scope.world
  if (gone.length === 0) return
  const kept = await run.scope.world.store.review.kept(run.row.no, gone)
  const missing = gone.filter((key) => !kept.has(key))
  const listed = returned + (run.shownKeys?.size ?? 0)
  const reason = decisions.heldReason({ missing: missing.length, live: run.live, listed })
  let replace = true
  for (const part of chunks(missing, RECORDS_PER_CHECKPOINT_MAX)) {
    if (reason !== undefined) {
      await write(run, entry, { hold: { reason, keys: part, replace }, counts: { held: part.length } })
      replace = false
      continue
    }
    await writeLive(run, entry, part, (live) => {
      const removals = [...live].map(([key, { ordinal }]) => ({ key, expect: ordinal, reason: REASON_NOT_RETURNED }))
      return removals.length > 0 ? { removals, counts: { removed: removals.length } } : undefined
    })
  }
  if (reason === undefined || missing.length === 0) return
  const held = missing.length
  run.asides.push(`${run.name}: ${plural(held, 'removal is', 'removals are')} held for you: ${reason}`)
  logger.event('warn', 'removals.held', { run: run.scope.runId, stream: run.name, held, reason })
}

/** Writes what is to be written of those of the records that are live, decided again while somebody else changes them. */
async function writeLive(
  run: StreamRun,
  entry: PassEntry,
  keys: readonly Key[],
  decide: (live: Map<Key, Head>) => Writing | undefined,
): Promise<void> {
  for (let tries = 0; tries < STALE_TRIES_MAX; tries++) {
    const heads = await run.scope.world.store.records.look(run.row.no, keys)
    const writing = decide(new Map([...heads].filter(([, { removedAt }]) => removedAt === null)))
    if (!writing || (await write(run, entry, writing)) === 'written') return
  }
  throw contended(run.name)
}
