// Owns the promises about projects, connections, pauses, secrets and data keys.

import { describe, expect, it } from 'vitest'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, T0, World } from './world.ts'

const bytes = (...values: readonly number[]) => Uint8Array.from(values)

export function connectionCases(open: OpenDatabase): void {
  describe('projects and connections', () => {
    const used = useWorld(open)

    it('makes a project once and keeps its time zone', async () => {
      const { store } = used.world
      const first = await store.projects.ensure({ id: 'lab', timezone: 'Asia/Tokyo', at: T0 + 1 })
      const again = await store.projects.ensure({ id: 'lab', timezone: 'UTC', at: T0 + 2 })
      expect(first).toEqual({ id: 'lab', timezone: 'Asia/Tokyo', createdAt: T0 + 1 })
      expect(again).toEqual(first)
      expect((await store.projects.list()).map(({ id }) => id)).toEqual(['default', 'lab'])
    })

    it('replaces the options of a connection and keeps its number and its webhook secret', async () => {
      const { store, connection } = used.world
      const saved = await store.connections.save({
        project: 'default',
        id: 'me',
        connector: 'shop',
        connectorVersion: '2',
        options: { shop: 'bob', deep: [{ list: null }] },
        webhookSecret: 'another',
        at: T0 + MINUTE,
      })
      expect(saved).toEqual({
        ...connection,
        connectorVersion: '2',
        options: { shop: 'bob', deep: [{ list: null }] },
        loginVersion: connection.loginVersion + 1,
        updatedAt: T0 + MINUTE,
      })
      expect(saved.webhookSecret).toBe('hook-me')
      expect(await store.connections.find('default', 'me')).toEqual(saved)
    })

    it('saves options and secrets together, only over the login that was read, and lets the connection run', async () => {
      const { store, connection, database } = used.world
      const rival = await database.connect()
      const { project, id, connector, connectorVersion, webhookSecret } = connection
      const given = { project, id, connector, connectorVersion, webhookSecret, at: T0 }
      const secret = (name: string, version: number, byte = version) => ({ name, version, sealed: bytes(byte) })
      await store.connections.setPaused(connection.no, 'login', true)
      const first = { ...given, options: { by: 1 }, secrets: [secret('access', 1), secret('refresh', 1)], expect: 0 }
      expect(await store.connections.save(first)).toMatchObject({ loginVersion: 1, paused: [] })
      await store.connections.setPaused(connection.no, 'user', true)
      for (const expect_ of [0, 2, null]) {
        const late = { ...given, options: { by: 2 }, secrets: [secret('access', 1, 9)], expect: expect_ }
        await expect(rival.connections.save(late)).rejects.toMatchObject({ code: 'store_contended', verdict: 'retry' })
      }
      expect(await store.connections.find(project, id)).toMatchObject({ options: { by: 1 }, paused: ['user'] })
      expect(await store.secrets.list(connection.no)).toEqual(first.secrets)
      const next = {
        ...given,
        options: {},
        secrets: [secret('access', 2)],
        forget: ['refresh', 'never there'],
        expect: 1,
      }
      expect(await rival.connections.save(next)).toMatchObject({ loginVersion: 2, paused: [] })
      expect(await store.secrets.list(connection.no)).toEqual([secret('access', 2)])
      expect(await store.connections.save({ ...given, id: 'new', options: {}, expect: null })).toMatchObject({
        paused: [],
      })
    })

    it('sets a pause only for the login that it is about', async () => {
      const { store, connection } = used.world
      await store.secrets.save(connection.no, [{ name: 'token', version: 3, sealed: bytes(1) }])
      expect(await store.connections.setPaused(connection.no, 'login', true, 2)).toEqual([])
      expect(await store.connections.setPaused(connection.no, 'login', true, 3)).toEqual(['login'])
      expect(await store.connections.setPaused(connection.no, 'login', false, 2)).toEqual(['login'])
      expect(await store.connections.setPaused(connection.no, 'login', false, 3)).toEqual([])
    })

    it('refuses to make another connector of a connection', async () => {
      const { store } = used.world
      const other = { project: 'default', id: 'me', connector: 'bank', connectorVersion: '1' }
      const saving = store.connections.save({ ...other, options: {}, webhookSecret: 'x', at: T0 })
      await expect(saving).rejects.toMatchObject({ code: 'connection_conflict' })
      expect(await store.connections.find('default', 'me')).toEqual(used.world.connection)
    })

    it('refuses a connection of a project that does not exist', async () => {
      const saving = used.world.store.connections.save({
        project: 'nowhere',
        id: 'x',
        connector: 'shop',
        connectorVersion: '1',
        options: {},
        webhookSecret: 'x',
        at: T0,
      })
      await expect(saving).rejects.toMatchObject({ code: 'project_unknown' })
    })

    it('lists connections in order of creation, each project its own', async () => {
      const { store, database } = used.world
      await new World(database, store, 'default').begin('zoe')
      await new World(database, store, 'default').begin('bob')
      await new World(database, store, 'lab').begin('me')
      expect((await store.connections.list('default')).map(({ id }) => id)).toEqual(['me', 'zoe', 'bob'])
      expect((await store.connections.list('lab')).map(({ id }) => id)).toEqual(['me'])
      expect(await store.connections.list('nowhere')).toEqual([])
      expect(await store.connections.find('lab', 'zoe')).toBeUndefined()
      const [ours, theirs] = [await store.connections.find('default', 'me'), await store.connections.find('lab', 'me')]
      expect(ours?.no).not.toBe(theirs?.no)
    })

    it('keeps the reasons for standing still as a set', async () => {
      const { store, connection } = used.world
      expect(await store.connections.setPaused(connection.no, 'user', true)).toEqual(['user'])
      expect(await store.connections.setPaused(connection.no, 'login', true)).toHaveLength(2)
      expect(await store.connections.setPaused(connection.no, 'login', true)).toHaveLength(2)
      expect([...((await store.connections.find('default', 'me'))?.paused ?? [])].sort()).toEqual(['login', 'user'])
      expect(await store.connections.setPaused(connection.no, 'user', false)).toEqual(['login'])
      expect(await store.connections.setPaused(connection.no, 'never there', false)).toEqual(['login'])
      expect(await store.connections.setPaused(connection.no, 'login', false)).toEqual([])
    })
  })

  describe('secrets', () => {
    const used = useWorld(open)

    it('keeps sealed bytes as they are, by connection and name', async () => {
      const { store, connection, database } = used.world
      const other = await new World(database, store, 'lab').begin('me')
      const sealed = bytes(0, 1, 255, 128, 0)
      expect(await store.secrets.save(connection.no, [{ name: 'token', version: 1, sealed }])).toBe(true)
      expect(await store.secrets.list(connection.no)).toEqual([{ name: 'token', version: 1, sealed }])
      expect(await store.secrets.list(other.connection.no)).toEqual([])
    })

    it('replaces the named ones and leaves the others', async () => {
      const { store, connection } = used.world
      await store.secrets.save(connection.no, [
        { name: 'access', version: 1, sealed: bytes(1) },
        { name: 'refresh', version: 1, sealed: bytes(2) },
      ])
      await store.secrets.save(connection.no, [{ name: 'access', version: 2, sealed: bytes(3) }])
      const byName = new Map((await store.secrets.list(connection.no)).map((secret) => [secret.name, secret]))
      expect(byName.get('access')).toEqual({ name: 'access', version: 2, sealed: bytes(3) })
      expect(byName.get('refresh')).toEqual({ name: 'refresh', version: 1, sealed: bytes(2) })
    })

    it('keeps with a secret when it ends, and forgets that with the secret', async () => {
      const { store, connection } = used.world
      const ending = { name: 'access', version: 1, sealed: bytes(1), expiresAt: T0 + 7 }
      const endless = { name: 'refresh', version: 1, sealed: bytes(2) }
      await store.secrets.save(connection.no, [ending, endless])
      expect(await store.secrets.list(connection.no)).toEqual([ending, endless])
      const given = { name: 'access', version: 2, sealed: bytes(3) }
      await store.secrets.save(connection.no, [given])
      expect(await store.secrets.list(connection.no)).toEqual([given, endless])
    })

    it('swaps only what it expects: the loser of two renewals writes nothing', async () => {
      const { store, connection, database } = used.world
      const rival = await database.connect()
      const fresh = new Map([
        ['access', 0],
        ['refresh', 0],
      ])
      const first = [
        { name: 'access', version: 1, sealed: bytes(1) },
        { name: 'refresh', version: 1, sealed: bytes(2) },
      ]
      expect(await store.secrets.save(connection.no, first, fresh)).toBe(true)
      const late = [
        { name: 'access', version: 1, sealed: bytes(8) },
        { name: 'refresh', version: 1, sealed: bytes(9) },
      ]
      expect(await rival.secrets.save(connection.no, late, fresh)).toBe(false)
      expect(
        await rival.secrets.save(
          connection.no,
          late,
          new Map([
            ['access', 1],
            ['refresh', 2],
          ]),
        ),
      ).toBe(false)
      expect(await store.secrets.list(connection.no)).toEqual(first)
      expect(await rival.secrets.save(connection.no, late, new Map([['access', 1]]))).toBe(true)
      expect(await store.secrets.list(connection.no)).toEqual(late)
    })

    it('never gives another content a version that there was', async () => {
      const { store, connection, database } = used.world
      const rival = await database.connect()
      const secret = (version: number, byte: number) => [{ name: 'token', version, sealed: bytes(byte) }]
      const loginVersion = async () => (await store.connections.find('default', 'me'))?.loginVersion
      expect(await store.secrets.save(connection.no, secret(1, 1))).toBe(true)
      await store.secrets.drop(connection.no)
      expect(await store.secrets.save(connection.no, secret(1, 2), new Map([['token', 0]]))).toBe(false)
      expect(await store.secrets.save(connection.no, secret(2, 2), new Map([['token', 0]]))).toBe(true)
      // What was opened before the drop is not what is stored now.
      expect(await rival.secrets.save(connection.no, secret(3, 3), new Map([['token', 1]]))).toBe(false)
      expect(await store.secrets.list(connection.no)).toEqual(secret(2, 2))
      expect(await loginVersion()).toBe(2)
      // Sealed anew, it is the same content.
      expect(await store.secrets.save(connection.no, secret(2, 4), new Map([['token', 2]]))).toBe(true)
      expect(await loginVersion()).toBe(2)
    })

    it('keeps data keys in their order, each id once', async () => {
      const { store } = used.world
      await store.secrets.addDataKey({ id: 'b', wrapped: bytes(1), at: T0 })
      await store.secrets.addDataKey({ id: 'a', wrapped: bytes(2), at: T0 + 1 })
      await store.secrets.addDataKey({ id: 'b', wrapped: bytes(3), at: T0 + 2 })
      expect(await store.secrets.dataKeys()).toEqual([
        { id: 'b', wrapped: bytes(1), at: T0 },
        { id: 'a', wrapped: bytes(2), at: T0 + 1 },
      ])
    })
  })
}
