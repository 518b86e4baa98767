// Owns the proof that the OpenAPI document is one to program against: a well-kept generator makes types of what a running server
// says, a client in them compiles in the strictest way, and what it calls is what happens.

import { execFile } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { place } from '../cli/program.ts'

const root = join(import.meta.dirname, '..', '..')
const ran = promisify(execFile)

/** The program of a person who has never seen the source: each answer is used by its type. */
const CLIENT = `
import createClient from 'openapi-fetch'
import type { paths } from './schema.js'

const [url = '', token = '', service = ''] = process.argv.slice(2)
const api = createClient<paths>({ baseUrl: url, headers: { authorization: \`Bearer \${token}\` } })

function data<T>({ data, error }: { data?: T; error?: { code: string; detail: string } }): T {
  if (error) throw new Error(\`\${error.code}: \${error.detail}\`)
  return data as T
}

const { connectors } = data(await api.GET('/api/connectors'))
const login = connectors.find(({ name }) => name === 'github')?.options.find(({ secret }) => secret)?.name ?? ''

const options = { [login]: 'token-of-ada', baseUrl: service, allowPrivateNetwork: true }
const made = data(await api.POST('/api/connections', { body: { connector: 'github', id: 'me', options } }))
const { connections } = data(await api.GET('/api/connections', { params: { query: { limit: 10 } } }))

const params = { path: { id: 'me' }, header: { 'Idempotency-Key': 'first' } }
const order = { params, body: { mode: 'full' as const } }
const begun = data(await api.POST('/api/connections/{id}/runs', order))
const again = data(await api.POST('/api/connections/{id}/runs', order))
if (begun.status === 'queued' || again.status === 'queued') throw new Error('nothing else runs')
const { id } = begun
let run = data(await api.GET('/api/runs/{id}', { params: { path: { id } } }))
while (run.status === 'running') {
  await new Promise((resolve) => setTimeout(resolve, 50))
  run = data(await api.GET('/api/runs/{id}', { params: { path: { id } } }))
}
const counts = run.streams.map(({ stream, counts }) => \`\${stream} \${counts.inserted}\`)

const path = { id: 'me', stream: 'stars' }
const query = { columns: ['full_name', 'language'], where: ['stargazers_count>=0'], order: 'full_name:desc', limit: 10 }
const keys: string[] = []
let cursor: string | undefined
do {
  const page = data(
    await api.GET('/api/connections/{id}/streams/{stream}/records', {
      params: { path, query: { ...query, ...(cursor === undefined ? {} : { cursor }) } },
    }),
  )
  keys.push(...page.records.map((record) => String(record['full_name'])))
  cursor = page.nextCursor ?? undefined
} while (cursor !== undefined)

const lines = data(await api.GET('/api/changes', { params: { query: { limit: 5 } }, parseAs: 'text' })) as string
const changes = lines.trim().split('\\n').map((line) => (JSON.parse(line) as { op: string }).op)
const { columns, rows } = data(await api.POST('/api/sql', { body: { sql: 'select count(*) as n from github_stars' } }))
const status = data(await api.GET('/api/status'))
const batch = data(await api.POST('/api/runs', { body: { wait: true } }))

const unknown = await api.GET('/api/connections/{id}', { params: { path: { id: 'nobody' } } })
const refused = await api.POST('/api/connections', { body: { connector: 'github', id: 'two', options: { user: 7 } as never } })
const problems = [unknown.error, refused.error].map((error) => ({
  status: error?.status,
  code: error?.code,
  hint: error?.hint,
  issues: error?.issues?.map(({ option }) => option),
}))
console.log(JSON.stringify({
  made: made.id, connections: connections.map(({ id }) => id), begun: begun.status, same: id === again.id,
  run: run.status, counts, keys, changes, columns, rows,
  total: status.connections.flatMap(({ streams }) => streams).find(({ stream }) => stream === 'stars')?.totalRecords,
  batch: batch.success, problems,
}))
`

const SETTINGS = {
  compilerOptions: {
    ...{ target: 'es2023', module: 'nodenext', strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
    ...{ noUncheckedIndexedAccess: true, noPropertyAccessFromIndexSignature: true, types: ['node'] },
    outDir: 'out',
  },
  files: ['client.ts'],
}

test('a client that is generated from the OpenAPI document compiles, and does what it says', async () => {
  const here = place()
  const github = await githubEmulator({ stars: 30, limits: false })
  onTestFinished(() => github.close())
  const server = here.start(['serve', '--port', '0', '--json', '--no-worker'])
  let said = ''
  server.child.stdout?.on('data', (part: string) => (said += part))
  await server.saw(/\n}/)
  const { url, adminToken } = JSON.parse(said) as { url: string; adminToken: string }
  const file = (name: string) => join(here.folder, name)
  const document = await fetch(`${url}/api/openapi.json`, { headers: { authorization: `Bearer ${adminToken}` } })
  writeFileSync(file('openapi.json'), await document.text())
  writeFileSync(file('client.ts'), CLIENT)
  writeFileSync(file('tsconfig.json'), JSON.stringify(SETTINGS))
  writeFileSync(file('package.json'), '{"type": "module"}')
  // As if they were installed there.
  for (const name of ['openapi-fetch', 'openapi-typescript-helpers', '@types/node']) {
    mkdirSync(dirname(file(`node_modules/${name}`)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), file(`node_modules/${name}`))
  }
  const node = (...args: string[]) => ran(process.execPath, args, { cwd: here.folder })
  const generator = join(root, 'web', 'node_modules', 'openapi-typescript', 'bin', 'cli.js')
  await node(generator, 'openapi.json', '-o', 'schema.d.ts')
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const compiled = await node(compiler).catch((error: unknown) => error)
  expect(compiled).toMatchObject({ stdout: '' })
  const { stdout } = await node(file('out/client.js'), url, adminToken, github.url)
  const told = JSON.parse(stdout)
  const stars = github.world.starIds('ada').length
  expect(told).toMatchObject({
    ...{ made: 'me', connections: ['me'], begun: 'running', same: true, run: 'succeeded' },
    ...{ columns: ['n'], rows: [{ n: stars }], total: stars, batch: true },
    counts: expect.arrayContaining([`stars ${stars}`]),
    changes: Array.from({ length: 5 }, () => 'insert'),
    problems: [
      { status: 404, code: 'connection_unknown', hint: expect.stringMatching(/\w/) },
      { status: 400, code: expect.stringMatching(/^option/), issues: expect.arrayContaining(['user']) },
    ],
  })
  expect(told.keys).toHaveLength(stars)
  expect(told.keys).toEqual([...new Set<string>(told.keys)].toSorted().toReversed())
}, 120_000)
