// Owns the proof of `sync`: what it prints, what it exits with, and that whatever ends it, the next one goes on.

import { describe, expect, test } from 'vitest'
import { connectGitHub, place } from './program.ts'
import { connectShop, world } from './sync-world.ts'

const NOTHING = {
  fetched: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  superseded: 0,
  removed: 0,
  restored: 0,
  held: 0,
  unconfirmed: 0,
  quarantined: 0,
  snapshots: 0,
  unavailable: 0,
  stale: 0,
}
const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

describe.concurrent('a sync that is complete', () => {
  test('exits 0 and prints each run with its streams, passes and counts, as promised', async (ending) => {
    const { github, here } = await world(ending)
    const first = await here.run(['sync', '--json'])
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.json).toEqual({
      runs: [
        {
          id: expect.stringMatching(/^[0-9A-Z]{26}$/),
          project: 'default',
          connection: 'me',
          mode: 'auto',
          status: 'succeeded',
          startedAt: INSTANT,
          finishedAt: INSTANT,
          streams: [
            {
              stream: 'stars',
              passes: [{ pass: 'newestFirst', ended: 'exhausted', pages: 3, requests: github.log.count() }],
              counts: { ...NOTHING, fetched: 250, inserted: 250, snapshots: 250 },
            },
          ],
          requests: github.log.count(),
          billedItems: 0,
          cost: null,
          currency: null,
          error: null,
          notes: [],
          progress: null,
        },
      ],
    })
    github.world.star('ada', 3)
    github.log.reset()
    const second = await here.ask(['--json', 'sync', 'me/stars'])
    expect(second.json.runs[0].streams[0]).toMatchObject({
      passes: [{ pass: 'newestFirst', ended: 'met-anchored', pages: 1, requests: github.log.count() }],
      counts: { fetched: 100, inserted: 3, unchanged: 97, removed: 0 },
    })
  })

  test('tells a person the same in a few lines, and shows no progress where no terminal is', async (ending) => {
    const { here } = await world(ending)
    const { code, stdout, stderr } = await here.run(['sync'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(
      /^✓ me {2}succeeded · \d+(\.\d)? m?s · \d requests\n {4}stars {2}250 new {2}newestFirst read to the end \(3 pages, \d requests\)\n$/,
    )
  })

  test('in full notices what is gone', async (ending) => {
    const { github, here } = await world(ending)
    await here.ask(['sync'])
    github.world.unstarAt('ada', -1)
    github.world.unstarAt('ada', 120)
    expect((await here.ask(['sync', '--json'])).json.runs[0].streams[0].counts.removed).toBe(0)
    const full = await here.ask(['sync', '--mode', 'full', '--json'])
    expect(full.code).toBe(0)
    expect(full.json.runs[0]).toMatchObject({ mode: 'full', streams: [{ counts: { removed: 2, fetched: 248 } }] })
    const removed = (await here.ask(['records', 'me/stars', '--removed', '--json'])).json
    expect(removed).toHaveLength(2)
    const [run] = (await here.ask(['runs', '--json'])).json.runs
    const told = await here.ask(['history', 'me/stars', removed[0]._key])
    expect(told.stdout.split('\n').filter((line) => line.includes('removed'))).toEqual([
      expect.stringMatching(new RegExp(`removed: no longer listed .*Z {2}run ${run.id}$`)),
    ])
    const { versions } = (await here.ask(['history', 'me/stars', removed[0]._key, '--json'])).json
    expect(versions.map(({ op, page }: { op: string; page: number | null }) => [op, page])).toEqual([
      ['insert', expect.any(Number)],
      ['remove', null],
    ])
  })

  test('does not call it a limit when the source lists nothing', async (ending) => {
    const { github, here } = await world(ending)
    await here.ask(['sync'])
    while (github.world.starIds('ada').length > 0) github.world.unstarAt('ada', 0)
    const { code, stdout } = await here.ask(['sync'])
    expect(code).toBe(3)
    expect(stdout).toContain('the source listed nothing, and 250 records are stored')
    expect(stdout).toContain('fullPass was left open')
    expect(stdout).not.toContain('stopped at a limit')
  })

  test('that meets a limit says so, and when it ends', async (ending) => {
    const { github, here } = await world(ending)
    github.faults.next({ kind: 'status', status: 429, retryAfter: 600 }, 1)
    const { code, stdout, stderr } = await here.ask(['sync'])
    expect(code).toBe(3)
    expect(stdout).toContain('newestFirst stopped at a limit')
    expect(stderr).toMatch(/hint: The limit ends at \d{4}-\d\d-\d\dT[\d:.]+Z; a sync after that goes on from here\./)
  })

  test('of nothing is an empty list', async (ending) => {
    const here = place(ending)
    await here.ask(['projects', 'create', 'default'])
    const { code, json, stderr } = await here.run(['sync', '--json'])
    expect([code, json]).toEqual([0, { runs: [] }])
    expect(stderr).toContain('tidemark connect')
    expect(await here.ask(['sync', '--quiet'])).toMatchObject({ code: 0, stdout: '', stderr: '' })
  })

  test('logs its events as lines of JSON for those who ask, without secrets', async (ending) => {
    const { here } = await world(ending)
    const { stdout, stderr } = await here.run(['sync', '--json'], { env: { TIDEMARK_LOG: 'info' } })
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['run.started', 'plan.made', 'run.finished']),
    )
    expect(events[0]).toMatchObject({ at: INSTANT, level: 'info', connection: 'me' })
    expect(stdout + stderr).not.toContain('token-of-ada')
  })
})

