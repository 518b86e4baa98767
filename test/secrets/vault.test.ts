// What the vault promises: secrets open where they were sealed and nowhere else, with the right key and no other.

import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { Clock } from '../../src/model/ports.ts'
import { findKey, keyName } from '../../src/secrets/keys.ts'
import { openVault, type VaultSetup } from '../../src/secrets/vault.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { SealedSecret, Store } from '../../src/store/store.ts'

const clock: Clock = { now: () => 1_767_225_600_000, mono: () => 0, sleep: async () => {} }

const opened: Store[] = []
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
})

async function database(): Promise<Store> {
  const store = await openSqliteStore({ path: ':memory:', clock })
  opened.push(store)
  return store
}
const house = randomBytes(32)

function setup(store: Store, key: Uint8Array = house): VaultSetup {
  return { store, key: () => key, clock }
}

describe('sealing and opening', () => {
  test('gives back what was sealed', async () => {
    const vault = openVault(setup(await database()))
    await fc.assert(
      fc.asyncProperty(
        fc.string(),
        fc.string(),
        fc.string(),
        fc.nat(),
        fc.string({ unit: 'grapheme' }),
        async (project, connection, name, version, text) => {
          const sealed = await vault.seal(project, connection, name, version, text)
          expect(sealed).toMatchObject({ name, version })
          expect(await vault.open(project, connection, sealed)).toBe(text)
        },
      ),
    )
  })

  test('shows neither the secret nor that two are the same', async () => {
    const vault = openVault(setup(await database()))
    const one = await vault.seal('p', 'c', 'token', 1, 'a-secret-value')
    const two = await vault.seal('p', 'c', 'token', 1, 'a-secret-value')
    expect(Buffer.from(one.sealed).includes('a-secret-value')).toBe(false)
    expect(Buffer.from(one.sealed).equals(two.sealed)).toBe(false)
  })

  test('works for another process with the same key', async () => {
    const store = await database()
    const sealed = await openVault(setup(store)).seal('p', 'c', 'token', 1, 'secret')
    expect(await openVault(setup(store)).open('p', 'c', sealed)).toBe('secret')
    expect(await store.secrets.dataKeys()).toHaveLength(1)
    expect((await store.secrets.dataKeys())[0]?.at).toBe(clock.now())
  })

  const home = { project: 'p', connection: 'c', name: 'n', version: 1 }
  test.each([
    { ...home, project: 'p2' },
    { ...home, connection: 'c2' },
    { ...home, name: 'n2' },
    { ...home, version: 2 },
  ])('fails in another row: %o', async ({ project, connection, name, version }) => {
    const vault = openVault(setup(await database()))
    const { sealed } = await vault.seal(home.project, home.connection, home.name, home.version, 'secret')
    await expect(vault.open(project, connection, { name, version, sealed })).rejects.toMatchObject({
      code: 'secret_unreadable',
      verdict: 'stop',
    })
  })

  test('names that run into each other are different places', async () => {
    const vault = openVault(setup(await database()))
    const { sealed } = await vault.seal('a', 'b|c', 'n', 1, 'secret')
    await expect(vault.open('a|b', 'c', { name: 'n', version: 1, sealed })).rejects.toMatchObject({
      code: 'secret_unreadable',
    })
    await expect(vault.open('a', 'b', { name: 'c|n', version: 1, sealed })).rejects.toMatchObject({
      code: 'secret_unreadable',
    })
  })

  test('fails when any single bit is turned, or the end is missing', async () => {
    const vault = openVault(setup(await database()))
    const secret = await vault.seal('p', 'c', 'n', 1, 'secret')
    const attempts: Uint8Array[] = []
    for (let bit = 0; bit < secret.sealed.length * 8; bit++) {
      const changed = Buffer.from(secret.sealed)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      attempts.push(changed)
    }
    for (let length = 0; length < secret.sealed.length; length++) attempts.push(secret.sealed.subarray(0, length))
    for (const sealed of attempts) {
      await expect(vault.open('p', 'c', { ...secret, sealed })).rejects.toMatchObject({ code: 'secret_unreadable' })
    }
  })

  test('an error names the secret and does not show it', async () => {
    const vault = openVault(setup(await database()))
    const secret = await vault.seal('p', 'me', 'token', 1, 'secret-value')
    const error: unknown = await vault.open('p', 'you', secret).catch((thrown: unknown) => thrown)
    expect(String(error)).toContain('"token" of connection "you"')
    expect(JSON.stringify([String(error), error])).not.toContain('secret-value')
  })
})

