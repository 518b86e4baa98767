// Owns the proof that a write-ahead log that was cut or damaged anywhere, as by a power failure, leaves a state that was
// once committed as a whole: records and cursor belong together, and the next sync goes on from there.

import { hash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Random, seeded } from '../../src/testing/emulators/kit/random.ts'
import { World } from '../faults/world.ts'
import { DEEP } from '../support/depth.ts'

const POSITIONS = DEEP ? 2_000 : 200
const FLIPPED = DEEP ? 500 : 50
/** Every so many positions the mirror is synced to the end. */
const SYNCED_EVERY = 40

/** A content of a record at the source, from the time of its change on. */
interface Shown {
  readonly key: string
  readonly rev: number
  readonly updated: number
}

let world: World
let file: Buffer
let log: Buffer
/** What was committed, in order: states by their digest. */
const states = new Map<string, number>()
const shown: Shown[] = []

beforeAll(async () => {
  const scenario = { name: 'a log', style: 'window', scale: { records: 120, pageSize: 10 }, script: async () => {} }
  world = await World.open(scenario, undefined)
  file = readFileSync(world.path)
  note(digestOf(world.path))
  world.onStored = () => note(digestOf(world.path))
  const show = () => {
    for (const { key, rev, updated } of world.source.items.values()) shown.push({ key, rev, updated })
  }
  show()
  await world.sync()
  world.scheduler.advance(60_000)
  for (const item of world.source.listing().filter((_item, index) => index % 4 === 0)) {
    world.scheduler.advance(2_000)
    world.source.bump(item)
    if (item.rev % 2 === 0) world.source.insert()
  }
  show()
  await world.sync()
  world.onStored = () => {}
  log = readFileSync(`${world.path}-wal`)
})

afterAll(async () => {
  for (const ending of ['', '-wal', '-shm']) rmSync(`${world.path}.cut${ending}`, { force: true })
  await world.close()
})

test(`a log cut at any of ${POSITIONS} random bytes leaves one of the states that were committed`, () => {
  const random = seeded('cut')
  const cuts = Array.from({ length: POSITIONS }, () => random.int(0, log.length)).sort((a, b) => a - b)
  let before = 0
  const reached = new Set<number>()
  for (const [index, cut] of cuts.entries()) {
    const rest = log.subarray(0, cut)
    // A disk may have written something behind the cut: half of the next page, or an older one.
    const torn = index % 2 === 0 ? rest : Buffer.concat([rest, garbage(random, log)])
    const state = check(torn)
    // What is cut later has lost no more.
    expect(state).toBeGreaterThanOrEqual(before)
    before = state
    reached.add(state)
  }
  expect(check(log)).toBe(states.size - 1)
  expect(reached.size).toBeGreaterThan(states.size / 2)
})

test(`so does a log with one of ${FLIPPED} random bytes flipped`, () => {
  const random = seeded('flip')
  for (let n = 0; n < FLIPPED; n++) {
    const damaged = Buffer.from(log)
    const at = random.int(0, log.length - 1)
    damaged[at]! ^= random.int(1, 255)
    expect(check(damaged)).toBeLessThan(states.size)
  }
})

test('from wherever it was cut, the next syncs end at the source’s own content', async () => {
  const random = seeded('sync')
  for (let n = 0; n < POSITIONS / SYNCED_EVERY; n++) {
    const rest = log.subarray(0, random.int(0, log.length))
    await world.restart({ leave: (path) => leave(path, rest) })
    expect((await world.settle()).live.size).toBe(world.source.listing().length)
  }
})

/** Which of the committed states the file is in, whose records and cursor agree. */
function check(rest: Buffer): number {
  const path = `${world.path}.cut`
  leave(path, rest)
  // Who only reads does not copy the log into the file.
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    const state = states.get(digest(db))
    if (state === undefined) throw new Error(`cut at ${rest.length}: a state that was never committed`)
    const cursor = cursorOf(db)
    const stored = new Map(
      db
        .prepare('SELECT _key, rev FROM sim_items')
        .all()
        .map((row) => [row['_key'], row['rev']]),
    )
    // The next sync asks from the cursor on, inclusive.
    const lost = shown.filter(({ key, rev, updated }) => updated < cursor && Number(stored.get(key) ?? 0) < rev)
    expect(lost, `the cursor is at ${cursor}`).toEqual([])
    return state
  } finally {
    db.close()
  }
}

function leave(path: string, rest: Buffer): void {
  rmSync(`${path}-shm`, { force: true })
  if (path === world.path || !existsSync(path)) writeFileSync(path, file)
  writeFileSync(`${path}-wal`, rest)
}

function garbage(random: Random, from: Buffer): Buffer {
  const start = random.int(0, from.length - 1)
  return from.subarray(start, start + random.int(1, 5_000))
}

/** Up to where the stream counts as read; nothing: before everything. */
function cursorOf(db: DatabaseSync): number {
  const [state] = db.prepare('SELECT value FROM tm_states').all()
  const { cursor } = JSON.parse(String(state?.['value'] ?? '{}')) as { cursor?: number }
  return cursor ?? Number.NEGATIVE_INFINITY
}

function note(state: string): void {
  if (!states.has(state)) states.set(state, states.size)
}

function digestOf(path: string): string {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    return digest(db)
  } finally {
    db.close()
  }
}

/** All rows of all tables. */
function digest(db: DatabaseSync): string {
  const names = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).all()
  const tables = names.map(({ name }) => {
    const statement = db.prepare(`SELECT * FROM "${String(name)}"`)
    statement.setReturnArrays(true)
    return statement.all()
  })
  return hash('sha1', JSON.stringify(tables), 'hex')
}
