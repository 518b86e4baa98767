// What a rotation promises: whatever dies after whichever step, the key in place opens everything; other processes go on;
// nobody's renewed login is lost; and in the end the old key opens nothing.

import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Clock } from '../../src/model/ports.ts'
import { newDataKey, wrapDataKey } from '../../src/secrets/envelopes.ts'
import { findKey, fixedKey, type KeySource, keyName } from '../../src/secrets/keys.ts'
import { ROTATION_STEPS, rotateKeys } from '../../src/secrets/rotate.ts'
import { openVault, type Vault } from '../../src/secrets/vault.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { ConnectionRow, Store } from '../../src/store/store.ts'
import { Killed, mortal } from '../support/mortal-store.ts'

const clock: Clock = { now: () => 1_767_225_600_000, mono: () => 0, sleep: async () => {} }

class Crash extends Error {}

interface Sealed {
  readonly folder: string
  readonly store: Store
  readonly connection: ConnectionRow
  /** What looks for the key in the folder, as a new process would. */
  readonly source: () => KeySource
  readonly vault: () => Vault
  /** Every secret's text by name, as this vault opens it. */
  readonly texts: (vault?: Vault) => Promise<Record<string, string>>
}

/** A database with two secrets, under a key file of its own or under a given key. */
async function sealed(source?: () => KeySource): Promise<Sealed> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-rotate-'))
  const store = await openSqliteStore({ path: join(folder, 'mirror.db'), clock })
  onTestFinished(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  await store.projects.ensure({ id: 'p', timezone: 'UTC', at: 0 })
  const row = { project: 'p', id: 'me', connector: 'c', connectorVersion: '1', options: {}, webhookSecret: 'w', at: 0 }
  const connection = await store.connections.save(row)
  const find = source ?? (() => findKey({ XDG_CONFIG_HOME: folder }))
  const vault = () => openVault({ store, key: find, clock })
  const first = vault()
  await store.secrets.save(connection.no, [
    await first.seal('p', 'me', 'access', 1, 'access-1'),
    await first.seal('p', 'me', 'refresh', 4, 'refresh-4'),
  ])
  const texts = async (by = vault()) => {
    const secrets = await store.secrets.list(connection.no)
    const opened = secrets.map(async (secret) => [secret.name, await by.open('p', 'me', secret)] as const)
    return Object.fromEntries(await Promise.all(opened))
  }
  return { folder, store, connection, source: find, vault, texts }
}

const TEXTS = { access: 'access-1', refresh: 'refresh-4' }

function setup({ store, source }: Sealed) {
  return { store, key: source(), clock }
}

