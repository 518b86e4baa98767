// Owns the promise that the past can be asked for: what was shown at a moment is shown again for that moment, whatever
// has happened since.

import { expect, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

const later = () => new Promise((resolve) => setTimeout(resolve, 3))

test('records as of any moment are those that were read then', async () => {
  const github = await githubEmulator({ stars: 60, limits: false })
  try {
    await using mirror = await openMirror()
    const me = await mirror.github(github)
    const seen: { at: Date; live: unknown; removed: unknown }[] = []
    const all = async (query: object) => {
      const rows = []
      for await (const row of me.records('stars', query)) rows.push(row)
      return rows
    }
    let away: number[] = []
    for (let round = 0; round < 6; round++) {
      await me.sync({ mode: 'full' })
      await me.sync({ mode: 'full' })
      await later()
      seen.push({ at: new Date(), live: await all({}), removed: await all({ removed: true }) })
      await later()
      const ids = github.world.starIds('ada')
      for (const [i, id] of ids.slice(0, 5).entries()) github.world.setMetrics(id, { stars: round * 100 + i })
      // What was away for a round comes back, in every other round.
      if (round % 2 === 1) for (const id of away) github.world.restar('ada', id)
      away = [github.world.unstarAt('ada', 7), github.world.unstarAt('ada', 20)]
      github.world.star('ada', 2)
    }
    const removals = mirror.value("select count(*) from changes where op = 'remove'")
    const restorations = mirror.value("select count(*) from changes where op = 'restore'")
    expect([Number(removals) > 4, Number(restorations) > 0]).toEqual([true, true])
    for (const { at, live, removed } of seen) {
      expect(await all({ asOf: at })).toEqual(live)
      expect(await all({ asOf: at.getTime(), removed: true })).toEqual(removed)
      expect(await all({ asOf: at.getTime() + 0.4 })).toEqual(live)
    }
    expect(await all({ asOf: 0 })).toEqual([])
    await expect(all({ asOf: new Date('nonsense') })).rejects.toMatchObject({ code: 'moment_invalid' })
  } finally {
    await github.close()
  }
})
