// Owns leases: the fenced right to run. A lease's row is never deleted, so that its generation only grows.

import { TidemarkError } from '../../model/errors.ts'
import { count, json, text } from '../cells.ts'
import type { Claim, HeldLease, Holder, Lease, Store } from '../store.ts'
import type { Connection } from './connection.ts'

export function leases(db: Connection): Pick<Store, 'claim' | 'renew' | 'release'> {
  return {
    async claim({ resource, holder, now, expiresAt, takeOver }: Claim) {
      return db.transaction((): { lease: Lease } | { heldBy: HeldLease } => {
        const row = db.get('SELECT * FROM tm_leases WHERE resource = ?', [resource])
        const generation = row ? count(row['generation']) : 0
        if (row && row['holder'] !== null && count(row['expires_at']) > now && generation !== takeOver) {
          const heldBy = { resource: text(row['resource']), generation, expiresAt: count(row['expires_at']) }
          return { heldBy: { ...heldBy, holder: json(row['holder']) as Holder } }
        }
        db.run(
          `INSERT INTO tm_leases (resource, generation, expires_at, holder) VALUES (?1, ?2, ?3, ?4)
           ON CONFLICT (resource) DO UPDATE SET generation = ?2, expires_at = ?3, holder = ?4`,
          [resource, generation + 1, expiresAt, JSON.stringify(holder)],
        )
        return { lease: { resource, generation: generation + 1 } }
      })
    },

    async renew({ resource, generation }: Lease, expiresAt: number) {
      const sql = 'UPDATE tm_leases SET expires_at = ? WHERE resource = ? AND generation = ? AND holder IS NOT NULL'
      return db.run(sql, [expiresAt, resource, generation]) === 1
    },

    async release({ resource, generation }: Lease) {
      db.run('UPDATE tm_leases SET holder = NULL WHERE resource = ? AND generation = ?', [resource, generation])
    },
  }
}

/**
 * The first statement of every write under a lease: a holder whose generation is old changes nothing. The lease lasts at
 * least until `until` then.
 */
export function fence(db: Connection, { resource, generation }: Lease, until = 0): void {
  const sql = `UPDATE tm_leases SET expires_at = max(expires_at, ?)
    WHERE resource = ? AND generation = ? AND holder IS NOT NULL`
  if (db.run(sql, [until, resource, generation]) === 1) return
  throw new TidemarkError('lease_lost', `The lease of ${resource} is somebody else's now.`, {
    hint: 'Nothing is lost: what was stored is kept, and the other run goes on from there.',
    verdict: 'yield',
  })
}
