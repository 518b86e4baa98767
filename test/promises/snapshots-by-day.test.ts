import { expect, test } from 'vitest'
import { systemClock } from '../../src/engine/system.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

test('a snapshot belongs to the day that it is in the project’s time zone', async () => {
  await using github = await githubEmulator({ stars: 3 })
  // Noon in Greenwich, and the next day already on the Line Islands.
  const noon = Date.UTC(2026, 0, 1, 12)
  const began = systemClock.now()
  const clock = { ...systemClock, now: () => noon + systemClock.now() - began }
  await using mirror = await openMirror({ clock, timezone: 'Pacific/Kiritimati' })
  const me = await mirror.github(github)
  expect((await me.sync()).streams[0]?.counts.snapshots).toBe(3)
  expect(mirror.sql('select distinct _day as day from github_stars_daily')).toEqual([{ day: '2026-01-02' }])
})
