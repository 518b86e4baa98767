// Owns leases: the fenced right to run. A lease's row is never deleted, so that its generation only grows.

import { LeaseLost } from '../../model/errors.ts'
import { count, json } from '../cells.ts'
import { type Asking, alone, get, type Row, run, value, type Works, writing } from '../statements.ts'
import type { HeldLease, Holder, Lease, LeaseStore } from '../store.ts'

/** Times that a lease may be freed between the attempt to take it and the look at who has it. */
const TRIES_MAX = 5

export const leases: Works<LeaseStore> = {
  claim: writing(function* ({ resource, holder, now, expiresAt, takeOver }) {
    for (let tries = 0; ; tries++) {
      const taken = yield* value(TAKE, [resource, expiresAt, JSON.stringify(holder), now, takeOver ?? null])
      if (taken !== undefined) return { lease: { resource, generation: count(taken) } }
      const row = yield* get('SELECT * FROM tm_leases WHERE resource = $1', [resource])
      const isFree = row?.['holder'] === null || count(row?.['expires_at']) <= now
      if (isFree && tries < TRIES_MAX) continue
      return { heldBy: heldLease(resource, row) }
    }
  }),

  held: alone(function* (resource, now) {
    const sql = 'SELECT * FROM tm_leases WHERE resource = $1 AND holder IS NOT NULL AND expires_at > $2'
    const row = yield* get(sql, [resource, now])
    return row && heldLease(resource, row)
  }),

  renew: alone(function* ({ resource, generation }, expiresAt) {
    const sql = 'UPDATE tm_leases SET expires_at = $1 WHERE resource = $2 AND generation = $3 AND holder IS NOT NULL'
    return (yield* run(sql, [expiresAt, resource, generation])) === 1
  }),

  release: alone(function* ({ resource, generation }) {
    yield* run('UPDATE tm_leases SET holder = NULL WHERE resource = $1 AND generation = $2', [resource, generation])
  }),
}

function heldLease(resource: string, row: Row | undefined): HeldLease {
  return {
    resource,
    generation: count(row?.['generation']),
    expiresAt: count(row?.['expires_at']),
    holder: json(row?.['holder'] ?? '{}') as Holder,
  }
}

/** One statement: of two that take the same lease, the second sees what the first has written, and gets nothing. */
const TAKE = `INSERT INTO tm_leases AS l (resource, generation, expires_at, holder) VALUES ($1, 1, $2, $3)
  ON CONFLICT (resource) DO UPDATE SET generation = l.generation + 1, expires_at = $2, holder = $3
    WHERE l.holder IS NULL OR l.expires_at <= $4::bigint OR l.generation = $5::bigint
  RETURNING generation`

/**
 * The first statement of every write under a lease: a holder whose generation is old changes nothing. The row stays
 * locked until the transaction ends, so that nobody takes the lease in between. The lease lasts at least until `until`.
 *
 * @throws TidemarkError lease_lost (yield)
 */
export function* fence({ resource, generation }: Lease, until = 0): Asking<void> {
  const sql = `UPDATE tm_leases SET expires_at = greatest(expires_at, $1)
    WHERE resource = $2 AND generation = $3 AND holder IS NOT NULL`
  if ((yield* run(sql, [until, resource, generation])) === 1) return
  throw new LeaseLost(`The lease of ${resource} is somebody else's now.`)
}
