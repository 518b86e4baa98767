// Owns the proof of `schedule` as people and programs use it, and of `serve` that keeps what they set: in a real process,
// killed in the middle of a run, too.

import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { connectGitHub, type Ending, type Place, place, until } from './program.ts'

async function connected(ending?: Ending, stars = 20) {
  const here = place(ending)
  const github = await githubEmulator({ stars, limits: false })
  ending?.onTestFinished(() => github.close())
  await here.ask(connectGitHub(github))
  return { here, github }
}

/** A schedule that is due every so many milliseconds, which no command line may set. */
async function often(here: Place, ms: number): Promise<void> {
  const tidemark = await assemble({ database: join(here.folder, 'tidemark.db'), everyMinMs: ms })
  await (await tidemark.connection('me')).schedule({ spec: `every ${ms}ms` })
  await tidemark.close()
}

describe('schedule', () => {
  let here: Place
  const ends: (() => void | Promise<void>)[] = []
  beforeAll(async () => {
    ;({ here } = await connected({ onTestFinished: (end) => void ends.push(end) }))
    return async () => {
      for (const end of ends) await end()
    }
  })

  test('one that runs nothing says so wherever it is shown, and is due never', async (ending) => {
    const { here: other } = await connected(ending)
    await other.ask(['schedule', 'me/stars', 'every 1h'])
    const note = 'note: every stream of me has a schedule of its own; that of me itself runs nothing\n'
    const set = await other.ask(['schedule', 'me', 'every 15m'])
    expect([set.stdout, set.stderr]).toEqual(['me: every 15m.\n', expect.stringContaining(note)])
    for (const args of [['schedule'], ['schedule', 'me'], ['status']]) {
      const { stdout, stderr } = await other.ask(args)
      expect([stdout, stderr]).toEqual([
        expect.stringMatching(/me +every 15m +- +- +-\n/),
        expect.stringContaining(note),
      ])
    }
    const { connections } = (await other.ask(['status', '--json'])).json
    const [{ nextRunAt, schedules }] = connections
    expect(schedules).toMatchObject([
      { stream: null, nextRunAt: null, streams: [] },
      { stream: 'stars', nextRunAt, streams: ['stars'] },
    ])
    await other.ask(['schedule', 'me/stars', 'off'])
    expect((await other.ask(['schedule'])).stderr).toBe('')
  })

  test('says that there is none, sets one, shows it, and takes it away', async () => {
    const none = await here.ask(['schedule', 'me'])
    expect([none.code, none.stdout, none.stderr]).toEqual([
      0,
      '',
      expect.stringMatching(/^me has no schedule\. Set one:/),
    ])
    const set = await here.ask(['schedule', 'me', 'every 15m', '--quiet-hours', '22:00-06:00', '--timezone', 'UTC'])
    expect([set.code, set.stdout]).toEqual([
      0,
      expect.stringMatching(/^me: every 15m \(UTC\), not during 22:00-06:00; next in \d+ (min|h)\.\n$/),
    ])
    const shown = await here.ask(['schedule', 'me'])
    expect(shown.stdout).toMatch(/^TARGET +RUNS +QUIET +NEXT +LAST\nme +every 15m \(UTC\) +22:00-06:00 +in .* -\n$/)
    const status = await here.ask(['status'])
    expect(status.stdout).toMatch(/\n\nTARGET .*\nme +every 15m/)
    const { json } = await here.ask(['status', '--json'])
    const schedule = {
      stream: null,
      schedule: 'every 15m',
      timezone: 'UTC',
      quietHours: '22:00-06:00',
      nextRunAt: json.connections[0].nextRunAt,
      lastRunAt: null,
      streams: ['stars'],
    }
    expect(json.connections[0].schedules).toEqual([schedule])
    expect(json.streams[0].next_run_at).toBe(json.connections[0].nextRunAt)
    expect((await here.ask(['schedule', 'me', '--json'])).json).toEqual({ connection: 'me', schedules: [schedule] })
    expect((await here.ask(['schedule'])).stdout).toBe(shown.stdout)
    expect((await here.ask(['schedule', '--json'])).json).toEqual({ schedules: [{ connection: 'me', ...schedule }] })
    const off = await here.ask(['schedule', 'me', 'off'])
    expect([off.code, off.stdout]).toEqual([0, 'me has no schedule now.\n'])
    expect((await here.ask(['schedule'])).stderr).toMatch(/^There are no schedules/)
    expect((await here.ask(['schedule', 'me', 'off', '--json'])).json).toEqual({ connection: 'me', schedules: [] })
  })

  test('takes a stream, and words without quotes', async () => {
    const set = await here.ask(['schedule', 'me/stars', 'cron', '0', '3', '*', '*', '*', '--json'])
    expect(set.json).toMatchObject({ schedules: [{ stream: 'stars', schedule: 'cron 0 3 * * *', timezone: 'UTC' }] })
    const shown = await here.ask(['schedule', 'me'])
    expect(shown.stdout).toMatch(/\nme\/stars +cron 0 3 \* \* \* \(UTC\) +-/)
    const off = await here.ask(['schedule', 'me/stars', 'off'])
    expect([off.code, off.stdout]).toEqual([0, 'me/stars has no schedule of its own now.\n'])
    expect((await here.ask(['schedule', 'me/stars', 'off'])).code).toBe(0)
  })

  test.each([
    [['me', 'every 10s'], 'schedule_invalid', /shortest is: every 1m/],
    [['me', 'cron 0 0 3 * * *'], 'schedule_invalid', /Five fields/],
    [['me', 'daily'], 'schedule_invalid', /"every 15m", "cron 0 3/],
    [['me', 'adaptive', '--timezone', 'Moon/Sea'], 'timezone_invalid', /Europe\/Berlin/],
    [['me', 'adaptive', '--quiet-hours', '8-20'], 'quiet_hours_invalid', /08:00-20:00/],
    [['me', '--timezone', 'UTC'], 'argument_missing', /tidemark schedule me/],
    [['me/nope', 'adaptive'], 'stream_unknown', /stars/],
    [['me/nope', 'off'], 'stream_unknown', /stars/],
    [['me/', 'adaptive'], 'argument_invalid', /tidemark status/],
    [['nobody', 'off'], 'connection_unknown', /me/],
    [['--timezone', 'UTC'], 'argument_missing', /tidemark schedule <connection>/],
  ])('refuses %j', async (args, code, hint) => {
    const { code: exit, json } = await here.ask(['schedule', ...args, '--json'])
    expect([exit, json.error.code, json.error.hint]).toEqual([2, code, expect.stringMatching(hint)])
    expect((await here.ask(['schedule', 'me', '--json'])).json.schedules).toEqual([])
  })
})

describe.concurrent('serve', () => {
  test('lists what is scheduled, runs it, and says so', async (ending) => {
    const { here, github } = await connected(ending)
    await often(here, 300)
    const server = here.start(['serve', '--port', '0'])
    await server.saw(/✓ me {2}succeeded.*\n +stars {2}20 new/)
    await server.saw(/✓ me .*\n +stars {2}20 unchanged/)
    server.child.kill('SIGINT')
    const { code, stdout } = await server.ended
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/Ctrl-C stops it\.\nAdmin token.*\nTARGET .*\nme +every 300ms/),
    ])
    expect(github.stats().requests).toBeGreaterThan(1)
  })

  test('with --json prints one document, and with --no-worker runs nothing', async (ending) => {
    const { here, github } = await connected(ending)
    await often(here, 50)
    const server = here.start(['serve', '--port', '0', '--no-worker', '--json'], { env: { TIDEMARK_LOG: 'info' } })
    await server.saw(/\n}/)
    // As long as it takes to ask for something, and then some.
    for (let i = 0; i < 5; i++) await here.ask(['status'])
    server.child.kill('SIGTERM')
    const { code, json, stderr } = await server.ended
    expect([code, json.worker, stderr]).toEqual([0, false, ''])
    expect(json.schedules).toMatchObject([{ project: 'default', connection: 'me', schedule: 'every 50ms' }])
    expect(github.stats().requests).toBe(0)
  })

  test('killed in the middle of a scheduled run, the next one goes on where it stood', async (ending) => {
    const { here, github } = await connected(ending, 250)
    await often(here, 1_000)
    github.faults.when({ path: '/user/starred', after: 3 }, { kind: 'hang' })
    const first = here.start(['serve', '--port', '0'])
    await until(() => github.faults.served()['hang'] === 1)
    first.child.kill('SIGKILL')
    await first.ended
    github.faults.clear()
    // Not due again for a day: what was begun is not forgotten all the same.
    await often(here, 86_400_000)
    const second = here.start(['serve', '--port', '0', '--json'], { env: { TIDEMARK_LOG: 'info' } })
    await second.saw(/"event":"run\.finished".*"status":"succeeded"/)
    second.child.kill('SIGINT')
    expect((await second.ended).code).toBe(0)
    const { json } = await here.ask(['runs', '--json'])
    const [interrupted, resumed] = json.runs.toReversed()
    expect(interrupted).toMatchObject({ status: 'failed', error: { code: 'run_interrupted' } })
    expect(resumed).toMatchObject({ status: 'succeeded' })
    const inserted = [interrupted, resumed].map(({ streams }) => streams[0].counts.inserted)
    expect([inserted[0] > 0, inserted[0] + inserted[1]]).toEqual([true, 250])
  })
})