describe('a rotation', () => {
  test('leaves a new key, a new data key, and the secrets under the versions they had', async () => {
    const one = await sealed()
    const before = { key: await one.source().find(), dataKeys: await one.store.secrets.dataKeys() }
    const report = await rotateKeys(setup(one))
    const now = (await one.source().find())!
    expect(report).toEqual({
      outcome: 'rotated',
      from: keyName(before.key!),
      to: keyName(now),
      secrets: 2,
      unreadable: [],
      retired: [keyName(before.key!)],
    })
    expect(keyName(now)).not.toBe(keyName(before.key!))
    expect(await one.texts()).toEqual(TEXTS)
    expect((await one.store.secrets.list(one.connection.no)).map(({ version }) => version)).toEqual([1, 4])
    const newest = (await one.store.secrets.dataKeys()).at(-1)!
    expect(before.dataKeys.map(({ id }) => id)).not.toContain(newest.id)
    for (const { sealed: bytes } of await one.store.secrets.list(one.connection.no)) {
      expect(Buffer.from(bytes).includes(newest.id)).toBe(true)
    }
    // The old key opens nothing of this database any more.
    const old = openVault({ store: one.store, key: () => before.key!, clock })
    await expect(old.check()).rejects.toMatchObject({ code: 'key_wrong' })
  })

  test.each(ROTATION_STEPS)('that dies after "%s" has lost nothing, and is gone on with', async (last) => {
    const one = await sealed()
    const early = one.vault()
    await one.texts(early)
    const dying = rotateKeys({
      ...setup(one),
      after: async (step) => {
        if (step === last) throw new Crash()
      },
    })
    await expect(dying).rejects.toThrow(Crash)
    // A new process, one that has had its keys since before, and one that seals meanwhile.
    expect(await one.texts()).toEqual(TEXTS)
    expect(await one.texts(early)).toEqual(TEXTS)
    await one.store.secrets.save(one.connection.no, [await early.seal('p', 'me', 'access', 5, 'access-2')])
    expect(await one.texts()).toEqual({ ...TEXTS, access: 'access-2' })

    const name = async () => keyName((await one.source().find())!)
    const between = await name()
    const report = await rotateKeys(setup(one))
    expect(await one.texts()).toEqual({ ...TEXTS, access: 'access-2' })
    expect(await one.texts(early)).toEqual({ ...TEXTS, access: 'access-2' })
    // What was exchanged stays exchanged: only a rotation that was over before makes another key.
    const exchanged = ['exchanged'].includes(last)
    expect(report.outcome).toBe(exchanged ? 'finished' : 'rotated')
    expect((await name()) === between).toBe(exchanged)
    const marks = new Set((await one.store.secrets.dataKeys()).map(({ wrapped }) => wrapped.length))
    expect([...marks]).toEqual([67])
    expect(readdirSync(join(one.folder, 'tidemark'))).not.toContain('key.new')
  })

  test('that is killed between any two calls to its database has lost nothing, and is gone on with', async () => {
    let isOver = false
    for (let at = 1; !isOver; at++) {
      const one = await sealed()
      const killed = rotateKeys({ ...setup(one), store: mortal(one.store, at) })
      const error: unknown = await killed.then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      isOver = error === undefined
      expect(error ?? new Killed()).toBeInstanceOf(Killed)
      expect(await one.texts()).toEqual(TEXTS)
      await rotateKeys(setup(one))
      expect(await one.texts()).toEqual(TEXTS)
      const marks = new Set((await one.store.secrets.dataKeys()).map(({ wrapped }) => wrapped.length))
      expect([...marks]).toEqual([67])
    }
  })

  test('keeps the old key for other databases, readable by its owner alone, or forgets it', async () => {
    const one = await sealed()
    const { from } = await rotateKeys(setup(one))
    const old = join(one.folder, 'tidemark', `key.${from}`)
    expect(statSync(old).mode & 0o777).toBe(0o600)
    const third = await rotateKeys(setup(one))
    expect([...third.retired].sort()).toEqual([from, third.from].sort())
    const second = await rotateKeys({ ...setup(one), forgetOld: true })
    expect(second.retired).toEqual([])
    expect(readdirSync(join(one.folder, 'tidemark'))).toEqual(['key'])
    expect(await one.texts()).toEqual(TEXTS)
  })

  test.each(ROTATION_STEPS)('that shall forget, and dies after "%s", forgets when it is gone on with', async (last) => {
    const one = await sealed()
    const dying = rotateKeys({
      ...setup(one),
      forgetOld: true,
      after: async (step) => {
        if (step === last) throw new Crash()
      },
    })
    await expect(dying).rejects.toThrow(Crash)
    const folder = join(one.folder, 'tidemark')
    expect(await one.texts()).toEqual(TEXTS)
    // Without the word it stays, and is told.
    const told = await rotateKeys(setup(one))
    expect(readdirSync(folder).sort()).toEqual(['key', ...told.retired.map((name) => `key.${name}`)].sort())
    expect(told.retired.length).toBeGreaterThan(0)
    expect((await rotateKeys({ ...setup(one), forgetOld: true })).retired).toEqual([])
    expect(readdirSync(folder)).toEqual(['key'])
    expect(await one.texts()).toEqual(TEXTS)
  })

  test('forgets no key that something here is still under, and no file of another kind', async () => {
    const one = await sealed()
    const folder = join(one.folder, 'tidemark')
    writeFileSync(join(folder, 'key.backup'), 'mine')
    const { from } = await rotateKeys(setup(one))
    const old = (await findKey({ TIDEMARK_KEY_FILE: join(folder, `key.${from}`) }).find())!
    // Another process makes a data key under the old one just before the end.
    const late = newDataKey()
    const report = await rotateKeys({
      ...setup(one),
      forgetOld: true,
      after: async (step) => {
        if (step === 'unwrapped')
          await one.store.secrets.addDataKey({ id: late.id, wrapped: wrapDataKey(late, [old]), at: 9 })
      },
    })
    expect(report.retired).toEqual([from])
    expect(readdirSync(folder).sort()).toEqual(['key', `key.${from}`, 'key.backup'].sort())
  })

  test('of one database leaves another one under the same key as it is, until it follows', async () => {
    const one = await sealed()
    const two = await sealed(one.source)
    await rotateKeys(setup(one))
    expect(await two.texts()).toEqual(TEXTS)
    const now = await one.source().find()
    expect(await rotateKeys(setup(two))).toMatchObject({ outcome: 'finished', to: keyName(now!), secrets: 2 })
    expect(await one.source().find()).toEqual(now)
    expect(await two.texts(openVault({ store: two.store, key: () => now!, clock }))).toEqual(TEXTS)
  })

  test('keeps at most the data key before the newest', async () => {
    const one = await sealed()
    for (let times = 0; times < 4; times++) await rotateKeys({ ...setup(one), forgetOld: true })
    expect(await one.store.secrets.dataKeys()).toHaveLength(2)
    expect(await one.texts()).toEqual(TEXTS)
  })

  test('works where nothing is sealed yet, and not where there is no key', async () => {
    const one = await sealed()
    await one.store.secrets.drop(one.connection.no)
    expect(await rotateKeys(setup(one))).toMatchObject({ outcome: 'rotated', secrets: 0 })
    rmSync(join(one.folder, 'tidemark'), { recursive: true })
    await expect(rotateKeys(setup(one))).rejects.toMatchObject({ code: 'key_missing' })
    const fresh = await openSqliteStore({ path: ':memory:', clock })
    await expect(rotateKeys({ store: fresh, key: one.source(), clock })).rejects.toMatchObject({ code: 'key_missing' })
    await fresh.close()
  })

  test('leaves a secret that no key opens as it is, and says so', async () => {
    const one = await sealed()
    const [secret] = await one.store.secrets.list(one.connection.no)
    const damaged = Buffer.from(secret!.sealed)
    damaged[damaged.length - 1]! ^= 1
    await one.store.secrets.save(one.connection.no, [{ ...secret!, sealed: damaged }])
    expect(await rotateKeys(setup(one))).toMatchObject({ outcome: 'rotated', secrets: 1, unreadable: ['me/access'] })
    expect((await one.store.secrets.list(one.connection.no))[0]?.sealed).toEqual(new Uint8Array(damaged))
  })
})

