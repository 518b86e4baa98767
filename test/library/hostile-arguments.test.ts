// Owns the proof that no method of the library answers a wrong argument with an error of JavaScript's own: whatever it is
// given, it throws a TidemarkError with a code, or takes it.

import { openTidemark, TidemarkError } from 'tidemark'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Connection } from '../../src/connection.ts'
import { Consumers } from '../../src/engine/history/feed.ts'
import { asError } from '../../src/model/errors.ts'
import { Tidemark } from '../../src/tidemark.ts'
import { Verbs } from '../../src/verbs.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- what no type checker has seen
type Any = any

const HOSTILE: Readonly<Record<string, readonly unknown[]>> = {
  'no argument': [],
  undefined: [undefined, undefined, undefined],
  null: [null, null, null],
  numbers: [5, Number.NaN, -1],
  objects: [{}, {}, {}],
  'objects without a prototype': [Object.create(null), Object.create(null)],
  lists: [[], [1], []],
  symbols: [Symbol('a'), Symbol('b'), Symbol('c')],
  functions: [() => {}, () => {}],
  texts: ['', '\0', '../x'],
  bigints: [5n, 5n],
}

/** Waits for ever, ends the object, or gives what stands behind it. */
const LEFT_OUT = new Set(['constructor', 'close', 'start', 'perform', 'performFor', 'toJSON'])

let tidemark: Tidemark
let subjects: readonly (readonly [string, Any])[]

beforeAll(async () => {
  tidemark = await openTidemark({ database: ':memory:', key: new Uint8Array(32).fill(7) })
  const me = await tidemark.connect('github', { id: 'me', options: { user: 'ada' } as Any })
  subjects = [
    ['Tidemark', tidemark],
    ['Verbs', tidemark],
    ['Connection', me],
    ['Consumers', tidemark.consumers],
  ]
})

afterAll(() => tidemark.close())

async function thrownBy(act: () => unknown): Promise<unknown> {
  try {
    const made = await act()
    if (typeof made === 'object' && made !== null && Symbol.asyncIterator in made) {
      for await (const _ of made as AsyncIterable<unknown>) break
    }
  } catch (error) {
    return error
  }
  return undefined
}

const METHODS = [Tidemark, Verbs, Connection, Consumers].flatMap((made) =>
  Object.entries(Object.getOwnPropertyDescriptors(made.prototype))
    .filter(([name, { value }]) => typeof value === 'function' && !LEFT_OUT.has(name))
    .map(([name]) => [made.name, name] as const),
)

test.for(METHODS)('%s.%s', async ([owner, method]) => {
  const subject: Any = subjects.find(([name]) => name === owner)?.[1]
  const raw: string[] = []
  for (const [what, given] of Object.entries(HOSTILE)) {
    // A sync without arguments is none of a hostile one: it would ask the service.
    if (method === 'sync' || method === 'check') continue
    const thrown = await thrownBy(() => subject[method](...given))
    if (thrown !== undefined && !(thrown instanceof TidemarkError)) raw.push(`${what}: ${asError(thrown).message}`)
  }
  expect(raw).toEqual([])
})
