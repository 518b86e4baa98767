// Owns the proof that a command that looks makes nothing, and that projects are made once.

import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mirror } from './keyed-mirror.ts'
import { place } from './program.ts'

describe.concurrent('a command that looks', () => {
  const LOOKING: readonly (readonly string[])[] = [
    ['status'],
    ['connections'],
    ['projects'],
    ['runs'],
    ['run', 'x'],
    ['records', 'me/stars'],
    ['history', 'me/stars', '1'],
    ['sql', 'select 1'],
    ['audit'],
    ['sync'],
    ['pause', 'me'],
    ['disconnect', 'me'],
    ['keys', 'show'],
    ['keys', 'rotate'],
  ]
  test.for(LOOKING)('makes no database: %s', async (args, ending) => {
    const here = place(ending)
    const { code, json } = await here.ask([...args, '--json'])
    expect([code, json.error.code]).toEqual([2, 'database_missing'])
    expect(readdirSync(here.folder)).toEqual([])
  })

  test('makes no project, and says which there are', async (ending) => {
    const { ask } = await mirror(ending)
    await ask(['projects', 'create', 'lab', '--timezone', 'Europe/Berlin'])
    for (const args of [['status'], ['sync'], ['records', 'me/stars']]) {
      const { code, json } = await ask([...args, '--project', 'nope', '--json'])
      expect([code, json.error.code]).toEqual([2, 'project_unknown'])
      expect(json.error.hint).toContain('default, lab')
    }
    expect((await ask(['projects', '--json'])).json.projects).toEqual([
      { id: 'default', timezone: 'UTC', createdAt: expect.any(String), connections: 1 },
      { id: 'lab', timezone: 'Europe/Berlin', createdAt: expect.any(String), connections: 0 },
    ])
  })

  test('projects are made once, with a time zone for good', async (ending) => {
    const here = place(ending)
    expect((await here.ask(['projects', 'create', 'lab', '--timezone', 'Asia/Tokyo', '--json'])).json).toMatchObject({
      id: 'lab',
      timezone: 'Asia/Tokyo',
    })
    expect((await here.ask(['projects', 'create', 'lab'])).code).toBe(0)
    for (const [args, wanted] of [
      [['list', 'lab'], 'argument_unexpected'],
      [['create', 'lab', '--timezone', 'UTC'], 'project_exists'],
      [['create', 'x', '--timezone', 'Mars/Base'], 'timezone_invalid'],
      [['create', 'a b'], 'id_invalid'],
      [['create'], 'argument_missing'],
      [['destroy'], 'argument_invalid'],
    ] as const) {
      const { code, json } = await here.ask(['projects', ...args, '--json'])
      expect([code, json.error.code]).toEqual([2, wanted])
    }
    expect((await here.ask(['projects', 'list', '--json'])).json.projects).toHaveLength(1)
    expect((await here.ask(['projects', 'list'])).stdout).toBe((await here.ask(['projects'])).stdout)
    // Connecting into a project that doesn't exist makes it.
    expect(
      (await here.ask(['connect', 'github', '--id', 'me', '--no-check', '--set', 'user=a', '--project', 'new'])).code,
    ).toBe(0)
    expect((await here.ask(['status', '--project', 'new', '--json'])).json.connections).toHaveLength(1)
  })
})

test('a folder of the key is made for nobody who only looks', async () => {
  const here = place()
  const config = join(here.folder, 'config')
  mkdirSync(config)
  const env = { XDG_CONFIG_HOME: config }
  await here.ask(['projects', 'create', 'default'], { env })
  for (const args of [['doctor'], ['keys'], ['status'], ['keys', 'rotate']]) await here.ask(args, { env })
  expect(existsSync(join(config, 'tidemark'))).toBe(false)
})
