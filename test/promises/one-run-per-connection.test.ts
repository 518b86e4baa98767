import { expect, test } from 'vitest'
import { LOOK_EVERY_MS } from '../../src/engine/runs/attach.ts'
import { thisHolder } from '../../src/engine/runs/process.ts'
import { systemClock } from '../../src/engine/system.ts'
import type { Clock } from '../../src/model/ports.ts'
import { openTidemark } from '../../src/open.ts'
import type { RunsQuery } from '../../src/operations/runs.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { doorOf } from '../support/door.ts'
import { openMirror } from '../support/mirror.ts'

const SECOND_PAGE = /[?&]page=2\b/

const key = new Uint8Array(32).fill(7)

test('asking again while a run is under way gives that run, and reads nothing twice', async () => {
  await using github = await githubEmulator({ stars: 250 })
  await using door = await doorOf(github)
  await using mirror = await openMirror()
  const me = await mirror.github(github, { baseUrl: door.url })
  const stands = door.shut(SECOND_PAGE)
  const first = me.sync()
  await stands
  await using other = await openTidemark({ database: mirror.file, key })
  let attached: string | undefined
  const second = await (await other.connection('me')).sync({
    onAttach: ({ id }) => {
      attached = id
      door.open()
    },
  })
  const report = await first
  expect(second).toEqual(report)
  expect(attached).toBe(report.id)
  expect(mirror.value('select count(*) from runs')).toBe(1)
  expect(report.requests).toBe(github.log.count())
})

test('asking for what the run under way does not do waits for it, and runs then', async () => {
  await using github = await githubEmulator({ stars: 250 })
  await using door = await doorOf(github)
  await using mirror = await openMirror()
  const me = await mirror.github(github, { baseUrl: door.url })
  const stands = door.shut(SECOND_PAGE)
  const first = me.sync()
  await stands
  const clock: Clock = {
    ...systemClock,
    sleep: (ms, signal) => {
      if (ms === LOOK_EVERY_MS) door.open()
      return systemClock.sleep(ms, signal)
    },
  }
  await using other = await openTidemark({ database: mirror.file, key, clock })
  const full = await (await other.connection('me')).sync({ mode: 'full' })
  expect(full.id).not.toBe((await first).id)
  expect(full.mode).toBe('full')
  const runs = mirror.sql('select mode, started_at, finished_at from runs order by id')
  expect(runs.map(({ mode }) => mode)).toEqual(['auto', 'full'])
  expect(String(runs[1]?.['started_at']) >= String(runs[0]?.['finished_at'])).toBe(true)
})

test('who would rather be refused is, with the run’s id', async () => {
  await using github = await githubEmulator({ stars: 250 })
  await using door = await doorOf(github)
  await using mirror = await openMirror()
  const me = await mirror.github(github, { baseUrl: door.url })
  const stands = door.shut(SECOND_PAGE)
  const first = me.sync()
  await stands
  await using other = await openTidemark({ database: mirror.file, key })
  const again = (await other.connection('me')).sync({ whenActive: 'refuse' })
  await expect(again).rejects.toMatchObject({ code: 'run_active', verdict: 'wait' })
  const error = await again.catch((thrown: unknown) => thrown as { hint: string })
  door.open()
  expect(error).toMatchObject({ hint: expect.stringContaining((await first).id) })
})

test('waiting can be given up; the run that was waited for goes on', async () => {
  await using github = await githubEmulator({ stars: 250 })
  await using door = await doorOf(github)
  await using mirror = await openMirror()
  const me = await mirror.github(github, { baseUrl: door.url })
  const stands = door.shut(SECOND_PAGE)
  const first = me.sync()
  await stands
  await using other = await openTidemark({ database: mirror.file, key })
  const stop = new AbortController()
  const waiting = (await other.connection('me')).sync({ signal: stop.signal, onAttach: () => stop.abort() })
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
  door.open()
  expect((await first).status).toBe('succeeded')
})

test('a run whose process has died is shown as what it is, before anybody runs again', async () => {
  await using github = await githubEmulator({ stars: 10 })
  const dead = { ...thisHolder('gone'), pid: 2 ** 22 + 1, startedAt: 1 }
  await using mirror = await openMirror({ holder: dead })
  const me = await mirror.github(github)
  const { store } = mirror.tidemark
  const claimed = await store.leases.claim({
    resource: `connection:${me.row.no}`,
    holder: dead,
    now: Date.now(),
    expiresAt: Date.now() + 30_000,
  })
  if (!('lease' in claimed)) throw new Error('the lease is held')
  const begun = {
    lease: claimed.lease,
    project: 'default',
    connectionNo: me.row.no,
    mode: 'auto',
    streams: [],
  } as const
  await store.runs.open({ ...begun, id: 'died', at: Date.now(), holder: dead })
  const status = await me.status()
  expect(status.activeRun).toBeNull()
  expect(status.lastRun).toMatchObject({ id: 'died', status: 'failed', error: { code: 'run_interrupted' } })
  const filtered = async (query: RunsQuery) => (await mirror.tidemark.runs(query)).map(({ id }) => id)
  expect(await filtered({ status: ['failed'] })).toContain('died')
  expect(await filtered({ status: ['running'] })).not.toContain('died')
  expect(await filtered({ problems: true, limit: 1 })).toEqual(['died'])
  expect(await mirror.tidemark.run('died')).toMatchObject({ status: 'failed' })
  expect((await me.sync()).status).toBe('succeeded')
})

test('a run that loses its lease ends for those who listen, too', async () => {
  await using github = await githubEmulator({ stars: 250 })
  await using door = await doorOf(github)
  await using mirror = await openMirror()
  const me = await mirror.github(github, { baseUrl: door.url })
  const heard: unknown[] = []
  mirror.tidemark.listen((event) => {
    if (event.type !== 'run.progress') heard.push({ ...event, at: undefined })
  })
  const stands = door.shut(SECOND_PAGE)
  const run = me.sync()
  await stands
  const { store } = mirror.tidemark
  const now = (await store.now()) + 3_600_000
  const holder = thisHolder('another')
  const taken = await store.leases.claim({ resource: `connection:${me.row.no}`, holder, now, expiresAt: now + 1 })
  expect(taken).toHaveProperty('lease')
  door.open()
  await expect(run).rejects.toMatchObject({ code: 'lease_lost' })
  const named = { project: 'default', connection: 'me', run: expect.any(String), at: undefined }
  expect(heard).toEqual([
    { type: 'run.started', ...named },
    { type: 'run.finished', status: 'failed', isStored: false, ...named },
  ])
})
