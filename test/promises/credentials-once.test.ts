import { expect, test } from 'vitest'
import { World } from '../faults/world.ts'

test('a run whose token ends takes over the one that somebody else has brought, and renews nothing', async () => {
  const script = async () => {}
  const world = await World.open(
    { name: 'two logins', style: 'newest-keyset', scale: { grace: false }, script },
    undefined,
  )
  try {
    world.wire.onRequest = (n) => n === 2 && world.loginMeanwhile()
    const ended = await world.tested()
    expect(ended).toMatchObject({ kind: 'report', report: { status: 'succeeded' } })
    expect(world.network.exchanges.map(({ path }) => path)).not.toContain('POST /token')
    expect(world.mirror().live.size).toBe(11)
  } finally {
    await world.close()
  }
})
