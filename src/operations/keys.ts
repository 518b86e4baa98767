// Owns the key that encrypts the secrets: its rotation, and whether it opens everything.

import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import { checkSecrets as openAll, type SecretCheck, secretDocument } from '../engine/health/check-secrets.ts'
import { type LostSecrets, lostDocument, resetSecrets } from '../engine/health/reset-secrets.ts'
import { type KeyStore, neededDataKeys } from '../secrets/data-keys.ts'
import { marksOf } from '../secrets/envelopes.ts'
import { keyName } from '../secrets/keys.ts'
import type { RotationReport, RotationStep } from '../secrets/rotate.ts'
import { callback, optional, yesOrNo } from './fields.ts'
import { later } from './later.ts'
import { type Nothing, operation } from './operation.ts'

const rotating = later(() => import('../engine/health/rotate-keys.ts'))

export interface RotateKeys {
  /** Forget all old key files at the end. @default false */
  readonly forgetOld?: boolean | undefined
}

export interface RotateKeysHooks {
  /** Called when a step is done and durable. */
  readonly after?: ((step: RotationStep) => Promise<void>) | undefined
}

/** A rotation, with the key files that it has deleted and those of old keys that are kept. */
export type Rotated = RotationReport & { readonly deleted: readonly string[]; readonly keyFiles: readonly string[] }

const rotationDocument: z.ZodType<Rotated> = document({
  outcome: z.enum(['rotated', 'finished', 'prepared']),
  from: z.string(),
  to: z.string(),
  secrets: z.number(),
  unreadable: z.array(z.string()),
  retired: z.array(z.string()),
  deleted: z.array(z.string()),
  keyFiles: z.array(z.string()),
})

export const rotateKeys = operation<RotateKeys, Promise<Rotated>, RotateKeysHooks>({
  name: 'rotateKeys',
  does: 'Rotate the encryption key: a new key, a new data key, and every secret encrypted again.',
  details: 'Other processes keep working. If it is interrupted, nothing is lost and the same call continues.',
  scope: 'admin',
  input: {
    forgetOld: optional(
      yesOrNo('delete all old key files at the end; use it only if no other database or backup needs them'),
    ),
  },
  hooks: { after: callback('is called when a step is done and durable') },
  output: rotationDocument,
  examples: [{}, { forgetOld: true }],
  async run(mirror, { forgetOld = false }, { after }) {
    const { rotateUnderLease } = await rotating()
    const { key } = mirror
    const before = forgetOld ? await key.exchange.kept() : []
    const report = await rotateUnderLease(mirror, { key, forgetOld, ...(after ? { after } : {}) })
    // The key that was in place is kept as one of the old ones first.
    const old = new Set([
      ...before,
      ...(report.outcome === 'rotated' && report.from !== report.to ? [report.from] : []),
    ])
    const gone = forgetOld ? [...old].filter((name) => !report.retired.includes(name)) : []
    const fileOf = (name: string) => `${key.file}.${name}`
    return { ...report, deleted: gone.map(fileOf), keyFiles: report.retired.map(fileOf) }
  },
})

export interface ForgetOldKeys {
  /** Name the files, and delete none. @default false */
  readonly dryRun?: boolean | undefined
}

export const forgetOldKeys = operation<ForgetOldKeys, Promise<readonly string[]>>({
  name: 'forgetOldKeys',
  does: 'Delete the old key files that open nothing in this database, without another rotation.',
  details: 'Other databases of this user, and older backups, may still need them: their secrets are lost without them.',
  scope: 'admin',
  input: { dryRun: optional(yesOrNo('name the files, and delete none')) },
  list: 'files',
  output: z.string(),
  examples: [{ dryRun: true }, {}],
  async run(mirror, { dryRun = false }) {
    const { key, store } = mirror
    const { forgetUnderLease, unneededKeys } = await rotating()
    const names = await (dryRun ? unneededKeys({ store, key }) : forgetUnderLease(mirror, { key }))
    return names.map((name) => `${key.file}.${name}`)
  },
})

export interface ResetKey {
  /** Name what would be forgotten, and forget nothing. @default false */
  readonly dryRun?: boolean | undefined
}

export const resetKey = operation<ResetKey, Promise<readonly LostSecrets[]>>({
  name: 'resetKey',
  does: 'Forget the secrets that no key at hand opens.',
  details:
    'For a key that is lost. Their connections, of all projects, are then paused until they are connected with a new login; records and schedules stay. With the lost key, those secrets could still be opened: look for it first.',
  scope: 'admin',
  input: { dryRun: optional(yesOrNo('name what would be forgotten, and forget nothing')) },
  list: 'connections',
  output: lostDocument,
  examples: [{ dryRun: true }, {}],
  async run(mirror, { dryRun = false }) {
    return resetSecrets(mirror, { dryRun })
  },
})

const keyDocument = document({
  /** A name that does not reveal it; null: there is none yet. */
  key: z.string().nullable(),
  place: z.string(),
  /** Names of the keys that open this database. */
  wanted: z.array(z.string()),
  dataKeys: z.number(),
})
export type KeyReport = DocumentOf<typeof keyDocument>

export const showKey = operation<Nothing, Promise<KeyReport>>({
  name: 'showKey',
  does: 'Show the key that encrypts the secrets, by a name that does not reveal it.',
  scope: 'admin',
  isLook: true,
  input: {},
  output: keyDocument,
  examples: [{}],
  async run({ store, vault, key }) {
    const found = await key.find()
    const wanted = await keyNames(store)
    const dataKeys = (await neededDataKeys(store)).length
    await vault.check()
    return { key: found ? keyName(found) : null, place: key.place, wanted, dataKeys }
  },
})

/** Names of the keys of which each opens every data key that a secret of the database needs. */
export async function keyNames(store: KeyStore): Promise<readonly string[]> {
  const each = (await neededDataKeys(store)).map(({ wrapped }) => marksOf(wrapped) ?? [])
  const [first = [], ...others] = each
  return first.filter((mark) => others.every((marks) => marks.includes(mark)))
}

export const checkKey = operation<Nothing, Promise<void>>({
  name: 'checkKey',
  does: 'Open every data key that a secret of the database needs.',
  scope: 'admin',
  isLook: true,
  input: {},
  output: z.void(),
  examples: [{}],
  run: ({ vault }) => vault.check(),
})

export const checkSecrets = operation<Nothing, Promise<readonly SecretCheck[]>>({
  name: 'checkSecrets',
  does: 'Decrypt every secret of the database, of all projects.',
  scope: 'admin',
  isLook: true,
  input: {},
  list: 'secrets',
  output: secretDocument,
  examples: [{}],
  run: (mirror) => openAll(mirror),
})
