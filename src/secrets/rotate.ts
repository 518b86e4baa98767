// Owns the rotation of keys while other processes go on: a new key of the house, a new data key, and every secret sealed
// anew. After each step, whatever dies, the key that is in place opens everything; whoever runs it again goes on there.
//
//   next key durable → data keys under both → new data key → secrets sealed anew → key file exchanged → old wrapping gone

import { TidemarkError } from '../model/errors.ts'
import type { Clock } from '../model/ports.ts'
import type { ConnectionRow, SealedSecret, Store, WrappedKey } from '../store/store.ts'
import { type KeyStore, neededDataKeys, usedDataKeys } from './data-keys.ts'
import {
  type DataKey,
  dataKeyOf,
  marksOf,
  newDataKey,
  openSecret,
  sealSecret,
  unwrapDataKey,
  wrapDataKey,
} from './envelopes.ts'
import { type KeySource, keyName } from './keys.ts'
import { ownSecrets } from './own-secrets.ts'
import { keyMissing, unwrapRetired, wrongKey } from './vault.ts'

export const ROTATION_STEPS = [
  'next-key',
  'wrapped',
  'data-key',
  'sealed',
  'exchanged',
  'unwrapped',
  'forgotten',
] as const
export type RotationStep = (typeof ROTATION_STEPS)[number]

export interface RotationSetup {
  readonly store: KeyStore & Pick<Store, 'name'>
  readonly key: KeySource
  readonly clock: Pick<Clock, 'now'>
  /**
   * Forgets every key that was followed by another, at the end, also those of earlier rotations; else they stay beside
   * the new one, for other databases that they open.
   */
  readonly forgetOld?: boolean
  /** Called when a step is done and durable. */
  readonly after?: (step: RotationStep) => Promise<void>
}

export interface RotationReport {
  /**
   * `rotated`: a new key is in place. `finished`: this database came to the key that is in place (a rotation that was
   * interrupted, or one that was done for another database). `prepared`: both keys open it, and a person has to put the
   * new one in place.
   */
  readonly outcome: 'rotated' | 'finished' | 'prepared'
  /** Names of the keys of the house. */
  readonly from: string
  readonly to: string
  /** Secrets that were sealed anew. */
  readonly secrets: number
  /** Secrets that no key opens, as connection/name: they are left as they are. */
  readonly unreadable: readonly string[]
  /** The names of the keys that were followed by another, now or before, and are still kept. */
  readonly retired: readonly string[]
}

/** How often a secret is tried that others change at the same time. */
const TRIES = 10

/**
 * Rotates, or goes on with a rotation that was interrupted. One process at a time: the caller holds a lease.
 *
 * @throws TidemarkError key_missing, key_new_missing, key_wrong, key_unwritable, store_contended (retry)
 */
export async function rotateKeys(setup: RotationSetup): Promise<RotationReport> {
  const { store, key, clock, after = async () => {} } = setup
  const current = await key.find()
  if (!current) {
    if ((await neededDataKeys(store)).length > 0) throw keyMissing(key)
    throw new TidemarkError('key_missing', `There is no key yet at ${key.place}, and nothing to rotate.`, {
      hint: 'A key is made when the first secret is stored.',
    })
  }
  const from = keyName(current)
  const target = await targetKey(setup, current)
  const to = keyName(target)
  await after('next-key')
  const houses = from === to ? [target] : [current, target]

  await wrapAll(setup, houses)
  await after('wrapped')
  const fresh = newDataKey()
  await store.secrets.addDataKey({ id: fresh.id, wrapped: wrapDataKey(fresh, houses), at: clock.now() })
  await after('data-key')
  const { secrets, unreadable } = await sealAll(setup, houses, fresh)
  await after('sealed')

  if (from !== to && !(await key.exchange.complete(current, target))) {
    return { outcome: 'prepared', from, to, secrets, unreadable, retired: await key.exchange.kept() }
  }
  await after('exchanged')
  await unwrapOld(setup, houses, target)
  await after('unwrapped')
  await dropUnused(store)
  if (setup.forgetOld) await forgetUnneeded(setup)
  await after('forgotten')
  const retired = await key.exchange.kept()
  return { outcome: from === to ? 'finished' : 'rotated', from, to, secrets, unreadable, retired }
}

/** The key that is to open everything at the end. */
async function targetKey(setup: RotationSetup, current: Uint8Array): Promise<Uint8Array> {
  const { key } = setup
  const pending = await key.exchange.pending()
  if (pending) return pending
  const name = keyName(current)
  const isSettled = ({ wrapped }: WrappedKey) => marksOf(wrapped)?.every((mark) => mark === name) ?? true
  // Not all under the current key alone: the exchange is done, and this database has not followed yet.
  if (!(await dataKeysOf(setup, [current])).every(isSettled)) return current
  return key.exchange.begin()
}

/** The data keys of this database, but for those that neither open nor are needed: what a lost key left behind. */
async function dataKeysOf(
  { store, key }: RotationSetup,
  houses: readonly Uint8Array[],
): Promise<readonly WrappedKey[]> {
  const used = await usedDataKeys(store)
  const found: WrappedKey[] = []
  for (const one of await store.secrets.dataKeys()) {
    if (used.has(one.id) || (await findDataKey(key, one, houses))) found.push(one)
  }
  return found
}

