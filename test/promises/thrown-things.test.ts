import { expect, test } from 'vitest'
import { defineConnector, fullPass, stream, z } from '../../src/index.ts'
import { asError, errorReport } from '../../src/model/errors.ts'
import { openMirror } from '../support/mirror.ts'

function refuse(): never {
  throw new Error('not to be looked at')
}

function withGetter(name: 'message' | 'name' | 'stack'): Error {
  return Object.defineProperty(new Error('x'), name, { get: refuse })
}

/** What connector code may throw. */
const THINGS: Readonly<Record<string, unknown>> = {
  'an error whose message throws': withGetter('message'),
  'an error whose name throws': withGetter('name'),
  'an error whose stack throws': withGetter('stack'),
  'an error with a symbol for its message': Object.assign(new Error('x'), { message: Symbol('s') }),
  'a Proxy that tells nothing': new Proxy({}, { get: refuse, getPrototypeOf: refuse, has: refuse }),
  'a Proxy of an error': new Proxy(new Error('x'), { get: refuse }),
  'an object without a text': Object.create(null),
  'a symbol': Symbol('s'),
  null: null,
  undefined: undefined,
}

const THROWN = Object.entries(THINGS)

test.each(THROWN)('%s can be reported', (_, thrown) => {
  expect(errorReport(thrown)).toMatchObject({ code: 'unexpected', message: expect.any(String) })
  expect(asError(thrown).message).toEqual(expect.any(String))
})

test.each(THROWN)('%s, thrown while a stream is read, ends that stream alone', async (_, thrown) => {
  await using mirror = await openMirror()
  const throws = () => {
    throw thrown
  }
  const schema = z.object({ id: z.string() })
  const key = ({ id }: { id: string }) => id
  const listing = { pageSize: 10, paging: 'keyset' } as const
  const page = () => Promise.resolve({ records: [{ id: 'a' }] })
  const connector = defineConnector(
    { name: 'things', title: 'Things', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
    {
      pages: stream({ schema, key, passes: [fullPass({ ...listing, read: async () => throws() })] }),
      totals: stream({ schema, key, passes: [fullPass({ ...listing, read: page, total: async () => throws() })] }),
      keys: stream({ schema, key: throws, passes: [fullPass({ ...listing, read: page })] }),
      orders: stream({ schema, key, passes: [fullPass({ ...listing, read: page, order: throws })] }),
      whole: stream({ schema, key, passes: [fullPass({ ...listing, read: page })] }),
    },
  )
  const things = await mirror.tidemark.connect(connector, { id: 'things', options: {} })
  const run = await things.sync()
  expect(run.streams.map(({ stream: name }) => name)).toContain('whole')
  expect(run).toMatchObject({ status: 'failed', error: { code: 'unexpected' } })
  expect(mirror.value('select count(*) from things_whole')).toBe(1)
})