describe('a login that is renewed while keys rotate', () => {
  test('is never overwritten by the secret that was before', async () => {
    const one = await sealed()
    const renewing = one.vault()
    let renewed = false
    // The renewal comes exactly between the rotation's look and its write.
    const store: Store = {
      ...one.store,
      secrets: {
        ...one.store.secrets,
        async save(no, secrets, expected) {
          if (!renewed && secrets[0]?.name === 'refresh') {
            renewed = true
            const next = await renewing.seal('p', 'me', 'refresh', 5, 'refresh-5')
            expect(await one.store.secrets.save(no, [next], new Map([['refresh', 4]]))).toBe(true)
          }
          return one.store.secrets.save(no, secrets, expected)
        },
      },
    }
    await rotateKeys({ ...setup(one), store })
    expect(renewed).toBe(true)
    expect(await one.texts()).toEqual({ access: 'access-1', refresh: 'refresh-5' })
  })

  test('can be stored by a process that read the old version before', async () => {
    const one = await sealed()
    const renewing = one.vault()
    const next = await renewing.seal('p', 'me', 'refresh', 5, 'refresh-5')
    await rotateKeys(setup(one))
    expect(await one.store.secrets.save(one.connection.no, [next], new Map([['refresh', 4]]))).toBe(true)
    expect(await one.texts()).toEqual({ access: 'access-1', refresh: 'refresh-5' })
  })
})

describe('a key from the environment', () => {
  const [old, next] = [randomBytes(32), randomBytes(32)]
  const variables = (key: Uint8Array, coming?: Uint8Array) => ({
    TIDEMARK_KEY: Buffer.from(key).toString('base64'),
    ...(coming ? { TIDEMARK_KEY_NEW: Buffer.from(coming).toString('base64') } : {}),
  })

  test('is exchanged by a person, between two halves; both keys open everything until the second', async () => {
    const one = await sealed(() => findKey(variables(old)))
    const opens = async (key: Uint8Array) => one.texts(openVault({ store: one.store, key: () => fixedKey(key), clock }))
    const first = await rotateKeys({ ...setup(one), key: findKey(variables(old, next)) })
    expect(first).toMatchObject({ outcome: 'prepared', from: keyName(old), to: keyName(next), secrets: 2 })
    expect([await opens(old), await opens(next)]).toEqual([TEXTS, TEXTS])
    // Done twice it changes nothing.
    expect(await rotateKeys({ ...setup(one), key: findKey(variables(old, next)) })).toMatchObject({
      outcome: 'prepared',
    })
    const second = await rotateKeys({ ...setup(one), key: findKey(variables(next)) })
    expect(second).toMatchObject({ outcome: 'finished', to: keyName(next) })
    expect(await opens(next)).toEqual(TEXTS)
    await expect(opens(old)).rejects.toMatchObject({ code: 'key_wrong' })
  })

  test('needs the new one', async () => {
    const one = await sealed(() => findKey(variables(old)))
    await expect(rotateKeys(setup(one))).rejects.toMatchObject({
      code: 'key_new_missing',
      hint: expect.stringContaining('TIDEMARK_KEY_NEW') as string,
    })
    await expect(rotateKeys({ ...setup(one), key: findKey(variables(old, old)) })).rejects.toMatchObject({
      code: 'key_new_missing',
    })
    expect(await one.texts()).toEqual(TEXTS)
  })
})

describe('a key file that TIDEMARK_KEY_FILE names', () => {
  test('is exchanged in its place', async () => {
    const home = await sealed()
    const file = join(home.folder, 'tidemark', 'key')
    const source = () => findKey({ TIDEMARK_KEY_FILE: file })
    const before = await source().find()
    expect(await rotateKeys({ ...setup(home), key: source() })).toMatchObject({ outcome: 'rotated' })
    expect(await source().find()).not.toEqual(before)
    expect(await home.texts(openVault({ store: home.store, key: source, clock }))).toEqual(TEXTS)
  })

  test('and that others may read is followed by files that they may not', async () => {
    const home = await sealed()
    const file = join(home.folder, 'tidemark', 'key')
    chmodSync(file, 0o644)
    const { from } = await rotateKeys({ ...setup(home), key: findKey({ TIDEMARK_KEY_FILE: file }) })
    for (const one of [file, `${file}.${from}`]) expect(statSync(one).mode & 0o777).toBe(0o600)
  })
})
