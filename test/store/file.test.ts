// Owns the promises of the SQLite store about its file: who may read it, what it refuses to open, what it survives.

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { record, T0, update, World, walk } from '../conformance/world.ts'
import { SqliteFile } from './sqlite-file.ts'

let file: SqliteFile
beforeEach(() => {
  file = new SqliteFile()
})
afterEach(() => file.drop())

/** Changes the file behind the store's back. */
function tamper(sql: string): void {
  const plain = new DatabaseSync(file.path)
  plain.exec(sql)
  plain.close()
}

const world = async (options: Parameters<SqliteFile['connect']>[0] = {}) =>
  new World(file, await file.connect(options), 'default').begin()

describe('opening', () => {
  it('makes a file that is its owner’s alone, helpers included', async () => {
    await world()
    for (const name of ['', '-wal', '-shm']) expect(statSync(file.path + name).mode & 0o777).toBe(0o600)
  })

  it('marks the file as Tidemark’s', async () => {
    await world()
    expect(file.query('PRAGMA application_id')).toEqual([{ application_id: 0x74696465 }])
    expect(file.query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }])
  })

  it('opens what it made, with everything in it', async () => {
    const first = await world()
    await first.insert('a')
    const before = await first.picture('a')
    await first.store.close()
    const again = await file.connect()
    expect((await again.records.look(first.stream.no, ['a'])).size).toBe(1)
    Object.assign(first, { store: again })
    expect(await first.picture('a')).toEqual(before)
  })

  it('refuses a file of a newer Tidemark and leaves it untouched', async () => {
    await (await world()).store.close()
    tamper('PRAGMA user_version = 999')
    const before = readFileSync(file.path)
    await expect(file.connect()).rejects.toMatchObject({
      code: 'database_newer',
      hint: expect.stringContaining('Update'),
    })
    await expect(file.connect({ readOnly: true })).rejects.toMatchObject({ code: 'database_newer' })
    expect(readFileSync(file.path).equals(before)).toBe(true)
  })

  it('refuses a file that is no database and leaves it untouched', async () => {
    writeFileSync(file.path, 'Dear diary, '.repeat(1_000))
    await expect(file.connect()).rejects.toMatchObject({ code: 'database_unreadable' })
    expect(readFileSync(file.path, 'utf8')).toBe('Dear diary, '.repeat(1_000))
  })

  it.each([
    ['of nobody in particular', 'CREATE TABLE films (id)'],
    ['that names its program', 'PRAGMA application_id = 7; CREATE TABLE films (id)'],
    ['that has a version of its own', 'PRAGMA user_version = 1; CREATE TABLE films (id)'],
  ])('refuses a SQLite database %s', async (_whose, sql) => {
    tamper(sql)
    await expect(file.connect()).rejects.toMatchObject({ code: 'database_unreadable' })
    expect(file.query('SELECT name FROM sqlite_schema')).toEqual([{ name: 'films' }])
  })

  it('takes an empty file for a new one', async () => {
    writeFileSync(file.path, '')
    const mine = await world()
    await mine.insert('a')
    expect(await mine.total()).toBe(1)
  })

  it('says what is wrong with a folder, and with a path that leads nowhere', async () => {
    const folder = join(file.folder, 'folder')
    mkdirSync(folder)
    await expect(file.connect({ path: folder })).rejects.toMatchObject({ code: 'database_unwritable' })
    await expect(file.connect({ path: join(file.folder, 'no', 'way.db') })).rejects.toMatchObject({
      code: 'database_unwritable',
    })
  })

  it('migrates once when two processes open a new file together', async () => {
    const stores = await Promise.all([file.connect(), file.connect(), file.connect()])
    for (const store of stores) expect(await store.projects.list()).toEqual([])
  })

  it('keeps everything in memory when asked to', async () => {
    const memory = await new World(file, await file.connect({ path: ':memory:' }), 'default').begin()
    await memory.put({ inserts: [record('a')] })
    await memory.store.secrets.save(memory.connection.no, [{ name: 't', version: 1, sealed: Uint8Array.of(1) }])
    expect(await memory.store.secrets.list(memory.connection.no)).toHaveLength(1)
    expect(await memory.total()).toBe(1)
    expect(existsSync(file.path)).toBe(false)
  })
})