describe('data keys', () => {
  test('are made when the first secret is sealed, not before', async () => {
    const store = await database()
    const vault = openVault(setup(store))
    expect(await store.secrets.dataKeys()).toEqual([])
    await Promise.all([1, 2, 3].map(async (version) => vault.seal('p', 'c', 'n', version, 'secret')))
    expect(await store.secrets.dataKeys()).toHaveLength(1)
  })

  test('lie wrapped: neither they nor the key of the house are in the database', async () => {
    const store = await database()
    await openVault(setup(store)).seal('p', 'c', 'n', 1, 'secret')
    const { wrapped } = (await store.secrets.dataKeys())[0]!
    expect(Buffer.from(wrapped).includes(house)).toBe(false)
    expect(wrapped).toHaveLength(1 + 6 + 12 + 32 + 16)
  })

  test('of two processes that begin at once are both kept, and each opens what the other seals', async () => {
    const store = await database()
    const [a, b] = [openVault(setup(store)), openVault(setup(store))]
    const sealed = await Promise.all([a.seal('p', 'c', 'a', 1, 'from a'), b.seal('p', 'c', 'b', 1, 'from b')])
    for (const vault of [a, b, openVault(setup(store))]) {
      expect(await Promise.all(sealed.map(async (one) => vault.open('p', 'c', one)))).toEqual(['from a', 'from b'])
    }
    // Whoever opens it from now on seals with the last one.
    const later = await Promise.all(
      [1, 2].map(async (version) => openVault(setup(store)).seal('p', 'c', 'n', version, 'x')),
    )
    const last = (await store.secrets.dataKeys()).at(-1)!.id
    for (const { sealed: bytes } of later) expect(Buffer.from(bytes).includes(last)).toBe(true)
  })

  test('that another process made meanwhile are found', async () => {
    const store = await database()
    const early = openVault(setup(store))
    const sealed = await openVault(setup(store)).seal('p', 'c', 'n', 1, 'secret')
    expect(await early.open('p', 'c', sealed)).toBe('secret')
    await early.seal('p', 'c', 'n', 2, 'secret')
    expect(await store.secrets.dataKeys()).toHaveLength(1)
  })

  test('that are not in this database: the secret came from another one', async () => {
    const sealed = await openVault(setup(await database())).seal('p', 'c', 'n', 1, 'secret')
    const vault = openVault(setup(await database()))
    await expect(vault.open('p', 'c', sealed)).rejects.toMatchObject({ code: 'secret_unreadable' })
  })
})

