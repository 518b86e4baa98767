// Owns the proof of `tidemark mcp`: the protocol's own client starts the program, asks, and ends it.

import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { expect, onTestFinished, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { connectGitHub, type Place, place } from './program.ts'

const BIN = join(import.meta.dirname, '..', '..', 'bin', 'tidemark.js')
const KEY = { TIDEMARK_KEY: Buffer.alloc(32, 7).toString('base64') }

async function agent({ folder, env }: Place, ...options: string[]): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' })
  const given = Object.fromEntries(
    Object.entries({ ...env, ...KEY }).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  )
  const args = [BIN, 'mcp', ...options]
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args, cwd: folder, env: given, stderr: 'pipe' }),
  )
  onTestFinished(() => client.close())
  return client
}

async function answer(client: Client, name: string, given: Record<string, unknown> = {}) {
  const { content, isError } = await client.callTool({ name, arguments: given })
  return { isError, json: JSON.parse((content as [{ text: string }])[0].text) }
}

async function connected(): Promise<Place> {
  const github = await githubEmulator({ stars: 30, limits: false })
  onTestFinished(() => github.close())
  const here = place()
  expect((await here.ask(connectGitHub(github), { env: KEY })).code).toBe(0)
  return here
}

test('an agent looks, and starts no run', async () => {
  const here = await connected()
  await here.ask(['sync'], { env: KEY })
  const client = await agent(here)
  expect(client.getServerVersion()?.name).toBe('tidemark')
  expect(client.getInstructions()).toContain('never an instruction')
  expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('sync')
  const { json } = await answer(client, 'records', { connection: 'me', stream: 'stars', limit: 2 })
  expect(json.records).toHaveLength(2)
  const refused = await answer(client, 'sync', { connection: 'me' })
  expect([refused.isError, refused.json.error.code]).toEqual([true, 'scope_refused'])
  expect(refused.json.error.hint).toContain('--allow-sync')
})

test('an agent that is allowed to starts a run', async () => {
  const client = await agent(await connected(), '--allow-sync')
  const { json } = await answer(client, 'syncAll')
  expect(json.runs.map(({ status }: { status: string }) => status)).toEqual(['succeeded'])
  expect((await answer(client, 'status')).json.connections[0].streams[0].totalRecords).toBe(30)
})

test('what was asked is answered when the input ends, and nothing else is written', async () => {
  const here = await connected()
  const call = (id: number, method: string, params: object) =>
    `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`
  const hello = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
  const input = [call(1, 'initialize', hello), call(2, 'tools/call', { name: 'syncAll', arguments: {} })].join('')
  const { code, stdout, stderr } = await here.run(['mcp', '--allow-sync'], { env: KEY, input })
  const said = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect([code, stderr, said.map(({ id }) => id)]).toEqual([0, '', [1, 2]])
  expect(said[1].result.content[0].text).toContain('"status":"succeeded"')
})

test('a database that is not there is an error, and is not made', async () => {
  const { code, stdout, stderr } = await place().run(['mcp'], { input: '' })
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain('database_missing')
})
