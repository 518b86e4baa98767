// Owns the promise of the change feed: every change once and in order to a reader that stays, none left out to one that
// comes back, and a clear word to one that can't go on.

import { expect, test } from 'vitest'
import { type Change, OWN_READER } from '../../src/engine/history/feed.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

const ALL = async (changes: AsyncIterable<Change>) => {
  const found: Change[] = []
  for await (const change of changes) found.push(change)
  return found
}

/** A mirror with so many stars synced. */
async function starred(stars: number) {
  const github = await githubEmulator({ stars, limits: false })
  const mirror = await openMirror()
  const me = await mirror.github(github)
  await me.sync()
  return {
    github,
    mirror,
    me,
    async [Symbol.asyncDispose]() {
      await mirror[Symbol.asyncDispose]()
      await github.close()
    },
  }
}

test('changes come in order, with cursors to go on from', async () => {
  await using world = await starred(7)
  const { tidemark } = world.mirror
  const all = await ALL(tidemark.changes())
  expect(all.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7])
  const [run] = await tidemark.runs()
  expect(all[2]).toEqual({
    cursor: expect.stringMatching(/^[0-9a-f]{12}\.3$/),
    seq: 3,
    at: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T.*Z$/),
    connection: 'me',
    stream: 'stars',
    key: expect.any(String),
    op: 'insert',
    run: run?.id,
    ordinal: 1,
  })
  const { cursor } = all[2]!
  expect(await ALL(tidemark.changes({ after: cursor }))).toEqual(all.slice(3))
  expect(await ALL(tidemark.changes({ after: 3, limit: 2 }))).toEqual(all.slice(3, 5))
  expect(await ALL(tidemark.changes({ after: '3' }))).toEqual(all.slice(3))
  expect(await ALL(tidemark.changes({ after: 'now' }))).toEqual([])
  expect(await tidemark.consumers.end()).toBe(all.at(-1)?.cursor)
})

test('replaying the feed gives the keys that are live', async () => {
  await using world = await starred(12)
  const { github, me, mirror } = world
  for (let i = 0; i < 3; i++) github.world.unstarAt('ada', 0)
  github.world.star('ada', 2)
  await me.sync({ mode: 'full' })
  await me.sync({ mode: 'full' })
  const live = new Set<string>()
  for await (const { op, key } of mirror.tidemark.changes()) {
    if (op === 'remove') live.delete(key)
    else live.add(key)
  }
  expect([...live].sort()).toEqual(mirror.sql('select _key from github_stars order by 1').map((row) => row['_key']))
})

test('a consumer goes on where it was done, and is given again what it was not done with', async () => {
  await using world = await starred(250)
  const { tidemark } = world.mirror
  const seen: number[] = []
  for await (const { seq } of tidemark.changes({ consumer: 'search' })) {
    if (seq === 130) break
    seen.push(seq)
  }
  expect((await tidemark.consumers.list())[0]).toMatchObject({ name: 'search', behind: 250 - 129 })
  const failing = async () => {
    for await (const { seq } of tidemark.changes({ consumer: 'search' })) {
      if (seq === 140) throw new Error('the index is down')
      seen.push(seq)
    }
  }
  await expect(failing()).rejects.toThrow('the index is down')
  for await (const { seq } of tidemark.changes({ consumer: 'search' })) seen.push(seq)
  expect(seen).toEqual(Array.from({ length: 250 }, (_, i) => i + 1))
  expect(await ALL(tidemark.changes({ consumer: 'search' }))).toEqual([])
  expect(await tidemark.consumers.forget('search')).toBe(true)
  const own = { name: `${OWN_READER}retention`, epoch: 'e', seq: 1, at: 1 }
  await tidemark.store.feed.saveConsumer('default', own)
  expect(await tidemark.consumers.forget(own.name)).toBe(false)
  expect(await tidemark.store.feed.consumers('default')).toContainEqual(expect.objectContaining({ name: own.name }))
  expect(await ALL(tidemark.changes({ consumer: 'search', limit: 1 }))).toHaveLength(1)
})