describe('reading only', () => {
  it('reads what others write, and refuses to write', async () => {
    const writer = await world()
    await writer.insert('a')
    const reader = await file.connect({ readOnly: true })
    expect((await reader.records.look(writer.stream.no, ['a'])).size).toBe(1)
    await writer.insert('b')
    expect((await reader.records.look(writer.stream.no, ['b'])).size).toBe(1)
    await expect(reader.checkpoint(writer.batch({ inserts: [record('c')] }))).rejects.toMatchObject({
      code: 'database_unwritable',
    })
    await expect(reader.projects.ensure({ id: 'x', timezone: 'UTC', at: T0 })).rejects.toMatchObject({
      code: 'database_unwritable',
    })
  })

  it('makes no file', async () => {
    await expect(file.connect({ readOnly: true })).rejects.toMatchObject({ code: 'database_missing' })
    expect(existsSync(file.path)).toBe(false)
  })
})

describe('trouble', () => {
  it('says so when another process holds the file for too long', async () => {
    const mine = await world()
    const rude = new DatabaseSync(file.path)
    rude.exec('BEGIN IMMEDIATE')
    await expect(mine.write({ inserts: [record('a')] })).rejects.toMatchObject({
      code: 'database_busy',
      verdict: 'retry',
    })
    rude.exec('ROLLBACK')
    rude.close()
    await mine.insert('a')
    expect(await mine.total()).toBe(1)
  })

  it('leaves the old state when the disk is full in the middle of a checkpoint, and goes on when there is room', async () => {
    const full = await world({ sizeMax: 600 * 1024 })
    const raw = (key: string) => ({ ...record(key), raw: JSON.stringify({ key, text: 'x'.repeat(2_000) }) })
    const page = (n: number) => Array.from({ length: 20 }, (_, i) => raw(`${n}-${i}`))
    await full.insert('a')
    let pages = 0
    const fill = async () => {
      for (;;) {
        await full.put({ inserts: page(pages), state: { pages: pages + 1 }, walks: [walk(1, { pages: pages + 1 })] })
        pages++
      }
    }
    await expect(fill()).rejects.toMatchObject({ code: 'disk_full', hint: expect.stringContaining('space') })
    expect(pages).toBeGreaterThan(0)
    const stored = 1 + pages * 20
    const check = async (expected: { records: number; pages: number }) => {
      expect(await full.total()).toBe(expected.records)
      expect(file.query('SELECT count(*) AS n FROM shop_orders')).toEqual([{ n: expected.records }])
      expect(await full.store.feed.bounds('default')).toMatchObject({ seq: expected.records })
      expect((await full.store.streams.state(full.stream.no)).value).toEqual({ pages: expected.pages })
      expect(file.query('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
    }
    await check({ records: stored, pages })
    await expect(full.write({ inserts: page(pages) })).rejects.toMatchObject({ code: 'disk_full' })
    await full.put({ updates: [update('a', 1, 2, { version: false })], state: { pages } })
    Object.assign(full, { store: await file.connect() })
    await full.put({ inserts: page(pages), state: { pages: pages + 1 } })
    expect(await full.total()).toBe(stored + 20)
    const changes = await full.changes()
    expect(changes.map(({ seq }) => seq)).toEqual(changes.map((_, i) => i + 1))
  })

  it('says that a file is damaged', async () => {
    const mine = await world()
    await mine.insert(...Array.from({ length: 500 }, (_, i) => `k${i}`))
    await mine.store.close()
    const bytes = readFileSync(file.path)
    bytes.fill(0xff, 4096 * 8)
    writeFileSync(file.path, bytes)
    const reading = async () => {
      const store = await file.connect()
      await store.feed.changes({ project: 'default', after: 0, limit: 1_000 })
      await store.records.list({ streamNo: mine.stream.no, limit: 1_000 })
    }
    await expect(reading()).rejects.toMatchObject({ code: 'database_damaged' })
  })
})

describe('the write-ahead log', () => {
  it('stays bounded however much is written', async () => {
    const mine = await world()
    const text = 'x'.repeat(12_000)
    let largest = 0
    for (let page = 0; page < 120; page++) {
      await mine.put({ inserts: Array.from({ length: 100 }, (_, i) => ({ ...record(`${page}-${i}`), raw: text })) })
      largest = Math.max(largest, statSync(`${file.path}-wal`).size)
    }
    expect(statSync(file.path).size).toBeGreaterThan(100_000_000)
    expect(largest).toBeLessThan(72_000_000)
  })

  it('is gone when the last store closes', async () => {
    const mine = await world()
    await mine.insert('a')
    await mine.store.close()
    expect(existsSync(`${file.path}-wal`)).toBe(false)
  })
})

describe('a connection that is purged', () => {
  it('leaves nothing of its content in the file and its log', async () => {
    const mine = await world()
    const neighbour = await new World(file, mine.store, 'default').begin('zoe')
    const keys = Array.from({ length: 600 }, (_, at) => `key-${at}`)
    await neighbour.insert(...keys)
    await mine.put({ inserts: keys.map((key) => ({ ...record(key), raw: `{"x":"PERSONAL-DATA-OF-ADA-${key}"}` })) })
    const order = { lease: mine.lease, leaseUntil: T0 + 60_000, connectionNo: mine.connection.no, limit: 1_000 }
    const content = () => ['', '-wal'].map((end) => readFileSync(file.path + end).includes('PERSONAL-DATA-OF-ADA'))
    expect(content()).toContain(true)
    while ((await mine.store.connections.purge(order)) > 0) continue
    expect(content()).toEqual([false, false])
    expect(await neighbour.total()).toBe(600)
  })
})

describe('a secret that is no more', () => {
  /** Sealed, it looks like chance; lengths differ, so that pages split and cells move. */
  const sealed = (name: string, version: number) => ({
    name,
    version,
    sealed: randomBytes(80 + ((version * 37 + name.length * 11) % 160)),
  })
  const found = (secrets: readonly { sealed: Buffer }[]) => {
    const files = ['', '-wal'].map((end) => readFileSync(file.path + end))
    const parts = (bytes: Buffer) => [8, bytes.length - 24].map((at) => bytes.subarray(at, at + 24))
    return secrets.filter((secret) => parts(secret.sealed).some((part) => files.some((bytes) => bytes.includes(part))))
      .length
  }

  it('leaves the file with the one that replaces it', async () => {
    const { store, connection } = await world()
    // Each shorter than the one before, so that it does not cover it.
    const all = [1, 2, 3, 4].map((n) => ({ ...sealed('refreshToken', n + 1), sealed: randomBytes(400 - 80 * n) }))
    await store.secrets.save(connection.no, [sealed('appKey', 1), sealed('zone', 1)])
    for (const secret of all) await store.secrets.save(connection.no, [secret])
    tamper('PRAGMA wal_checkpoint(TRUNCATE)')
    expect(found(all.slice(0, -1))).toBe(0)
    expect(found(all.slice(-1))).toBe(1)
  })

  it('leaves the file and its log with its connection, wherever it has stood', async () => {
    const { store } = await world()
    const options = { project: 'default', connector: 'shop', connectorVersion: '1', options: {}, webhookSecret: 'w' }
    const gone: ReturnType<typeof sealed>[] = []
    const stays: ReturnType<typeof sealed>[] = []
    const connections = []
    for (let i = 0; i < 60; i++) connections.push(await store.connections.save({ ...options, id: `c-${i}`, at: T0 }))
    for (let round = 1; round <= 3; round++) {
      for (let i = 0; i < 60; i++) {
        const at = (i * 23) % 60
        const secrets = [sealed('accessToken', round + at), sealed('key', round + at)]
        await store.secrets.save(connections[at]!.no, secrets)
        if (at % 2 === 0) gone.push(...secrets)
        else if (round === 3) stays.push(...secrets)
      }
    }
    for (let i = 0; i < 60; i += 2) expect(await store.secrets.drop(connections[i]!.no)).toBe(2)
    expect(found(gone)).toBe(0)
    tamper('PRAGMA wal_checkpoint(TRUNCATE)')
    expect(found(stays)).toBe(60)
    for (let i = 1; i < 60; i += 2) expect(await store.secrets.list(connections[i]!.no)).toHaveLength(2)
  })
})
