// Owns the proof of the audit log: every deed with who did it and what came of it, whichever way it came, and no secret in it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openTidemark } from '../../src/index.ts'
import { GIVEN_CHARS_MAX } from '../../src/operations/deeds.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { place } from '../cli/program.ts'
import { apiWorld, CANARIES } from './api-world.ts'

test('what tokens do is written down with what came of it, what they look at is not', async () => {
  const { call, connected, synced, tokens, tidemark, mirror } = await apiWorld()
  await connected()
  await synced()
  const change = { method: 'PUT', body: { spec: 'every 15m' } }
  await call('/api/connections/me/schedule', tokens.write, change)
  await call('/api/connections/me/schedule', tokens.write, { method: 'PUT', body: { spec: 'every never' } })
  for (let i = 0; i < 3; i++) await call('/api/connections/me/schedule', tokens.read, change)
  await call('/api/status', tokens.read)
  await call('/api/tokens', tokens.read)
  const { json, text } = await call('/api/audit-log', tokens.admin)
  const ids = Object.fromEntries((await tidemark.tokens()).map(({ id, scopes }) => [scopes[0], `token ${id}`]))
  const [schedule] = json.deeds.filter(({ outcome }: { outcome: string }) => /invalid/.test(outcome))
  expect(
    json.deeds.map((deed: Record<string, unknown>) => [
      deed['operation'],
      deed['who'],
      deed['connection'],
      deed['outcome'],
    ]),
  ).toEqual([
    ['schedule', ids['read'], 'me', 'scope_refused'],
    ['schedule', ids['write'], 'me', schedule.outcome],
    ['schedule', ids['write'], 'me', 'done'],
    ['order', ids['sync'], 'me', 'done'],
    ['connect', ids['admin'], 'me', 'done'],
  ])
  expect(json.deeds.at(-1).given).toEqual({ connector: 'github', id: 'me' })
  expect(
    json.deeds.find(
      ({ outcome, operation }: { outcome: string; operation: string }) =>
        operation === 'schedule' && outcome === 'done',
    ).given,
  ).toEqual({ spec: 'every 15m' })
  for (const canary of CANARIES) expect(text).not.toContain(canary)
  expect(mirror.sql('SELECT operation FROM audit_log')).toHaveLength(json.deeds.length)
  expect((await call('/api/audit-log', tokens.read)).status).toBe(403)
  expect((await call('/api/audit-log?connection=none', tokens.admin)).json.deeds).toEqual([])
  const lab = await tidemark.performFor('lab', 'auditLog', {})
  expect(lab).toEqual([])
})

test('the library and the command line are named, and a deed that fails has its code', async () => {
  const github = await githubEmulator({ stars: 3, limits: false })
  const here = place()
  const key = new Uint8Array(32).fill(7)
  const env = { TIDEMARK_KEY: Buffer.from(key).toString('base64') }
  const file = join(here.folder, 'tidemark.db')
  const tidemark = await openTidemark({ database: file, key })
  const options = { token: 'token-of-ada', baseUrl: github.url, allowPrivateNetwork: true }
  await tidemark.connect('github', { id: 'me', options })
  await tidemark.sync()
  await expect(tidemark.purge('none')).rejects.toMatchObject({ code: 'connection_unknown' })
  const given = { from: Array.from({ length: 500 }, (_, i) => `me/stars-${i}`) }
  await expect(tidemark.blends.create('mine', given)).rejects.toThrow(/no stream/)
  expect((await here.ask(['pause', 'me'], { env })).code).toBe(0)
  expect((await here.ask(['sync', 'me'], { env })).code).toBe(4)
  const deeds = await tidemark.auditLog()
  expect(deeds.map(({ who, operation, connection, outcome }) => [who, operation, connection, outcome])).toEqual([
    ['cli', 'syncAll', null, 'done'],
    ['cli', 'pause', 'me', 'done'],
    ['library', 'createBlend', null, expect.stringMatching(/^[a-z_]+$/)],
    ['library', 'purge', 'none', 'connection_unknown'],
    ['library', 'syncAll', null, 'done'],
    ['library', 'connect', 'me', 'done'],
  ])
  expect(deeds[0]?.given).toEqual({ targets: ['me'] })
  expect(JSON.stringify(deeds[2]?.given).length).toBeLessThan(GIVEN_CHARS_MAX)
  expect(deeds[2]?.given).toEqual({ inputs: ['from', 'name'] })
  expect(JSON.stringify(deeds)).not.toContain('token-of-ada')
  const shown = await here.ask(['audit-log', 'me', '--json'], { env })
  expect(shown.json.deeds).toEqual(JSON.parse(JSON.stringify(deeds.filter(({ connection }) => connection === 'me'))))
  expect((await here.ask(['audit-log'], { env })).stdout).toMatch(/WHO.*\n.*\n.*cli +pause +me +done/)
  await tidemark.close()
  await github.close()
  expect(readFileSync(file).includes('token-of-ada')).toBe(false)
})