test('a consumer that says itself what it is done with', async () => {
  await using world = await starred(10)
  const { tidemark } = world.mirror
  const manual = { consumer: 'batch', acknowledge: 'manual' } as const
  const first = await ALL(tidemark.changes(manual))
  expect(await ALL(tidemark.changes(manual))).toEqual(first)
  await tidemark.consumers.acknowledge('batch', first[3]!.cursor)
  expect(await ALL(tidemark.changes(manual))).toEqual(first.slice(4))
  expect(await ALL(tidemark.changes({ ...manual, after: first[8]!.cursor }))).toEqual(first.slice(9))
  for (const cursor of ['nonsense', 'a.b', '1.2.3', '-1', `${first[0]!.cursor.split('.')[0]}.11`]) {
    await expect(tidemark.consumers.acknowledge('batch', cursor)).rejects.toThrow(
      /not a valid cursor|of another feed|ends at/,
    )
  }
  await expect(tidemark.consumers.acknowledge('a b', first[0]!.cursor)).rejects.toMatchObject({
    code: 'consumer_invalid',
  })
})

test('a consumer that begins now loses nothing from then on', async () => {
  await using world = await starred(5)
  const { github, me, mirror } = world
  const { tidemark } = mirror
  expect(await ALL(tidemark.changes({ consumer: 'late', after: 'now' }))).toEqual([])
  github.world.star('ada', 2)
  await me.sync()
  expect((await ALL(tidemark.changes({ consumer: 'late' }))).map(({ seq }) => seq)).toEqual([6, 7])
})

test('a reader that follows is told what comes, until it is stopped', async () => {
  await using world = await starred(2)
  const { github, me, mirror } = world
  const stop = new AbortController()
  const seen: number[] = []
  const reading = (async () => {
    for await (const { seq } of mirror.tidemark.changes({ follow: true, consumer: 'live', signal: stop.signal })) {
      seen.push(seq)
      if (seq === 2) {
        github.world.star('ada', 1)
        await me.sync()
      }
      if (seq === 3) stop.abort()
    }
  })()
  await reading
  expect(seen).toEqual([1, 2, 3])
  expect((await mirror.tidemark.consumers.list())[0]).toMatchObject({ name: 'live', behind: 0 })
})

test('a reader of another feed is told so, and can begin anew', async () => {
  await using world = await starred(3)
  const { tidemark } = world.mirror
  const [, second] = await ALL(tidemark.changes({ consumer: 'search' }))
  await tidemark.store.feed.renewEpochs()
  const reset = { code: 'feed_reset', hint: expect.stringContaining('Begin anew') }
  await expect(ALL(tidemark.changes({ after: second!.cursor }))).rejects.toMatchObject(reset)
  await expect(ALL(tidemark.changes({ consumer: 'search' }))).rejects.toMatchObject(reset)
  expect(await tidemark.consumers.list()).toMatchObject([{ name: 'search', behind: null }])
  expect(await ALL(tidemark.changes({ consumer: 'search', after: 'now' }))).toEqual([])
  expect(await tidemark.consumers.list()).toMatchObject([{ name: 'search', behind: 0 }])
  await expect(ALL(tidemark.changes({ after: 4 }))).rejects.toMatchObject({ code: 'cursor_invalid' })
})

test('a reader that was away for too long is told so', async () => {
  await using world = await starred(5)
  const { tidemark } = world.mirror
  const [first] = await ALL(tidemark.changes({ limit: 1, consumer: 'slow' }))
  const order = { project: 'default', what: 'changes', before: Number.MAX_SAFE_INTEGER, limit: 3 } as const
  expect(await tidemark.store.history.prune(order)).toBe(3)
  await expect(ALL(tidemark.changes({ after: first!.cursor }))).rejects.toMatchObject({ code: 'feed_pruned' })
  await expect(ALL(tidemark.changes({ consumer: 'slow' }))).rejects.toMatchObject({ code: 'feed_pruned' })
  expect((await ALL(tidemark.changes())).map(({ seq }) => seq)).toEqual([4, 5])
  expect(await tidemark.consumers.list()).toMatchObject([{ name: 'slow', behind: null }])
})

test('a feed that is pruned away under a reader is no feed with a hole', async () => {
  await using world = await starred(1_200)
  const { tidemark } = world.mirror
  const reading = async () => {
    for await (const { seq } of tidemark.changes()) {
      if (seq === 10) {
        await tidemark.store.history.prune({
          project: 'default',
          what: 'changes',
          before: Number.MAX_SAFE_INTEGER,
          limit: 1_000,
        })
      }
    }
  }
  await expect(reading()).rejects.toMatchObject({ code: 'feed_pruned' })
})
