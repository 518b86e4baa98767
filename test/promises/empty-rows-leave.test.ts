// Owns the promise about rows that hold nothing: nothing is proved while a source shows one, and nothing is left of it once its
// source shows none any more.

import { expect, onTestFinished, test } from 'vitest'
import { stalkerEmulator } from '../../src/testing/emulators/index.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { connected } from '../connectors/creators-world.ts'
import { openMirror } from '../support/mirror.ts'

test.each([
  ['tiktok', 'null'],
  ['x', 'null'],
  ['instagram', 'null'],
  // Rows of a dataset may be empty: `skipEmpty` is for those who do not want them.
  ['x', '{}'],
] as const)(
  '%s: where nothing is listed whole, it leaves with the first complete run without it (%s)',
  async (name, empty) => {
    await using there = await connected(name, { emulator: { posts: 12 } })
    const { emulator, world, mine, keys, mirror } = there
    const waiting = () => mirror.value('select count(*) from quarantine')
    emulator.faults.when({ path: '/v2/datasets/*' }, { kind: 'rewrite', find: '^\\[', replace: `[${empty},` })
    for (let i = 0; i < 2; i++) {
      expect((await mine.sync()).status).toBe('incomplete')
      expect(waiting()).toBe(1)
    }
    emulator.faults.clear()
    expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
    expect([waiting(), keys()]).toEqual([0, world.posts('ada').toSorted()])
  },
)

test('where everything is listed by a full pass, it stays until one has met none', async () => {
  const portal = await stalkerEmulator({ kind: 'xtream', titles: 120, channels: 5 })
  onTestFinished(() => portal.close())
  const mirror = await openMirror({ clock: testClock() })
  onTestFinished(() => mirror[Symbol.asyncDispose]())
  const tv = await mirror.portal(portal)
  const waiting = () => mirror.value('select count(*) from quarantine')
  // A page that the walk for what is new does not come to.
  const third = { query: { type: 'vod', action: 'get_ordered_list', p: '3' } }
  portal.faults.when(third, { kind: 'rewrite', find: '"data":\\[', replace: '"data":[null,' })
  for (const mode of ['auto', 'auto', 'full'] as const) {
    expect([mode, (await tv.sync({ streams: ['movies'], mode })).status]).toEqual([mode, 'incomplete'])
    expect(waiting()).toBe(1)
  }
  portal.faults.clear()
  for (const mode of ['full', 'full'] as const) await tv.sync({ streams: ['movies'], mode })
  expect(waiting()).toBe(0)
  expect((await tv.sync({ streams: ['movies'] })).status).toBe('succeeded')
})
