// Owns the proof that the doctor and the audit say with their exit codes what they found.

import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { isOurs } from '../../src/operations/doctor-facts.ts'
import { createApp } from '../../src/server/app.ts'
import { listen } from '../../src/server/listen.ts'
import { mirror } from './keyed-mirror.ts'
import { until } from './program.ts'

describe.concurrent('the doctor', () => {
  test('knows a server of ours from others', async (ending) => {
    const server = await listen(createApp({ hosts: ['127.0.0.1'] }), { host: '127.0.0.1', port: 0 })
    const other = await listen(
      new Hono().get('/healthz', (context) => context.json({ up: true })),
      {
        host: '127.0.0.1',
        port: 0,
      },
    )
    ending.onTestFinished(async () => {
      await server.close()
      await other.close()
    })
    // It waits a second at most, which a busy machine may be late for.
    await expect.poll(() => isOurs(server.url)).toBe(true)
    expect(await isOurs(other.url)).toBe(false)
    expect(await isOurs('http://127.0.0.1:9')).toBe(false)
  })

  test('finds a new mirror healthy, and sees what is wrong with the machine', async (ending) => {
    const { ask, keys, file } = await mirror(ending)
    await ask(['sync'])
    const well = await ask(['doctor', '--deep', '--json', '--port', '9'])
    const ill = well.json.checks.filter(({ state }: { state: string }) => state !== 'ok')
    expect([well.code, ill]).toEqual([0, []])

    chmodSync(file, 0o644)
    const open = await ask(['doctor', '--port', '9'])
    expect([open.code, open.stdout]).toEqual([
      0,
      expect.stringMatching(/^! permissions .*mode 644.*\n +Run: chmod 600/m),
    ])
    chmodSync(join(keys, 'key'), 0o640)
    const exposed = await ask(['doctor', '--port', '9'])
    expect([exposed.code, exposed.stderr]).toEqual([1, ''])
    expect(exposed.stdout).toMatch(/^✗ key +key_exposed: .*mode 640.*\n +Run: chmod 600/m)
    expect(exposed.stdout).toMatch(/^✓ secrets /m)
    const { key } = (await ask(['keys', '--json'])).json
    for (const where of [{ XDG_CONFIG_HOME: join(keys, 'nowhere') }, { TIDEMARK_KEY_FILE: join(keys, 'nowhere') }]) {
      const none = await ask(['doctor', '--json', '--port', '9'], where)
      const value = expect.stringMatching(new RegExp(`nowhere.*wants the key ${key}$`))
      const hint = expect.not.stringContaining('make a key')
      expect(none.json.checks).toContainEqual({ check: 'key', state: 'fail', value, hint })
    }
    const junk = join(keys, 'junk.db')
    writeFileSync(junk, 'x'.repeat(5_000))
    const unreadable = await ask(['doctor', '--database', junk])
    expect([unreadable.code, unreadable.stdout]).toEqual([
      1,
      expect.stringMatching(/^✗ database +database_unreadable/m),
    ])
  })

  test('sees a run whose process is gone, a key beside the database, and a secret that does not open', async (ending) => {
    const { github, here, env, ask, file, keys } = await mirror(ending)
    github.faults.when({}, { kind: 'hang' })
    const sync = here.start(['sync'], { env })
    const one = (sql: string) => {
      const database = new DatabaseSync(file)
      try {
        return database.prepare(sql).get() as Record<string, unknown> | undefined
      } finally {
        database.close()
      }
    }
    await until(() => one(`SELECT 1 FROM tm_runs WHERE status = 'running'`) !== undefined)
    // The launcher may run the program in a child, which ends with it.
    sync.child.kill('SIGKILL')
    await sync.ended
    const state = async (check: string, more: Record<string, string> = {}) => {
      const { json } = await ask(['doctor', '--json', '--port', '9'], more)
      return json.checks.find((each: { check: string }) => each.check === check)
    }
    expect(await state('runs')).toMatchObject({ state: 'warn', value: expect.stringContaining('of me is "running"') })
    const beside = join(here.folder, 'key')
    writeFileSync(beside, readFileSync(join(keys, 'key')), { mode: 0o600 })
    expect(await state('key', { TIDEMARK_KEY_FILE: beside })).toMatchObject({ state: 'warn' })
    one(`UPDATE tm_secrets SET sealed = zeroblob(length(sealed)) RETURNING 1 AS n`)
    expect(await state('secrets')).toMatchObject({ state: 'fail' })
  })
})

describe.concurrent('an audit', () => {
  test('exits 0 where nothing is missing and 3 where something is', async (ending) => {
    const { github, ask } = await mirror(ending, 230)
    expect((await ask(['audit', 'me'])).stdout).toMatch(/^i me\/stars unread: was never read$/m)
    await ask(['sync'])
    expect(await ask(['audit', '--json'])).toMatchObject({ code: 0, json: { problems: 0 } })
    github.world.star('ada', 150)
    github.faults.when({ after: 2 }, { kind: 'status', status: 404 })
    await ask(['sync', '--mode', 'full'])
    const { code, stdout } = await ask(['audit'])
    expect([code, stdout]).toEqual([3, expect.stringMatching(/^✗ me run_failed: .*\n[^]*^✗ me\/stars gap: /m)])
    const unknown = await ask(['audit', 'nobody', '--json'])
    expect([unknown.code, unknown.json.error.code]).toEqual([2, 'connection_unknown'])
  })
})

describe.concurrent('a sync that was killed', () => {
  test('has left a gap that every face tells at once', async (ending) => {
    const { github, here, env, ask, file } = await mirror(ending, 130)
    await ask(['sync'])
    github.world.star('ada', 500)
    github.faults.when({ path: '/user/starred', query: { page: '4' } }, { kind: 'hang' })
    const sync = here.start(['sync'], { env })
    await until(() => (github.faults.served()['hang'] ?? 0) > 0)
    sync.child.kill('SIGKILL')
    await sync.ended
    const status = await ask(['status', '--json'])
    expect(status.json.streams).toMatchObject([{ stream: 'stars', coverage: 'gap' }])
    const gaps = await ask(['sql', 'SELECT connection, stream, pass FROM gaps', '--database', file, '--json'])
    expect(gaps.json).toEqual([{ connection: 'me', stream: 'stars', pass: 'newestFirst' }])
    const audit = await ask(['audit', '--json'])
    expect([audit.code, audit.json.problems > 0]).toEqual([3, true])
  })
})
