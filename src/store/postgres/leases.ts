// Owns leases: the fenced right to run. A lease's row is never deleted, so that its generation only grows.

import { TidemarkError } from '../../model/errors.ts'
import { count, json, text } from '../cells.ts'
import type { Claim, Holder, Lease, Store } from '../store.ts'
import type { Connection, Queries } from './connection.ts'

/** Times that a lease may be freed between the attempt to take it and the look at who has it. */
const TRIES_MAX = 5

export function leases(db: Connection): Pick<Store, 'claim' | 'renew' | 'release'> {
  return {
    async claim(claim: Claim) {
      const { resource, holder, now, expiresAt, takeOver } = claim
      for (let tries = 0; ; tries++) {
        const taken = await db.transaction((tx) =>
          tx.value(TAKE, [resource, expiresAt, JSON.stringify(holder), now, takeOver ?? null]),
        )
        if (taken !== undefined) return { lease: { resource, generation: count(taken) } }
        const row = await db.get('SELECT * FROM tm_leases WHERE resource = $1', [resource])
        const isFree = row?.['holder'] === null || count(row?.['expires_at']) <= now
        if (isFree && tries < TRIES_MAX) continue
        const heldBy = { resource, generation: count(row?.['generation']), expiresAt: count(row?.['expires_at']) }
        return { heldBy: { ...heldBy, holder: json(row?.['holder'] ?? '{}') as Holder } }
      }
    },

    async renew({ resource, generation }: Lease, expiresAt: number) {
      const sql = 'UPDATE tm_leases SET expires_at = $1 WHERE resource = $2 AND generation = $3 AND holder IS NOT NULL'
      return (await db.run(sql, [expiresAt, resource, generation])) === 1
    },

    async release({ resource, generation }: Lease) {
      await db.run('UPDATE tm_leases SET holder = NULL WHERE resource = $1 AND generation = $2', [resource, generation])
    },
  }
}

/** One statement: of two that take the same lease, the second sees what the first has written, and gets nothing. */
const TAKE = `INSERT INTO tm_leases AS l (resource, generation, expires_at, holder) VALUES ($1, 1, $2, $3)
  ON CONFLICT (resource) DO UPDATE SET generation = l.generation + 1, expires_at = $2, holder = $3
    WHERE l.holder IS NULL OR l.expires_at <= $4::bigint OR l.generation = $5::bigint
  RETURNING generation`

/**
 * The first statement of every write under a lease: a holder whose generation is old changes nothing. Its row stays
 * locked until the transaction ends, so that nobody takes the lease in between. The lease lasts at least until `until`.
 */
export async function fence(tx: Queries, { resource, generation }: Lease, until = 0): Promise<void> {
  const sql = `UPDATE tm_leases SET expires_at = greatest(expires_at, $1)
    WHERE resource = $2 AND generation = $3 AND holder IS NOT NULL`
  if ((await tx.run(sql, [until, resource, generation])) === 1) return
  throw new TidemarkError('lease_lost', `The lease of ${text(resource)} is somebody else's now.`, {
    hint: 'Nothing is lost: what was stored is kept, and the other run goes on from there.',
    verdict: 'yield',
  })
}
