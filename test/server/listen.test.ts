// Owns the proof of the server's socket: bound where it was told, told clearly when that cannot be, and ended without
// cutting an answer short.

import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect, createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createApp } from '../../src/server/app.ts'
import { listen } from '../../src/server/listen.ts'

describe('listening', () => {
  test('serves over a socket, on this machine alone', async () => {
    const server = await listen(createApp(), { port: 0 })
    onTestFinished(() => server.close())
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
    const answer = await fetch(`${server.url}/healthz`)
    expect([answer.status, await answer.text()]).toEqual([200, '{"status":"ok"}'])
  })

  test('refuses a Host header of another over the wire', async () => {
    const server = await listen(createApp(), { port: 0 })
    onTestFinished(() => server.close())
    const asking = request(`${server.url}/healthz`, { headers: { host: 'evil.example' } }).end()
    const [answer] = await once(asking, 'response')
    answer.resume()
    expect(answer.statusCode).toBe(421)
  })

  test('says that a port is taken, and which one may be free', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const { port } = other.address() as { port: number }
    await expect(listen(createApp(), { port })).rejects.toMatchObject({
      code: 'port_busy',
      message: expect.stringContaining(String(port)),
      hint: expect.stringContaining('--port'),
    })
  })

  test('says that an address is not of this machine', async () => {
    await expect(listen(createApp(), { host: '192.0.2.1', port: 0 })).rejects.toMatchObject({ code: 'host_invalid' })
  })

  test('ends at once where nothing is under way, also on connections that are kept open', async () => {
    const server = await listen(createApp(), { port: 0 })
    const agent = new Agent({ keepAlive: true })
    const [answer] = await once(request(`${server.url}/healthz`, { agent }).end(), 'response')
    answer.resume()
    await once(answer, 'end')
    const silent = connect(server.port, '127.0.0.1')
    await once(silent, 'connect')
    const app = createApp()
    const asked = Promise.withResolvers<void>()
    app.get('/long', async (context) => {
      asked.resolve()
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      return context.text('done')
    })
    const long = await listen(app, { port: 0 })
    const under = fetch(`${long.url}/long`)
    await asked.promise
    const ended: string[] = []
    await Promise.all([
      long.close().then(() => ended.push('what was under way')),
      server.close().then(() => ended.push('what was idle')),
    ])
    expect([ended, await (await under).text()]).toEqual([['what was idle', 'what was under way'], 'done'])
    agent.destroy()
    silent.destroy()
  })

  test('ends when answers under way have ended, and takes no more', async () => {
    const asked = Promise.withResolvers<void>()
    const mayEnd = Promise.withResolvers<void>()
    const app = createApp()
    app.get('/slow', async (context) => {
      asked.resolve()
      await mayEnd.promise
      return context.text('done')
    })
    const server = await listen(app, { port: 0 })
    const slow = fetch(`${server.url}/slow`, { headers: { connection: 'close' } })
    await asked.promise
    const closed = server.close()
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed')
    mayEnd.resolve()
    expect(await (await slow).text()).toBe('done')
    await closed
  })
})
