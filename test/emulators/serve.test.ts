// Owns the proof that an emulator runs in a process of its own, is steered from outside, and ends with its starter.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, test } from 'vitest'
import { emulatorNames } from '../../src/testing/emulators/find.ts'
import { admin, ask, failureOf } from './asking.ts'
import { askShop } from './shop.ts'

const SERVE = join(import.meta.dirname, '..', '..', 'src', 'testing', 'emulators', 'serve.ts')

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

async function serve(...args: string[]) {
  const child = spawn(process.execPath, [SERVE, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  children.push(child)
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { child, told: JSON.parse(line) as Record<string, string> }
}

describe('node serve.ts', () => {
  test('github: says where it is, serves, obeys, and ends by a signal', async () => {
    const { child, told } = await serve('github', '--seed', '3', '--stars', '12', '--at', '2026-05-20T12:00:00Z')
    expect(told).toEqual({
      name: 'github',
      url: expect.any(String),
      pid: child.pid,
      user: 'ada',
      token: 'token-of-ada',
    })
    const { url = '' } = told
    const headers = { authorization: `Bearer ${told['token']}` }
    const stars = await ask(`${url}/user/starred`, { headers })
    expect(stars.json).toHaveLength(12)
    expect((await admin({ url }, 'POST', 'mutate', { name: 'unstarAt', args: ['ada', 0] })).json.result).toBe(
      stars.json[0].id,
    )
    expect((await admin({ url }, 'GET', 'world/starIds?args=["ada"]')).json).toHaveLength(11)
    await admin({ url }, 'POST', 'faults', { next: { kind: 'reset' } })
    expect(await failureOf(ask(`${url}/user`, { headers }))).not.toBe('no failure')
    expect((await admin({ url }, 'GET', 'stats')).json).toMatchObject({ requests: 2, perStatus: { 0: 1, 200: 1 } })
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(await failureOf(ask(`${url}/user`))).toMatch(/ECONNREFUSED|ECONNRESET/)
  })

  test('tiktok-shop: gives the credentials that its requests need', async () => {
    const { told } = await serve('tiktok-shop', '--orders', '30', '--detail', 'compact')
    const { url = '', appKey = '', appSecret = '', shopCipher = '', accessToken = '' } = told
    const clock = { seconds: () => Math.floor(Date.now() / 1000) }
    const app = { url, appKey, appSecret, token: accessToken, clock: clock as never }
    const query = { shop_cipher: shopCipher, page_size: '100' }
    const reply = await askShop(app, { path: '/order/202309/orders/search', query, body: {} })
    expect(reply.json.data.orders).toHaveLength(30)
    const truth = (await admin({ url }, 'GET', 'world/orderList')).json as { id: string }[]
    const ids = (rows: readonly { id: string }[]) => rows.map((row) => row.id).sort()
    expect(ids(reply.json.data.orders)).toEqual(ids(truth))
  })

  test('ends when its starter is gone, if told so', async () => {
    const { child } = await serve('github', '--stars', '1', '--until-stdin-ends')
    child.stdin?.end()
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  test.each([[[]], [['gitlab']], [['github', '--stars', 'many']]])('refuses %j with a sentence', async (args) => {
    const child = spawn(process.execPath, [SERVE, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
    children.push(child)
    let said = ''
    child.stderr.on('data', (part: Buffer) => (said += part.toString()))
    expect(await once(child, 'close')).toEqual([2, null])
    expect(said).toMatch(/One of: github, .*tiktok-shop|--stars is a whole number, not "many"/)
  })
})

test('every emulator has its names in tidemark/testing', async () => {
  const names = Object.keys(await import('tidemark/testing'))
  for (const name of emulatorNames()) {
    const camel = name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
    expect(names.map((one) => one.toLowerCase())).toContain(`${camel}Emulator`.toLowerCase())
  }
})
