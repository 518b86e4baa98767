// Owns the proof that the GitHub emulator's world changes as the real one does, and that its truth is what is served.

import { describe, expect, test } from 'vitest'
import { admin, ask } from './asking.ts'
import { ADA, idsOf, readStars, start } from './stars.ts'

describe('one repository', () => {
  test('is found by id and by name; after a rename or a transfer the old name redirects', async () => {
    const emulator = await start({ stars: 3 })
    const [id = 0] = emulator.world.starIds('ada')
    const before = (await ask(`${emulator.url}/repositories/${id}`)).json
    expect((await ask(`${emulator.url}/repos/${before.full_name}`)).json).toEqual(before)
    expect(emulator.world.rename(id, 'new-name')).toBe(`${before.owner.login}/new-name`)
    const moved = await ask(`${emulator.url}/repos/${before.full_name}`)
    expect([moved.status, moved.headers.get('location')]).toEqual([301, `${emulator.url}/repositories/${id}`])
    expect(moved.json).toMatchObject({ message: 'Moved Permanently', url: `${emulator.url}/repositories/${id}` })
    const followed = await ask(`${emulator.url}/repos/${before.full_name}`, { redirect: 'follow' })
    expect([followed.json.id, followed.json.full_name]).toEqual([id, `${before.owner.login}/new-name`])
    expect(emulator.world.transfer(id, 'saltmarsh')).toBe('saltmarsh/new-name')
    expect((await ask(`${emulator.url}/repos/${before.owner.login}/new-name`)).status).toBe(301)
    const [row] = await readStars(emulator, '/user/starred')
    expect(row?.find((star) => star.repo.id === id)?.repo.full_name).toBe('saltmarsh/new-name')
  })

  test('drops out of the list when it is deleted or made private, and comes back when it is public again', async () => {
    const emulator = await start({ stars: 10 })
    const ids = emulator.world.starIds('ada')
    const [first = 0, second = 0] = ids
    emulator.world.remove(first)
    emulator.world.hide(second)
    expect(idsOf(await readStars(emulator, '/user/starred'))).toEqual(ids.slice(2))
    for (const id of [first, second]) expect((await ask(`${emulator.url}/repositories/${id}`)).status).toBe(404)
    expect([emulator.world.repo(first), emulator.world.repo(second)]).toMatchObject([undefined, { id: second }])
    emulator.world.publish(second)
    expect(idsOf(await readStars(emulator, '/user/starred'))).toEqual(ids.slice(1))
  })

  test('/user/starred/{owner}/{repo} says 204 or 404, and stars and unstars', async () => {
    const emulator = await start({ stars: 3 })
    const { full_name } = emulator.world.stars('ada')[1]?.repo ?? {}
    const url = `${emulator.url}/user/starred/${String(full_name)}`
    const status = async (method = 'GET') => (await ask(url, { method, headers: ADA })).status
    expect(await status()).toBe(204)
    expect((await ask(url)).status).toBe(401)
    expect(await status('DELETE')).toBe(204)
    expect(await status()).toBe(404)
    expect(emulator.world.starIds('ada')).toHaveLength(2)
    expect(await status('PUT')).toBe(204)
    expect(await status()).toBe(204)
    expect(emulator.world.stars('ada')[0]?.repo['full_name']).toBe(full_name)
  })
})

describe('the world', () => {
  test('is the same for a seed and a day, other for another seed, and keeps ids apart', async () => {
    const [one, two, three] = [await start({ seed: 5 }), await start({ seed: 5 }), await start({ seed: 6 })]
    expect(two.world.stars('ada')).toEqual(one.world.stars('ada'))
    expect(three.world.stars('ada')).not.toEqual(one.world.stars('ada'))
    const later = await start({ seed: 5, clock: { at: '2026-05-20T23:59:00Z' } })
    expect(later.world.stars('ada')).toEqual(one.world.stars('ada'))
    const names = one.world.stars('ada').map((row) => row.repo['full_name'])
    expect(new Set(names).size).toBe(616)
  })

  test('stars come on top, also many at once; a star taken back and given again moves up', async () => {
    const emulator = await start({ stars: 20 })
    const before = emulator.world.starIds('ada')
    emulator.clock.advance(3_600_000)
    const fresh = emulator.world.star('ada', 5)
    expect(emulator.world.starIds('ada')).toEqual([...fresh, ...before])
    const times = emulator.world.stars('ada').map((row) => row.starred_at)
    expect(times[0]).toBe('2026-05-20T13:00:00Z')
    expect(new Set(times.slice(0, 5)).size).toBe(5)
    emulator.world.restar('ada', before[7] as number)
    expect(emulator.world.starIds('ada')[0]).toBe(before[7])
    expect(emulator.world.starIds('ada')).toHaveLength(25)
    expect(emulator.world.starRepo('ada', before[7] as number)).toBe(false)
  })

  test('ties as many as asked, wherever asked', async () => {
    const emulator = await start({ users: { ada: { stars: 300, token: 'token-of-ada', ties: 0 } } })
    const distinct = () => new Set(emulator.world.stars('ada').map((row) => row.starred_at)).size
    expect(distinct()).toBe(300)
    const order = emulator.world.starIds('ada')
    emulator.world.tie('ada', 90, 150)
    expect(distinct()).toBe(151)
    expect(emulator.world.starIds('ada')).toEqual(order)
  })

  test('metrics drift, and only they do', async () => {
    const emulator = await start({ stars: 40 })
    const before = emulator.world.stars('ada')
    emulator.clock.advance(1000)
    const drifted = emulator.world.drift('ada', 10)
    expect(drifted).toHaveLength(10)
    const after = emulator.world.stars('ada')
    const changed = after
      .filter((row, i) => JSON.stringify(row) !== JSON.stringify(before[i]))
      .map((row) => row.repo['id'])
    expect(new Set(changed)).toEqual(new Set(drifted))
    const steady = ['id', 'full_name', 'created_at', 'description']
    const only = (rows: typeof after) => rows.map((row) => steady.map((name) => row.repo[name]))
    expect(only(after)).toEqual(only(before))
  })

  test('is steered from another process', async () => {
    const emulator = await start({ stars: 5 })
    const truth = await admin(emulator, 'GET', 'world/starIds?args=["ada"]')
    expect(truth.json).toEqual(emulator.world.starIds('ada'))
    const made = await admin(emulator, 'POST', 'mutate', { name: 'star', args: ['ada', 2] })
    expect(made.json.result).toHaveLength(2)
    expect(emulator.world.starIds('ada')).toEqual([...made.json.result, ...truth.json])
    expect((await admin(emulator, 'GET', 'world/stars?args=["ada"]')).json).toEqual(emulator.world.stars('ada'))
    expect((await admin(emulator, 'POST', 'mutate', { name: 'star', args: ['nobody'] })).json.error).toMatch(/no user/)
  })
})
