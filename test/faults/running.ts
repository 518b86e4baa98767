// Owns the scenarios of removing, and of runs that meet limits, logins and people.

import { Violation } from '../simulation/oracle.ts'
import type { Scenario } from './scenario.ts'
import type { World } from './world.ts'

function remove({ source }: World, ...places: number[]): void {
  const listing = source.listing()
  for (const place of places) source.remove(listing[place]!)
}

function limit(world: World, seconds: number): void {
  world.wire.answers = (n) => (n === 2 ? world.api.reply(429, {}, { 'retry-after': String(seconds) }) : undefined)
}

export const RUNNING: readonly Scenario[] = [
  {
    name: 'records that two listings lack',
    style: 'full-keyset',
    script: async (world) => {
      await world.sync()
      remove(world, 2, 7)
      await world.tested()
      const { removed } = world.mirror()
      if (removed.size > 0) throw new Violation('I1', `${removed.size} removed, and one listing lacked them`)
      await world.tested()
    },
  },
  {
    name: 'records that a witness says are gone',
    style: 'full-witness',
    script: async (world) => {
      await world.sync()
      remove(world, 2, 7)
      await world.tested()
    },
  },
  {
    name: 'a full pass among newest-first ones',
    style: 'newest-offset',
    scale: { everyRuns: 2 },
    script: async (world) => {
      await world.sync()
      remove(world, 5)
      await world.tested()
      await world.sync()
    },
  },
  {
    name: 'so many removals that they are held',
    style: 'full-witness',
    script: async (world) => {
      await world.sync()
      remove(world, ...MANY)
      await world.tested()
    },
    check: (_world, { held, removed }) => {
      if (held.size !== 8 || removed.size > 0) throw new Violation('I1', `${held.size} held, ${removed.size} removed`)
    },
  },
  {
    name: 'a listing that is empty for once',
    style: 'full-offset',
    script: async (world) => {
      await world.sync()
      world.source.outage = true
      await world.tested()
      world.source.outage = false
      await world.sync()
    },
  },
  {
    name: 'a listing that goes round in circles',
    style: 'newest-keyset',
    script: async (world) => {
      world.source.looping = true
      await world.tested()
      world.source.looping = false
      await world.sync()
    },
  },
  {
    name: 'a record that comes back',
    style: 'full-witness',
    script: async (world) => {
      await world.sync()
      const item = world.source.listing()[3]!
      world.source.remove(item)
      await world.sync()
      world.scheduler.advance(60_000)
      world.source.restore(item, true)
      await world.tested()
    },
  },
  {
    name: 'a listing that ends at its cap',
    style: 'capped',
    scale: { everyRuns: 2 },
    script: async (world) => {
      await world.sync()
      remove(world, 2)
      for (let n = 0; n < 3; n++) world.source.insert()
      await world.tested()
      await world.sync()
    },
  },
  {
    name: 'a token that ends in the middle, at a forgiving source',
    style: 'newest-keyset',
    script: async (world) => {
      world.wire.onRequest = (n) => n === 2 && world.api.expire()
      await world.tested()
    },
  },
  {
    name: 'a token that ends in the middle, at a source that forgets the old one',
    style: 'window',
    scale: { grace: false },
    mayPause: true,
    script: async (world) => {
      world.wire.onRequest = (n) => n === 2 && world.api.expire()
      await world.tested()
    },
  },
  {
    name: 'a rate limit that is waited for',
    style: 'newest-keyset',
    script: async (world) => {
      limit(world, 7)
      await world.tested()
    },
  },
  {
    name: 'a rate limit that ends the run',
    style: 'window',
    script: async (world) => {
      limit(world, 200)
      await world.tested()
      world.scheduler.advance(300_000)
      await world.sync()
    },
  },
  {
    name: 'records that cannot be read',
    style: 'newest-updated',
    script: async (world) => {
      for (const place of [1, 6]) world.source.poison(world.source.listing()[place]!, true)
      await world.tested()
      world.source.poison(world.source.listing().find(({ poison }) => poison)!, false)
      await world.sync()
    },
  },
  {
    name: 'a run that is cancelled in the middle',
    style: 'newest-offset',
    script: async (world) => {
      world.wire.onRequest = (n) => n === 2 && world.cancel()
      await world.tested()
      await world.sync()
    },
  },
  {
    name: 'a budget that is spent in the middle',
    style: 'window',
    script: async (world) => {
      await world.tested({ maxRequests: 2 })
      await world.sync()
    },
  },
  {
    name: 'everything again, on order',
    style: 'window-full',
    script: async (world) => {
      await world.sync()
      remove(world, 4)
      world.source.bump(world.source.listing()[1]!)
      await world.tested({ mode: 'full' })
    },
  },
  {
    name: 'a run that passes midnight',
    style: 'full-keyset',
    script: async (world) => {
      await world.sync()
      // The simulation begins at midnight; the second page is asked for in the next day.
      world.scheduler.advance(86_400_000 - (world.scheduler.now % 86_400_000) - 33_000)
      world.wire.onRequest = (n) => n === 2 && world.scheduler.advance(5_000)
      await world.tested()
    },
  },
  {
    name: 'held removals that a person approves',
    style: 'full-witness',
    script: async (world) => {
      await world.sync()
      remove(world, ...MANY)
      await world.sync()
      await decide(world, 'approve')
      expectState(world, { held: 0, removed: MANY.length })
    },
  },
  {
    name: 'held removals that a person rejects',
    style: 'full-witness',
    script: async (world) => {
      await world.sync()
      const gone = MANY.map((place) => world.source.listing()[place]!)
      remove(world, ...MANY)
      await world.sync()
      await decide(world, 'reject')
      expectState(world, { held: 0, removed: 0 })
      for (const item of gone) world.source.restore(item, false)
    },
  },
  {
    name: 'removals that a person undoes',
    style: 'full-witness',
    script: async (world) => {
      await world.sync()
      const gone = [3, 6].map((place) => world.source.listing()[place]!)
      remove(world, 3, 6)
      await world.sync()
      expectState(world, { held: 0, removed: 2 })
      await decide(world, 'undo')
      expectState(world, { held: 0, removed: 0 })
      for (const item of gone) world.source.restore(item, false)
    },
  },
]

/** Too many of eleven to believe. */
const MANY = [0, 1, 2, 4, 5, 6, 8, 9]

/** Decides on what there is to decide on; once more if it was interrupted. */
async function decide(world: World, verdict: 'approve' | 'reject' | 'undo'): Promise<void> {
  const once = () =>
    world.decides(async (tidemark) => {
      const all = await tidemark.removals()
      const open = all.find(({ held, removed }) => (verdict === 'undo' ? removed : held) > 0)
      if (open) await tidemark.decideRemovals(verdict, open.run)
    })
  if (!(await once()) && !(await once())) throw new Violation('decided', `${verdict} is not done at the second time`)
}

function expectState(world: World, expected: { held: number; removed: number }): void {
  const { held, removed } = world.mirror()
  if (held.size === expected.held && removed.size === expected.removed) return
  throw new Violation('decided', `${held.size} held, ${removed.size} removed, not ${JSON.stringify(expected)}`)
}
