// Owns the promise that nothing new is missed below known things that were put on top again: in a list whose place nobody
// but its source knows, what was known where it stood is no ground where it stands now.

import { describe, expect, test } from 'vitest'
import { connected } from '../connectors/reddit-world.ts'

type World = Awaited<ReturnType<typeof connected>>

/** One new thing, and above it so many known ones that were unsaved and saved again. */
function saveAgain({ site }: World, known: readonly string[]): string {
  const [fresh = ''] = site.world.save('ada', 1)
  for (const fullname of known) {
    site.world.unsave('ada', fullname)
    site.world.saveThing('ada', fullname)
  }
  return fresh
}

/** In no order that they had. */
function scattered<T>(list: readonly T[]): T[] {
  const step = 7
  return Array.from({ length: step }, (_, from) => list.filter((_one, i) => i % step === from).toReversed()).flat()
}

describe('what is saved below known things that were saved again', () => {
  test.each([
    ['the latest, from the top down', (listed: readonly string[]) => listed.slice(0, 120), 2],
    ['the latest, in any order', (listed: readonly string[]) => scattered(listed.slice(0, 120)), 2],
    ['old ones, from the top down', (listed: readonly string[]) => listed.slice(150, 270), 2],
    ['old ones, as they stood', (listed: readonly string[]) => listed.slice(210, 330).toReversed(), 2],
    ['more than are remembered, from the top down', (listed: readonly string[]) => listed.slice(0, 230), 4],
  ])('is found by the next run: %s', async (_which, chosen, requests) => {
    await using world = await connected({ saved: 350 })
    const { site, sync, keys } = world
    await sync()
    const fresh = saveAgain(world, chosen(site.world.listed('ada')))
    expect(await sync()).toMatchObject({ status: 'succeeded', passes: [{ requests }] })
    expect(keys()).toContain(fresh)
    site.world.save('ada', 2)
    expect(await sync()).toMatchObject({ counts: { inserted: 2 }, passes: [{ ended: 'met-anchored', requests: 1 }] })
  })

  test('is found where the run that looked for it was cut short', async () => {
    await using world = await connected({ saved: 450 })
    const { site, saved, sync, keys } = world
    await sync()
    const fresh = saveAgain(world, site.world.listed('ada').slice(0, 230))
    expect(await saved.sync({ maxRequests: 1 })).toMatchObject({ status: 'incomplete' })
    expect(await saved.sync({ maxRequests: 1 })).toMatchObject({ status: 'incomplete' })
    expect(await sync()).toMatchObject({ status: 'succeeded' })
    expect(keys()).toContain(fresh)
    expect(await sync()).toMatchObject({ passes: [{ ended: 'met-anchored', requests: 1 }] })
  })

  test('is found where only a full pass has read what stands on top', async () => {
    await using world = await connected({ saved: 350 })
    const { site, sync, keys } = world
    await sync()
    site.world.save('ada', 250)
    await sync('full')
    const fresh = saveAgain(world, site.world.listed('ada').slice(0, 120))
    expect(await sync()).toMatchObject({ status: 'succeeded', passes: [{ ended: 'met-anchored', requests: 2 }] })
    expect(keys()).toContain(fresh)
  })

  test('costs nothing where a full pass has read what changed since: it reads the same list', async () => {
    await using world = await connected({ saved: 250 })
    const { site, sync } = world
    await sync()
    for (const fullname of site.world.listed('ada').slice(0, 100)) site.world.edit(fullname, 'edited')
    await sync('full')
    expect(await sync()).toMatchObject({ status: 'succeeded', passes: [{ ended: 'met-anchored', requests: 1 }] })
  })

  test('costs nothing where nothing of that happened, whatever was unsaved, edited or read whole meanwhile', async () => {
    await using world = await connected({ saved: 350 })
    const { site, sync } = world
    await sync()
    const onePage = { status: 'succeeded', passes: [{ ended: 'met-anchored', requests: 1 }] }
    for (let n = 0; n < 3; n++) {
      site.world.save('ada', 20)
      for (const place of [97, 80, 60, 25]) site.world.unsaveAt('ada', place)
      for (const place of [98, 96, 94, 50]) site.world.edit(site.world.listed('ada')[place] ?? '', `edited ${n}`)
      expect(await sync()).toMatchObject(onePage)
    }
    expect(await sync('full')).toMatchObject({ status: 'succeeded' })
    site.world.save('ada', 5)
    expect(await sync()).toMatchObject(onePage)
  })
})