describe.concurrent('a sync that is not complete', () => {
  test('because its requests are spent exits 3, keeps what it read, and is finished by the next', async (ending) => {
    const { github, here } = await world(ending)
    const short = await here.run(['sync', '--max-requests', '2', '--json'])
    expect(short.code).toBe(3)
    expect(short.json.runs[0]).toMatchObject({ status: 'incomplete', requests: 2, error: { code: 'requests_spent' } })
    expect(short.json.runs[0].streams[0]).toMatchObject({ passes: [{ ended: 'budget' }] })
    const kept = (await here.ask(['records', 'me/stars', '--json'])).json.length
    expect(kept).toBeGreaterThanOrEqual(100)
    expect((await here.ask(['status', '--json'])).json.streams[0]).toMatchObject({
      coverage: 'gap',
      total_records: kept,
    })
    const rest = await here.ask(['sync', '--json'])
    expect([rest.code, rest.json.runs[0].streams[0].counts.inserted]).toEqual([0, 250 - kept])
    const keys = (await here.ask(['records', 'me/stars', '--json'])).json.map(({ _key }: { _key: string }) => _key)
    expect(keys.sort()).toEqual(github.world.starIds('ada').map(String).sort())
  })

  test('of many, is what all of them may use together', async (ending) => {
    const { github, here } = await world(ending)
    for (const id of ['two', 'three', 'four', 'five']) {
      expect((await here.ask(connectGitHub(github, id))).code).toBe(0)
    }
    const { code, json } = await here.ask(['sync', '--max-requests', '7', '--json'])
    expect([code, github.log.count()]).toEqual([3, 7])
    const runs: { requests: number; error: { code: string } | null }[] = json.runs
    expect(runs.reduce((sum, { requests }) => sum + requests, 0)).toBe(7)
    expect(runs).toHaveLength(5)
    for (const { error } of runs) expect(error?.code ?? 'requests_spent').toBe('requests_spent')
  })

  test('in the middle of a window says how far it came, in times and not in the source’s numbers', async (ending) => {
    const here = place(ending)
    await connectShop(ending, here)
    expect((await here.ask(['sync', '--max-requests', '1'])).code).toBe(3)
    const time = '\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}Z'
    for (const command of ['status', 'audit']) {
      const { stdout, stderr } = await here.ask([command])
      expect(stdout + stderr).toMatch(new RegExp(`read up to ${time}, of a window that ends at ${time}`))
      expect(stdout + stderr).not.toMatch(/\b\d{10}\b/)
    }
  })

  test('because a limit lasts long exits 3 and says until when', async (ending) => {
    const { github, here } = await world(ending)
    github.faults.next({ kind: 'status', status: 429, retryAfter: 600 })
    const { code, stdout, stderr } = await here.ask(['sync'])
    expect(code).toBe(3)
    expect(stdout).toMatch(/^! me {2}incomplete/)
    expect(stderr).toMatch(/^rate_limited: .*10m 0s/)
  })

  test('because a person must log in exits 4, then refuses, until new secrets are given', async (ending) => {
    const { github, here } = await world(ending)
    github.world.revokeToken('token-of-ada')
    const refused = await here.run(['sync', '--json'])
    expect(refused.code).toBe(4)
    expect(refused.json.runs[0]).toMatchObject({
      status: 'paused',
      error: { code: 'token_rejected', verdict: 'pause' },
    })
    github.log.reset()
    const again = await here.ask(['sync', '--json'])
    expect([again.code, github.log.count()]).toEqual([4, 0])
    expect(again.json.runs).toEqual([
      expect.objectContaining({
        id: null,
        status: 'paused',
        error: expect.objectContaining({ code: 'connection_paused' }),
      }),
    ])
    expect((await here.ask(['resume', 'me'])).code).toBe(4)
    const command = 'tidemark connect github --id me --secret-env token=GITHUB_TOKEN'
    expect(refused.json.runs[0].error.hint).toContain(command)
    expect((await here.ask(['doctor', '--port', '9'])).stdout).toContain(`Log in again: ${command} --project default`)
    // Nothing new is given: the service is asked, and refuses it again.
    const same = await here.ask(['connect', 'github', '--id', 'me'])
    expect([same.code, same.stderr]).toEqual([4, expect.stringContaining(command)])
    const unasked = await here.ask(['connect', 'github', '--id', 'me', '--no-check'])
    expect(unasked.stdout).toMatch(/^✓ Resumed me \(github\); nothing changed\n/)
    expect(unasked.stderr).toContain('the login is the same as before')
    const none = await here.ask(['connect', 'github', '--id', 'me', '--no-check'])
    expect([none.stdout, none.stderr]).toEqual([
      expect.stringMatching(/^✓ me \(github\) is unchanged\n/),
      expect.not.stringContaining('the login'),
    ])
    expect((await here.ask(['sync'])).code).toBe(4)
    const env = { TOKEN: github.world.issueToken('ada') }
    const anew = await here.ask(['connect', 'github', '--id', 'me', '--secret-env', 'token=TOKEN'], { env })
    expect([anew.code, anew.stdout, anew.stderr]).toEqual([
      0,
      expect.stringMatching(/^✓ Changed me \(github\)\n.*\n {4}github answered: user ada, [\d,]+ requests left\n$/),
      expect.not.stringContaining('the login'),
    ])
    expect((await here.ask(['sync'])).code).toBe(0)
  })
})

