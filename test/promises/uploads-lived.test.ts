// Owns the promise that uploads are right whatever people upload, and in whatever order: files of today and of long ago, whole,
// cut and empty ones, in processes that are killed. Judged by the truth of the list that the files are exports of.

import { describe, expect, test } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import type { Decisions } from '../../src/engine/passes/decisions.ts'
import { DECISIONS } from '../../src/engine/passes/kinds/all.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { type Random, seeded } from '../../src/testing/emulators/kit/random.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { DEEP } from '../support/depth.ts'
import { exported, type Like, likes } from '../support/exported-likes.ts'
import { Killed, mortal } from '../support/mortal-store.ts'

/** A file as the service made it at some time. */
interface Export {
  readonly at: number
  /** The greatest date of its likes. */
  readonly newest: number
  readonly likes: ReadonlyMap<string, number>
}

class World {
  readonly #random: Random
  readonly #store: Store
  readonly #decisions: Decisions
  /** What is liked now, with the date of each like. */
  readonly #liked = new Map<string, number>()
  readonly #exports: Export[] = []
  #time = 1_000
  #ids = 0
  #processes = 0
  /** Of the files that were read, or begun, the one that shows the latest state. */
  #latest: Export | undefined
  #removed = new Set<string>()

  constructor(random: Random, store: Store, decisions: Decisions) {
    this.#random = random
    this.#store = store
    this.#decisions = decisions
    this.#change(random.int(3, 12), 0)
    this.#export()
  }

  async step(): Promise<void> {
    const random = this.#random
    if (random.chance(0.6)) this.#change(random.int(0, 3), random.int(0, 2))
    const file = random.chance(0.7) ? this.#export() : random.pick(this.#exports)
    const list: readonly Like[] = [...file.likes]
      .map(([id, date]) => ({ id, date: String(date) }))
      .toSorted(newestFirst)
    const odd = random.next()
    if (odd < 0.1) await this.#upload(exported(undefined))
    else if (odd < 0.2) await this.#upload(exported([]))
    else if (odd < 0.3) await this.#upload(exported(list).subarray(0, -3))
    else {
      if (random.chance(0.3)) await this.#upload(exported(list), random.int(1, 4)).then(() => this.#show(file))
      const before = this.#latest
      const report = await this.#upload(exported(list))
      this.#show(file)
      await this.#judge(report?.streams[0]?.counts, this.#latest === file && before?.newest !== undefined)
      return
    }
    await this.#judge(undefined, false)
  }

  #show(file: Export): void {
    const { newest = -1, at = -1 } = this.#latest ?? {}
    if (file.newest > newest || (file.newest === newest && file.at > at)) this.#latest = file
  }

  #change(likesMore: number, likesLess: number): void {
    for (let i = 0; i < likesMore; i++) {
      const again = this.#random.chance(0.3) && this.#ids > 0
      this.#liked.set(`v${again ? this.#random.int(1, this.#ids) : ++this.#ids}`, ++this.#time)
    }
    for (let i = 0; i < likesLess && this.#liked.size > 1; i++)
      this.#liked.delete(this.#random.pick([...this.#liked.keys()]))
  }

  #export(): Export {
    const file = { at: ++this.#time, newest: Math.max(...this.#liked.values()), likes: new Map(this.#liked) }
    this.#exports.push(file)
    return file
  }

  /** `dies`: the process is killed before it writes so many times. */
  async #upload(file: Uint8Array, dies = Number.POSITIVE_INFINITY) {
    const id = `p${++this.#processes}`
    const store =
      dies === Number.POSITIVE_INFINITY ? this.#store : mortal(this.#store, dies, (call) => call === 'checkpoint')
    const tidemark = await assemble({
      store,
      clock,
      key: new Uint8Array(32).fill(7),
      connectors: [likes],
      decisions: this.#decisions,
      holder: { id, host: 'here', pid: 1, startedAt: 1 },
      isDead: (holder) => holder.id !== id,
    })
    const connection = await tidemark.connect(likes, { id: 'me' })
    try {
      return await connection.upload('likes', file, { name: 'likes.json' })
    } catch (error) {
      if (!(error instanceof Killed)) throw error
      return undefined
    } finally {
      await tidemark.close().catch(() => {})
    }
  }

  async #judge(counts: { readonly held: number } | undefined, isLatest: boolean): Promise<void> {
    const row = (await this.#store.streams.list(1)).find(({ stream }) => stream === 'likes')
    const keysOf = async (removed: boolean) => {
      const rows = await this.#store.records.list({ streamNo: row!.no, removed, limit: 1_000 })
      return new Set(rows.map(({ _key }) => _key))
    }
    const there = await keysOf(false)
    const removed = await keysOf(true)
    const truth = new Set(this.#latest?.likes.keys())
    if (counts) none(truth.difference(there), 'records of the latest file that are not live')
    none(removed.intersection(truth), 'removed, though the latest file has them')
    const back = this.#removed.difference(removed).difference(truth)
    none(back, 'restored, though the latest file does not have them')
    if (isLatest && counts?.held === 0) {
      none(there.difference(truth), 'live, though the latest file does not have them')
    }
    this.#removed = removed
  }
}

class Violation extends Error {}

function none(keys: ReadonlySet<string>, what: string): void {
  if (keys.size > 0) throw new Violation(`${[...keys].join(', ')}: ${what}`)
}

const clock = testClock()

function newestFirst(a: Like, b: Like): number {
  return Number(b.date) - Number(a.date)
}

/** What is wrong in the world of a seed; undefined: nothing. */
async function live(seed: number, decisions: Decisions = DECISIONS): Promise<string | undefined> {
  const store = await openSqliteStore({ path: ':memory:', clock })
  try {
    const world = new World(seeded(`uploads ${seed}`), store, decisions)
    for (let step = 0; step < 10; step++) await world.step()
    return undefined
  } catch (error) {
    if (error instanceof Violation) return error.message
    throw error
  } finally {
    await store.close()
  }
}

const SEEDS = Array.from({ length: DEEP ? 300 : 25 }, (_, i) => i + 1)

test.each(SEEDS)('seed %i', async (seed) => {
  expect(await live(seed)).toBeUndefined()
})

describe('is noticed', () => {
  /** How many seeds may be needed. */
  const SEEDS_MAX = 500

  test.each<[string, Partial<Decisions>]>([
    ['every file is the whole list, as document 001 has it', { uploadAge: () => 'newer', heldReason: () => undefined }],
    ['an older file restores what it has', { uploadFate: () => 'store' }],
    ['the last file does not count', { uploadAge: () => 'first' }],
  ])('%s', async (_what, wrong) => {
    let found: string | undefined
    for (let seed = 1; seed <= SEEDS_MAX && found === undefined; seed++) {
      found = await live(seed, { ...DECISIONS, ...wrong })
    }
    expect(found).toBeDefined()
  })
})
