// Owns the promises of `tidemark webhook`: the secret is shown once, what was sent is shown, and what failed is sent again.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { place } from './program.ts'

async function receiver(answers: number[] = []) {
  const received: string[] = []
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      received.push(String(request.headers['webhook-id']))
      response.writeHead(answers.shift() ?? 204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve()).closeAllConnections()))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, received }
}

test('a webhook is created, tried, shown, replayed and deleted', async (ending) => {
  const here = place(ending)
  const { url, received } = await receiver([500])
  const args = ['--events', 'run.failed,removals.held', '--note', 'pager', '--allow-private-network']
  const made = await here.ask(['webhook', 'create', '--url', url, ...args, '--json'])
  const { id, secret } = made.json
  expect(made).toMatchObject({ code: 0, json: { url, events: ['run.failed', 'removals.held'], note: 'pager' } })
  expect(secret).toMatch(/^whsec_/)
  const listed = await here.ask(['webhook', '--json'])
  expect(listed.json.webhooks).toMatchObject([{ id, waiting: 0, dead: 0 }])
  expect(listed.stdout).not.toContain(secret)
  expect(await here.ask(['webhook', 'test', id])).toMatchObject({
    code: 1,
    stdout: 'It was not taken: It answered 500.\n',
  })
  expect(await here.ask(['webhook', 'test', id, '--json'])).toMatchObject({ code: 0, json: { state: 'delivered' } })
  const shown = await here.ask(['webhook', 'show', id, '--json'])
  expect(shown.json.messages).toMatchObject([{ state: 'delivered' }, { state: 'dead', status: 500 }])
  expect((await here.ask(['webhook', 'show', id])).stdout).toContain('webhook.test')
  expect((await here.ask(['webhook', 'replay', id, '--json'])).json).toEqual({ webhook: id, replayed: 1 })
  expect((await here.ask(['webhook', 'list', '--json'])).json.webhooks).toMatchObject([{ waiting: 1, dead: 0 }])
  expect((await here.ask(['webhook', 'delete', id])).stdout).toContain('told nothing more')
  expect((await here.ask(['webhook', 'show', id, '--json'])).json.error).toMatchObject({ code: 'webhook_unknown' })
  expect(received).toHaveLength(2)
})

test('to a pipe goes the secret alone; an address on this machine needs to be allowed', async (ending) => {
  const here = place(ending)
  const { stdout, stderr } = await here.ask(['webhook', 'create', '--url', 'https://example.com/told'])
  expect(stdout).toMatch(/^whsec_[\w+/]{43}=\n$/)
  expect(stderr).toContain('shown this once')
  const refused = await here.ask(['webhook', 'create', '--url', 'http://localhost:9/', '--json'])
  expect(refused).toMatchObject({ code: 2, json: { error: { code: 'address_refused' } } })
  expect(refused.json.error.hint).toContain('--allow-private-network')
})

test('a command that syncs sends at its end what its run has come to', async (ending) => {
  const here = place(ending)
  const { url, received } = await receiver()
  await here.ask(['webhook', 'create', '--url', url, '--allow-private-network'])
  const set = ['--set', 'user=ada', '--set', 'baseUrl=http://127.0.0.1:9', '--set', 'allowPrivateNetwork=true']
  await here.ask(['connect', 'github', '--id', 'me', '--no-check', ...set])
  await here.ask(['sync', '--max-requests', '1'])
  expect(received).toEqual([expect.stringMatching(/^msg_\w+_run_f\w+$/)])
})
