// Owns the proof of what `connect` says comes next: a sync where the service is asked, files where only they tell.

import { expect, test } from 'vitest'
import { redditEmulator } from '../../src/testing/emulators/index.ts'
import { place } from './program.ts'

test('a service that is asked is synced, also where a file can be read, too', async (ending) => {
  const reddit = await redditEmulator({ users: { ada: 3 } })
  ending.onTestFinished(() => reddit.close())
  const { refreshToken } = reddit.world.credentials('ada')
  const { url, clientId, clientSecret } = reddit
  const login = { username: 'ada', clientId, clientSecret, refreshToken, authUrl: url, baseUrl: url }
  const set = Object.entries({ ...login, allowPrivateNetwork: 'true' }).flatMap(([name, value]) => [
    '--set',
    `${name}=${value}`,
  ])
  const { code, stdout, stderr } = await place(ending).ask(['connect', 'reddit', '--id', 'saved', ...set])
  expect([code, stdout]).toEqual([0, expect.stringContaining('reddit answered')])
  expect(stderr).toContain('Next: tidemark sync saved\nOr from a file: tidemark upload saved/saved <file>')
})

test('where only files tell, they come first; a sync follows where it reads more', async (ending) => {
  const here = place(ending)
  const connect = ['connect', 'tiktok-export', '--id', 'me']
  const { stdout, stderr } = await here.ask(connect)
  expect(stdout).not.toContain('answered')
  expect(stderr).toMatch(/^Next: tidemark upload me\/favorites .*\n {6}tidemark upload me\/likes .*\n$/)
  expect((await here.ask([...connect, '--set', 'enrich=true'])).stderr).toContain('\nThen: tidemark sync me')
})
