// How much an error concerns, which is decided before who acts.

import { describe, expect, test } from 'vitest'
import { type ErrorDetails, isPageFault, scopeOf, TidemarkError, withScope } from '../../src/model/errors.ts'

const error = (details: ErrorDetails) => new TidemarkError('some_code', 'something happened', details)

describe('the scope of an error', () => {
  test('is what was declared', () => {
    expect(scopeOf(error({ verdict: 'stop', scope: 'key' }))).toBe('key')
    expect(scopeOf(withScope(error({ verdict: 'retry', scope: 'page' }), 'run'))).toBe('run')
  })

  test.each([
    ['retry', 'stream'],
    ['wait', 'run'],
    ['pause', 'login'],
    ['skip', 'key'],
    ['stop', 'stream'],
    ['yield', 'run'],
  ] as const)('follows from the verdict %s: %s', (verdict, scope) => {
    expect(scopeOf(error({ verdict }))).toBe(scope)
  })

  test('is the stream for what is no error of ours', () => {
    expect(scopeOf(new TypeError('x is not a function'))).toBe('stream')
    expect(scopeOf('a text')).toBe('stream')
  })
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
    ['a lost lease', error({ verdict: 'yield' })],
    ['cancellation, a budget, the database', error({ scope: 'run' })],
    ['a host that is not there', error({ scope: 'stream', verdict: 'retry' })],
  ])('is not %s', (_, thrown) => {
    expect(isPageFault(thrown)).toBe(false)
  })

  test('keeps everything else when its scope changes', () => {
    const cause = new Error('why')
    const details = { verdict: 'wait', hint: 'Wait.', retryAt: 5, cause } as const
    expect(withScope(error(details), 'run')).toMatchObject({ ...details, code: 'some_code', scope: 'run' })
  })
})