describe.concurrent('a sync that fails', () => {
  test('because the provider answers with HTML exits 1 and says what that may be', async (ending) => {
    const { github, here } = await world(ending)
    await here.ask(['sync'])
    github.faults.when({ path: '/user/starred' }, { kind: 'html' })
    const { code, json, stderr } = await here.run(['sync', '--json'])
    expect(code).toBe(1)
    expect(json.runs[0]).toMatchObject({
      status: 'failed',
      error: { code: 'unexpected_html', hint: expect.any(String) },
    })
    expect(stderr).toMatch(/^unexpected_html: .+\nhint: .+\n$/)
    expect((await here.ask(['records', 'me/stars', '--json'])).json).toHaveLength(250)
  })

  test('does not stop the others, and is in the list with them', async (ending) => {
    const { github, here } = await world(ending)
    await connectShop(ending, here)
    await here.ask(['pause', 'me'])
    github.log.reset()
    const { code, json, stderr } = await here.run(['sync', 'me', 'shop', '--json'])
    expect(code).toBe(4)
    expect(json.runs).toMatchObject([
      { id: null, connection: 'me', mode: 'auto', status: 'paused', streams: [], requests: 0, notes: [] },
      {
        connection: 'shop',
        status: 'succeeded',
        error: null,
        streams: [
          { stream: 'orders', counts: { inserted: 120 } },
          { stream: 'products', counts: { inserted: 40 } },
        ],
      },
    ])
    // Of several it says whose error it is.
    expect(stderr).toMatch(/^me: connection_paused: .*\nhint: .*tidemark resume me\n$/)
    // Who means all of them does not mean the one that a person has paused.
    const all = await here.run(['sync', '--json'])
    expect([all.code, all.json.runs.length]).toEqual([0, 1])
    expect(all.stderr).toContain('me (paused)')
    expect(github.log.count()).toBe(0)
    expect((await here.ask(['resume', 'me'])).code).toBe(0)
    expect((await here.ask(['sync', 'me'])).code).toBe(0)
  })

  test('before it begins when a stream is not there', async (ending) => {
    const { github, here } = await world(ending)
    const { code, json } = await here.ask(['sync', 'me/moons', '--json'])
    expect([code, json.error.code, github.log.count()]).toEqual([2, 'stream_unknown', 0])
  })

  test('with the wrong key exits 2', async (ending) => {
    const { here } = await world(ending)
    const env = { TIDEMARK_KEY: Buffer.alloc(32, 1).toString('base64') }
    const { code, json, stderr } = await here.run(['sync', '--json'], { env })
    expect([code, json.runs[0].error.code]).toEqual([2, 'key_wrong'])
    expect(stderr).toMatch(/^key_wrong: .*\nhint: .*TIDEMARK_KEY/m)
    // What needs no secret needs no key.
    for (const args of [['status'], ['records', 'me/stars'], ['runs']]) {
      expect((await here.ask(args, { env: { TIDEMARK_KEY: 'no key at all' } })).code).toBe(0)
    }
    expect((await here.ask(['sync'])).code).toBe(0)
  })
})
