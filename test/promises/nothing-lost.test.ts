import { expect, test } from 'vitest'
import { World } from '../faults/world.ts'

const script = async () => {}

test('an offset walk that broke off finds its place again though records above it left', async () => {
  const scale = { records: 20, pageSize: 4, everyRuns: 50 }
  const world = await World.open({ name: 'left', style: 'newest-offset', scale, script }, undefined)
  try {
    await world.sync({ maxRequests: 3 })
    for (const item of world.source.listing().slice(0, 3)) world.source.remove(item)
    await world.sync()
    const { live } = world.mirror()
    expect(world.source.listing().filter(({ key }) => !live.has(key))).toEqual([])
  } finally {
    await world.close()
  }
})

test('a walk that broke off goes on where it stood, not at the top', async () => {
  const scale = { records: 40, pageSize: 4 }
  const world = await World.open({ name: 'broken off', style: 'newest-keyset', scale, script }, undefined)
  try {
    await world.sync({ maxRequests: 6 })
    const before = world.network.exchanges.length
    await world.sync()
    expect(world.mirror().live.size).toBe(40)
    // Four pages were left; one more looks for what is new.
    expect(world.network.exchanges.length - before).toBeLessThanOrEqual(5)
  } finally {
    await world.close()
  }
})

test('new records below pinned ones are found, however many are pinned', async () => {
  const scale = { records: 20, pageSize: 4, everyRuns: 50 }
  const world = await World.open({ name: 'pinned', style: 'newest-offset', scale, script }, undefined)
  try {
    for (const item of world.source.listing().slice(4, 9)) world.source.pin(item, true)
    await world.sync()
    for (let n = 0; n < 3; n++) world.source.insert()
    await world.sync()
    expect(world.mirror().live.size).toBe(23)
  } finally {
    await world.close()
  }
})

test('records that cannot be read are set aside, and the others of their page are stored', async () => {
  const world = await World.open({ name: 'poison', style: 'newest-keyset', script }, undefined)
  try {
    for (const item of world.source.listing().slice(1, 3)) world.source.poison(item, true)
    const ended = await world.sync()
    expect(ended).toMatchObject({ kind: 'report', report: { status: 'incomplete', error: null } })
    const { live, quarantined } = world.mirror()
    expect(live.size).toBe(9)
    expect(quarantined.size).toBe(2)
  } finally {
    await world.close()
  }
})

test('a source that gives smaller pages than it was asked for is read to its end', async () => {
  const world = await World.open({ name: 'small pages', style: 'newest-keyset', script }, undefined)
  try {
    world.source.sizeMax = 2
    await world.sync()
    expect(world.mirror().live.size).toBe(11)
  } finally {
    await world.close()
  }
})
