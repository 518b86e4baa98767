// How much an error concerns, which is decided before who acts.

import { describe, expect, test } from 'vitest'
import {
  ConnectorError,
  type ErrorDetails,
  isPageFault,
  LeaseLost,
  retold,
  scopeOf,
  TidemarkError,
} from '../../src/model/errors.ts'

const error = (details: ErrorDetails) => new ConnectorError('some_code', 'something happened', details)

describe('the scope of an error', () => {
  test('is what was declared', () => {
    expect(scopeOf(error({ verdict: 'stop', scope: 'key' }))).toBe('key')
    expect(scopeOf(retold(error({ verdict: 'retry', scope: 'page' }), { scope: 'run' }))).toBe('run')
  })

  test.each([
    ['retry', 'stream'],
    ['wait', 'run'],
    ['pause', 'login'],
    ['skip', 'key'],
    ['stop', 'stream'],
  ] as const)('follows from the verdict %s: %s', (verdict, scope) => {
    expect(scopeOf(error({ verdict }))).toBe(scope)
  })

  test('is the run for a lost lease', () => {
    expect(scopeOf(new LeaseLost('Another process runs it.'))).toBe('run')
  })

  test('is the stream for what is no error of ours', () => {
    expect(scopeOf(new TypeError('x is not a function'))).toBe('stream')
    expect(scopeOf('a text')).toBe('stream')
  })
})

test('only a lost lease yields', () => {
  for (const verdict of ['yield', 'give-up', 5] as never[]) expect(error({ verdict }).verdict).toBe('stop')
  expect(new ConnectorError('lease_lost', 'The shop is busy.').verdict).toBe('stop')
  const lost = new LeaseLost('Another process runs it.')
  expect(retold(lost, { scope: 'run' })).toBe(lost)
})

test('only a login pauses', () => {
  for (const scope of ['key', 'page', 'stream', 'run'] as const) {
    expect(error({ verdict: 'pause', scope }).verdict).toBe('stop')
  }
  expect(error({ verdict: 'pause', scope: 'login' }).verdict).toBe('pause')
  expect(error({ verdict: 'pause' }).verdict).toBe('pause')
})

describe('a fault of one page', () => {
  test.each<[string, unknown]>([
    ['what a connector throws', new TypeError('cannot read properties of null')],
    ['what a connector throws with a code of its own', error({})],
    ['a page that the source refuses', error({ scope: 'page', verdict: 'stop' })],
    ['a page that the source breaks', error({ scope: 'page', verdict: 'retry' })],
    ['a key that the source refuses', error({ scope: 'key', verdict: 'stop' })],
  ])('is %s', (_, thrown) => {
    expect(isPageFault(thrown)).toBe(true)
  })

  test.each<[string, unknown]>([
    ['a login', error({ verdict: 'pause' })],
    ['a limit', error({ verdict: 'wait' })],
    ['a lost lease', new LeaseLost('Another process runs it.')],
    ['cancellation, a budget, the database', error({ scope: 'run' })],
    ['a host that is not there', error({ scope: 'stream', verdict: 'retry' })],
  ])('is not %s', (_, thrown) => {
    expect(isPageFault(thrown)).toBe(false)
  })

  test('keeps everything else when its scope changes', () => {
    const cause = new Error('why')
    const details = { verdict: 'wait', hint: 'Wait.', retryAt: 5, cause } as const
    expect(retold(error(details), { scope: 'run' })).toMatchObject({ ...details, code: 'some_code', scope: 'run' })
  })
})

test('the compiler refuses a code that is not in the table, and a message that is no sentence', () => {
  // @ts-expect-error: there is no such code
  expect(new TidemarkError('colum_unknown', 'It has no such column.').code).toBe('colum_unknown')
  // @ts-expect-error: it begins with a small letter
  expect(new TidemarkError('column_unknown', 'it has no such column.').verdict).toBe('stop')
  // @ts-expect-error: it has no full stop
  expect(new TidemarkError('column_unknown', 'It has no such column').verdict).toBe('stop')
})

test('who acts and the hint are those of the code where nothing else is said', () => {
  expect(new TidemarkError('run_interrupted', 'It ended.')).toMatchObject({
    verdict: 'retry',
    hint: 'Nothing is lost: the next run goes on from the last checkpoint.',
  })
  expect(new TidemarkError('run_interrupted', 'It ended.', { verdict: 'stop', hint: 'Look.' })).toMatchObject({
    verdict: 'stop',
    hint: 'Look.',
  })
  expect(new ConnectorError('shop_closed', 'closed')).toMatchObject({
    verdict: 'stop',
    hint: undefined,
    message: 'closed',
  })
})
