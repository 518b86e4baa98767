// Owns the promise that a full pass which ends on its first page is believed by the source's total, as any other: a short
// page that says it is the end may be an outage.

import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { fullPass } from '../../src/connector/passes.ts'
import { openMirror } from '../support/mirror.ts'

async function listed(paging: 'keyset' | 'offset') {
  const mirror = await openMirror()
  const source = { shown: 0, total: 0, asked: 0 }
  const list = fullPass<unknown, { id: number }>({
    pageSize: 10,
    paging,
    read: async () => ({ records: Array.from({ length: source.shown }, (_, i) => ({ id: i + 1 })) }),
    total: async () => (source.asked++, source.total),
  })
  const connector = defineConnector(
    { name: 'listed', title: 'Listed', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1:1' }) },
    { items: stream({ schema: z.object({ id: z.int() }), key: ({ id }) => String(id), passes: [list] }) },
  )
  const me = await mirror.tidemark.connect(connector, { id: 'me' })
  return Object.assign(mirror, { me, source })
}

test.each(['keyset', 'offset'] as const)(
  'one page of a %s listing is no end where the source has more',
  async (paging) => {
    await using world = await listed(paging)
    const { me, source } = world
    for (const [shown, total] of [
      [0, 60],
      [2, 60],
      [9, 10],
    ] as const) {
      Object.assign(source, { shown, total })
      expect(await me.sync()).toMatchObject({ status: 'incomplete' })
      expect((await me.stream('items')).coverage).toMatchObject({ kind: 'gap' })
    }
    Object.assign(source, { shown: 9, total: 9, asked: 0 })
    expect(await me.sync()).toMatchObject({ status: 'succeeded' })
    expect(await me.stream('items')).toMatchObject({ coverage: { kind: 'complete' }, totalRecords: 9 })
    expect(source.asked).toBe(1)
  },
)
