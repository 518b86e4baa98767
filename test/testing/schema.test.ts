// Owns the proof that a declaration whose parts don't fit together is named before anything is read.

import {
  byCursor,
  defineConnector,
  flag,
  fullPass,
  id,
  integer,
  json,
  newestFirst,
  type Stream,
  stream,
  z,
} from 'tidemark'
import { expect, test } from 'vitest'
import type { Connector } from '../../src/connector/connector.ts'
import { checkSchema } from '../../src/testing/checks/schema.ts'

const read = () => Promise.resolve({ records: [] })
const listing = { read, pageSize: 10 }
const window = { read, pageSize: 10, order: () => 1, overlap: '5m' } as const

const sound: Stream<unknown, Record<string, unknown>> = {
  schema: z.object({ id: id(), likes: integer(), tags: json(), open: flag() }),
  key: (record) => String(record['id']),
  metrics: ['likes'],
  passes: [newestFirst(listing), fullPass(listing)],
}

function check(over: Record<string, unknown>): string {
  const declared = stream({ ...sound, ...over } as never)
  const connector = defineConnector(
    { name: 'made-up', title: 'made up', options: z.object({}), http: () => ({ baseUrl: 'https://x.example' }) },
    { things: declared as never },
  )
  return checkSchema(connector as unknown as Connector, 'things')
}

test('a sound declaration is told in words', () => expect(check({})).toBe('4 columns, newestFirst, fullPass'))

test.each<[what: Record<string, unknown>, says: RegExp]>([
  [{ schema: z.string() }, /is not a zod object/],
  [{ schema: z.object({}), metrics: [] }, /no fields/],
  [{ schema: z.object({ Likes: z.int() }), metrics: [] }, /"Likes" .* can't be a column/],
  [{ metrics: ['nothing'] }, /metric "nothing"/],
  [{ metrics: ['tags'] }, /metric "tags" is of type json/],
  [{ metrics: ['open'] }, /metric "open" is of type boolean/],
  [{ filters: { status: { values: ['a'] } } }, /filter "status" is no column/],
  [
    { filters: { likes: { values: ['1'], open: ['2'] } } },
    /"2", which its filter "likes" calls open, is none of its values/,
  ],
  [{ byKey: { read, batch: 0 } }, /the batch of byKey of it is "0"/],
  [{ volatile: ['a..b'] }, /volatile path "a\.\.b"/],
  [{ passes: [] }, /has no pass/],
  [{ passes: [fullPass(listing), fullPass(listing)] }, /two passes fullPass/],
  [{ passes: [fullPass({ read, pageSize: 0 })] }, /the pageSize of its fullPass is "0"/],
  [{ passes: [newestFirst({ ...listing, listing: { cap: 0 } })] }, /the cap of listing of its newestFirst is "0"/],
  [{ passes: [fullPass({ ...listing, listing: { cap: 10 } })] }, /without an order or a witness/],
  [{ passes: [byCursor({ ...window, overlap: 'soon' as never })] }, /overlap of its byCursor is "soon"/],
  [{ passes: [byCursor({ ...window, unitMs: 1_000, lag: '2m' })] }, /lag of its byCursor is "2m"/],
  [{ passes: [byCursor({ ...window, unitMs: 0 })] }, /the unitMs of its byCursor is "0"/],
])('%o', (over, says) => expect(() => check(over)).toThrow(says))