/** Puts every data key under all of the keys, beside those that it is under. */
async function wrapAll(setup: RotationSetup, houses: readonly Uint8Array[]): Promise<void> {
  for (const one of await dataKeysOf(setup, houses)) {
    const marks = marksOf(one.wrapped) ?? []
    const missing = houses.filter((house) => !marks.includes(keyName(house)))
    const dataKey = await openDataKey(setup.key, one, houses)
    if (missing.length === 0) continue
    await rewrap(setup.store, one, Buffer.concat([one.wrapped, wrapDataKey(dataKey, missing)]))
  }
}

/** Leaves every data key under the new key alone. */
async function unwrapOld(setup: RotationSetup, houses: readonly Uint8Array[], target: Uint8Array): Promise<void> {
  // Another process may have made a data key under the old one.
  await wrapAll(setup, [target, ...houses])
  for (const one of await dataKeysOf(setup, houses)) {
    if (marksOf(one.wrapped)?.length === 1) continue
    await rewrap(setup.store, one, wrapDataKey(await openDataKey(setup.key, one, houses), [target]))
  }
}

async function rewrap(store: KeyStore, { id, wrapped: expect }: WrappedKey, wrapped: Uint8Array): Promise<void> {
  if (!(await store.secrets.rewrapDataKey(id, { expect, wrapped }))) throw contended(`data key ${id}`)
}

async function openDataKey(source: KeySource, one: WrappedKey, houses: readonly Uint8Array[]): Promise<DataKey> {
  const key = await findDataKey(source, one, houses)
  if (key) return key
  throw wrongKey(one, houses[0] as Uint8Array)
}

async function findDataKey(
  source: KeySource,
  one: WrappedKey,
  houses: readonly Uint8Array[],
): Promise<DataKey | undefined> {
  for (const house of houses) {
    const key = unwrapDataKey(one.id, one.wrapped, house)
    if (key) return key
  }
  return unwrapRetired(source, one)
}

/** Seals every secret with the new data key, under the version that it has: others go on comparing and setting by it. */
async function sealAll(setup: RotationSetup, houses: readonly Uint8Array[], fresh: DataKey) {
  const { store, key } = setup
  const keys = new Map<string, DataKey>()
  for (const one of await dataKeysOf(setup, houses)) keys.set(one.id, await openDataKey(key, one, houses))
  const unreadable: string[] = []
  let secrets = 0
  for (const { id: project } of await store.projects.list()) {
    for (const connection of await store.connections.list(project)) {
      for (const { name } of await store.secrets.list(connection.no)) {
        if (await sealOne(store, keys, connection, name, fresh)) secrets++
        else unreadable.push(`${connection.id}/${name}`)
      }
    }
  }
  for (const { place, sealed, reseal } of await ownSecrets(store)) {
    const before = keys.get(dataKeyOf(sealed) ?? '')
    const text = before && openSecret(before, place, sealed)
    if (text === undefined) unreadable.push(`${place.connection}/${place.name}`)
    else if (dataKeyOf(sealed) === fresh.id) secrets++
    else if (await reseal(sealSecret(fresh, place, text))) secrets++
  }
  return { secrets, unreadable }
}

/** False: no key opens it. */
async function sealOne(
  store: RotationSetup['store'],
  keys: ReadonlyMap<string, DataKey>,
  connection: ConnectionRow,
  name: string,
  fresh: DataKey,
): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    const secret = (await store.secrets.list(connection.no)).find((one) => one.name === name)
    if (!secret || dataKeyOf(secret.sealed) === fresh.id) return true
    const anew = sealAnew(keys, connection, secret, fresh)
    if (!anew) return false
    // Somebody who renews the login meanwhile has stored a higher version: that one stands, and is looked at again.
    if (await store.secrets.save(connection.no, [anew], new Map([[name, secret.version]]))) return true
  }
  throw contended(`the secret "${name}" of connection "${connection.id}"`)
}

function sealAnew(
  keys: ReadonlyMap<string, DataKey>,
  { project, id: connection }: ConnectionRow,
  secret: SealedSecret,
  fresh: DataKey,
): SealedSecret | undefined {
  const { name, version, sealed } = secret
  const place = { project, connection, name, version }
  const key = keys.get(dataKeyOf(sealed) ?? '')
  const text = key && openSecret(key, place, sealed)
  return text === undefined ? undefined : { ...secret, sealed: sealSecret(fresh, place, text) }
}

/**
 * Drops data keys that seal nothing any more. The one before the newest stays until the next rotation: a process may
 * have sealed something with it that it has not stored yet.
 */
async function dropUnused(store: KeyStore): Promise<void> {
  const used = await usedDataKeys(store)
  for (const { id } of (await store.secrets.dataKeys()).slice(0, -2))
    if (!used.has(id)) await store.secrets.dropDataKey(id)
}

/**
 * Forgets the retired keys that open nothing here. A rotation that was interrupted left its old key as well, and only the
 * files themselves tell which ones there are.
 */
export async function forgetUnneeded(setup: Pick<RotationSetup, 'store' | 'key'>): Promise<readonly string[]> {
  const names = await unneededKeys(setup)
  for (const name of names) await setup.key.exchange.forget(name)
  return names
}

/** The names of the retired keys that open nothing here. */
export async function unneededKeys({ store, key }: Pick<RotationSetup, 'store' | 'key'>): Promise<readonly string[]> {
  const needed = new Set((await store.secrets.dataKeys()).flatMap(({ wrapped }) => marksOf(wrapped) ?? []))
  return (await key.exchange.kept()).filter((name) => !needed.has(name))
}

function contended(what: string): TidemarkError {
  return new TidemarkError('store_contended', `Other processes kept changing ${what}.`, {
    hint: 'Run tidemark keys rotate again; it goes on where it stopped, and nothing is lost.',
  })
}
