// Which keys can't be asked for, and what that means for the others.

import { expect, test } from 'vitest'
import { askByKey, FAULTS_IN_A_ROW_MAX } from '../../src/engine/passes/ask-by-key.ts'
import { ConnectorError, type ErrorDetails } from '../../src/model/errors.ts'

const BLOCKED: ErrorDetails = { scope: 'page', verdict: 'stop' }
const REFUSED: ErrorDetails = { verdict: 'pause' }

/** A source that fails where one of these keys is asked for, and what it was asked. */
function source(bad: ReadonlyMap<string, ErrorDetails>) {
  const asked: string[] = []
  const ask = (keys: readonly string[]) => {
    asked.push(keys.join(' '))
    const first = keys.find((key) => bad.has(key))
    if (first === undefined) return Promise.resolve(keys.map((key) => key.toUpperCase()))
    return Promise.reject(new ConnectorError('refused', `no ${first}`, bad.get(first)))
  }
  return { ask, asked }
}

const keys = 'a b c d e f g h'.split(' ')
const refuse = () => Promise.reject(new ConnectorError('refused', 'no login', REFUSED))

test('a batch with a key that fails is asked again in halves, and the others are answered', async () => {
  const { ask, asked } = source(new Map([['c', BLOCKED]]))
  const { answers, failed } = await askByKey({ keys, batch: 4, ask, tryLogin: refuse })
  expect(answers.flatMap(({ answer }) => answer)).toEqual('A B D E F G H'.split(' '))
  expect([...failed.keys()]).toEqual(['c'])
  expect(failed.get('c')).toMatchObject({ code: 'refused' })
  expect(asked).toEqual(['a b c d', 'a b', 'c d', 'c', 'd', 'e f g h'])
})

test('a source that fails for every key is soon left alone', async () => {
  const many = Array.from({ length: 1_000 }, (_, i) => `k${i}`)
  const { ask, asked } = source(new Map(many.map((key) => [key, BLOCKED])))
  const { answers, failed } = await askByKey({ keys: many, batch: 1, ask, tryLogin: refuse })
  expect(answers).toEqual([])
  expect([...failed.keys()]).toEqual(many)
  expect(asked).toHaveLength(FAULTS_IN_A_ROW_MAX)
})

test('a login that is refused for one key is no lost login', async () => {
  for (const bad of ['a', 'c', 'h']) {
    const { ask } = source(new Map([[bad, REFUSED]]))
    const { answers, failed } = await askByKey({ keys, batch: 8, ask, tryLogin: refuse })
    expect(answers.flatMap(({ answer }) => answer)).toHaveLength(7)
    expect([...failed.keys()]).toEqual([bad])
  }
})

test.each([1, 2, 8])('a login that is refused for all of %i keys is lost', async (count) => {
  const some = keys.slice(0, count)
  const { ask, asked } = source(new Map(some.map((key) => [key, REFUSED])))
  await expect(askByKey({ keys: some, batch: 8, ask, tryLogin: refuse })).rejects.toMatchObject({ verdict: 'pause' })
  expect(asked.length).toBeLessThanOrEqual(3)
})

test('a login that is refused for all keys, and holds elsewhere, is not lost', async () => {
  const { ask } = source(new Map(keys.map((key) => [key, REFUSED])))
  let tried = 0
  const tryLogin = () => Promise.resolve(++tried)
  const { answers, failed } = await askByKey({ keys, batch: 1, ask, tryLogin })
  expect([answers.length, failed.size, tried]).toEqual([0, 8, 1])
})

test.each<ErrorDetails>([{ verdict: 'wait' }, { scope: 'run' }])(
  'what concerns the run ends the asking: %o',
  async (details) => {
    const { ask, asked } = source(new Map([['c', details]]))
    await expect(askByKey({ keys, batch: 2, ask, tryLogin: refuse })).rejects.toMatchObject(details)
    expect(asked).toEqual(['a b', 'c d'])
  },
)
