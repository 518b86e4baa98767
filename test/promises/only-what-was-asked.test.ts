// Success of a kind that nobody asked for is no page: not a part, not a promise, not a report about many things.

import { expect, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { ShiftedClock } from '../support/shifted-clock.ts'

test.each([201, 202, 204, 205, 206, 207, 208, 226, 299])(
  'a listing that answers %i is not believed, however often it comes',
  async (status) => {
    await using github = await githubEmulator({ stars: 40 })
    await using mirror = await openMirror({ clock: new ShiftedClock() })
    const me = await mirror.github(github, { token: undefined, user: 'ada' })
    await me.sync()
    const [first] = github.world.stars('ada')
    const body = status === 204 || status === 205 ? '' : JSON.stringify([first])
    github.faults.when({ path: '/users/ada/starred' }, { kind: 'body', status, body })
    for (let i = 0; i < 3; i++) {
      const run = await me.sync({ mode: 'full' })
      expect(run.status).toBe('failed')
      expect(run.error?.code).toBe(status === 202 ? 'not_ready' : 'unexpected_status')
    }
    expect(mirror.value('select count(*) from github_stars')).toBe(40)
    expect(mirror.value('select count(*) from held_removals')).toBe(0)
    github.faults.clear()
    expect((await me.sync({ mode: 'full' })).status).toBe('succeeded')
  },
)
