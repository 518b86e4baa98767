import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Followers, PART_CHANGES_MAX } from '../../src/engine/followers/follow.ts'
import type { Follower, Part } from '../../src/engine/followers/follower.ts'
import { createEvents, type RunEvent } from '../../src/engine/runs/events.ts'
import { systemClock } from '../../src/engine/system.ts'
import { silentLogger } from '../../src/model/ports.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { HOLDER, World } from '../conformance/world.ts'
import { SqliteFile } from '../store/sqlite-file.ts'
import { openMirror } from '../support/mirror.ts'

let file: SqliteFile
let world: World
beforeEach(async () => {
  file = new SqliteFile()
  world = await new World(file, await file.connect(), 'default').begin()
})
afterEach(() => file.drop())

const logged: unknown[] = []
const logger = { event: (_: string, name: string, values: object) => void logged.push([name, values]) }

function followers(all: readonly Follower[], more: object = {}) {
  const ports = { store: world.store, clock: systemClock, holder: HOLDER, isDead: () => false, logger, ...more }
  return new Followers(ports, all)
}

/** Follows the feed; `on` may throw, or wait. */
function follower(name: string, on: (part: Part) => unknown = () => undefined) {
  const seen: (number | 'anew')[] = []
  const follow: Follower['follow'] = async ({ parts }) => {
    for await (const part of parts()) {
      await on(part)
      seen.push(...(part.anew ? ['anew' as const] : part.changes.map(({ seq }) => seq)))
    }
  }
  return { name, follow, seen }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('a follower', () => {
  test('begins with all that is stored, then gets each change once, from where it stood, in any process', async () => {
    const search = follower('search')
    await world.insert('a', 'b')
    const first = followers([search])
    first.after('default', 0)
    await first.settled()
    expect(search.seen).toEqual(['anew'])
    await world.insert(...numbers(1, PART_CHANGES_MAX).map((n) => `n${n}`))
    await world.insert('last')
    const second = followers([search])
    second.after('default', 0)
    await second.settled()
    expect(search.seen).toEqual(['anew', ...numbers(3, PART_CHANGES_MAX + 3)])
    second.after('default', 0)
    await second.settled()
    expect(search.seen).toHaveLength(PART_CHANGES_MAX + 2)
  })

  test('gets a part again that it did not finish, and harms neither the run nor the others', async () => {
    let fails = false
    const bad = follower('bad', () => {
      if (fails) throw new Error('no room')
    })
    const good = follower('good')
    const both = followers([bad, good])
    both.after('default', 0)
    await both.settled()
    await world.insert('a')
    fails = true
    logged.length = 0
    both.after('default', 0)
    await both.settled()
    expect(logged).toEqual([['follower.failed', { follower: 'bad', project: 'default', code: 'unexpected' }]])
    expect(good.seen).toEqual(['anew', 1])
    fails = false
    both.after('default', 0)
    await both.settled()
    expect(bad.seen).toEqual(['anew', 1])
    expect(good.seen).toEqual(['anew', 1])
  })

  test('works in one process at a time', async () => {
    let going = 0
    let most = 0
    const slow = follower('slow', async () => {
      going++
      most = Math.max(most, going)
      await new Promise((resolve) => setTimeout(resolve, 20))
      going--
    })
    const [one, two] = [followers([slow]), followers([slow], { holder: { ...HOLDER, id: 'another' } })]
    one.after('default', 0)
    two.after('default', 0)
    await Promise.all([one.settled(), two.settled()])
    expect(most).toBe(1)
    expect(slow.seen).toEqual(['anew'])
  })

  test('begins anew where the feed is another, or no longer goes back to where it stood', async () => {
    const search = follower('search')
    const all = followers([search])
    const after = async () => {
      all.after('default', 0)
      await all.settled()
    }
    await after()
    await world.store.feed.renewEpochs()
    await after()
    expect(search.seen).toEqual(['anew', 'anew'])
    await world.insert('a', 'b')
    await world.store.history.prune({ project: 'default', what: 'changes', before: Number.MAX_SAFE_INTEGER, limit: 1 })
    await after()
    expect(search.seen).toEqual(['anew', 'anew', 'anew'])
  })

  test('begins anew also when the feed is cut off, or another, while it works', async () => {
    const seen: string[] = []
    let meanwhile = async (): Promise<unknown> => undefined
    const search: Follower = {
      name: 'search',
      async follow({ parts }) {
        for await (const part of parts()) {
          seen.push(part.anew ? 'anew' : `${part.changes.length}`)
          await meanwhile()
          meanwhile = async () => undefined
        }
      },
    }
    const all = followers([search])
    const after = async () => {
      all.after('default', 0)
      await all.settled()
      return seen.splice(0)
    }
    expect(await after()).toEqual(['anew'])
    await world.insert(...numbers(1, PART_CHANGES_MAX + 100).map((n) => `n${n}`))
    const limit = PART_CHANGES_MAX + 50
    meanwhile = () =>
      world.store.history.prune({ project: 'default', what: 'changes', before: Number.MAX_SAFE_INTEGER, limit })
    expect(await after()).toEqual([`${PART_CHANGES_MAX}`, 'anew'])
    await world.insert('a')
    meanwhile = () => world.store.feed.renewEpochs()
    expect(await after()).toEqual(['1', 'anew'])
  })

  test('is waited for only where there is one', async () => {
    const none = followers([])
    none.after('default', 0)
    const ended = Promise.race([
      none.settled().then(() => 'settled'),
      new Promise((resolve) => setImmediate(resolve, 'waits')),
    ])
    expect(await ended).toBe('settled')
  })

  test('is asked again for what comes in the moment in which it ends', async () => {
    const search = follower('search')
    const all = followers([search])
    all.after('default', 0)
    for (let turns = 0; turns < 200; turns++) {
      await Promise.resolve()
      all.after('default', turns)
    }
    await all.settled()
    await world.insert('a')
    all.after('default', 0)
    await all.settled()
    expect(search.seen).toEqual(['anew', 1])
  })

  test('stops at the end of a part when its process is about to end', async () => {
    const closing = new AbortController()
    const search = follower('search', (part) => !part.anew && closing.abort())
    const all = followers([search], { closing: closing.signal })
    all.after('default', 0)
    await all.settled()
    await world.insert(...numbers(1, PART_CHANGES_MAX + 5).map((n) => `n${n}`))
    all.after('default', 0)
    await all.settled()
    expect(search.seen).toEqual(['anew', ...numbers(1, PART_CHANGES_MAX)])
    const next = followers([search])
    next.after('default', 0)
    await next.settled()
    expect(search.seen).toEqual(['anew', ...numbers(1, PART_CHANGES_MAX + 5)])
  })

  test('is no reader that a user sees or names', async () => {
    const all = followers([follower('search')])
    all.after('default', 0)
    await all.settled()
    expect(await world.store.feed.consumers('default')).toMatchObject([{ name: 'follower:search' }])
    const { Consumers } = await import('../../src/engine/history/feed.ts')
    const events = createEvents(silentLogger)
    expect(await new Consumers({ store: world.store, clock: systemClock, events }, 'default').list()).toEqual([])
  })
})

describe('what the runs of a process tell', () => {
  test('is when they begin, each page, and how they end; who listens can’t harm them', async () => {
    await using github = await githubEmulator({ stars: 250 })
    await using mirror = await openMirror()
    const me = await mirror.github(github)
    const told: RunEvent[] = []
    mirror.tidemark.listen(() => {
      throw new Error('a listener of somebody')
    })
    const deaf = mirror.tidemark.listen((event) => void told.push(event))
    const run = await me.sync({ streams: ['stars'] })
    expect(run.status).toBe('succeeded')
    expect(told.map(({ type }) => type)).toEqual([
      'run.started',
      ...Array.from({ length: told.length - 2 }, () => 'run.progress'),
      'run.finished',
    ])
    expect(told.at(-2)).toMatchObject({ progress: { streams: [{ stream: 'stars', processed: 250 }] } })
    expect(told.at(-1)).toMatchObject({ project: 'default', connection: 'me', run: run.id, status: 'succeeded' })
    deaf()
    const before = told.length
    await me.sync({ streams: ['stars'] })
    expect(told).toHaveLength(before)
  })

  test('wakes who follows the feed in the same process', async () => {
    /** Who sleeps on it wakes when somebody wakes it, and never by itself. */
    const clock = {
      ...systemClock,
      sleep: (_: number, signal?: AbortSignal) =>
        new Promise<void>((resolve) => {
          if (signal?.aborted) return resolve()
          signal?.addEventListener('abort', () => resolve(), { once: true })
        }),
    }
    await using github = await githubEmulator({ stars: 3, limits: false })
    await using mirror = await openMirror({ clock })
    const me = await mirror.github(github)
    const stop = new AbortController()
    const keys: string[] = []
    const reading = (async () => {
      for await (const { key } of mirror.tidemark.changes({ follow: true, signal: stop.signal })) {
        keys.push(key)
        if (keys.length === 3) stop.abort()
      }
    })()
    await new Promise((resolve) => setTimeout(resolve, 50))
    await me.sync({ streams: ['stars'] })
    await reading
    expect(keys).toHaveLength(3)
  })
})
