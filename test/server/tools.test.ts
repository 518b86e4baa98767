// Owns the proof of the tools for agents over HTTP, with the protocol's own client: which there are for whom, that they give
// what the library gives, how long an answer may be, and who is refused.

import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { describe, expect, onTestFinished, test } from 'vitest'
import { allOperations } from '../../src/operations/all.ts'
import { ANSWER_CHARS_MAX } from '../../src/server/mcp/bounds.ts'
import { callTool } from '../../src/server/mcp/call-tool.ts'
import { allTools } from '../../src/server/mcp/tools.ts'
import { apiWorld, CANARIES } from './api-world.ts'

type World = Awaited<ReturnType<typeof apiWorld>>

async function agentOf({ server }: Pick<World, 'server'>, token: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' })
  const headers = { authorization: `Bearer ${token}` }
  const transport = new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit: { headers } })
  await client.connect(transport)
  onTestFinished(() => client.close())
  return client
}

async function answer(client: Client, name: string, given: Record<string, unknown> = {}, options = {}) {
  const result = await client.callTool({ name, arguments: given }, undefined, options)
  const [{ text }] = result.content as [{ text: string }]
  return { isError: result.isError === true, text, json: JSON.parse(text) }
}

const names = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name)

describe('tools over HTTP', () => {
  test('are what looks, and with the scope sync what runs; no token has more', async () => {
    const world = await apiWorld()
    const scopes = new Map((await allOperations()).map(({ name, scope }) => [name, scope]))
    const [reader, syncer, admin] = await Promise.all(
      (['read', 'sync', 'admin'] as const).map((scope) => agentOf(world, world.tokens[scope])),
    )
    const [read, sync, all] = await Promise.all([reader, syncer, admin].map((client) => names(client!)))
    expect(read).toEqual(expect.arrayContaining(['status', 'records', 'sql', 'search', 'plan']))
    expect(sync).toEqual(['check', 'sync', 'syncAll', 'cancel'])
    expect(all!.toSorted()).toEqual([...read!, ...sync!].toSorted())
    expect(new Set(read!.map((name) => scopes.get(name)))).toEqual(new Set(['read']))
    const refused = await answer(reader!, 'sync', { connection: 'me' })
    expect([refused.isError, refused.json.error.code]).toEqual([true, 'scope_refused'])
    for (const name of ['purge', 'createToken', 'upload', 'projects', 'constructor']) {
      expect((await answer(admin!, name)).json.error.code, name).toBe('tool_unknown')
    }
  })

  test('describe themselves as the operation does', async () => {
    const world = await apiWorld()
    const { tools } = await (await agentOf(world, world.tokens.admin)).listTools()
    const operations = new Map((await allOperations()).map((operation) => [operation.name, operation]))
    for (const { name, description, inputSchema, annotations } of tools) {
      const operation = operations.get(name)!
      expect(description?.startsWith(operation.does), name).toBe(true)
      expect(inputSchema['additionalProperties'], name).toBe(false)
      for (const [field, schema] of Object.entries(inputSchema.properties ?? {})) {
        expect((schema as { description: string }).description, `${name} ${field}`).toContain(
          operation.input[field]!.about,
        )
      }
      expect(Object.keys(inputSchema.properties ?? {})).not.toContain('signal')
      expect(annotations?.readOnlyHint, name).toBe(operation.scope === 'read')
    }
    const changes = tools.find(({ name }) => name === 'changes')!
    expect(Object.keys(changes.inputSchema.properties ?? {})).toEqual(['after', 'limit'])
    expect(tools.find(({ name }) => name === 'records')!.inputSchema.required).toEqual(['connection', 'stream'])
  })

  test('run, tell how far they are, and give what the library gives; no secret is in it', async () => {
    const world = await apiWorld({ stars: 120 })
    await world.connected()
    const client = await agentOf(world, world.tokens.admin)
    const heard: number[] = []
    const onprogress = ({ progress }: { progress: number }) => void heard.push(progress)
    const { json: run } = await answer(client, 'sync', { connection: 'me' }, { onprogress })
    expect([run.status, run.streams[0].counts.inserted]).toEqual(['succeeded', 120])
    expect(heard.at(-1)).toBe(120)
    const { json, text } = await answer(client, 'status')
    expect(json).toEqual({ connections: JSON.parse(JSON.stringify(await world.tidemark.status())) })
    const more = { statement: 'select count(*) as n from github_stars' }
    expect((await answer(client, 'sql', more)).json.rows).toEqual([{ n: 120 }])
    const connections = await answer(client, 'listConnections')
    for (const canary of CANARIES) expect(text + connections.text).not.toContain(canary)
    expect(world.failures).toEqual([])
  })

  test('answer within bounds, and say how to ask for less', async () => {
    const world = await apiWorld({ stars: 600 })
    await world.connected()
    await world.synced()
    const client = await agentOf(world, world.tokens.read)
    const stars = { connection: 'me', stream: 'stars' }
    const few = await answer(client, 'records', { ...stars, limit: 3, columns: ['full_name'] })
    expect([few.json.records.length, few.json.shortened]).toEqual([3, undefined])
    const some = await answer(client, 'records', { ...stars, columns: ['full_name'] })
    expect(some.json.records).toHaveLength(50)
    expect(some.json.shortened.parts).toEqual([{ at: 'records', shown: 50, of: null }])
    expect(some.json.shortened.hint).toContain('columns, where, limit')
    const many = await answer(client, 'records', { ...stars, limit: 600 })
    expect(many.text.length).toBeLessThanOrEqual(ANSWER_CHARS_MAX)
    const [cut] = many.json.shortened.parts
    expect([cut.at, cut.of, cut.shown === many.json.records.length]).toEqual(['records', 600, true])
    const wide = await answer(client, 'sql', { statement: "select printf('%.*c', 300000, 'x') as x" })
    expect(wide.text.length).toBeLessThanOrEqual(ANSWER_CHARS_MAX)
    expect(wide.json.shortened.parts).toEqual([{ at: 'rows.0.x', shown: 4_000, of: 300_000 }])
  })

  test('say what was wrong, with the code and the hint', async () => {
    const world = await apiWorld()
    await world.connected()
    const client = await agentOf(world, world.tokens.read)
    const cases: [name: string, given: Record<string, unknown>, code: string, hint: string][] = [
      ['record', {}, 'tool_unknown', 'records'],
      ['records', { connection: 'me', stream: 'star' }, 'stream_unknown', 'stars'],
      ['records', { conection: 'me' }, 'option_unknown', 'connection'],
      ['records', { connection: 'me', stream: 'stars', behind: { key: 'a', place: 1 } }, 'option_unknown', 'There are'],
      ['changes', { consumer: 'theirs' }, 'option_unknown', 'after'],
      ['records', { connection: 7, stream: 'stars' }, 'option_invalid', 'For example'],
      ['sql', { statement: 'delete from runs' }, 'sql_refused', ''],
      ['run', { run: 'none' }, 'run_unknown', ''],
    ]
    for (const [name, given, code, hint] of cases) {
      const { isError, json } = await answer(client, name, given)
      expect([isError, json.error.code], `${name} ${JSON.stringify(given)}`).toEqual([true, code])
      expect(`${json.error.hint}`).toContain(hint)
    }
    // Of another project nothing is known.
    const lab = await agentOf(world, world.tokens.lab)
    expect((await answer(lab, 'records', { connection: 'me', stream: 'stars' })).json.error.code).toBe(
      'connection_unknown',
    )
  })
})

