// Owns whose quota the requests of a connection use, and which limits they obey.

import type { HttpSettings, Limit } from '../connector/connector.ts'
import { fingerprint } from '../model/fingerprint.ts'
import { SecretFinder } from './secret-finder.ts'
import type { Territory } from './urls.ts'

/** What "no limit is declared" means to the limiter: never in the way, yet it can be blocked. */
const UNDECLARED = { requests: 1_000_000, per: '1s' } as const

/** Whose quota it is where a service declares none. */
export function ownerOf(connection: string, secrets: readonly string[]): string {
  return `${connection}:${fingerprint(secrets.join('\n'))}`
}

/**
 * The limits that the requests of a connection obey. One that is declared nowhere can still be blocked. Their keys are
 * stored and shown: of a secret in one, its fingerprint is left, which tells owners apart as well.
 */
export function limitsOf(
  { limits }: HttpSettings,
  { base }: Territory,
  { owner, secrets }: { readonly owner: string; readonly secrets: readonly string[] },
): readonly Limit[] {
  if (!limits?.length) return [{ key: `${base.host}:${owner}`, ...UNDECLARED }]
  const finder = new SecretFinder()
  for (const secret of secrets) finder.add(secret)
  return limits.map((limit) => ({ ...limit, key: finder.replace(limit.key, fingerprint) }))
}
