// Owns the proof that a connector of one's own is looked at where it comes in: what can't work is refused by connector,
// stream and part, and no two connectors have one name.

import { type Connector, defineConnector, fullPass, openTidemark, rows, stream, z } from 'tidemark'
import github from 'tidemark/connectors/github'
import { expect, test } from 'vitest'

const service = {
  name: 'shop',
  title: 'A shop',
  options: z.object({}),
  http: () => ({ baseUrl: 'https://shop.example' }),
}
const read = async ({ http }: { http: { get(path: string): Promise<{ body: unknown }> } }) => ({
  records: rows((await http.get('/items')).body, 'items'),
})
const schema = z.object({ id: z.string(), likes: z.int() })
const sound = { schema, key: (item: { id: string }) => item.id, passes: [fullPass({ read, pageSize: 10 })] }

/** As JavaScript may write it. */
function own(parts: object, about: object = {}): Connector<never> {
  return defineConnector({ ...service, ...about }, { items: stream({ ...sound, ...parts } as never) })
}

const BYCURSOR = { kind: 'byCursor', read, order: () => 1, overlap: '5m' }

test.each<[what: string, parts: object, message: string]>([
  ['a metric', { metrics: ['liks'] }, 'metric "liks" of stream "items" is no column of it'],
  ['a schema of text', { schema: z.string() }, 'the schema of stream "items" is not a zod object'],
  ['a schema of nothing', { schema: { shape: {} } }, 'the schema of stream "items" is not a zod object'],
  ['no schema', { schema: undefined }, 'the schema of stream "items" is not a zod object'],
  ['a column', { schema: z.object({ _name: z.string() }) }, '"_name" of stream "items" can\'t be a column'],
  ['a key', { key: 'id' }, 'stream "items": its key is no function'],
  ['no passes', { passes: [] }, 'stream "items": it has no pass, so it is never read'],
  ['passes', { passes: fullPass({ read, pageSize: 10 }) }, 'stream "items": it has no pass, so it is never read'],
  ['a pass', { passes: [{ read }] }, 'stream "items": one of its passes is none'],
  ...['harvest', 'import'].map((kind): [string, object, string] => [
    `a pass ${kind}`,
    { passes: [{ kind, read }] },
    `stream "items": there is no kind of pass called "${kind}"`,
  ]),
  ['no read', { passes: [{ kind: 'fullPass' }] }, 'stream "items": the read of its fullPass is missing'],
  ['an order', { passes: [{ ...BYCURSOR, order: 'id' }] }, 'stream "items": the order of its byCursor is no function'],
  ['an overlap', { passes: [{ ...BYCURSOR, overlap: '5 minutes' }] }, 'the overlap of its byCursor is "5 minutes"'],
  ['no overlap', { passes: [{ ...BYCURSOR, overlap: undefined }] }, 'the overlap of its byCursor is missing'],
  [
    'a time',
    { passes: [fullPass({ read, pageSize: 1, every: 'daily' as never })] },
    'the every of its fullPass is "daily"',
  ],
])("%s that can't be is refused, where it is opened and where it is connected", async (_, parts, message) => {
  const wanted = {
    code: 'connector_invalid',
    verdict: 'stop',
    message: expect.stringMatching(/^Connector "shop": /),
    hint: expect.stringMatching(/./),
  }
  const opened = openTidemark({ database: ':memory:', connectors: [own(parts)] })
  await expect(opened).rejects.toMatchObject(wanted)
  await expect(opened).rejects.toThrow(message)
  await using tidemark = await openTidemark({ database: ':memory:' })
  await expect(tidemark.connect(own(parts), { id: 'mine' })).rejects.toMatchObject(wanted)
  expect(await tidemark.connections()).toEqual([])
})

test.each<[what: string, streams: readonly string[], column: string]>([
  ['a column with a name that a database would cut', ['items'], 'x'.repeat(64)],
  ['a table with a name that a database would cut', ['items', `items_${'x'.repeat(50)}`], 'title'],
])('%s is refused before anything is stored', async (_, streams, column) => {
  const declared = stream({ ...sound, schema: z.object({ id: z.string(), [column]: z.string() }) } as never)
  const connector = defineConnector(service, Object.fromEntries(streams.map((name) => [name, declared])))
  await using tidemark = await openTidemark({ database: ':memory:' })
  await expect(tidemark.connect(connector, { id: 'mine' })).rejects.toMatchObject({
    code: 'shape_conflict',
    message: expect.stringContaining(streams.length > 1 ? `shop_${streams[1]}` : column),
    hint: expect.stringContaining('choose a shorter one'),
  })
  expect(await tidemark.connections()).toEqual([])
})

test('nothing is left of a connection whose second stream takes a table of the first', async () => {
  const declared = stream(sound as never)
  const connector = defineConnector(service, { items: declared, items_versions: declared })
  await using tidemark = await openTidemark({ database: ':memory:' })
  await expect(tidemark.connect(connector, { id: 'mine' })).rejects.toMatchObject({ code: 'name_taken' })
  expect(await tidemark.connections()).toEqual([])
  expect((await tidemark.tables()).filter(({ table }) => table.startsWith('shop_'))).toEqual([])
})

test.each<[what: string, about: object]>([
  ['the name', { name: 'My Shop' }],
  ['options', { options: { token: z.string() } }],
])('%s is refused where it is declared', (_, about) => {
  const refused = { code: 'connector_invalid', verdict: 'stop', hint: expect.stringMatching(/./) }
  expect(() => own({}, about)).toThrow(expect.objectContaining(refused))
})

test('the name of another connector is taken', async () => {
  const open = (...connectors: Connector<never>[]) => openTidemark({ database: ':memory:', connectors })
  const taken = (name: string) => ({ code: 'name_taken', message: expect.stringContaining(`are called "${name}"`) })
  await expect(open(own({}, { name: 'github' }))).rejects.toMatchObject(taken('github'))
  await expect(open(own({}), own({}))).rejects.toMatchObject(taken('shop'))
  const shop = own({})
  // The built-in itself, and one value twice, are no second connector.
  await using tidemark = await open(shop, shop, github)
  expect(await tidemark.connector('github')).toBe(github)
  await expect(tidemark.connect(own({}, { name: 'github' }), { id: 'mine' })).rejects.toMatchObject(taken('github'))
})
