// Owns the proof that the GitHub connector knows a repository by its id, whatever becomes of its name, its star and its
// visibility.

import { expect, onTestFinished, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { openMirror } from '../support/mirror.ts'

async function started(stars: number) {
  const emulator = await githubEmulator({ stars })
  onTestFinished(() => emulator.close())
  const mirror = await openMirror({ clock: testClock() })
  onTestFinished(() => mirror[Symbol.asyncDispose]())
  const me = await mirror.github(emulator)
  expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  const { world } = emulator
  const ids = () => world.stars('ada').map(({ repo }) => Number(repo['id']))
  const keys = () => mirror.sql('select _key k from github_stars').map(({ k }) => Number(k))
  const one = (id: number) => mirror.sql(`select * from github_stars_all where _key = '${id}'`)[0]
  return { emulator, world, mirror, me, ids, keys, one }
}

test('a repository that is renamed or transferred is the same one, with its old name in its history', async () => {
  const { world, me, mirror, ids, keys, one } = await started(30)
  const [renamed = 0, moved = 0] = ids()
  const before = String(one(renamed)?.['full_name'])
  world.rename(renamed, 'another-name')
  world.transfer(moved, 'somebody-else')
  expect(await me.sync({ mode: 'full' })).toMatchObject({ status: 'succeeded' })
  expect(new Set(keys())).toEqual(new Set(ids()))
  expect(one(renamed)?.['full_name']).toMatch(/\/another-name$/)
  expect(one(moved)?.['full_name']).toMatch(/^somebody-else\//)
  const names = mirror.sql(`select full_name from github_stars_versions where _key = '${renamed}' order by _ordinal`)
  expect(names.map(({ full_name }) => full_name)).toEqual([before, one(renamed)?.['full_name']])
})

test('a star that is taken back and given again is one record, with the new time, on top', async () => {
  const { emulator, world, me, ids, keys, one } = await started(150)
  const id = ids().at(-1) as number
  const before = String(one(id)?.['starred_at'])
  emulator.clock.advance(60_000)
  world.restar('ada', id)
  expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  expect(String(one(id)?.['starred_at']) > before).toBe(true)
  expect(keys().filter((key) => key === id)).toEqual([id])
  expect(new Set(keys())).toEqual(new Set(ids()))
})

test('a repository that is made private looks like one whose star was taken back; public again, it is there again', async () => {
  const { world, me, ids, keys, one } = await started(30)
  const [id = 0] = ids()
  world.hide(id)
  for (let i = 0; i < 2; i++) await me.sync({ mode: 'full' })
  expect(keys()).not.toContain(id)
  expect(one(id)?.['_removed_at']).not.toBeNull()
  world.publish(id)
  expect(await me.sync({ mode: 'full' })).toMatchObject({ status: 'succeeded' })
  expect(keys()).toContain(id)
  expect(one(id)?.['_removed_at']).toBeNull()
})
