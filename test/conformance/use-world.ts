// Owns the life of a case's database: made before it, dropped after it.

import { afterEach, beforeEach } from 'vitest'
import { type OpenDatabase, type TestDatabase, World } from './world.ts'

/** Call inside of a `describe`; the world is there from the first line of every case. */
export function useWorld(open: OpenDatabase): { readonly world: World } {
  let database: TestDatabase
  const used: { world: World } = { world: undefined as unknown as World }
  beforeEach(async () => {
    database = await open()
    used.world = await new World(database, await database.connect(), 'default').begin()
  })
  afterEach(() => database.drop())
  return used
}
