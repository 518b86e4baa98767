// Owns the promises about the server's tokens: found by their hash alone, each of one project, and none after it is revoked.

import { describe, expect, it } from 'vitest'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, T0 } from './world.ts'

const token = (id: string, more: object = {}) => ({
  id,
  project: 'default',
  scopes: ['read', 'sync'],
  note: '',
  createdAt: T0,
  expiresAt: null,
  hash: `hash of ${id}`,
  ...more,
})

export function tokenCases(open: OpenDatabase): void {
  describe('tokens', () => {
    const used = useWorld(open)

    it('are found by their hash, and listed by project, without it', async () => {
      const { store } = used.world
      await store.projects.ensure({ id: 'lab', timezone: 'UTC', at: T0 })
      await store.tokens.add(token('b', { createdAt: T0 + MINUTE, expiresAt: T0 + 9 * MINUTE, note: 'cron' }))
      await store.tokens.add(token('a'))
      await store.tokens.add(token('c', { project: 'lab', scopes: ['admin'] }))
      const { hash: _hash, ...b } = token('b', { createdAt: T0 + MINUTE, expiresAt: T0 + 9 * MINUTE, note: 'cron' })
      expect(await store.tokens.find('hash of b')).toEqual(b)
      expect(await store.tokens.find('hash of c')).toMatchObject({ project: 'lab', scopes: ['admin'] })
      expect(await store.tokens.find('hash of d')).toBeUndefined()
      expect((await store.tokens.list('default')).map(({ id }) => id)).toEqual(['a', 'b'])
      expect((await store.tokens.list('lab')).map(({ id }) => id)).toEqual(['c'])
      expect(await store.tokens.count()).toBe(3)
      await expect(store.tokens.add(token('e', { project: 'nowhere' }))).rejects.toMatchObject({
        code: 'project_unknown',
      })
    })

    it('are nobody’s any more once they are revoked, by their own project only', async () => {
      const { store } = used.world
      await store.projects.ensure({ id: 'lab', timezone: 'UTC', at: T0 })
      await store.tokens.add(token('a'))
      expect(await store.tokens.revoke('lab', 'a', T0)).toBe(false)
      expect(await store.tokens.find('hash of a')).toBeDefined()
      expect(await store.tokens.revoke('default', 'a', T0 + MINUTE)).toBe(true)
      expect(await store.tokens.revoke('default', 'a', T0 + MINUTE)).toBe(false)
      expect(await store.tokens.find('hash of a')).toBeUndefined()
      expect([await store.tokens.list('default'), await store.tokens.count()]).toEqual([[], 0])
    })
  })
}
