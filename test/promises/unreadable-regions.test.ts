// A region of a listing in which no row can be read is read through like any other: its rows are set aside, and what
// lies behind it comes in. Only a source that shows the same again and again is going round in circles.

import { byCursor, defineConnector, fullPass, newestFirst, stream, z } from 'tidemark'
import { describe, expect, test } from 'vitest'
import { EMPTY_PAGES_MAX, SAME_PAGE_MAX } from '../../src/engine/passes/progress-guard.ts'
import { openMirror } from '../support/mirror.ts'

interface Item {
  readonly id: string
  readonly at: number
  readonly text: unknown
}

const PAGE = 10
/** Pages before, in and behind the region. */
const PAGES = [5, EMPTY_PAGES_MAX + 10, 5] as const
const NOW = Math.floor(Date.now() / 1_000)

interface Source {
  readonly items: readonly Item[]
  /** Shows one of its pages for ever. */
  stuckAt?: number
  requests: number
}

function sourceOf(order: (n: number) => number): Source {
  const [before, inside, behind] = PAGES
  const items = Array.from({ length: (before + inside + behind) * PAGE }, (_, n) => {
    const page = Math.floor(n / PAGE)
    const isRead = page < before || page >= before + inside
    return { id: `r${n}`, at: order(n), text: isRead ? 'text' : { an: 'object' } }
  })
  return { items, requests: 0 }
}

function pageOf(source: Source, items: readonly Item[], page: number) {
  source.requests++
  const shown = Math.min(page, source.stuckAt ?? page)
  const records = items.slice(shown * PAGE, (shown + 1) * PAGE)
  return { records, ...((shown + 1) * PAGE < items.length ? { next: page + 1 } : {}) }
}

const order = ({ at }: Item) => at

function passFor(kind: 'byCursor' | 'newestFirst' | 'fullPass', source: Source) {
  const read = async ({ page }: { page?: unknown }) => pageOf(source, source.items, Number(page ?? 0))
  if (kind === 'fullPass') return fullPass<unknown, Item>({ read, pageSize: PAGE, paging: 'keyset' })
  if (kind === 'newestFirst') return newestFirst<unknown, Item>({ read, pageSize: PAGE, paging: 'keyset', order })
  const readWindow = async ({ page, since, until }: { page?: unknown; since: number | undefined; until: number }) => {
    const inside = source.items.filter(({ at }) => at >= (since ?? 0) && at < until)
    return pageOf(source, inside, Number(page ?? 0))
  }
  return byCursor<unknown, Item>({ read: readWindow, order, pageSize: PAGE, unitMs: 1_000, overlap: '1m' })
}

async function connect(
  mirror: Awaited<ReturnType<typeof openMirror>>,
  kind: Parameters<typeof passFor>[0],
  own: Source,
) {
  const about = { name: 'own', title: 'own', options: z.object({}), http: () => ({ baseUrl: 'https://x.example' }) }
  const schema = z.object({ id: z.string(), at: z.int(), text: z.string() })
  const items = stream({ schema, key: ({ id }: Item) => id, passes: [passFor(kind, own)] } as never)
  return mirror.tidemark.connect(defineConnector(about, { items }), { id: 'me' })
}

describe.each(['byCursor', 'newestFirst', 'fullPass'] as const)('%s', (kind) => {
  const source = () => sourceOf(kind === 'byCursor' ? (n) => NOW - 5_000 + n : (n) => NOW - n)

  test('reads what lies behind rows that cannot be read, in one run', async () => {
    const own = source()
    await using mirror = await openMirror()
    const me = await connect(mirror, kind, own)
    const run = await me.sync()
    expect(run).toMatchObject({ status: 'incomplete', error: null })
    const readable = own.items.filter(({ text }) => text === 'text')
    expect(mirror.value('select count(*) from own_items')).toBe(readable.length)
    expect(mirror.value('select count(*) from quarantine')).toBe(own.items.length - readable.length)
    expect(mirror.value('select coverage from streams')).toBe('quarantined')
  })

  test('ends where the same unreadable page comes again and again', async () => {
    const own = source()
    own.stuckAt = PAGES[0] + 1
    await using mirror = await openMirror()
    const me = await connect(mirror, kind, own)
    const run = await me.sync()
    expect(run).toMatchObject({ status: 'failed', error: { code: 'page_loop' } })
    expect(run.error?.message).toContain(`the same page came ${SAME_PAGE_MAX + 1} times`)
  })
})
