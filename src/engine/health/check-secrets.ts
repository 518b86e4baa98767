// Owns the question whether the secrets of a database can be opened, and when a login of them ends, asked of each and of
// what its renewal told. What is in them goes no further than this file.

import { z } from 'zod'
import { errorReport } from '../../model/errors.ts'
import { ownSecrets } from '../../secrets/own-secrets.ts'
import type { Vault } from '../../secrets/vault.ts'
import type { Store } from '../../store/store.ts'
import { type DocumentOf, document } from '../document.ts'
import { errorDocument } from '../runs/documents.ts'

export const secretDocument = document({
  project: z.string(),
  connection: z.string(),
  connector: z.string(),
  name: z.string(),
  /** Why it doesn't open; null when it does. */
  error: errorDocument.nullable(),
  /** When it ends, where the secret itself says so (a JSON Web Token does) or its renewal has; milliseconds since 1970. */
  expiresAt: z.number().nullable(),
})
export type SecretCheck = DocumentOf<typeof secretDocument>

/** Opens every secret of every project. */
export async function checkSecrets({ store, vault }: { store: Store; vault: Vault }): Promise<readonly SecretCheck[]> {
  const checks: SecretCheck[] = []
  for (const { id: project } of await store.projects.list()) {
    for (const { no, id: connection, connector } of await store.connections.list(project)) {
      for (const secret of await store.secrets.list(no)) {
        const place = { project, connection, connector, name: secret.name }
        try {
          const text = await vault.open(project, connection, secret)
          checks.push({ ...place, error: null, expiresAt: endOf(text) ?? secret.expiresAt ?? null })
        } catch (error) {
          checks.push({ ...place, error: errorReport(error), expiresAt: secret.expiresAt ?? null })
        }
      }
    }
  }
  for (const { place, sealed, of: connector } of await ownSecrets(store)) {
    const { project, connection, name, version } = place
    const opening = vault.open(project, connection, { name, version, sealed })
    const error = await opening.then(() => null, errorReport)
    checks.push({ project, connection, connector, name, error, expiresAt: null })
  }
  return checks
}

/** The `exp` of a JSON Web Token (RFC 7519): seconds since 1970. */
function endOf(secret: string): number | null {
  const [, claims, signature] = /^[\w-]+\.([\w-]+)\.([\w-]*)$/.exec(secret) ?? []
  if (claims === undefined || signature === undefined) return null
  try {
    const { exp } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as { exp?: unknown }
    return typeof exp === 'number' && Number.isFinite(exp) ? exp * 1_000 : null
  } catch {
    return null
  }
}
