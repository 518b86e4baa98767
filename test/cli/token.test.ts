// Owns the promises of `tidemark token`: a token is shown once, belongs to a project, and ends when it is revoked.

import { expect, test } from 'vitest'
import { place } from './program.ts'

test('tokens are created, listed without their text, and revoked', async (ending) => {
  const here = place(ending)
  const made = await here.ask(['token', 'create', '--scopes', 'read,sync', '--note', 'the cron job', '--json'])
  expect(made).toMatchObject({ code: 0, json: { scopes: ['read', 'sync'], note: 'the cron job', project: 'default' } })
  const { id, token } = made.json
  expect(token).toMatch(/^tidemark_[\w-]{43}$/)
  const listed = await here.ask(['token', 'list', '--json'])
  expect(listed.json.tokens).toMatchObject([{ id, expiresAt: null }])
  expect(listed.stdout).not.toContain(token)
  expect((await here.ask(['token', 'list', '--project', 'default'])).stdout).toContain('read,sync')
  expect((await here.ask(['token', 'revoke', id])).code).toBe(0)
  expect((await here.ask(['token', 'revoke', id, '--json'])).json.error).toMatchObject({ code: 'token_unknown' })
  expect((await here.ask(['token', '--json'])).json.tokens).toEqual([])
})

test('to a pipe goes the token alone', async (ending) => {
  const here = place(ending)
  const { stdout, stderr } = await here.ask(['token', 'create', '--scopes', 'admin', '--expires', '90d'])
  expect(stdout).toMatch(/^tidemark_[\w-]{43}\n$/)
  expect(stderr).toContain('shown this once')
})

test.each([
  [['--scopes', 'reed'], 'option_invalid', 'Did you mean read?'],
  [[], 'option_missing', 'For example: tidemark token create --scopes read,sync --note "the cron job"'],
  [['--scopes', 'read,,sync'], 'option_invalid', '--scopes a,b'],
  [['--scopes', 'read', '--expires', 'soon'], 'option_invalid', 'For example: --expires 90d'],
  [['--scopes', 'read', '--expires', '0d'], 'option_invalid', 'For example: --expires 90d'],
])('token create %j is refused', async (args, code, hint) => {
  const here = place({ onTestFinished: () => {} })
  const { code: exit, json } = await here.ask(['token', 'create', ...args, '--json'])
  expect([exit, json.error.code]).toEqual([2, code])
  expect(json.error.hint ?? '').toContain(hint)
  // A command line has options, and knows nothing of calls.
  expect(JSON.stringify(json)).not.toMatch(/createToken|undefined/)
})