test('what an agent sends that is no call is its own fault, and no failure of ours', async () => {
  const world = await apiWorld()
  const call = (body: string, more: Record<string, string> = {}) =>
    fetch(`${world.server.url}/mcp`, {
      method: 'POST',
      body,
      headers: {
        authorization: `Bearer ${world.tokens.read}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...more,
      },
    })
  const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
  const faults: [status: number, body: string, headers?: Record<string, string>][] = [
    [400, '{'],
    [400, 'null'],
    [406, list, { accept: 'text/html' }],
    [400, list, { 'mcp-protocol-version': '1999-01-01' }],
    [413, ' '.repeat(2_000_000)],
  ]
  for (const [status, body, headers] of faults)
    expect((await call(body, headers)).status, body.slice(0, 40)).toBe(status)
  expect((await call(list)).status).toBe(200)
  for (const params of [{ name: 'status', arguments: [] }, { name: 7 }, {}, undefined]) {
    const response = await call(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }))
    const told = await response.text()
    expect(told, JSON.stringify(params)).toContain('-32602')
    expect(told).toMatch(/params(?:\.arguments|\.name)?: /)
  }
  expect(world.failures).toEqual([])
})

test('a run that takes long goes on without the call that started it', async () => {
  const { tidemark, connected } = await apiWorld()
  await connected()
  const caller = { project: 'default', who: 'agent', scopes: new Set(['read', 'sync']) }
  const desk = { tidemark, caller, allowing: '', onFailure: () => {}, waitsMs: 0 }
  const { text, isError } = await callTool(desk, await allTools(), { name: 'sync', given: { connection: 'me' } })
  expect([isError, JSON.parse(text).isRunning, JSON.parse(text).hint]).toEqual([
    false,
    true,
    expect.stringContaining('run'),
  ])
  await expect.poll(async () => (await tidemark.runs())[0]?.status, { timeout: 60_000 }).toBe('succeeded')
})

describe('POST /mcp', () => {
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  const accept = { accept: 'application/json, text/event-stream' }

  test('asks for a token that may look or run', async () => {
    const { call, tokens } = await apiWorld()
    for (const method of ['GET', 'POST', 'DELETE']) {
      const { status, json } = await call('/mcp', undefined, { method, ...(method === 'POST' ? { body: list } : {}) })
      expect([status, json.code], method).toEqual([401, 'token_missing'])
    }
    const wrong = await call('/mcp', 'tidemark_wrong', { method: 'POST', body: list, headers: accept })
    expect([wrong.status, wrong.json.code]).toEqual([401, 'token_refused'])
    const write = await call('/mcp', tokens.write, { method: 'POST', body: list, headers: accept })
    expect([write.status, write.json.code]).toEqual([403, 'scope_refused'])
  })

  test('takes no page of another site, no other method, no large body', async () => {
    const { call, tokens, server } = await apiWorld()
    const sent = { method: 'POST', body: list }
    const foreign = await call('/mcp', tokens.read, { ...sent, headers: { ...accept, origin: 'https://example.org' } })
    expect([foreign.status, foreign.json.code]).toEqual([403, 'origin_refused'])
    const own = await call('/mcp', tokens.read, { ...sent, headers: { ...accept, origin: server.url } })
    expect([own.status, own.text.includes('"tools":')]).toEqual([200, true])
    const get = await call('/mcp', tokens.read, { headers: { accept: 'text/event-stream' } })
    expect([get.status, get.headers.get('allow'), get.json.code]).toEqual([405, 'POST', 'method_refused'])
    const large = { ...list, params: { cursor: 'x'.repeat(2_000_000) } }
    expect((await call('/mcp', tokens.read, { method: 'POST', body: large, headers: accept })).status).toBe(413)
    expect(
      (
        await call('/mcp', tokens.read, {
          method: 'POST',
          raw: '{',
          headers: { ...accept, 'content-type': 'application/json' },
        })
      ).status,
    ).toBe(400)
  })
})

test('llms.txt is there for whoever looks, without a token', async () => {
  const { call } = await apiWorld()
  const { status, headers, text } = await call('/llms.txt', undefined)
  expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8'])
  expect(text).toContain('POST /mcp')
})
