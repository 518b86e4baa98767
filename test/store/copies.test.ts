// Owns the proof that copying and replacing mirrors destroys none: not the one that is copied, by whatever name, not one
// that is in use, and nobody goes on writing into one that was put aside.

import { existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { copyMirror, replaceMirror, seizeMirror } from '../../src/store/sqlite.ts'
import { record, World } from '../conformance/world.ts'
import { SqliteFile } from './sqlite-file.ts'

let file: SqliteFile
beforeEach(() => {
  file = new SqliteFile()
})
afterEach(() => file.drop())

const beside = (name: string) => join(file.folder, name)
const copyTo = (to: string, from = file.path) => copyMirror({ from, to, draft: `${to}.draft`, force: true })
const records = (path: string) => {
  const plain = new DatabaseSync(path, { readOnly: true })
  try {
    return Number(plain.prepare('SELECT count(*) n FROM shop_orders').get()?.['n'])
  } finally {
    plain.close()
  }
}

async function mirror(...keys: readonly string[]): Promise<World> {
  const world = await new World(file, await file.connect(), 'default').begin()
  await world.insert(...keys)
  return world
}

describe('a copy', () => {
  it.each([
    ['by a linked folder', () => join(beside('linked'), 'tidemark.db')],
    ['by a link', () => beside('link.db')],
    ['by a second name', () => beside('second.db')],
    ['by its log', () => beside('tidemark.db-wal')],
  ])('never takes the place of what it is made of, named %s', async (_, to) => {
    const world = await mirror('a', 'b')
    symlinkSync(file.folder, beside('linked'))
    symlinkSync(file.path, beside('link.db'))
    linkSync(file.path, beside('second.db'))
    await expect(copyTo(to())).rejects.toMatchObject({ code: 'argument_invalid' })
    await world.insert('c')
    await world.store.close()
    expect(records(file.path)).toBe(3)
  })

  it('takes the place of no mirror that is in use, and of one that is not', async () => {
    await mirror('a', 'b')
    const other = new SqliteFile()
    try {
      const busy = await new World(other, await other.connect(), 'default').begin()
      await busy.insert('x')
      await expect(copyTo(other.path)).rejects.toMatchObject({ code: 'database_in_use' })
      await busy.insert('y')
      await busy.store.close()
      expect(records(other.path)).toBe(2)
      await busy.store.close()
      await copyTo(other.path)
      expect(records(other.path)).toBe(2)
      expect(readFileSync(other.path).includes('"x"')).toBe(false)
    } finally {
      await other.drop()
    }
  })

  it('leaves what it cannot replace with its log', async () => {
    await mirror('a')
    mkdirSync(beside('taken'))
    writeFileSync(beside('taken-wal'), 'mine')
    await expect(copyTo(beside('taken'))).rejects.toThrow('taken')
    expect(readFileSync(beside('taken-wal'), 'utf8')).toBe('mine')
  })

  it('has nothing to do with the log that lay beside what it replaces', async () => {
    await mirror('a')
    writeFileSync(beside('old.db'), 'no database')
    writeFileSync(beside('old.db-wal'), 'its log')
    await copyTo(beside('old.db'))
    expect([existsSync(beside('old.db-wal')), records(beside('old.db'))]).toEqual([false, 1])
  })
})

describe('a mirror that is replaced', () => {
  it('is closed to others from being seized on, and to their writes when it was put aside', async () => {
    const world = await mirror('a')
    await copyTo(beside('copy.db'))
    await world.put({ inserts: [record('b')] })
    await world.store.close()

    const hold = seizeMirror(file.path)
    // As a server that is started just now: it has the file open, and waits.
    const late = new DatabaseSync(file.path, { timeout: 0 })
    expect(() => late.exec('PRAGMA journal_mode = WAL')).toThrow('locked')
    expect(() => seizeMirror(file.path)).toThrow('in use')
    hold.release()

    replaceMirror({ file: file.path, by: beside('copy.db'), aside: beside('aside.db') })
    expect(() => late.exec('PRAGMA journal_mode = WAL')).toThrow('readonly')
    expect(() => late.exec('CREATE TABLE mine (id)')).toThrow('readonly')
    late.close()
    expect([records(file.path), records(beside('aside.db'))]).toEqual([1, 2])
  })

  it('is not replaced while somebody uses it', async () => {
    const world = await mirror('a')
    await copyTo(beside('copy.db'))
    const order = { file: file.path, by: beside('copy.db'), aside: beside('aside.db') }
    expect(() => replaceMirror(order)).toThrow('in use')
    expect(existsSync(beside('aside.db'))).toBe(false)
    await world.insert('b')
    expect(await world.total()).toBe(2)
  })
})
