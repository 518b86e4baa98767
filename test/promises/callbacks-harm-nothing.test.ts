// Whatever a program gives to be told of things (a callback, a listener, a logger) may throw, or be async and reject: that is
// logged where it can be, no run is harmed, and the process goes on.

import { openTidemark } from 'tidemark'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type GitHubEmulator, githubEmulator } from '../../src/testing/emulators/index.ts'

let github: GitHubEmulator
const unhandled: unknown[] = []
const note = (reason: unknown) => void unhandled.push(reason)

beforeAll(async () => {
  github = await githubEmulator({ stars: 3, limits: false })
})
afterAll(() => github.close())
beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', note)
})
afterEach(() => void process.off('unhandledRejection', note))

/** Node reports a rejection that nobody handles when everything that is ready has had its turn. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** As they are typed for who gives them: nothing is awaited. */
const FAILING: Readonly<Record<string, () => void>> = {
  throws: () => {
    throw new Error('a slip of the caller')
  },
  rejects: () => Promise.reject(new Error('a slip of the caller')) as unknown as void,
}

test.each(Object.entries(FAILING))('a callback that %s is logged, and the sync succeeds', async (_, failing) => {
  const logged: unknown[] = []
  const logger = {
    event: (_level: string, name: string, values: object) => {
      if (name === 'listener.failed') logged.push(Object.values(values)[0])
    },
  }
  await using tidemark = await openTidemark({ database: ':memory:', key: new Uint8Array(32), logger })
  const options = { token: 'token-of-ada', baseUrl: github.url, allowPrivateNetwork: true }
  const me = await tidemark.connect('github', { id: 'me', options })
  tidemark.listen(failing)
  const hooks = { onOrder: failing, onBegin: failing, onProgress: failing, onEntry: failing }
  expect(await me.sync({ onProgress: failing })).toMatchObject({ status: 'succeeded' })
  expect(await tidemark.sync(hooks)).toMatchObject({ runs: [{ status: 'succeeded' }] })
  await tidemark.purge('me', { onPart: failing })
  await turn()
  expect(unhandled).toEqual([])
  const names = ['run.started', 'run.progress', 'run.finished', ...Object.keys(hooks), 'onPart']
  expect(new Set(logged)).toEqual(new Set(names))
})

test.each(Object.entries(FAILING))('a logger that %s loses its lines, and nothing else', async (_, failing) => {
  const logger = { event: failing }
  await using tidemark = await openTidemark({ database: ':memory:', key: new Uint8Array(32), logger })
  const options = { token: 'token-of-ada', baseUrl: github.url, allowPrivateNetwork: true }
  const me = await tidemark.connect('github', { id: 'me', options })
  expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  await turn()
  expect(unhandled).toEqual([])
})