describe('keys of the house', () => {
  /** A store with one secret that is stored. */
  async function sealedStore(): Promise<{ store: Store; secret: SealedSecret; no: number }> {
    const store = await database()
    const secret = await openVault(setup(store)).seal('p', 'c', 'n', 1, 'secret')
    return { store, secret, no: await keep(store, secret) }
  }

  async function keep(store: Store, secret: SealedSecret): Promise<number> {
    const at = clock.now()
    await store.projects.ensure({ id: 'p', timezone: 'UTC', at })
    const more = { connector: 'x', connectorVersion: '1', options: {}, webhookSecret: 'w', at }
    const { no } = await store.connections.save({ project: 'p', id: 'c', ...more })
    await store.secrets.save(no, [secret])
    return no
  }

  test('that are lost lock nobody out once no secret needs them', async () => {
    const { store, secret, no } = await sealedStore()
    const other = openVault(setup(store, randomBytes(32)))
    await expect(other.seal('p', 'c', 'm', 1, 'new')).rejects.toMatchObject({ code: 'key_wrong' })
    await store.secrets.drop(no)
    await other.check()
    const anew = await other.seal('p', 'c', 'm', 9, 'new')
    await keep(store, anew)
    expect(await other.open('p', 'c', anew)).toBe('new')
    await other.check()
    await expect(other.open('p', 'c', secret)).rejects.toMatchObject({ code: 'key_wrong' })
    // The key that was lost is the wrong one now.
    await expect(openVault(setup(store)).check()).rejects.toMatchObject({ code: 'key_wrong' })
    await expect(openVault(setup(store)).seal('p', 'c', 'n', 2, 'x')).rejects.toMatchObject({ code: 'key_wrong' })
  })

  test('that are not the database’s are refused, with the name of the right one', async () => {
    const { store } = await sealedStore()
    const wrong = randomBytes(32)
    await expect(openVault(setup(store, wrong)).check()).rejects.toMatchObject({
      code: 'key_wrong',
      verdict: 'stop',
      message: `This database was sealed with the key ${keyName(house)}, not with ${keyName(wrong)}.`,
    })
  })

  test('a damaged data key is told from a wrong key', async () => {
    const { store, secret } = await sealedStore()
    const [key] = await store.secrets.dataKeys()
    const wrapped = Buffer.from(key!.wrapped)
    wrapped[20]! ^= 1
    const damaged = await database()
    await keep(damaged, secret)
    await damaged.secrets.addDataKey({ ...key!, wrapped })
    await expect(openVault(setup(damaged)).check()).rejects.toMatchObject({ code: 'secret_unreadable' })
  })

  test('of the wrong length are refused', async () => {
    const vault = openVault(setup(await database(), randomBytes(31)))
    await expect(vault.seal('p', 'c', 'n', 1, 'secret')).rejects.toMatchObject({ code: 'key_invalid' })
  })

  test('are not asked for before a secret is sealed or opened', async () => {
    const { store, secret } = await sealedStore()
    const key = () => {
      throw new Error('asked')
    }
    const vault = openVault({ store, key, clock })
    await expect(vault.open('p', 'c', secret)).rejects.toThrow('asked')
  })

  test('a key file is made for the first secret of a database, never for one that has secrets', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-vault-'))
    try {
      const source = () => findKey({ XDG_CONFIG_HOME: folder })
      const { store } = await sealedStore()
      await expect(openVault({ store, key: source, clock }).check()).rejects.toMatchObject({
        code: 'key_missing',
        message: expect.stringContaining(join(folder, 'tidemark', 'key')) as string,
      })
      expect(await readdir(folder)).toEqual([])

      const fresh = await database()
      const vault = openVault({ store: fresh, key: source, clock })
      expect(await readdir(folder)).toEqual([])
      const secret = await vault.seal('p', 'c', 'n', 1, 'secret')
      expect(await readdir(join(folder, 'tidemark'))).toEqual(['key'])
      expect(await openVault({ store: fresh, key: source, clock }).open('p', 'c', secret)).toBe('secret')

      // Lost afterwards: nothing is made in its place.
      await rm(join(folder, 'tidemark'), { recursive: true })
      await expect(openVault({ store: fresh, key: source, clock }).open('p', 'c', secret)).rejects.toMatchObject({
        code: 'key_missing',
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('a database that somebody sealed meanwhile with a key that is not here gets no second key', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-vault-'))
    try {
      const store = await database()
      const vault = openVault({ store, key: () => findKey({ XDG_CONFIG_HOME: folder }), clock })
      await keep(store, await openVault(setup(store)).seal('p', 'c', 'n', 1, 'secret'))
      await expect(vault.seal('p', 'c', 'n', 2, 'secret')).rejects.toMatchObject({ code: 'key_missing' })
      expect(await readdir(folder)).toEqual([])
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
