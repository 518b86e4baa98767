// Owns the promise that a record which is made of another stream says what a run has seen of it, and nothing that it has not.

import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineConnector, fullPass, newestFirst, type SummaryRequest, stream, summary } from '../../src/index.ts'
import { type Item, order, PagedSource, reads } from '../support/paged-source.ts'

const post = z.object({ id: z.string(), at: z.int(), text: z.string(), likes: z.int().nullable().default(null) })

const profile = z.object({
  name: z.string(),
  bio: z.string().nullable().default(null),
  posts: z.int().nullable(),
  likes: z.int().nullable(),
})

function make({ rows, totals, count }: SummaryRequest<unknown>) {
  const [first] = rows as readonly Partial<Item>[]
  return { name: 'ada', bio: first?.text, posts: count, likes: totals['likes'] ?? null }
}

const passes = [newestFirst({ read: reads('posts', 3).list, pageSize: 3, order })]

function connector(over: object = {}, ofPosts: readonly unknown[] = passes) {
  return defineConnector(
    { name: 'blog', title: 'A blog', options: z.object({}), http: () => ({ baseUrl: 'https://blog.example' }) },
    {
      posts: stream({ schema: post, key: ({ id }) => id, metrics: ['likes'], passes: ofPosts as never }),
      profile: stream({
        schema: profile,
        key: ({ name }) => name,
        metrics: ['likes'],
        passes: [summary({ of: 'posts', sums: ['likes'], make, ...over })],
      }),
    },
  )
}

const items = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: `p${i}`, at: 1_000 + i, text: `bio ${i}`, likes: i }))

async function blog(count: number, made = connector()) {
  const source = new PagedSource({ posts: items(count) })
  const tidemark = await source.open()
  const mine = await tidemark.connect(made, { id: 'mine' })
  const one = async () => {
    for await (const record of mine.records('profile')) return record
    return undefined
  }
  return { source, tidemark, mine, one, [Symbol.asyncDispose]: () => source[Symbol.asyncDispose]() }
}

describe('a summary', () => {
  test('is made once a run of the rows and the sums, and asks for nothing', async () => {
    await using world = await blog(7)
    const { source, mine, one } = world
    const run = await mine.sync()
    expect(run).toMatchObject({ status: 'succeeded', notes: [], requests: 3 })
    expect(run.streams.find(({ stream: name }) => name === 'profile')).toMatchObject({
      passes: [{ pass: 'summary', ended: 'exhausted', requests: 0 }],
      counts: { fetched: 1, inserted: 1, snapshots: 1 },
    })
    expect(await one()).toMatchObject({ _key: 'ada', posts: 7, likes: 21 })
    source.items['posts']?.push({ id: 'new', at: 2_000, text: 'new bio', likes: 9 } as Item)
    const next = await mine.sync()
    expect(next.streams.find(({ stream: name }) => name === 'profile')?.counts).toMatchObject({
      updated: 1,
      snapshots: 1,
    })
    expect(await one()).toMatchObject({ posts: 8, likes: 30 })
  })

  test('has no sums while a part of the other stream was not read', async () => {
    await using world = await blog(7)
    const { source, mine, one } = world
    source.fails = (path) => path === 'posts/list 6'
    expect(await mine.sync()).toMatchObject({ status: 'failed' })
    expect(await one()).toMatchObject({ bio: 'bio 3', posts: null, likes: null })
    source.fails = () => false
    expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
    expect(await one()).toMatchObject({ posts: 7, likes: 21 })
  })

  test('is not made where the run has seen nothing of the other stream', async () => {
    await using world = await blog(7)
    const { source, mine, one } = world
    await mine.sync()
    const before = await one()
    source.fails = () => true
    const run = await mine.sync()
    expect(run).toMatchObject({ status: 'failed' })
    expect(run.streams.map(({ stream: name }) => name)).toEqual(['posts'])
    expect(run.notes).toContain('profile: it is made of what the run reads of posts, and that is nothing')
    expect(await one()).toEqual(before)
  })

  test('that is asked for alone has the other stream read before it', async () => {
    await using world = await blog(7)
    const { mine, one } = world
    const { streams } = await mine.sync({ streams: ['profile'] })
    expect(streams.map(({ stream: name }) => name).toSorted()).toEqual(['posts', 'profile'])
    expect(await one()).toMatchObject({ posts: 7 })
  })

  test('is planned as what it costs: nothing', async () => {
    await using world = await blog(7)
    const { mine } = world
    await mine.sync()
    const { streams } = await mine.plan()
    expect(streams.find(({ stream: name }) => name === 'profile')?.passes).toEqual([
      { pass: 'summary', why: 'made of what is read of posts', requests: 0 },
    ])
  })

  test.each([
    ['summary of "notes", which is no other stream', { of: 'notes' }],
    ['summary of "profile", which is no other stream', { of: 'profile' }],
    ['adds up "views", which is no column of "posts"', { sums: ['views'] }],
    ['sums', { sums: 'likes' }],
    ['make', { make: undefined }],
  ])('that can’t be made is refused: %s', async (what, over) => {
    await using source = new PagedSource({ posts: [] })
    const tidemark = await source.open()
    const refused = await tidemark.connect(connector(over), { id: 'mine' }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'connector_invalid', message: expect.stringContaining(what) })
  })

  test('answers at once, and stands alone in its stream', async () => {
    await using source = new PagedSource({ posts: items(2) })
    const tidemark = await source.open()
    const mine = await tidemark.connect(connector({ make: async () => ({}) }), { id: 'mine' })
    expect(await mine.sync()).toMatchObject({ error: { code: 'connector_invalid' } })
    const beside = connector({}, [
      summary({ of: 'profile', sums: [], make }),
      fullPass({ read: reads('posts').list, pageSize: 3 }),
    ])
    const refused = await tidemark.connect(beside, { id: 'other' }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'connector_invalid' })
  })
})
